//! What state machines do, in words.

use std::time::Duration;

use super::words::{Sentence, Verb, short};
use crate::trace::{EventSource, EventType, MachineEvent, Sender, TimeoutSlot};
use crate::world::Path;

/// Whether the machine's own timeouts send such a text; what comes of it is told by the machine.
pub(super) fn is_of_timeout(from: Sender, process: Path, text: &str) -> bool {
    from == Sender::Timer(Some(process)) && is_timeout(text)
}

/// Whether a timer is that of a timeout, which the machine tells of.
pub(super) fn is_timer_of_timeout(text: &str) -> bool {
    let sent = text
        .strip_prefix("Plain(")
        .and_then(|text| text.strip_suffix(')'));
    sent.is_some_and(is_timeout)
}

fn is_timeout(text: &str) -> bool {
    matches!(text, "the event timeout" | "the state timeout" | "a timer")
}

/// Whether this is told even if nothing else happens.
pub(super) fn matters(event: &MachineEvent) -> bool {
    matches!(
        event,
        MachineEvent::Transition { changed: true, .. }
            | MachineEvent::Postpone { .. }
            | MachineEvent::TimeoutSet { at: Some(_), .. }
    )
}

impl<'a> Sentence<'_, 'a> {
    /// `time` is when it happens.
    pub(super) fn machine(&mut self, event: &'a MachineEvent, time: u64) {
        match event {
            MachineEvent::Pick {
                source,
                kind,
                content,
                ..
            } => self.picks(*source, *kind, content),
            MachineEvent::Transition {
                old,
                new,
                changed: true,
                ..
            } => {
                let (old, new) = (short(old), short(new));
                self.phrase(format_args!("goes from {old} to {new}"));
            }
            MachineEvent::Enter { old, new } if old == new && self.verb != Verb::Subject => {
                let new = short(new);
                self.phrase(format_args!("enters {new} again"));
            }
            MachineEvent::Postpone { .. } => self.phrase(format_args!("postpones it")),
            MachineEvent::TimeoutSet {
                slot, at: Some(at), ..
            } => {
                let after = Duration::from_nanos(at.saturating_sub(time));
                match slot {
                    TimeoutSlot::Event => {
                        self.phrase(format_args!("sets its event timeout to {after:?}"));
                    }
                    TimeoutSlot::State => {
                        self.phrase(format_args!("sets its state timeout to {after:?}"));
                    }
                    TimeoutSlot::Named(name) => {
                        let name = short(name);
                        self.phrase(format_args!("sets its timer {name} to {after:?}"));
                    }
                }
            }
            _ => {}
        }
    }

    fn picks(&mut self, source: EventSource, kind: EventType, content: &str) {
        let content = short(content);
        match (source, kind) {
            (EventSource::Mailbox, _) => {}
            (EventSource::Retried, _) => self.phrase(format_args!("retries {content}")),
            (EventSource::Inserted, _) => self.phrase(format_args!("goes on with {content}")),
            (_, EventType::EventTimeout) => {
                self.phrase(format_args!("reaches its event timeout"));
            }
            (_, EventType::StateTimeout) => {
                self.phrase(format_args!("reaches its state timeout"));
            }
            _ => self.phrase(format_args!("reaches its timer {content}")),
        }
    }
}
