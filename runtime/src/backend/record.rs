//! Trace records: every transition of the runtime, typed (contract C7).
//!
//! Observing never changes the schedule; where nobody observes, nothing is built.
#![expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]

pub mod application;
mod machine;
pub mod registry;
pub mod supervisor;
pub mod task;

use std::fmt;
use std::time::Duration;

pub use machine::{
    EventSource, EventType, MachineRecord, ReturnKind, TimeoutChange, TimeoutEnd, TimeoutSlot,
};

use super::Origin;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
pub use crate::kernel::signal::{ExitCause, Signal};

/// A transition as the kernel reports it. References live only for the call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Record<'a> {
    /// A process was spawned, and linked to its parent or watched by it from the beginning.
    Spawn {
        pid: Pid,
        parent: Option<Pid>,
        body: &'a str,
        linked: bool,
        monitor: Option<Ref>,
    },
    /// A process ended; its body is dropped and its name free.
    Exit {
        pid: Pid,
        reason: &'a ExitReason,
        condemned: bool,
    },
    /// The body of a process came to its end, which is to be an event of its own.
    Ending { pid: Pid },
    /// A signal was sent.
    Send {
        from: Origin,
        to: Pid,
        what: What<'a>,
    },
    /// A process handled a signal, or a message entered its mailbox.
    Deliver { to: Pid, what: What<'a> },
    /// A message of the runtime's own, or one that came through an alias, entered a mailbox.
    Queued { pid: Pid, node: usize, what: Queued },
    /// A process took a message out of its mailbox, or, for a call of its own, the answer.
    Receive {
        pid: Pid,
        message: &'a dyn fmt::Debug,
        node: usize,
        call: Option<u64>,
    },
    /// A receive looks at its mailbox behind this message, and not from the beginning.
    Look { pid: Pid, after: usize },
    /// A receive refused a message, which stays where it is.
    Skip { pid: Pid, node: usize },
    /// A message was taken out of the mailbox by nobody's receive: what it would have told of is
    /// known, or the process has been told to end.
    Flushed { pid: Pid, node: usize },
    /// A receive gave up, having looked at everything up to this message; 0 for none.
    ReceiveTimeout { pid: Pid, looked: usize },
    /// A call came to nothing: `to` ended for this reason, or, without one, the time was up.
    CallFailed {
        pid: Pid,
        to: Pid,
        number: u64,
        reason: Option<&'a ExitReason>,
    },
    /// An answer came that nobody waits for any more; it is dropped.
    LateReply {
        pid: Pid,
        message: &'a dyn fmt::Debug,
        number: u64,
    },
    /// A process waits for the end of another, or for the answer of one that it has spawned for it.
    Awaits {
        reference: Ref,
        to: Pid,
        spawned: bool,
    },
    /// The means to answer a call are dropped; who waits is to be told.
    LetGo { number: u64 },
    /// The start of a process has failed, and its starter goes on.
    StartFailed { pid: Pid, of: Pid },
    /// A process has served a system message.
    Served { pid: Pid, order: Order },
    /// Somebody gave up a call that was open.
    CallDropped { pid: Pid, number: u64 },
    /// A process linked itself to another.
    Linked { pid: Pid, to: Pid },
    /// A process removed a link.
    Unlinked { pid: Pid, from: Pid },
    /// A process set a monitor.
    Monitored {
        pid: Pid,
        target: Option<Pid>,
        reference: Ref,
    },
    /// A process removed a monitor.
    Demonitored { pid: Pid, reference: Ref },
    /// A name was bound.
    Registered { name: &'a str, pid: Pid },
    /// A name was freed.
    Unregistered { name: &'a str, pid: Pid },
    /// A name was looked up.
    LookedUp { name: &'a str, found: Option<Pid> },
    /// A timer was started.
    TimerSet {
        by: Option<Pid>,
        after: Duration,
        message: &'a dyn fmt::Debug,
    },
    /// A timer was cancelled; `left` is `None` if it had fired already.
    TimerCancelled {
        by: Option<Pid>,
        left: Option<Duration>,
    },
    /// A process changed whether it traps exits.
    TrapExit { pid: Pid, on: bool },
    /// A process gave itself a label.
    Labelled { pid: Pid, label: &'a str },
    /// A state machine does something.
    Machine { pid: Pid, event: MachineRecord<'a> },
    /// A table of a registry, or of a partition supervisor, is read or changed.
    Registry {
        pid: Pid,
        event: registry::Registration<'a>,
    },
    /// A task does something, or its owner.
    Task { pid: Pid, event: task::Tasking },
    /// The controller of a release does something.
    Application {
        pid: Pid,
        event: application::Applying<'a>,
    },
    /// A supervisor does something.
    Supervisor {
        pid: Pid,
        event: supervisor::Supervision<'a>,
    },
    /// Something the program wants to be told in the story.
    Note { pid: Option<Pid>, text: &'a str },
}

/// What a signal is.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// A message; `node` tells the copies of one campaign apart, and nothing else.
    Message {
        value: &'a dyn fmt::Debug,
        node: usize,
        kind: MessageKind,
    },
    /// A signal of the runtime: its kind, its reason if it carries one, and all of it.
    Signal {
        kind: &'static str,
        reason: Option<&'a ExitReason>,
        node: usize,
        signal: &'a Signal,
    },
}

/// What entered a mailbox although nobody sent it as a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// A trapped exit signal.
    Exit { from: Pid },
    /// The end of a monitored process, by the number of the owner's reference.
    Down { number: u64 },
    /// A message that came through an alias, by its number.
    Aliased { number: u64 },
}

/// What a system message has done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Suspended,
    Resumed,
    Other,
}

/// What a message is to its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// It was sent.
    Plain,
    /// It asks for an answer.
    Call { reference: Ref },
    /// It is the answer to the call of this number.
    Reply { number: u64 },
}
