//! What a state machine does, as records.
//!
//! Events and running timeouts have numbers, which rise within one machine and are never used
//! twice. A *transition* is what lies between the return of a callback and the next pick.
#![expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]

use std::fmt;

use crate::backend::Nanos;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;

/// A transition of a state machine, in the order of its work.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum MachineRecord<'a> {
    /// A process begins to be a machine, and may be something else afterwards.
    Guest,
    /// It is initialised; its starter has been told. The end of `parent` is to be its own.
    Start {
        state: &'a dyn fmt::Debug,
        parent: Option<Pid>,
    },
    /// An event is handed to the callback.
    Pick {
        event: u64,
        source: EventSource,
        kind: EventType,
        content: &'a dyn fmt::Debug,
        state: &'a dyn fmt::Debug,
        /// The timeout that has ended, if the event is one.
        timeout: Option<u64>,
    },
    /// The callback has returned.
    Return { kind: ReturnKind },
    /// The callback for entering a state is called.
    Enter {
        old: &'a dyn fmt::Debug,
        new: &'a dyn fmt::Debug,
    },
    /// That callback has returned.
    Entered { kind: ReturnKind },
    /// The transition is made; `event` is the one that caused it, if any. `differs` says whether
    /// the states do, `allowed` whether the machine's graph has this step, if it declares one.
    Transition {
        event: Option<u64>,
        old: &'a dyn fmt::Debug,
        new: &'a dyn fmt::Debug,
        changed: bool,
        differs: bool,
        allowed: Option<bool>,
    },
    /// The event is kept until the state changes.
    Postpone { event: u64 },
    /// A postponed event is to be handled again.
    Retry { event: u64 },
    /// The machine made an event for itself.
    Insert {
        event: u64,
        kind: EventType,
        content: &'a dyn fmt::Debug,
    },
    /// A callback asks for something of a timeout.
    TimeoutAsked {
        slot: TimeoutSlot<'a>,
        change: TimeoutChange,
    },
    /// What was asked for is done now: so many wishes, of which the last for each counts.
    Applies { asked: u32 },
    /// A timeout begins, and ends then; without a time it has ended already.
    TimeoutSet {
        slot: TimeoutSlot<'a>,
        timeout: u64,
        at: Option<Nanos>,
    },
    /// A running timeout has another content.
    TimeoutUpdated { slot: TimeoutSlot<'a>, timeout: u64 },
    /// A running timeout comes to its end.
    TimeoutEnded {
        slot: TimeoutSlot<'a>,
        timeout: u64,
        why: TimeoutEnd,
    },
    /// A callback asks for an answer to this call.
    ReplyAsked { call: u64 },
    /// A call is answered by an action.
    Reply { to: Pid, call: u64 },
    /// There is nothing to do: it looks into its mailbox.
    Wait,
    /// The message that it took is of a timeout that has ended otherwise.
    Ignored,
    /// It waits for long.
    Hibernate,
    /// Its state and data were in the hands of a system message.
    Touched,
    /// It ends.
    Stop { reason: &'a ExitReason },
    /// Its last callback is called.
    Terminate,
    /// That has returned, or crashed for this reason.
    Terminated { failed: Option<&'a ExitReason> },
    /// It is over, and its process goes on as something else.
    Left,
}

/// Where a machine has an event from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnKind {
    /// Another state, which may be the same.
    Next,
    /// The same state.
    Keep,
    /// The same state, entered again.
    Repeat,
    /// The end.
    Stop,
    /// A crash: a panic, or an `Err`.
    Crash,
}

/// Which timeout.
#[derive(Debug, Clone, Copy)]
pub enum TimeoutSlot<'a> {
    /// The time without an event.
    Event,
    /// The time in a state.
    State,
    /// One with a name.
    Named(&'a dyn fmt::Debug),
}

/// What is asked of a timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutChange {
    /// To begin.
    Begin,
    /// To end at once.
    BeginZero,
    /// To carry something else.
    Update,
    /// Not to run.
    Cancel,
}

/// Why a timeout runs no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
