//! What a state machine does, as one line of a diff.

use std::fmt::Write;
use std::time::Duration;

use crate::trace::{MachineEvent, TimeoutSlot};
use crate::world::Path;

pub(super) fn describe(line: &mut String, process: Path, event: &MachineEvent) -> std::fmt::Result {
    match event {
        MachineEvent::Start { state } => write!(line, "{process} begins as a machine in {state}"),
        MachineEvent::Pick {
            event,
            source,
            kind,
            content,
            state,
            ..
        } => write!(
            line,
            "{process} in {state} picks event {event}, {kind:?} of {source:?}: {content}"
        ),
        MachineEvent::Return { kind } => write!(line, "{process} decides: {kind:?}"),
        MachineEvent::Enter { old, new } => write!(line, "{process} enters {new} from {old}"),
        MachineEvent::Entered { kind } => write!(line, "{process} has entered: {kind:?}"),
        MachineEvent::Transition {
            old,
            new,
            changed: true,
            ..
        } => write!(line, "{process} goes from {old} to {new}"),
        MachineEvent::Transition { new, .. } => write!(line, "{process} stays in {new}"),
        MachineEvent::Postpone { event } => write!(line, "{process} postpones event {event}"),
        MachineEvent::Retry { event } => write!(line, "{process} is to retry event {event}"),
        MachineEvent::Insert {
            event,
            kind,
            content,
        } => write!(line, "{process} inserts event {event}, {kind:?}: {content}"),
        MachineEvent::TimeoutSet { slot, timeout, at } => {
            let slot = slot_text(slot);
            match at.map(Duration::from_nanos) {
                Some(at) => write!(line, "{process} sets {slot} ({timeout}) for {at:?}"),
                None => write!(line, "{process} sets {slot} ({timeout}) for now"),
            }
        }
        MachineEvent::TimeoutUpdated { slot, timeout } => {
            write!(line, "{process} updates {} ({timeout})", slot_text(slot))
        }
        MachineEvent::TimeoutEnded { slot, timeout, why } => {
            let slot = slot_text(slot);
            write!(line, "{process} ends {slot} ({timeout}): {why:?}")
        }
        MachineEvent::Reply { to } => write!(line, "{process} replies to {to}"),
        MachineEvent::Wait => write!(line, "{process} looks into its mailbox"),
        MachineEvent::Hibernate => write!(line, "{process} hibernates"),
        MachineEvent::Touched => write!(line, "{process} shows its state to a system message"),
        MachineEvent::Stop { reason } => write!(line, "{process} stops: {reason}"),
        MachineEvent::Terminate => write!(line, "{process} terminates"),
    }
}

fn slot_text(slot: &TimeoutSlot) -> String {
    match slot {
        TimeoutSlot::Event => "the event timeout".to_string(),
        TimeoutSlot::State => "the state timeout".to_string(),
        TimeoutSlot::Named(name) => format!("the timer {name}"),
    }
}
