//! A hierarchical timing wheel: four levels of 256 buckets, one millisecond a tick.
//!
//! Inserting and removing cost a few pointer writes, whatever the number of timers. An entry
//! moves to a finer level when its bucket comes up, at most three times in its life.
//!
//! # Invariants
//! - WHL1: an entry is never handed out before its tick (TMR-7).
//! - WHL2: a bucket's bit is set exactly when its list is not empty.

/// Nobody.
const NONE: u32 = u32::MAX;
const LEVEL_BITS: u32 = 8;
const BUCKETS: usize = 1 << LEVEL_BITS;
const LEVELS: usize = 4;
/// Ticks that the wheel spans; what lies further ahead waits in the last bucket and is sorted in
/// again when that comes up.
const SPAN: u64 = 1 << (LEVEL_BITS * LEVELS as u32);

/// A wheel whose entries carry a `T`.
#[derive(Debug)]
pub(super) struct Wheel<T> {
    entries: Vec<Entry<T>>,
    free: u32,
    heads: Box<[[u32; BUCKETS]; LEVELS]>,
    occupied: [[u64; BUCKETS / 64]; LEVELS],
    now: u64,
    len: usize,
}

#[derive(Debug)]
struct Entry<T> {
    tick: u64,
    next: u32,
    /// The entry before; for the first of a bucket, `NONE`.
    previous: u32,
    bucket: u16,
    value: Option<T>,
}

impl<T> Wheel<T> {
    pub(super) fn new() -> Self {
        Wheel {
            entries: Vec::new(),
            free: NONE,
            heads: Box::new([[NONE; BUCKETS]; LEVELS]),
            occupied: [[0; BUCKETS / 64]; LEVELS],
            now: 0,
            len: 0,
        }
    }

    /// The place that the next value put in will have.
    pub(super) fn vacancy(&self) -> u32 {
        match self.free {
            NONE => self.entries.len() as u32,
            free => free,
        }
    }

    /// Puts a value in, to be handed out at `tick` or, if that has passed, at the next. Returns
    /// its place.
    #[inline]
    pub(super) fn insert(&mut self, tick: u64, value: T) -> u32 {
        let tick = tick.max(self.now + 1);
        let (level, bucket) = self.bucket_of(tick);
        let head = self.heads[level][bucket];
        let index = self.vacancy();
        let numbered = (level * BUCKETS + bucket) as u16;
        if self.free == NONE {
            self.entries.push(Entry {
                tick,
                next: head,
                previous: NONE,
                bucket: numbered,
                value: Some(value),
            });
        } else {
            // Field by field: an entry written in one piece is put together elsewhere first.
            let entry = &mut self.entries[index as usize];
            self.free = entry.next;
            entry.tick = tick;
            (entry.next, entry.previous) = (head, NONE);
            entry.bucket = numbered;
            let vacant = entry.value.replace(value);
            debug_assert!(vacant.is_none());
            std::mem::forget(vacant);
        }
        self.len += 1;
        self.put_first(index, level, bucket, head);
        index
    }

    /// The value of an entry, if it is in the wheel.
    pub(super) fn get(&self, index: u32) -> Option<&T> {
        self.entries.get(index as usize)?.value.as_ref()
    }

    /// Takes a value out before its time.
    pub(super) fn remove(&mut self, index: u32) -> Option<T> {
        let value = self.entries.get_mut(index as usize)?.value.take()?;
        self.unlink(index);
        self.release(index);
        Some(value)
    }

    /// All that is in the wheel.
    pub(super) fn into_values(self) -> impl Iterator<Item = T> {
        self.entries.into_iter().filter_map(|entry| entry.value)
    }

    /// Moves the wheel to `tick` and hands out all that is due.
    pub(super) fn advance(&mut self, tick: u64, due: &mut Vec<(u32, T)>) {
        while self.now < tick {
            if self.len == 0 {
                self.now = tick;
                return;
            }
            let next = self.next_tick().unwrap_or(tick).min(tick);
            self.now = next;
            if next.is_multiple_of(BUCKETS as u64) {
                self.cascade();
            }
            self.fire(due);
        }
    }

    /// The next tick at which there is something to do, if there is any.
    pub(super) fn next_tick(&self) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let candidates = (0..LEVELS).filter_map(|level| {
            let shift = LEVEL_BITS * level as u32;
            let position = self.now >> shift;
            let ahead = self.next_occupied(level, (position as usize + 1) % BUCKETS)?;
            Some((position + 1 + ahead) << shift)
        });
        candidates.min()
    }

    /// How many buckets lie between `from` and the next occupied one, going round.
    fn next_occupied(&self, level: usize, from: usize) -> Option<u64> {
        let words = &self.occupied[level];
        let (word, bit) = (from / 64, from % 64);
        let first = words[word] & (u64::MAX << bit);
        if first != 0 {
            return Some(u64::from(first.trailing_zeros()) - bit as u64);
        }
        for step in 1..=words.len() {
            let mut bits = words[(word + step) % words.len()];
            if step == words.len() {
                bits &= !(u64::MAX << bit);
            }
            if bits != 0 {
                return Some((step * 64) as u64 - bit as u64 + u64::from(bits.trailing_zeros()));
            }
        }
        None
    }

    /// Sorts what has come up on the coarser levels into the finer ones.
    fn cascade(&mut self) {
        for level in (1..LEVELS).rev() {
            let shift = LEVEL_BITS * level as u32;
            if !self.now.is_multiple_of(1 << shift) {
                continue;
            }
            let mut index = self.take_bucket(level, (self.now >> shift) as usize % BUCKETS);
            while index != NONE {
                let next = self.entries[index as usize].next;
                self.place(index);
                index = next;
            }
        }
    }

    fn fire(&mut self, due: &mut Vec<(u32, T)>) {
        let mut index = self.take_bucket(0, self.now as usize % BUCKETS);
        while index != NONE {
            let next = self.entries[index as usize].next;
            if self.entries[index as usize].tick > self.now {
                // It lies a whole turn of the wheel ahead.
                self.place(index);
            } else {
                if let Some(value) = self.entries[index as usize].value.take() {
                    due.push((index, value));
                }
                self.release(index);
            }
            index = next;
        }
    }

    fn take_bucket(&mut self, level: usize, bucket: usize) -> u32 {
        self.occupied[level][bucket / 64] &= !(1 << (bucket % 64));
        std::mem::replace(&mut self.heads[level][bucket], NONE)
    }

    fn place(&mut self, index: u32) {
        let (level, bucket) = self.bucket_of(self.entries[index as usize].tick);
        let head = self.heads[level][bucket];
        let entry = &mut self.entries[index as usize];
        (entry.next, entry.previous) = (head, NONE);
        entry.bucket = (level * BUCKETS + bucket) as u16;
        self.put_first(index, level, bucket, head);
    }

    /// Where what is due at `tick` waits.
    fn bucket_of(&self, tick: u64) -> (usize, usize) {
        // An entry that is due at this very tick goes where `fire` looks next.
        let at = tick.min(self.now + SPAN - 1);
        let distance = at - self.now;
        let level = match distance {
            0..0x100 => 0,
            0x100..0x1_0000 => 1,
            0x1_0000..0x100_0000 => 2,
            _ => 3,
        };
        (
            level,
            (at >> (LEVEL_BITS * level as u32)) as usize % BUCKETS,
        )
    }

    /// Makes an entry the first of its bucket, before `head`.
    fn put_first(&mut self, index: u32, level: usize, bucket: usize, head: u32) {
        self.heads[level][bucket] = index;
        self.occupied[level][bucket / 64] |= 1 << (bucket % 64);
        if head != NONE {
            self.entries[head as usize].previous = index;
        }
    }

    fn unlink(&mut self, index: u32) {
        let Entry {
            next,
            previous,
            bucket,
            ..
        } = self.entries[index as usize];
        let (level, bucket) = (bucket as usize / BUCKETS, bucket as usize % BUCKETS);
        if next != NONE {
            self.entries[next as usize].previous = previous;
        }
        if previous != NONE {
            self.entries[previous as usize].next = next;
        } else {
            self.heads[level][bucket] = next;
            if next == NONE {
                self.occupied[level][bucket / 64] &= !(1 << (bucket % 64));
            }
        }
    }

    fn release(&mut self, index: u32) {
        self.entries[index as usize].next = self.free;
        self.free = index;
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic numbers for the comparison with a naive model.
    fn mix(mut x: u64) -> u64 {
        x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        x ^ (x >> 33)
    }

    #[test]
    fn agrees_with_a_sorted_list() {
        for seed in 0..20u64 {
            let mut wheel = Wheel::new();
            let mut model: Vec<(u64, u64, u32)> = Vec::new();
            let (mut now, mut serial) = (0u64, 0u64);
            for step in 0..400u64 {
                let draw = mix(seed << 32 | step);
                match draw % 4 {
                    0 | 1 => {
                        let scale =
                            [10, 300, 70_000, 20_000_000, 6_000_000_000][draw as usize / 4 % 5];
                        let tick = now + 1 + mix(draw) % scale;
                        let index = wheel.insert(tick, serial);
                        model.push((tick, serial, index));
                        serial += 1;
                    }
                    2 if !model.is_empty() => {
                        let (_, value, index) = model.swap_remove(draw as usize / 4 % model.len());
                        assert_eq!(wheel.remove(index), Some(value));
                    }
                    _ => {
                        now += 1 + mix(draw) % [5, 500, 100_000, 30_000_000][draw as usize / 4 % 4];
                        let mut due = Vec::new();
                        wheel.advance(now, &mut due);
                        let mut fired: Vec<u64> = due.into_iter().map(|(_, value)| value).collect();
                        let mut expected: Vec<u64> =
                            model.iter().filter(|e| e.0 <= now).map(|e| e.1).collect();
                        model.retain(|entry| entry.0 > now);
                        fired.sort_unstable();
                        expected.sort_unstable();
                        assert_eq!(fired, expected, "seed {seed} step {step} now {now}");
                        let earliest = model.iter().map(|entry| entry.0).min();
                        assert!(wheel.next_tick() <= earliest || earliest.is_none());
                        assert_eq!(wheel.next_tick().is_some(), earliest.is_some());
                    }
                }
            }
        }
    }
}
