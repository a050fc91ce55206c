//! Virtual time and everything that waits for it.
//!
//! # Invariants
//! - CLK1: time never goes back, and nothing fires before its deadline unless a fault says so.
//! - CLK2: of entries with one deadline, those armed first come first.
//! - CLK3: an entry waits in one bucket, which counts it: until it passes, is taken or postponed.
//!
//! # Costs
//! Entries of one deadline that are armed in a row share a bucket, so that a thousand tickers in
//! phase cost one step of the heap; with all deadlines different it is a plain binary heap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use beamline::Pid;
use beamline::backend::{Nanos, TimerMessage, TimerTarget};

/// The virtual clock.
#[derive(Debug, Default)]
pub(super) struct Clock {
    pub(super) now: Nanos,
    /// Deadline, serial number and place of each bucket.
    heap: BinaryHeap<Reverse<(Nanos, u64, u32)>>,
    buckets: Vec<Bucket>,
    free_buckets: Vec<u32>,
    /// The bucket that was made last, with its deadline, while it is in the heap.
    last: Option<(Nanos, u32)>,
    serial: u64,
    entries: Vec<Entry>,
    free: Vec<u32>,
    armed: usize,
    /// Ties were too many to be listed since this was last reset.
    pub(super) left_ties_out: bool,
    /// Kept for its memory.
    same: Vec<(u64, u32)>,
}

#[derive(Debug, Default)]
struct Bucket {
    /// Entries and their generations; stale ones are passed over.
    entries: Vec<(u32, u32)>,
    /// The first that has not been handed out.
    next: usize,
    /// How many of them still wait (CLK3).
    waiting: usize,
}

#[derive(Debug)]
struct Entry {
    deadline: Nanos,
    generation: u32,
    /// The bucket that it waits in, or [`NEVER`].
    bucket: u32,
    kind: Option<Kind>,
}

/// The bucket of what lies beyond the end of time.
const NEVER: u32 = u32::MAX;

/// What waits.
#[derive(Debug)]
pub(super) enum Kind {
    /// A process, for the deadline of a receive or a sleep.
    Wait { pid: Pid },
    /// A wait whose deadline has passed and whose process has not looked yet.
    Passed { pid: Pid },
    /// A message that is to be sent.
    Message {
        by: Option<Pid>,
        target: TimerTarget,
        message: TimerMessage,
    },
}

impl Clock {
    /// Forgets everything and keeps the memory. The messages come back to be dropped.
    pub(super) fn reset(&mut self) -> Vec<TimerMessage> {
        let kinds = self.entries.drain(..).filter_map(|entry| entry.kind);
        let messages = kinds.filter_map(|kind| match kind {
            Kind::Message { message, .. } => Some(message),
            Kind::Wait { .. } | Kind::Passed { .. } => None,
        });
        let messages = messages.collect();
        self.heap.clear();
        for bucket in &mut self.buckets {
            bucket.entries.clear();
            bucket.waiting = 0;
        }
        self.free_buckets.clear();
        self.free_buckets
            .extend((0..self.buckets.len() as u32).rev());
        self.free.clear();
        self.left_ties_out = false;
        (self.now, self.last, self.serial, self.armed) = (0, None, 0, 0);
        messages
    }

    /// Arms an entry and returns its place and how often that had been used.
    pub(super) fn arm(&mut self, deadline: Nanos, kind: Kind) -> (u32, u32) {
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.entries.push(Entry {
                    deadline,
                    generation: 0,
                    bucket: NEVER,
                    kind: None,
                });
                (self.entries.len() - 1) as u32
            }
        };
        let entry = &mut self.entries[index as usize];
        entry.deadline = deadline.max(self.now);
        entry.generation += 1;
        entry.bucket = NEVER;
        entry.kind = Some(kind);
        let (deadline, generation) = (entry.deadline, entry.generation);
        self.armed += 1;
        // What lies beyond the end of time never comes (TMR-4).
        if deadline < Nanos::MAX {
            self.enter(deadline, (index, generation));
        }
        (index, generation)
    }

    fn enter(&mut self, deadline: Nanos, entry: (u32, u32)) {
        let at = match self.last {
            Some((last, bucket)) if last == deadline => bucket,
            _ => self.fresh_bucket(deadline),
        };
        let bucket = &mut self.buckets[at as usize];
        bucket.entries.push(entry);
        bucket.waiting += 1;
        self.entries[entry.0 as usize].bucket = at;
    }

    fn fresh_bucket(&mut self, deadline: Nanos) -> u32 {
        let bucket = match self.free_buckets.pop() {
            Some(bucket) => bucket,
            None => {
                self.buckets.push(Bucket::default());
                (self.buckets.len() - 1) as u32
            }
        };
        self.buckets[bucket as usize].next = 0;
        self.heap.push(Reverse((deadline, self.serial, bucket)));
        self.serial += 1;
        self.last = Some((deadline, bucket));
        bucket
    }

    /// An entry waits no longer.
    fn leave(&mut self, index: u32) {
        let bucket = self.entries[index as usize].bucket;
        if bucket != NEVER {
            self.buckets[bucket as usize].waiting -= 1;
        }
    }

    /// The first entry that waits, with its deadline.
    pub(super) fn first(&mut self) -> Option<(Nanos, u32)> {
        if self.armed == 0 && self.heap.is_empty() {
            return None;
        }
        while let Some(&Reverse((deadline, _, at))) = self.heap.peek() {
            let bucket = &mut self.buckets[at as usize];
            while let Some(&(index, generation)) = bucket.entries.get(bucket.next) {
                let entry = &self.entries[index as usize];
                let waits = matches!(entry.kind, Some(Kind::Wait { .. } | Kind::Message { .. }));
                if entry.generation == generation && waits && entry.deadline == deadline {
                    return Some((deadline, index));
                }
                bucket.next += 1;
            }
            bucket.entries.clear();
            self.heap.pop();
            self.free_buckets.push(at);
            if self.last.is_some_and(|(_, last)| last == at) {
                self.last = None;
            }
        }
        None
    }

    /// The entries that share the first deadline, in the order they were armed; only the first of
    /// them if they are more than `most`.
    pub(super) fn firsts(&mut self, most: usize, firsts: &mut Vec<u32>) -> Option<Nanos> {
        firsts.clear();
        let (deadline, first) = self.first()?;
        let at = self.entries[first as usize].bucket;
        if self.buckets[at as usize].waiting > most {
            firsts.push(first);
            self.left_ties_out = true;
            return Some(deadline);
        }
        let mut buckets = std::mem::take(&mut self.same);
        self.buckets_of(deadline, &mut buckets);
        for (_, at) in &buckets {
            let bucket = &self.buckets[*at as usize];
            for &(index, generation) in &bucket.entries[bucket.next..] {
                let entry = &self.entries[index as usize];
                let waits = matches!(entry.kind, Some(Kind::Wait { .. } | Kind::Message { .. }));
                if entry.generation == generation && waits && entry.deadline == deadline {
                    firsts.push(index);
                }
                if firsts.len() > most {
                    break;
                }
            }
        }
        if firsts.len() > most {
            firsts.clear();
            firsts.push(first);
            self.left_ties_out = true;
        }
        self.same = buckets;
        Some(deadline)
    }

    /// The buckets of the first deadline, by serial number: the top of the heap and those of its
    /// descendants that are reached through equals.
    fn buckets_of(&self, deadline: Nanos, buckets: &mut Vec<(u64, u32)>) {
        buckets.clear();
        let heap = self.heap.as_slice();
        let reach = |at: usize, buckets: &mut Vec<(u64, u32)>| {
            if let Some(Reverse((_, _, bucket))) = heap.get(at).filter(|b| b.0.0 == deadline) {
                buckets.push((at as u64, *bucket));
            }
        };
        reach(0, buckets);
        let mut next = 0;
        while let Some((at, _)) = buckets.get(next).copied() {
            reach(2 * at as usize + 1, buckets);
            reach(2 * at as usize + 2, buckets);
            next += 1;
        }
        for place in buckets.iter_mut() {
            place.0 = heap[place.0 as usize].0.1;
        }
        buckets.sort_unstable();
    }

    /// The deadline of an entry.
    pub(super) fn deadline(&self, index: u32) -> Nanos {
        self.entries[index as usize].deadline
    }

    /// What an entry is.
    pub(super) fn kind(&self, index: u32) -> Option<&Kind> {
        self.entries.get(index as usize)?.kind.as_ref()
    }

    /// How often the place of an entry has been used.
    pub(super) fn generation(&self, index: u32) -> u32 {
        self.entries
            .get(index as usize)
            .map_or(0, |entry| entry.generation)
    }

    /// Notes that the deadline of a wait has passed; its process will collect it.
    pub(super) fn pass(&mut self, index: u32) {
        let entry = &mut self.entries[index as usize];
        if let Some(Kind::Wait { pid }) = entry.kind {
            entry.kind = Some(Kind::Passed { pid });
            self.armed -= 1;
            self.leave(index);
        }
    }

    /// Makes another process the one that a wait will wake.
    pub(super) fn hand_over(&mut self, index: u32, to: Pid) {
        self.entries[index as usize].kind = Some(Kind::Wait { pid: to });
    }

    /// Takes an entry out, whether it waits or has passed.
    pub(super) fn take(&mut self, index: u32) -> Option<Kind> {
        let kind = self.entries.get_mut(index as usize)?.kind.take()?;
        if !matches!(kind, Kind::Passed { .. }) {
            self.armed -= 1;
            self.leave(index);
        }
        self.free.push(index);
        Some(kind)
    }

    /// Moves an entry to a later deadline.
    pub(super) fn postpone(&mut self, index: u32, deadline: Nanos) {
        self.leave(index);
        let entry = &mut self.entries[index as usize];
        entry.deadline = deadline.max(entry.deadline);
        let (deadline, generation) = (entry.deadline, entry.generation);
        self.enter(deadline, (index, generation));
    }

    /// Whether the deadline of a wait has passed.
    pub(super) fn has_passed(&self, index: u32) -> bool {
        matches!(self.kind(index), Some(Kind::Passed { .. }))
    }

    /// The time that an entry of a generation has left.
    pub(super) fn left(&self, index: u32, generation: u32) -> Option<Nanos> {
        let entry = self.entries.get(index as usize)?;
        let runs =
            entry.generation == generation && matches!(entry.kind, Some(Kind::Message { .. }));
        runs.then(|| entry.deadline.saturating_sub(self.now))
    }

    /// All waits of processes that have not passed, in the order of their places.
    pub(super) fn waits(&self) -> impl Iterator<Item = (u32, Pid)> {
        (0..)
            .zip(&self.entries)
            .filter_map(|(index, entry)| match entry.kind {
                Some(Kind::Wait { pid }) => Some((index, pid)),
                _ => None,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(slot: u32) -> Kind {
        Kind::Wait {
            pid: Pid::from_parts(1, slot, 1),
        }
    }

    #[test]
    fn entries_come_in_the_order_of_their_deadlines() {
        let mut clock = Clock::default();
        let deadlines = [5, 3, 3, 9, 3, 5, 1];
        for (slot, deadline) in (0..).zip(deadlines) {
            clock.arm(deadline, wait(slot));
        }
        clock.take(1);
        let mut order = Vec::new();
        while let Some((deadline, index)) = clock.first() {
            clock.now = deadline;
            order.push((deadline, index));
            clock.pass(index);
            assert!(clock.has_passed(index) && clock.take(index).is_some());
        }
        assert_eq!(order, [(1, 6), (3, 2), (3, 4), (5, 0), (5, 5), (9, 3)]);
    }

    /// All of one deadline, in the order they were armed, if they are few; whatever buckets they
    /// are in and however many of them have been disarmed.
    #[test]
    fn entries_of_one_deadline_are_counted() {
        let mut clock = Clock::default();
        let deadlines = [3, 3, 3, 9, 3, 3, 9, 3];
        for (slot, deadline) in (0..).zip(deadlines) {
            clock.arm(deadline, wait(slot));
        }
        let mut firsts = Vec::new();
        let mut ask = |clock: &mut Clock| {
            let deadline = clock.firsts(2, &mut firsts);
            (deadline, firsts.clone())
        };
        assert_eq!(ask(&mut clock), (Some(3), vec![0]));
        clock.pass(0);
        clock.take(0);
        clock.take(4);
        assert_eq!(ask(&mut clock), (Some(3), vec![1]));
        clock.take(1);
        clock.postpone(5, 10);
        assert_eq!(ask(&mut clock), (Some(3), vec![2, 7]));
        clock.take(2);
        clock.take(7);
        assert_eq!(ask(&mut clock), (Some(9), vec![3, 6]));
        assert!(
            clock
                .buckets
                .iter()
                .map(|bucket| bucket.waiting)
                .eq([0, 1, 0, 1, 0, 1])
        );
    }

    #[test]
    fn a_postponed_entry_fires_once() {
        let mut clock = Clock::default();
        let (index, _) = clock.arm(5, wait(0));
        clock.arm(7, wait(1));
        clock.postpone(index, 9);
        assert_eq!(clock.first().map(|first| first.0), Some(7));
        clock.take(1);
        assert_eq!(clock.first(), Some((9, index)));
        clock.take(index);
        assert_eq!(clock.first(), None);
    }
}
