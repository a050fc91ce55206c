//! Trace records: every transition of the runtime, typed (contract C7).
//!
//! Observing never changes the schedule; where nobody observes, nothing is built.
#![expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]

use std::fmt;
use std::time::Duration;

use super::Origin;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;

/// A transition as the kernel reports it. References live only for the call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Record<'a> {
    /// A process was spawned.
    Spawn {
        pid: Pid,
        parent: Option<Pid>,
        body: &'a str,
    },
    /// A process ended; its body is dropped and its name free.
    Exit { pid: Pid, reason: &'a ExitReason },
    /// A signal was sent.
    Send {
        from: Origin,
        to: Pid,
        what: What<'a>,
    },
    /// A process handled a signal, or a message entered its mailbox.
    Deliver { to: Pid, what: What<'a> },
    /// A process took a message out of its mailbox.
    Receive {
        pid: Pid,
        message: &'a dyn fmt::Debug,
        node: usize,
    },
    /// A receive gave up.
    ReceiveTimeout { pid: Pid },
    /// A call came to nothing: `to` ended for this reason, or, without one, the time was up.
    CallFailed {
        pid: Pid,
        to: Pid,
        reason: Option<&'a ExitReason>,
    },
    /// An answer came that nobody waits for any more; it is dropped.
    LateReply {
        pid: Pid,
        message: &'a dyn fmt::Debug,
    },
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
    /// A signal of the runtime: its kind, and its reason if it carries one.
    Signal {
        kind: &'static str,
        reason: Option<&'a ExitReason>,
    },
}

/// What a message is to its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// It was sent.
    Plain,
    /// It asks for an answer.
    Call,
    /// It is the answer to a call.
    Reply,
}
