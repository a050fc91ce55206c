//! Signals in transit, and the list of events that are enabled.
//!
//! # Invariants
//! - TRN1: signals of one ordered pair of processes leave in the order they came (SIG-1).
//! - TRN2: the list of enabled events is sorted by stable keys, so that the canonical order does
//!   not depend on the schedule.

use std::collections::VecDeque;

use beamline::Pid;
use beamline::seam::Node;

use super::path::Path;
use crate::choice::{Alternative, ChoiceId, EventKind};

/// The stable key of an event's chain: its class, then whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    class: u8,
    first: u128,
    second: u128,
}

impl Key {
    /// A process that was held at a choice point runs on.
    pub(super) fn step(path: Path) -> Key {
        Key {
            class: 0,
            first: path.key(),
            second: 0,
        }
    }

    /// A signal from one process to another arrives.
    pub(super) fn deliver(from: u128, to: Path) -> Key {
        Key {
            class: 1,
            first: from,
            second: to.key(),
        }
    }

    /// A process that let others go first runs on: after everything else, or it would spin.
    pub(super) fn yielded(path: Path) -> Key {
        Key {
            class: 2,
            first: path.key(),
            second: 0,
        }
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

/// The enabled events but for the clock's, in canonical order.
///
/// The list itself holds only what choosers look at; the rest is found by the number of the chain,
/// so that entering an event moves few bytes.
#[derive(Debug, Default)]
pub(super) struct Enabled {
    pub(super) alternatives: Vec<Alternative>,
    /// By chain: its key, the event it has enabled, and when it last ran.
    chains: Vec<Chain>,
}

#[derive(Clone, Copy, Debug)]
struct Chain {
    key: Key,
    event: Event,
    ran: u64,
}

impl Enabled {
    pub(super) fn clear(&mut self) {
        self.alternatives.clear();
        self.chains.clear();
    }

    pub(super) fn insert(&mut self, key: Key, alternative: Alternative, event: Event) {
        let chain = alternative.chain as usize;
        if chain >= self.chains.len() {
            self.chains.resize(chain + 1, Chain { key, event, ran: 0 });
        }
        let place = &mut self.chains[chain];
        (place.key, place.event) = (key, event);
        let before = |other: &Alternative| self.chains[other.chain as usize].key <= key;
        // Nearly always the list is short: a walk from its end beats a search by halves.
        let at = match self.alternatives.len() {
            0..=16 => self
                .alternatives
                .iter()
                .rposition(before)
                .map_or(0, |at| at + 1),
            _ => self.alternatives.partition_point(before),
        };
        self.alternatives.insert(at, alternative);
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.alternatives.remove(at);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.alternatives.len()
    }

    /// The event at a place.
    pub(super) fn event(&self, at: usize) -> Option<Event> {
        let alternative = self.alternatives.get(at)?;
        Some(self.chains[alternative.chain as usize].event)
    }

    /// Notes that the chain at a place runs, as the `now`th event.
    pub(super) fn ran(&mut self, at: usize, now: u64) {
        if let Some(alternative) = self.alternatives.get(at) {
            self.chains[alternative.chain as usize].ran = now;
        }
    }

    /// The place of the chain that has not run for longest.
    pub(super) fn longest_idle(&self) -> Option<usize> {
        let ran = |at: &usize| self.chains[self.alternatives[*at].chain as usize].ran;
        (0..self.alternatives.len()).min_by_key(ran)
    }

    /// Where the event of a chain stands.
    pub(super) fn position(&self, chain: u32) -> Option<usize> {
        self.alternatives
            .iter()
            .position(|other| other.chain == chain)
    }
}

/// The signals in transit from one sender to one receiver.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) to: Pid,
    pub(super) key: Key,
    pub(super) id: ChoiceId,
    pub(super) chain: u32,
    /// Deliveries still expected, from what was learnt.
    pub(super) remaining: u32,
    /// Deliveries made.
    pub(super) made: u32,
    /// It carries one signal and is of no use afterwards.
    pub(super) one_shot: bool,
    pub(super) signals: VecDeque<Node>,
}

impl Queue {
    pub(super) fn alternative(&self, races: bool) -> Alternative {
        Alternative {
            id: self.id,
            chain: self.chain,
            remaining: self.remaining,
            kind: EventKind::Deliver,
            races,
        }
    }
}
