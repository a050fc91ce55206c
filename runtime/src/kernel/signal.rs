//! Signals of the runtime's own: everything that reaches a process and is no plain message.
//!
//! # Semantics
//! SIG-1: signals from one process to another arrive in the order they were sent, whatever their
//! kind, because all of them travel through the same queue. Nothing else is promised.

use super::death;
use super::info::ProcessInfo;
use super::node::Node;
use super::pid::{Pid, Ref};
use super::reason::ExitReason;
use super::term::Message;

/// How an exit signal came to be, which decides what it does (SIG-20 to SIG-27).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCause {
    /// [`exit`](crate::exit) was called.
    Sent,
    /// The linked sender ended.
    Link,
    /// The link found nobody: the answer of a dead process to a link signal (LNK-5).
    NoProc,
}

/// A signal of the runtime.
#[derive(Debug)]
#[doc(hidden)]
pub enum Signal {
    /// An exit signal.
    Exit {
        from: Pid,
        reason: ExitReason,
        cause: ExitCause,
    },
    /// The sender has linked itself to the receiver.
    Link { from: Pid },
    /// The sender no longer wants the link; it waits for the acknowledgement.
    Unlink { from: Pid, id: u64 },
    /// The receiver's `Unlink` of this id has been handled.
    UnlinkAck { from: Pid, id: u64 },
    /// The owner of the reference wants to know when the receiver ends.
    Monitor { reference: Ref },
    /// It no longer does.
    Demonitor { reference: Ref },
    /// The monitored process ended. `number` is that of the receiver's own reference.
    Down { number: u64, reason: ExitReason },
    /// A message sent through an alias; dropped unless the alias is active on receipt (SIG-35).
    Aliased { number: u64, message: Message },
    /// A question that the runtime answers in the receiver's stead.
    Request {
        from: Pid,
        id: u64,
        question: Question,
    },
    /// The answer.
    Answer { id: u64, answer: Answer },
    /// The sender has ended and no longer suspends the receiver.
    Resume { from: Pid },
}

/// What can be asked of another process without its cooperation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum Question {
    /// Is it alive (P-20, P-21)?
    Alive,
    /// What is to be known of it (P-69)?
    Info,
    /// Stop running it until it is resumed (P-65).
    Suspend,
    /// Run it again, as far as the asker is concerned.
    Resume,
}

/// The answer to a [`Question`]; a dead process gives `Dead` to all of them.
#[derive(Debug)]
#[doc(hidden)]
pub enum Answer {
    Dead,
    Alive,
    Info(Box<ProcessInfo>),
    /// This process is suspended from now on.
    Suspended(Pid),
    Resumed,
}

impl Signal {
    /// A short word for traces.
    pub fn kind(&self) -> &'static str {
        match self {
            Signal::Exit { .. } => "exit",
            Signal::Link { .. } => "link",
            Signal::Unlink { .. } => "unlink",
            Signal::UnlinkAck { .. } => "unlink-ack",
            Signal::Monitor { .. } => "monitor",
            Signal::Demonitor { .. } => "demonitor",
            Signal::Down { .. } => "down",
            Signal::Aliased { .. } => "alias-message",
            Signal::Request { .. } => "request",
            Signal::Answer { .. } => "answer",
            Signal::Resume { .. } => "resume",
        }
    }
}

/// What a dead process answers to a node that can no longer be delivered: the process to tell,
/// and what. `reason` is what a call is told of.
pub(crate) fn bounce(to: Pid, node: Node, reason: &ExitReason) -> Option<(Pid, Signal)> {
    if let Some(reference) = node.call_reference() {
        death::discard(node);
        if mutant!(SilentDead) {
            return None;
        }
        let (number, reason) = (reference.number(), reason.clone());
        return Some((reference.owner(), Signal::Down { number, reason }));
    }
    if !node.is_signal() {
        death::discard(node);
        return None;
    }
    refuse(to, node.into_signal())
}

/// What a dead process answers to a signal: the process to tell, and what.
pub(crate) fn refuse(to: Pid, signal: Signal) -> Option<(Pid, Signal)> {
    match signal {
        Signal::Link { from } => {
            let reason = ExitReason::NoProc;
            Some((
                from,
                Signal::Exit {
                    from: to,
                    reason,
                    cause: ExitCause::NoProc,
                },
            ))
        }
        Signal::Monitor { reference } => {
            let down = Signal::Down {
                number: reference.number(),
                reason: ExitReason::NoProc,
            };
            Some((reference.owner(), down))
        }
        Signal::Unlink { from, id } => Some((from, Signal::UnlinkAck { from: to, id })),
        Signal::Request { from, id, .. } => Some((
            from,
            Signal::Answer {
                id,
                answer: Answer::Dead,
            },
        )),
        // Who asked has ended before the answer came: nobody would ever resume it (P-67).
        Signal::Answer {
            answer: Answer::Suspended(pid),
            ..
        } => Some((pid, Signal::Resume { from: to })),
        Signal::Aliased { message, .. } => {
            death::discard(message.into_node());
            None
        }
        _ => None,
    }
}
