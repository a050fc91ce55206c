//! What state machines report, as records.

use std::fmt;

use beamline::backend::record::{
    EventSource as Source, EventType as Type, MachineRecord, ReturnKind as Kind, TimeoutEnd as End,
    TimeoutSlot as Slot,
};

use super::without_callers;
use crate::trace::{
    EventSource, EventType, MachineEvent, ReturnKind, TimeoutEnd, TimeoutSlot, text_of, words_of,
};
use crate::world::state::State;

impl State {
    /// What a machine does, without pids.
    pub(super) fn machine_event(&self, record: MachineRecord<'_>) -> Option<MachineEvent> {
        Some(match record {
            MachineRecord::Start { state, .. } => MachineEvent::Start {
                state: self.text(state),
            },
            MachineRecord::Pick {
                event,
                source,
                kind,
                content,
                state,
                timeout,
            } => MachineEvent::Pick {
                event,
                source: source_of(source),
                kind: type_of(kind),
                content: without_callers(self.text(content)),
                state: self.text(state),
                timeout,
            },
            MachineRecord::Return { kind } => MachineEvent::Return {
                kind: kind_of(kind),
            },
            MachineRecord::Enter { old, new } => MachineEvent::Enter {
                old: self.text(old),
                new: self.text(new),
            },
            MachineRecord::Entered { kind } => MachineEvent::Entered {
                kind: kind_of(kind),
            },
            MachineRecord::Transition {
                event,
                old,
                new,
                changed,
                ..
            } => MachineEvent::Transition {
                event,
                old: self.text(old),
                new: self.text(new),
                changed,
            },
            MachineRecord::Postpone { event } => MachineEvent::Postpone { event },
            MachineRecord::Retry { event } => MachineEvent::Retry { event },
            MachineRecord::Insert {
                event,
                kind,
                content,
            } => MachineEvent::Insert {
                event,
                kind: type_of(kind),
                content: without_callers(self.text(content)),
            },
            MachineRecord::Reply { to, .. } => MachineEvent::Reply { to: self.path(to) },
            MachineRecord::Wait => MachineEvent::Wait,
            MachineRecord::Hibernate => MachineEvent::Hibernate,
            MachineRecord::Stop { reason } => MachineEvent::Stop {
                reason: self.named(words_of(reason)),
            },
            MachineRecord::Terminate => MachineEvent::Terminate,
            timeout => return self.timeout_event(timeout),
        })
    }

    fn timeout_event(&self, record: MachineRecord<'_>) -> Option<MachineEvent> {
        Some(match record {
            MachineRecord::TimeoutSet { slot, timeout, at } => MachineEvent::TimeoutSet {
                slot: self.slot_of(slot),
                timeout,
                at,
            },
            MachineRecord::TimeoutUpdated { slot, timeout } => MachineEvent::TimeoutUpdated {
                slot: self.slot_of(slot),
                timeout,
            },
            MachineRecord::TimeoutEnded { slot, timeout, why } => MachineEvent::TimeoutEnded {
                slot: self.slot_of(slot),
                timeout,
                why: end_of(why),
            },
            MachineRecord::Touched => MachineEvent::Touched,
            _ => return None,
        })
    }

    fn text(&self, value: &dyn fmt::Debug) -> String {
        self.named(text_of(value))
    }

    fn slot_of(&self, slot: Slot<'_>) -> TimeoutSlot {
        match slot {
            Slot::Event => TimeoutSlot::Event,
            Slot::State => TimeoutSlot::State,
            Slot::Named(name) => TimeoutSlot::Named(self.text(name)),
        }
    }
}

fn source_of(source: Source) -> EventSource {
    match source {
        Source::Mailbox => EventSource::Mailbox,
        Source::Timer => EventSource::Timer,
        Source::Zero => EventSource::Zero,
        Source::Inserted => EventSource::Inserted,
        Source::Retried => EventSource::Retried,
    }
}

fn type_of(kind: Type) -> EventType {
    match kind {
        Type::Call => EventType::Call,
        Type::Cast => EventType::Cast,
        Type::Info => EventType::Info,
        Type::EventTimeout => EventType::EventTimeout,
        Type::StateTimeout => EventType::StateTimeout,
        Type::Timer => EventType::Timer,
        Type::Internal => EventType::Internal,
    }
}

fn kind_of(kind: Kind) -> ReturnKind {
    match kind {
        Kind::Next => ReturnKind::Next,
        Kind::Keep => ReturnKind::Keep,
        Kind::Repeat => ReturnKind::Repeat,
        Kind::Stop => ReturnKind::Stop,
        Kind::Crash => ReturnKind::Crash,
    }
}

fn end_of(why: End) -> TimeoutEnd {
    match why {
        End::Delivered => TimeoutEnd::Delivered,
        End::Cancelled => TimeoutEnd::Cancelled,
        End::Replaced => TimeoutEnd::Replaced,
        End::Event => TimeoutEnd::Event,
        End::StateChange => TimeoutEnd::StateChange,
    }
}
