//! Sending: from a node in hand to the inbox of its receiver.
//!
//! # Semantics
//! SIG-1 (order per pair), SIG-13 (a send to a dead pid is dropped), SIG-18 (a message to oneself
//! is in the mailbox when the send returns).

use super::calls;
use super::inbox::Pushed;
use super::info::Priority;
use super::node::Node;
use super::pid::Pid;
use super::queue;
use super::reason::ExitReason;
use super::signal::{Signal, bounce};
use super::slot::{MUST_POLL, Slot};
use crate::backend::Origin;
use crate::backend::context::Context;
use crate::backend::record::{MessageKind, Record, What};

/// Sends a node from whoever runs now.
#[inline]
pub(crate) fn send(cx: &Context, to: Pid, node: Node) {
    cx.spend();
    if cx.carries.get() {
        return carry(cx, cx.origin(), to, node);
    }
    if cx.observes.get() {
        observe_send(cx, cx.origin(), to, &node);
    }
    push(cx, to, node);
}

/// Sends a signal of the runtime's from whoever runs now.
pub(crate) fn signal(cx: &Context, to: Pid, signal: Signal) {
    send(cx, to, Node::signal(signal));
}

#[cold]
fn carry(cx: &Context, from: Origin, to: Pid, node: Node) {
    if cx.observes.get() {
        observe_send(cx, from, to, &node);
    }
    // What a process sends to itself is there when the send returns (SIG-18).
    if from == Origin::Process(to) && to.node() == cx.system.node {
        return push(cx, to, node);
    }
    cx.backend().carry(from, to, node);
}

#[cold]
fn observe_send(cx: &Context, from: Origin, to: Pid, node: &Node) {
    cx.backend().observe(&Record::Send {
        from,
        to,
        what: what(node),
    });
}

/// A signal is handled, or a message enters a mailbox.
pub(crate) fn observe_arrival(cx: &Context, to: Pid, node: &Node) {
    let what = what(node);
    cx.backend().observe(&Record::Deliver { to, what });
}

pub(crate) fn what(node: &Node) -> What<'_> {
    let address = node.address();
    let Some(signal) = node.as_signal() else {
        return What::Message {
            value: node,
            node: address,
            kind: match (node.call_reference(), node.reply_number()) {
                (Some(reference), _) => MessageKind::Call { reference },
                (_, Some(number)) => MessageKind::Reply { number },
                _ => MessageKind::Plain,
            },
        };
    };
    What::Signal {
        kind: signal.kind(),
        reason: match signal {
            Signal::Exit { reason, .. } | Signal::Down { reason, .. } => Some(reason),
            _ => None,
        },
        node: address,
        signal,
    }
}

/// Puts a node into the inbox of its receiver, or answers in the stead of a dead one.
#[inline]
pub(crate) fn push(cx: &Context, to: Pid, node: Node) {
    let Some(slot) = find(cx, to) else {
        return undeliverable(cx, to, node);
    };
    if mutant!(LoseMessages)
        && matches!(what(&node), What::Message { kind, .. }
        if kind == MessageKind::Plain)
    {
        return super::death::discard(node);
    }
    // Signals are handled by the receiver itself (HND1).
    let taken_in = !node.is_signal();
    let raw = node.into_raw();
    // SAFETY: it came from `into_raw`; it is ours again if the receiver is dead or ours.
    match unsafe { (slot.inbox).push(to.generation(), raw, || taken_in) } {
        Pushed::Queued => {}
        Pushed::MakeReady if mutant!(LoseWakes) => {}
        Pushed::MakeReady => make_ready(cx, slot, to.slot()),
        Pushed::Claimed => {
            // SAFETY: nobody else runs the process before it is made ready, here and now.
            unsafe {
                let node = Node::from_raw(raw);
                if cx.observes.get() {
                    observe_arrival(cx, to, &node);
                }
                take_in(cx, slot, to, node);
            }
            slot.set(MUST_POLL);
            make_ready(cx, slot, to.slot());
        }
        // SAFETY: as above.
        Pushed::Dead => undeliverable(cx, to, unsafe { Node::from_raw(raw) }),
    }
}

/// Gives a message or an answer to a process that waits.
///
/// # Safety
/// The caller runs the process.
#[inline]
unsafe fn take_in(cx: &Context, slot: &Slot, to: Pid, node: Node) {
    // SAFETY: passed on from the caller.
    unsafe {
        if node.is_reply() {
            calls::on_reply(cx, slot, to, node);
        } else {
            queue::append(slot, node);
        }
    }
}

/// The slot that a pid of this system names, whether or not its process still lives.
#[inline]
pub(crate) fn find(cx: &Context, pid: Pid) -> Option<&Slot> {
    if pid.node() != cx.system.node {
        return None;
    }
    cx.system.table.find(pid)
}

/// Hands a process that has been parked to the backend, or keeps it as the next to run.
#[inline]
pub(crate) fn make_ready(cx: &Context, slot: &Slot, index: u32) {
    if cx.run_next.get() == u32::MAX && slot.priority() == Priority::Normal {
        cx.run_next.set(index);
    } else {
        cx.backend().ready(index);
    }
}

#[cold]
fn undeliverable(cx: &Context, to: Pid, node: Node) {
    if let Some((asker, answer)) = bounce(to, node, &ExitReason::NoProc) {
        let node = Node::signal(answer);
        if cx.carries.get() {
            carry(cx, Origin::Process(to), asker, node);
        } else {
            push(cx, asker, node);
        }
    }
}
