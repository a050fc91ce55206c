//! What a state machine does.

use serde::Serialize;

use crate::world::Path;

/// One thing that a state machine does. Events and timeouts have numbers, which rise within one
/// machine; states and contents are `Debug` text, as that of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "machine", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]
pub enum MachineEvent {
    /// It is initialised.
    Start { state: String },
    /// It picks an event to handle.
    Pick {
        event: u64,
        source: EventSource,
        kind: EventType,
        content: String,
        state: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        timeout: Option<u64>,
    },
    /// The callback has returned.
    Return { kind: ReturnKind },
    /// A state is being entered.
    Enter { old: String, new: String },
    /// It is entered.
    Entered { kind: ReturnKind },
    /// The transition is made.
    Transition {
        event: Option<u64>,
        old: String,
        new: String,
        changed: bool,
    },
    /// The event is kept until the state changes.
    Postpone { event: u64 },
    /// A postponed event is to be handled again.
    Retry { event: u64 },
    /// The machine made an event for itself.
    Insert {
        event: u64,
        kind: EventType,
        content: String,
    },
    /// A timeout begins; without a time it has ended already.
    TimeoutSet {
        slot: TimeoutSlot,
        timeout: u64,
        at: Option<u64>,
    },
    /// A running timeout has another content.
    TimeoutUpdated { slot: TimeoutSlot, timeout: u64 },
    /// A running timeout comes to its end.
    TimeoutEnded {
        slot: TimeoutSlot,
        timeout: u64,
        why: TimeoutEnd,
    },
    /// A call is answered by an action.
    Reply { to: Path },
    /// It looks into its mailbox.
    Wait,
    /// It waits for long.
    Hibernate,
    /// Its state and data were in the hands of a system message.
    Touched,
    /// It ends.
    Stop { reason: String },
    /// Its last callback is called.
    Terminate,
}

/// Where a machine has an event from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSource {
    /// Its mailbox.
    Mailbox,
    /// A timeout that took time.
    Timer,
    /// A timeout of no time.
    Zero,
    /// Itself.
    Inserted,
    /// It was postponed.
    Retried,
}

/// The sorts of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum EventType {
    Call,
    Cast,
    Info,
    EventTimeout,
    StateTimeout,
    Timer,
    Internal,
}

/// What a callback comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ReturnKind {
    Next,
    Keep,
    Repeat,
    Stop,
    Crash,
}

/// Which timeout.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeoutSlot {
    /// The time without an event.
    Event,
    /// The time in a state.
    State,
    /// One with this name.
    Named(String),
}

/// Why a timeout runs no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeoutEnd {
    /// It is handed over as an event.
    Delivered,
    /// By an action.
    Cancelled,
    /// Another one takes its place.
    Replaced,
    /// An event was handled.
    Event,
    /// The state has changed.
    StateChange,
}
