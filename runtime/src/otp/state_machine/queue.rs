//! Events that wait inside a machine.
//!
//! # Semantics
//! GSM-303, GSM-304, GSM-601 to GSM-608, GSM-701 to GSM-703. The queue is what is handled before
//! anything new: first what the last transition inserted, then, if it changed the state, all that
//! was postponed, then what waited there before.
//!
//! # Invariants
//! - EVQ1: an event is in one place: handled, queued or postponed. It leaves these by being
//!   handled and not postponed, or with the machine.
//! - EVQ2: postponed events are in the order in which they were first queued or arrived.

use std::collections::VecDeque;

use super::GenStateMachine;
use super::event::Event;
use crate::process::observe::{EventSource, MachineRecord, tell_machine};

/// An event and its number.
pub(super) struct Numbered<M: GenStateMachine> {
    pub(super) number: u64,
    pub(super) event: Event<M>,
}

/// See the module's documentation.
pub(super) struct Queue<M: GenStateMachine> {
    /// Of a machine that has ever had an event wait.
    held: Option<Box<Held<M>>>,
    last: u64,
}

struct Held<M: GenStateMachine> {
    queued: VecDeque<(EventSource, Numbered<M>)>,
    postponed: Vec<Numbered<M>>,
}

impl<M: GenStateMachine> Queue<M> {
    pub(super) fn new() -> Self {
        Queue {
            held: None,
            last: 0,
        }
    }

    fn held(&mut self) -> &mut Held<M> {
        self.held.get_or_insert_with(|| {
            Box::new(Held {
                queued: VecDeque::new(),
                postponed: Vec::new(),
            })
        })
    }

    /// The number of an event that is new.
    pub(super) fn number(&mut self) -> u64 {
        self.last += u64::from(self.last == 0 || !mutant!(RepeatNumbers));
        self.last
    }

    pub(super) fn pop(&mut self) -> Option<(EventSource, Numbered<M>)> {
        self.held.as_mut()?.queued.pop_front()
    }

    /// Keeps an event until the state changes.
    pub(super) fn postpone(&mut self, number: u64, event: Event<M>) {
        tell_machine(|| MachineRecord::Postpone { event: number });
        self.held().postponed.push(Numbered { number, event });
    }

    /// The state has changed: all that was postponed comes before the rest (GSM-602, GSM-604).
    pub(super) fn retry(&mut self) {
        let Some(held) = &mut self.held else {
            return;
        };
        if mutant!(LosePostponed) {
            return held.postponed.clear();
        }
        for numbered in &held.postponed {
            let event = numbered.number;
            tell_machine(|| MachineRecord::Retry { event });
        }
        if mutant!(RetryBackwards) {
            held.postponed.reverse();
        }
        for numbered in held.postponed.drain(..).rev() {
            let retried = (EventSource::Retried, numbered);
            held.queued.push_front(retried);
        }
    }

    /// Puts events before all others, in their order (GSM-701, GSM-702).
    pub(super) fn insert(&mut self, events: &mut Vec<Event<M>>) {
        let first = self.last + 1;
        self.last += events.len() as u64;
        for (number, event) in (first..).zip(events.iter()) {
            let content = event.content();
            tell_machine(|| MachineRecord::Insert {
                event: number,
                kind: event.kind(),
                content: &content,
            });
        }
        if events.is_empty() {
            return;
        }
        let last = self.last;
        let queued = &mut self.held().queued;
        let place = if mutant!(AppendInserted) {
            let is_inserted = |(source, _): &&_| matches!(source, EventSource::Inserted);
            queued.iter().take_while(is_inserted).count()
        } else {
            0
        };
        for (back, event) in (0..).zip(events.drain(..).rev()) {
            let number = last - back;
            let numbered = Numbered { number, event };
            let entry = (EventSource::Inserted, numbered);
            if mutant!(AppendInserted) {
                queued.insert(place, entry);
                continue;
            }
            queued.push_front(entry);
        }
    }
}
