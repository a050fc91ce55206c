//! Choosing the next event.
//!
//! The canonical order of the alternatives: the chain that ran last, then the others by key, then
//! the entries of the clock that may pass, in the order they were armed.

use std::ptr::NonNull;

use beamline::Pid;

use super::clock::Kind;
use super::state::State;
use super::transit::Event;
use crate::choice::{Alternative, ChoiceId, ChoiceKind, Chooser, EventKind};
use crate::tape::Choice;
use crate::trace::{ChoiceIdText, What};

/// Entries of the clock with one deadline whose order is a choice. If there are more, they pass in
/// the order they were armed: thousands of tickers in phase would otherwise make every event a
/// choice between thousands.
const TIES_MAX: usize = 8;

/// The id of an entry of the clock whose owner has ended.
const NOBODYS: ChoiceId = ChoiceId(3);

impl State {
    /// Chooses the next event, and says where it stands in the list of those enabled.
    pub(super) fn next_event(&mut self, scratch: &mut Vec<Alternative>) -> Option<(usize, Event)> {
        if self.steps >= self.fair_after {
            return self.next_event_fairly();
        }
        if self.slow > 0 {
            return self.next_event_with_slow(scratch);
        }
        let listed = self.enabled.len();
        let ties = self.passing(listed == 0);
        let n = listed + ties;
        if n <= 1 {
            let event = match (listed, ties) {
                (1, _) => self.enabled.event(0)?,
                (_, 1) => Event::Fire(self.ties[0]),
                _ => return None,
            };
            self.begin_event(event, 0, 1);
            return Some((0, event));
        }
        let front = self.enabled.position(self.last_chain).unwrap_or(0);
        let rank = if front == 0 && ties == 0 {
            Self::ask(self.chooser, &self.enabled.alternatives)
        } else {
            scratch.clear();
            if listed > 0 {
                scratch.push(self.enabled.alternatives[front]);
                scratch.extend_from_slice(&self.enabled.alternatives[..front]);
                scratch.extend_from_slice(&self.enabled.alternatives[front + 1..]);
            }
            scratch.extend(self.ties.iter().map(|entry| self.clock_alternative(*entry)));
            Self::ask(self.chooser, scratch)
        };
        let rank = (rank as usize).min(n - 1);
        let at = match rank {
            0 => front,
            rank if rank <= front => rank - 1,
            rank => rank,
        };
        let (event, id) = match self.enabled.event(at) {
            Some(event) => (event, self.enabled.alternatives[at].id),
            None => {
                let entry = self.ties[rank - listed];
                (Event::Fire(entry), self.clock_alternative(entry).id)
            }
        };
        self.chose(id, n, rank);
        self.begin_event(event, rank, n);
        Some((at, event))
    }

    /// Finds the entries of the clock that may pass now: those whose time has come; if nothing else
    /// can happen, the next ones; and if timers race, those too, but none of them twice in a row.
    fn passing(&mut self, nothing_else: bool) -> usize {
        let mut ties = std::mem::take(&mut self.ties);
        let deadline = self.clock.firsts(TIES_MAX, &mut ties);
        let early = deadline.is_some_and(|deadline| deadline > self.clock.now);
        if early && !nothing_else {
            if self.adversarial != Some(true) || self.early_left == 0 {
                ties.clear();
            }
            // A ticker must not starve the rest: after it has passed early, something else has to
            // happen first.
            ties.retain(|entry| self.early_at(*entry) != Some(self.progress));
        }
        self.ties = ties;
        self.ties.len()
    }

    fn ask(chooser: Option<NonNull<dyn Chooser>>, alternatives: &[Alternative]) -> u32 {
        let Some(mut chooser) = chooser else { return 0 };
        // SAFETY: the chooser is set for the length of a run and borrowed nowhere else meanwhile.
        unsafe { chooser.as_mut() }.event(alternatives)
    }

    fn chose(&mut self, id: ChoiceId, n: usize, rank: usize) {
        let (n, rank) = (n as u32, rank as u32);
        self.tape.push(Choice {
            id,
            n,
            rank,
            kind: ChoiceKind::Event,
        });
    }

    /// The next event of a run that has gone on for long: each chain in turn, without a choice.
    fn next_event_fairly(&mut self) -> Option<(usize, Event)> {
        let first = self.clock.first();
        let due = first.is_some_and(|(deadline, _)| deadline <= self.clock.now);
        let (at, event) = match (self.enabled.longest_idle(), first) {
            // What is due takes every other turn.
            (Some(_), Some((_, entry))) if due && self.steps.is_multiple_of(2) => {
                (0, Event::Fire(entry))
            }
            (Some(at), _) => (at, self.enabled.event(at)?),
            (None, Some((_, entry))) => (0, Event::Fire(entry)),
            (None, None) => return None,
        };
        self.begin_event(event, 0, 1);
        if !matches!(event, Event::Fire(_)) {
            let now = self.steps;
            self.enabled.ran(at, now);
        }
        Some((at, event))
    }

    /// As `next_event` while processes are held back: their events count only if there is no other.
    fn next_event_with_slow(&mut self, scratch: &mut Vec<Alternative>) -> Option<(usize, Event)> {
        let is_quick = |at: &usize| {
            let slot = match self.enabled.event(*at) {
                Some(Event::Step(slot)) => Some(slot),
                Some(Event::Deliver(queue)) => Some(self.queues[queue as usize].to.slot()),
                Some(Event::Fire(_)) | None => None,
            };
            slot.is_none_or(|slot| !self.procs[slot as usize].slow)
        };
        let mut quick: Vec<usize> = (0..self.enabled.len()).filter(is_quick).collect();
        if quick.is_empty() {
            self.procs.iter_mut().for_each(|proc| proc.slow = false);
            self.slow = 0;
            return self.next_event(scratch);
        }
        let last = self.enabled.position(self.last_chain);
        if let Some(front) = quick.iter().position(|at| Some(*at) == last) {
            quick[..=front].rotate_right(1);
        }
        scratch.clear();
        scratch.extend(quick.iter().map(|at| self.enabled.alternatives[*at]));
        let mut rank = 0;
        if quick.len() > 1 {
            rank = (Self::ask(self.chooser, scratch) as usize).min(quick.len() - 1);
            self.chose(scratch[rank].id, quick.len(), rank);
        }
        let at = quick[rank];
        let event = self.enabled.event(at)?;
        self.begin_event(event, rank, quick.len());
        Some((at, event))
    }

    /// An entry of the clock as an alternative.
    fn clock_alternative(&self, entry: u32) -> Alternative {
        let owner = self
            .owner(entry)
            .map(|pid| &self.procs[pid.slot() as usize]);
        let (id, chain) = owner.map_or((NOBODYS, 0), |proc| (proc.wait_id, proc.timer_chain));
        Alternative {
            id,
            chain,
            // A message that was set for later still has to be sent and to arrive.
            remaining: match self.clock.kind(entry) {
                Some(Kind::Message { .. }) => 2,
                _ => 1,
            },
            kind: EventKind::Timer,
            races: true,
        }
    }

    /// Whose an entry of the clock is, if that process lives.
    fn owner(&self, entry: u32) -> Option<Pid> {
        let by = match self.clock.kind(entry)? {
            Kind::Wait { pid } => Some(*pid),
            Kind::Message { by, .. } => *by,
            Kind::Passed => None,
        };
        by.filter(|pid| self.is_alive(*pid))
    }

    fn early_at(&self, entry: u32) -> Option<u64> {
        self.procs[self.owner(entry)?.slot() as usize].early_at
    }

    fn begin_event(&mut self, event: Event, rank: usize, n: usize) {
        let (chain, id) = match event {
            Event::Deliver(queue) => {
                let queue = &self.queues[queue as usize];
                (queue.chain, queue.id)
            }
            Event::Step(slot) => {
                let proc = &self.procs[slot as usize];
                (proc.chain, proc.id)
            }
            Event::Fire(entry) => {
                self.begin_fire(entry);
                (u32::MAX, self.clock_alternative(entry).id)
            }
        };
        self.progress += u64::from(!matches!(event, Event::Fire(_)));
        self.last_chain = chain;
        if self.trace.is_some() {
            self.steps += 1;
            let (of, rank) = (n as u32, rank as u32);
            self.record(|_| What::Event {
                chain: ChoiceIdText(id),
                of,
                rank,
            });
            self.steps -= 1;
        }
    }

    /// A deadline is about to pass: by choice before its time, or because nothing else can happen.
    fn begin_fire(&mut self, entry: u32) {
        let ahead = self
            .clock
            .first()
            .map_or(0, |first| first.0.saturating_sub(self.clock.now));
        if ahead == 0 {
            return;
        }
        if self.enabled.len() == 0 {
            self.waited += ahead;
            return;
        }
        self.early_left = self.early_left.saturating_sub(1);
        let progress = self.progress;
        if let Some(pid) = self.owner(entry) {
            self.proc(pid.slot()).early_at = Some(progress);
        }
    }
}
