//! Signals in transit.
//!
//! # Invariants
//! - TRN1: signals of one ordered pair of processes leave in the order they came (SIG-1).
//! - TRN2: the keys of chains are stable, so that the canonical order does not depend on the
//!   schedule.

use beamline::Pid;
use beamline::seam::{Fifo, Node};
use rustc_hash::FxHashMap;

use super::lore::Lore;
use super::path::Path;
use super::state::State;
use crate::choice::ChoiceId;
use crate::trace::Sender;

/// Slots up to which pairs are found in a square table of 64 KiB instead of a map.
const DENSE: usize = 128;
/// The weight of what a timer has sent, in learnt walks. When it was let fire, the moment was
/// chosen at which it is to arrive: were it weighed as one event again, it would have to win twice.
/// Not so heavy that it never stays behind, as it must to arrive after it was cancelled.
const FIRED: u32 = 8;

/// The stable key of a chain: its class, then whose it is.
///
/// Every path begins with the same byte, of which only the lowest bit is set: there is room above
/// it for the class. In halves of paths, since only `u128` asks for an alignment of sixteen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key([u64; 4]);

impl Key {
    const DELIVER: u128 = 1 << 125;
    const FIRED: u128 = 1 << 126;
    const YIELDED: u128 = 1 << 127;

    fn new(first: u128, second: u128) -> Key {
        let [a, b] = [(first >> 64) as u64, first as u64];
        Key([a, b, (second >> 64) as u64, second as u64])
    }

    /// 64 bits that order as keys do, and are equal for keys of long paths alone: the class, the
    /// first four bytes of the first path, and those of the second if the first has no more.
    #[inline]
    pub(super) fn digest(&self) -> u64 {
        let Key([a, b, c, _]) = *self;
        let is_short = a as u32 == 0 && b == 0;
        // No path begins with a byte as large as this.
        let second = if is_short {
            c >> 32
        } else {
            u64::from(u32::MAX)
        };
        a >> 32 << 32 | second
    }

    /// A process that was held at a choice point runs on.
    pub(super) fn step(path: Path) -> Key {
        Key::new(path.key(), 0)
    }

    /// A signal from one process to another arrives.
    fn deliver(from: Path, to: Path) -> Key {
        Key::new(from.key() | Key::DELIVER, to.key())
    }

    /// What a timer has sent arrives: after what processes have sent.
    fn fired(id: ChoiceId, to: Path) -> Key {
        Key::new(u128::from(id.0) << 56 | Key::FIRED, to.key())
    }

    /// A process that let others go first runs on: after everything else, or it would spin.
    pub(super) fn yielded(path: Path) -> Key {
        Key::new(path.key() | Key::YIELDED, 0)
    }
}

/// What an enabled event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The process in this slot runs on.
    Step(u32),
    /// The head of this queue is delivered.
    Deliver(u32),
    /// This entry of the clock passes.
    Fire(u32),
}

/// The signals in transit from one sender to one receiver.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) to: Pid,
    pub(super) chain: u32,
    /// Deliveries made.
    made: u32,
    /// It carries one signal and is of no use afterwards.
    one_shot: bool,
    pub(super) signals: Fifo,
}

/// Which queue is whose.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    map: FxHashMap<(u64, u64), u32>,
    /// One more than the queue of the first processes of the first slots, by sender and receiver.
    dense: Vec<u32>,
    /// The places of `dense` that this run has used.
    used: Vec<u32>,
}

impl Pairs {
    pub(super) fn clear(&mut self) {
        self.map.clear();
        for place in self.used.drain(..) {
            self.dense[place as usize] = 0;
        }
    }

    fn place(from: Pid, to: Pid) -> Option<usize> {
        let (row, column) = (from.slot() as usize, to.slot() as usize);
        let firsts = from.generation() == 1 && to.generation() == 1;
        (row < DENSE && column < DENSE && firsts).then_some(row * DENSE + column)
    }

    #[inline]
    fn get(&self, from: Pid, to: Pid) -> Option<u32> {
        match Pairs::place(from, to) {
            Some(place) => self.dense.get(place)?.checked_sub(1),
            None => self.map.get(&(from.bits(), to.bits())).copied(),
        }
    }

    fn insert(&mut self, from: Pid, to: Pid, queue: u32) {
        let Some(place) = Pairs::place(from, to) else {
            self.map.insert((from.bits(), to.bits()), queue);
            return;
        };
        if self.dense.is_empty() {
            self.dense = vec![0; DENSE * DENSE];
        }
        self.dense[place] = queue + 1;
        self.used.push(place as u32);
    }
}

impl State {
    /// Puts a signal into transit.
    pub(super) fn send(&mut self, from: Pid, to: Pid, node: Node) {
        let index = match self.pairs.get(from, to) {
            Some(index) => index,
            None => self.make_queue(from, to),
        };
        self.count_call(to, &node, 1);
        if node.is_signal() {
            self.count_signal(to, 1);
        } else if node.is_reply() {
            // Nobody waits for the receiver because of it.
        } else if let Some(proc) = self.procs.get_mut(from.slot() as usize) {
            proc.asked = Some(to);
        }
        self.push(index, node);
    }

    fn count_signal(&mut self, to: Pid, by: i32) {
        if let Some(proc) = self.procs.get_mut(to.slot() as usize)
            && proc.pid == Some(to)
        {
            proc.signals = proc.signals.saturating_add_signed(by);
        }
    }

    fn count_call(&mut self, to: Pid, node: &Node, by: i32) {
        if let Some(proc) = self.procs.get_mut(to.slot() as usize)
            && proc.pid == Some(to)
            && node.is_call()
        {
            proc.calls = proc.calls.saturating_add_signed(by);
        }
    }

    /// Whether the end of a process can be told from a later one: as for any step, and by calls
    /// that are on their way to it.
    pub(super) fn is_end_visible(&self, slot: u32) -> bool {
        self.procs[slot as usize].calls > 0 || self.is_visible(slot)
    }

    /// Whether what a process does next can be told from doing it later: a signal that could end,
    /// link or question it is on its way to it, or somebody is about to look at a shared table.
    /// Otherwise its step commutes with everything that can happen, and needs no choice of its own.
    pub(super) fn is_visible(&self, slot: u32) -> bool {
        self.at_tables > 0 || self.procs[slot as usize].signals > 0
    }

    /// Notes whose timer sent a message, and to whom.
    pub(super) fn note_fired(&mut self, node: &Node, by: Option<Pid>, to: Pid) {
        if self.judged {
            self.oracles.timer_sent(to, node.address());
        }
        if self.trace.is_some() {
            let sender = Sender::Timer(by.map(|pid| self.path(pid)));
            self.senders_of.insert(node.address(), sender);
        }
    }

    fn push(&mut self, index: u32, node: Node) {
        self.in_transit += 1;
        let queue = &mut self.queues[index as usize];
        let waits = !queue.signals.is_empty();
        queue.signals.push(node);
        if waits {
            return;
        }
        let (chain, to) = (queue.chain, queue.to);
        let races = self.procs.get(to.slot() as usize).is_none_or(|proc| {
            proc.senders > 1 || proc.waits > 0 || self.lore.senders(proc.path) > 1
        });
        self.enabled.chain_mut(chain).races = races;
        self.enabled.enable(chain);
    }

    /// Puts what a timer sends into transit, on a queue of its own: timers are nobody's peers.
    pub(super) fn send_fired(&mut self, by: Option<Pid>, ordinal: u32, to: Pid, node: Node) {
        let by = by.map_or(Path::ROOT, |pid| self.path(pid));
        let id = Lore::timer(by, ordinal);
        let key = Key::fired(id, self.path(to));
        let index = self.new_queue(to, id, key, true);
        let chain = self.queues[index as usize].chain;
        self.enabled.chain_mut(chain).remaining = FIRED;
        self.push(index, node);
    }

    /// Notes that somebody new sends to a process, through this queue.
    fn note_sender(&mut self, to: Pid, queue: u32) {
        let Some(proc) = self.procs.get_mut(to.slot() as usize) else {
            return;
        };
        if proc.pid != Some(to) {
            return;
        }
        proc.senders += 1;
        match proc.senders {
            1 => proc.first_queue = queue,
            2 => self.first_sender_races(to),
            _ => {}
        }
    }

    /// What has been on its way to a process from its only sender raced with nothing until now.
    fn first_sender_races(&mut self, to: Pid) {
        let first = self.procs[to.slot() as usize].first_queue;
        if let Some(first) = self
            .queues
            .get(first as usize)
            .filter(|queue| queue.to == to)
        {
            self.enabled.chain_mut(first.chain).races = true;
        }
    }

    /// Notes that a process waits for one deadline more, with which what is on its way to it races.
    pub(super) fn count_wait_in(&mut self, pid: Pid) {
        let proc = self.proc(pid.slot());
        proc.waits += 1;
        if proc.waits == 1 && proc.senders == 1 {
            self.first_sender_races(pid);
        }
    }

    fn make_queue(&mut self, from: Pid, to: Pid) -> u32 {
        let (from_path, to_path) = (self.path(from), self.path(to));
        let id = Lore::queue(from_path, to_path);
        if self.options.trace {
            self.lore.note_queue(from_path, to_path);
        }
        let index = self.new_queue(to, id, Key::deliver(from_path, to_path), false);
        let chain = self.queues[index as usize].chain;
        self.enabled.chain_mut(chain).remaining = self.lore.expected(id, self.options.granularity);
        self.pairs.insert(from, to, index);
        index
    }

    fn new_queue(&mut self, to: Pid, id: ChoiceId, key: Key, one_shot: bool) -> u32 {
        let index = self.free_queues.pop();
        let index = index.unwrap_or(self.queues.len() as u32);
        let queue = Queue {
            to,
            chain: self.enabled.chain_of(id, key, Event::Deliver(index)),
            made: 0,
            one_shot,
            signals: Fifo::new(),
        };
        match self.queues.get_mut(index as usize) {
            Some(place) => *place = queue,
            None => self.queues.push(queue),
        }
        self.note_sender(to, index);
        index
    }

    /// Takes the head of a queue.
    pub(super) fn take_head(&mut self, index: u32) -> Option<(Pid, Node)> {
        let queue = &mut self.queues[index as usize];
        let mut node = queue.signals.pop()?;
        if mutant!(Overtake)
            && let Some(later) = queue.signals.pop()
        {
            queue.signals.push(std::mem::replace(&mut node, later));
        }
        queue.made += 1;
        let (to, chain) = (queue.to, queue.chain);
        let (made, emptied, one_shot) = (queue.made, queue.signals.is_empty(), queue.one_shot);
        let place = self.enabled.chain_mut(chain);
        place.remaining = place.remaining.saturating_sub(1).max(1);
        let id = place.id;
        if emptied {
            self.enabled.disable(chain);
            if one_shot {
                self.enabled.free(chain);
                self.free_queues.push(index);
            }
        }
        self.in_transit -= 1;
        self.count_call(to, &node, -1);
        if node.is_signal() {
            self.count_signal(to, -1);
        }
        if self.options.measure {
            let to = self.path(to).key();
            self.measured.entry(id).or_insert((0, to)).0 += 1;
        }
        if self.is_alive(to) {
            self.met(to.slot(), id.0 ^ u64::from(made));
        }
        Some((to, node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_by_class_then_by_paths_and_digests_do_not_disagree() {
        let mut paths = vec![Path::ROOT];
        for ordinal in [0, 1, 238, 239, 240, 65_535, 65_536] {
            let all = paths.iter().map(|path| path.child(ordinal));
            paths.extend(all.collect::<Vec<_>>());
        }
        paths.sort_unstable();
        let pairs = || {
            paths
                .iter()
                .flat_map(|a| paths.iter().map(move |b| (*a, *b)))
        };
        let ids = [0, 1, 255, 256, u64::MAX >> 1, u64::MAX];
        let keys = paths.iter().map(|path| Key::step(*path));
        let keys = keys.chain(pairs().map(|(from, to)| Key::deliver(from, to)));
        let keys = keys.chain(ids.map(|id| Key::fired(ChoiceId(id), Path::ROOT)));
        let keys: Vec<Key> = keys
            .chain(paths.iter().map(|path| Key::yielded(*path)))
            .collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert!(keys.is_sorted_by_key(Key::digest));
    }
}
