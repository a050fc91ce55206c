//! Handling signals: what each does to the process that receives it.
//!
//! # Semantics
//! SIG-5: signals are handled whether or not the process is in a receive; SIG-20 to SIG-32 decide
//! what an exit signal does; P-21 and P-70 hold because questions travel like all other signals.
//!
//! # Invariants
//! - HND1: a process's links, monitors, aliases and flags change here or by its own call, nowhere
//!   else (contract C2).
//! - HND2: the first fatal exit signal decides the reason (P-35).
//! - HND3: calls, links and monitors that come behind it are answered as by a dead process (GS-25,
//!   LNK-5, MON-5).

use std::ptr;

use super::calls;
use super::death;
use super::deliver::{self, observe_arrival};
use super::describe;
use super::extra::Extra;
use super::links;
use super::monitors;
use super::node::{Header, Node};
use super::panics;
use super::pid::Pid;
use super::queue;
use super::reason::ExitReason;
use super::signal::{self, Answer, ExitCause, Question, Signal};
use super::slot::{ABSORBING, DOOMED, MUST_POLL, SUSPENDED, Slot, TRAP_EXIT};
use crate::backend::context::Context;
use crate::backend::record::{Queued, Record};

/// An exit signal that was trapped (SIG-26, SIG-27).
#[doc(alias = "EXIT")]
#[derive(Debug, Clone, PartialEq)]
pub struct Exit {
    /// Who ended, or who sent the signal.
    pub from: Pid,
    /// Why.
    pub reason: ExitReason,
}

/// Takes everything from the inbox: messages go to the mailbox, signals are handled. Says whether
/// a message was appended.
///
/// # Safety
/// The caller runs the process.
#[inline]
pub(crate) unsafe fn absorb(cx: &Context, slot: &Slot, me: Pid) -> bool {
    // What runs inside, such as a destructor, waits for its own turn: what it found here would
    // overtake what has been taken already (SIG-1).
    if !slot.inbox.has_news() || slot.has(ABSORBING) {
        return false;
    }
    let newest = slot.inbox.take(me.generation());
    if newest.is_null() {
        return false;
    }
    let (oldest, signals) = in_order(newest);
    if !signals && !cx.observes.get() && !slot.has(DOOMED) {
        // Nearly always: messages only, which nobody looks at now.
        // SAFETY: the caller runs the process, and the list is ours since `take`.
        unsafe { queue::splice(slot, oldest, newest) };
        return true;
    }
    slot.set(ABSORBING);
    let mut taken = Taken {
        cx,
        slot,
        me,
        node: oldest,
    };
    let mut appended = false;
    while let Some(node) = taken.next() {
        // SAFETY: the caller runs the process.
        appended |= unsafe { accept(cx, slot, me, node) };
    }
    appended
}

/// As `absorb`, for a caller inside the body that is not a receive: another future of the body may
/// wait for what has come, so it is polled once more (RUN1).
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn absorb_aside(cx: &Context, slot: &Slot, me: Pid) {
    // SAFETY: passed on from the caller.
    if unsafe { absorb(cx, slot, me) } {
        slot.set(MUST_POLL);
    }
}

/// What has been taken from the inbox and not been handled yet. Were one to panic, the others are
/// still handled: their senders may wait for that (INB3).
struct Taken<'a> {
    cx: &'a Context,
    slot: &'a Slot,
    me: Pid,
    node: *mut Header,
}

impl Taken<'_> {
    #[inline]
    fn next(&mut self) -> Option<Node> {
        let node = self.node;
        if node.is_null() {
            return None;
        }
        // SAFETY: the list is ours since `take`; each node is taken over once.
        let (next, owned) = unsafe { ((*node).next.get(), Node::from_raw(node)) };
        self.node = next;
        Some(owned)
    }
}

impl Drop for Taken<'_> {
    #[inline]
    fn drop(&mut self) {
        while let Some(node) = self.next() {
            panics::contain(|| {
                // SAFETY: whoever made this runs the process.
                unsafe { accept(self.cx, self.slot, self.me, node) };
            });
        }
        self.slot.clear(ABSORBING);
    }
}

/// Reverses what `Inbox::take` gave, so that the oldest comes first; also says whether signals of
/// the runtime are among it.
#[inline]
pub(crate) fn in_order(mut newest: *mut Header) -> (*mut Header, bool) {
    let (mut oldest, mut signals) = (ptr::null_mut(), false);
    // SAFETY: the list belongs to the caller, who got it from `take` or `close`.
    while let Some(node) = unsafe { newest.as_ref() } {
        signals |= node.is_handled();
        let next = node.next.replace(oldest);
        oldest = newest;
        newest = next;
    }
    (oldest, signals)
}

#[inline]
unsafe fn accept(cx: &Context, slot: &Slot, me: Pid, node: Node) -> bool {
    if cx.observes.get() {
        observe_arrival(cx, me, &node);
    }
    if slot.is_ended_by_signal() && node.call_reference().is_some() {
        // Whoever calls after the signal that ends it calls the dead (GS-25).
        if cx.observes.get() {
            let (pid, node) = (me, node.address());
            cx.backend().observe(&Record::Flushed { pid, node });
        }
        death::let_go(cx, me, node, &ExitReason::NoProc);
        return false;
    }
    if node.is_signal() {
        // SAFETY: the caller runs the process.
        return unsafe { handle(cx, slot, me, node.into_signal()) };
    }
    if node.is_reply() {
        // SAFETY: the caller runs the process.
        unsafe { calls::on_reply(cx, slot, me, node) };
        return false;
    }
    // SAFETY: the caller runs the process.
    unsafe { queue::append(slot, node) };
    true
}

/// Handles one signal; whether it appended a message.
unsafe fn handle(cx: &Context, slot: &Slot, me: Pid, signal: Signal) -> bool {
    // SAFETY: for all that follows, the caller runs the process.
    unsafe {
        match signal {
            // Whoever is bound after the signal that ends the process is bound to the dead.
            late @ (Signal::Link { .. } | Signal::Monitor { .. })
                if slot.is_ended_by_signal() && !links::is_known(slot, &late) =>
            {
                if let Some((from, answer)) = signal::refuse(me, late) {
                    deliver::signal(cx, from, answer);
                }
            }
            Signal::Exit {
                from,
                reason,
                cause,
            } => return on_exit(cx, slot, me, from, reason, cause),
            Signal::Link { from } => links::on_link(slot, from),
            Signal::Unlink { from, id } => links::on_unlink(cx, slot, me, from, id),
            Signal::UnlinkAck { from, id } => links::on_ack(slot, from, id),
            Signal::Monitor { reference } => slot.extra().watch(reference),
            Signal::Demonitor { reference } => slot.extra().unwatch(reference),
            Signal::Down { number, reason } => {
                let Some(reason) = calls::on_down(slot, number, reason) else {
                    return false;
                };
                if mutant!(LoseDowns) {
                    return false;
                }
                let Some(down) = monitors::on_down(slot, me, number, reason) else {
                    return false;
                };
                enqueue(cx, slot, me, Node::message(down), Queued::Down { number });
                return true;
            }
            Signal::Aliased { number, message } => {
                if !monitors::on_aliased(cx, slot, me, number) && !mutant!(KeepAliases) {
                    death::discard(message.into_node());
                    return false;
                }
                let what = Queued::Aliased { number };
                enqueue(cx, slot, me, message.into_node(), what);
                return true;
            }
            Signal::Request { from, id, question } => {
                let answer = reply_to(cx, slot, me, from, question);
                deliver::signal(cx, from, Signal::Answer { id, answer });
            }
            Signal::Answer { id, answer } => on_answer(cx, slot, me, id, answer),
            Signal::Resume { from } => resume(slot, from, true),
        }
    }
    false
}

/// Appends a message that a signal has turned into.
unsafe fn enqueue(cx: &Context, slot: &Slot, me: Pid, node: Node, what: Queued) {
    if cx.observes.get() {
        let (pid, node) = (me, node.address());
        cx.backend().observe(&Record::Queued { pid, node, what });
    }
    // SAFETY: the caller runs the process.
    unsafe { queue::append(slot, node) };
}

unsafe fn on_exit(
    cx: &Context,
    slot: &Slot,
    me: Pid,
    from: Pid,
    reason: ExitReason,
    cause: ExitCause,
) -> bool {
    // SAFETY: for all that follows, the caller runs the process.
    unsafe {
        match cause {
            ExitCause::Sent if reason == ExitReason::Kill => {
                doom(slot, ExitReason::Killed);
                return false;
            }
            ExitCause::Sent => {}
            ExitCause::Link | ExitCause::NoProc => {
                if !links::take_exit(slot, from, cause) {
                    return false;
                }
            }
        }
        if slot.has(TRAP_EXIT) && mutant!(SwallowExits) {
            return false;
        }
        if slot.has(TRAP_EXIT) {
            let exit = Node::message(Exit { from, reason });
            enqueue(cx, slot, me, exit, Queued::Exit { from });
            return true;
        }
        if mutant!(NormalKills) || !reason.is_normal() || (from == me && cause == ExitCause::Sent) {
            doom(slot, reason);
        }
    }
    false
}

/// Condemns a process; the first reason counts (HND2).
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn doom(slot: &Slot, reason: ExitReason) {
    if !slot.has(DOOMED) {
        slot.set(DOOMED);
        // SAFETY: the caller runs the process.
        unsafe { slot.extra() }.bonds().doom = Some(reason);
    }
}

unsafe fn reply_to(cx: &Context, slot: &Slot, me: Pid, from: Pid, question: Question) -> Answer {
    if slot.has(DOOMED) {
        return Answer::Dead;
    }
    match question {
        Question::Alive => Answer::Alive,
        // SAFETY: the caller runs the process.
        Question::Info => Answer::Info(Box::new(unsafe {
            describe::describe(cx, slot, me, from == me)
        })),
        Question::Suspend => {
            // SAFETY: the caller runs the process.
            let rare = unsafe { slot.extra() }.rare();
            match rare.suspenders.get_mut(from) {
                Some(times) => *times += 1,
                None => {
                    rare.suspenders.insert(from, 1);
                }
            }
            slot.set(SUSPENDED);
            Answer::Suspended(me)
        }
        Question::Resume => {
            // SAFETY: the caller runs the process.
            unsafe { resume(slot, from, false) };
            Answer::Resumed
        }
    }
}

unsafe fn on_answer(cx: &Context, slot: &Slot, me: Pid, id: u64, answer: Answer) {
    // SAFETY: the caller runs the process.
    let rare = unsafe { slot.some_extra() }.and_then(|extra| extra.rare.as_mut());
    if let Some(place) = rare.and_then(|rare| rare.questions.get_mut(id)) {
        *place = Some(answer);
        slot.set(MUST_POLL);
    } else if let Answer::Suspended(pid) = answer {
        take_back_suspension(cx, me, pid);
    }
}

/// A suspension that its asker never learnt of, since it no longer waited: it could not resume it
/// (P-67).
#[cold]
pub(crate) fn take_back_suspension(cx: &Context, me: Pid, pid: Pid) {
    let request = Signal::Request {
        from: me,
        id: cx.fresh_ref(),
        question: Question::Resume,
    };
    deliver::signal(cx, pid, request);
}

unsafe fn resume(slot: &Slot, from: Pid, all: bool) {
    // SAFETY: the caller runs the process.
    let Some(Extra {
        rare: Some(rare), ..
    }) = (unsafe { slot.some_extra() })
    else {
        return;
    };
    let gone = match rare.suspenders.get_mut(from) {
        Some(times) if *times > 1 && !all => {
            *times -= 1;
            false
        }
        Some(_) => true,
        None => false,
    };
    if gone {
        rare.suspenders.remove(from);
    }
    if rare.suspenders.is_empty() && slot.has(SUSPENDED) {
        slot.clear(SUSPENDED);
        slot.set(MUST_POLL);
    }
}
