//! Choosing the next event.
//!
//! The canonical order of the alternatives: the chain that ran last, then the others by key, then
//! the entries of the clock that may pass, in the order they were armed.

use std::ptr::NonNull;

use beamline::Pid;

use super::clock::Kind;
use super::state::State;
use super::transit::Event;
use crate::choice::{Alternative, Alternatives, ChoiceId, ChoiceKind, Chooser, EventKind};
use crate::tape::Choice;
use crate::trace::{ChoiceIdText, What};

/// Entries of the clock with one deadline whose order is a choice. If there are more, they pass in
/// the order they were armed: thousands of tickers in phase would otherwise make every event a
/// choice between thousands.
const TIES_MAX: usize = 8;

/// The id of an entry of the clock whose owner has ended.
const NOBODYS: ChoiceId = ChoiceId(3);

/// The alternatives of the next event.
struct Menu<'a> {
    state: &'a State,
    /// How many chains are enabled; entries of the clock come after them.
    listed: usize,
    /// The place of the chain that ran last, which has rank 0.
    front: usize,
    scratch: &'a mut Vec<Alternative>,
}

impl Menu<'_> {
    /// The place, in the order of the enabled chains, of a rank below their number.
    fn place(&self, rank: usize) -> usize {
        match rank {
            0 => self.front,
            rank if rank <= self.front => rank - 1,
            rank => rank,
        }
    }

    fn event(&self, rank: usize) -> Event {
        match rank.checked_sub(self.listed) {
            None => {
                let enabled = &self.state.enabled;
                enabled.chain(enabled.at(self.place(rank))).event
            }
            Some(tie) => Event::Fire(self.state.ties[tie]),
        }
    }
}

impl Alternatives for Menu<'_> {
    fn count(&self) -> u32 {
        (self.listed + self.state.ties.len()) as u32
    }

    fn is_timer(&self, rank: u32) -> bool {
        rank as usize >= self.listed
    }

    fn id(&self, rank: u32) -> ChoiceId {
        self.state.id_of(self.event(rank as usize))
    }

    fn all(&mut self) -> &[Alternative] {
        let (state, all) = (self.state, &mut *self.scratch);
        state.list(all);
        if self.listed > 0 {
            all[..=self.front].rotate_right(1);
        }
        all.extend(
            state
                .ties
                .iter()
                .map(|entry| state.clock_alternative(*entry)),
        );
        all
    }
}

impl State {
    /// Chooses the next event.
    pub(super) fn next_event(&mut self, scratch: &mut Vec<Alternative>) -> Option<Event> {
        if self.steps >= self.fair_after {
            return self.next_event_fairly();
        }
        if self.slow > 0 {
            return self.next_event_with_slow(scratch);
        }
        let listed = self.enabled.len();
        let n = listed + self.passing(listed == 0);
        if n == 0 {
            return None;
        }
        let front = match n {
            1 => 0,
            _ => self.enabled.place(self.last_chain).unwrap_or(0),
        };
        let chooser = self.chooser;
        let mut menu = Menu {
            state: self,
            listed,
            front,
            scratch,
        };
        let mut rank = 0;
        if n > 1 {
            rank = (Self::ask(chooser, &mut menu) as usize).min(n - 1);
        }
        let event = menu.event(rank);
        if n > 1 {
            let id = match rank {
                0 => ChoiceId::UNKNOWN,
                _ => self.id_of(event),
            };
            self.chose(id, n, rank);
        }
        self.begin_event(event, rank, n);
        Some(event)
    }

    /// Finds the entries of the clock that may pass now: those whose time has come; if nothing else
    /// can happen, the next ones; and if timers race, those too, but none of them twice in a row.
    fn passing(&mut self, nothing_else: bool) -> usize {
        let first = self.clock.first();
        let early = first.is_some_and(|(deadline, _)| deadline > self.clock.now) && !nothing_else;
        if first.is_none() || early && (self.adversarial != Some(true) || self.early_left == 0) {
            self.ties.clear();
            return 0;
        }
        let mut ties = std::mem::take(&mut self.ties);
        self.clock.firsts(TIES_MAX, &mut ties);
        if early {
            // A ticker must not starve the rest: after it has passed early, something else has to
            // happen first.
            ties.retain(|entry| self.early_at(*entry) != Some(self.progress));
        }
        self.ties = ties;
        self.ties.len()
    }

    fn ask(chooser: Option<NonNull<dyn Chooser>>, alternatives: &mut dyn Alternatives) -> u32 {
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
    fn next_event_fairly(&mut self) -> Option<Event> {
        self.was_fair = true;
        let first = self.clock.first();
        let due = first.is_some_and(|(deadline, _)| deadline <= self.clock.now);
        // What is due takes every other turn.
        let turn = due && self.steps.is_multiple_of(2);
        let chain = match turn {
            true => None,
            false => self.enabled.longest_idle(self.steps),
        };
        let event = match (chain, first) {
            (Some(chain), _) => self.enabled.chain(chain).event,
            (None, Some((_, entry))) => Event::Fire(entry),
            (None, None) => return None,
        };
        self.begin_event(event, 0, 1);
        Some(event)
    }

    /// As `next_event` while processes are held back: their events count only if there is no other.
    fn next_event_with_slow(&mut self, scratch: &mut Vec<Alternative>) -> Option<Event> {
        self.list(scratch);
        scratch.retain(|alternative| {
            let slot = match self.enabled.chain(alternative.chain).event {
                Event::Step(slot) => slot,
                Event::Deliver(queue) => self.queues[queue as usize].to.slot(),
                Event::Fire(_) => return true,
            };
            !self.procs[slot as usize].slow
        });
        if scratch.is_empty() {
            self.procs.iter_mut().for_each(|proc| proc.slow = false);
            self.slow = 0;
            return self.next_event(scratch);
        }
        let last = |alternative: &Alternative| alternative.chain == self.last_chain;
        if let Some(front) = scratch.iter().position(last) {
            scratch[..=front].rotate_right(1);
        }
        let (mut rank, n) = (0, scratch.len());
        if n > 1 {
            rank = (Self::ask(self.chooser, &mut scratch.as_slice()) as usize).min(n - 1);
            self.chose(scratch[rank].id, n, rank);
        }
        let event = self.enabled.chain(scratch[rank].chain).event;
        self.begin_event(event, rank, n);
        Some(event)
    }

    /// Lists the enabled chains in order.
    fn list(&self, all: &mut Vec<Alternative>) {
        all.clear();
        self.enabled.alternatives(all);
        for alternative in all.iter_mut().filter(|alternative| !alternative.races) {
            alternative.races = self.races_now(alternative.chain);
        }
    }

    /// Whether a delivery races with what goes on at this moment: until a process that is held goes
    /// on, what reaches it may come before or after; and while somebody is about to look at a
    /// shared table, so may everything that could end a process or name it.
    fn races_now(&self, chain: u32) -> bool {
        let Event::Deliver(queue) = self.enabled.chain(chain).event else {
            return false;
        };
        let to = self.queues[queue as usize].to;
        let is_held = || self.procs[to.slot() as usize].held.is_some();
        self.at_tables > 0 || self.is_alive(to) && is_held()
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
            Kind::Passed { .. } => None,
        };
        by.filter(|pid| self.is_alive(*pid))
    }

    fn id_of(&self, event: Event) -> ChoiceId {
        match event {
            Event::Step(slot) => self.procs[slot as usize].id,
            Event::Deliver(queue) => {
                let chain = self.queues[queue as usize].chain;
                self.enabled.chain(chain).id
            }
            Event::Fire(entry) => self.clock_alternative(entry).id,
        }
    }

    fn early_at(&self, entry: u32) -> Option<u64> {
        self.procs[self.owner(entry)?.slot() as usize].early_at
    }

    fn begin_event(&mut self, event: Event, rank: usize, n: usize) {
        let chain = match event {
            Event::Deliver(queue) => self.queues[queue as usize].chain,
            Event::Step(slot) => self.procs[slot as usize].chain,
            Event::Fire(entry) => {
                self.begin_fire(entry);
                u32::MAX
            }
        };
        self.progress += u64::from(!matches!(event, Event::Fire(_)));
        self.last_chain = chain;
        if self.trace.is_some() {
            let id = self.id_of(event);
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
        let ahead = self.clock.deadline(entry).saturating_sub(self.clock.now);
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
