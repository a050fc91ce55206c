//! Ending a process.
//!
//! # Semantics
//! In this order: the body is dropped; its name is freed; exit and down signals are sent; the
//! mailbox is closed and drained. So whoever learns of a death finds the name free (P-37, REG-10,
//! MON-11), and whatever the body held is released by then.
//!
//! # Invariants
//! - DTH1: the reason is settled before anything is dropped; a panic during the drop does not
//!   change it.
//! - DTH2: signals that arrive between the notices and the closing are answered as by a dead
//!   process (MON-26, LNK-5).

use std::mem;
use std::ptr;

use super::birth;
use super::deliver;
use super::extra::{Extra, Link};
use super::handle::in_order;
use super::node::Node;
use super::panics;
use super::pid::{Pid, Ref};
use super::queue;
use super::reason::ExitReason;
use super::signal::{Answer, ExitCause, Signal, bounce};
use super::slot::{Slot, WATCHED};
use crate::backend::context::Context;
use crate::backend::record::Record;

/// Ends the process of `slot`; `condemned` if its body has not just come to its end.
///
/// # Safety
/// The caller runs the process, and its body is not being polled.
pub(crate) unsafe fn die(cx: &Context, slot: &Slot, me: Pid, reason: &ExitReason, condemned: bool) {
    // SAFETY: for all that follows, the caller runs the process.
    unsafe {
        drop_body(slot);
        if slot.begin_end() {
            free_name(cx, me);
        }
        if cx.observes.get() {
            cx.backend().observe(&Record::Exit {
                pid: me,
                reason,
                condemned,
            });
        }
        give_notice(cx, slot, me, reason);
        if slot.has(WATCHED) {
            cx.backend().ended(me, reason);
        }
        drain(cx, slot, me, reason);
        // Destructors of messages may have linked or monitored.
        give_notice(cx, slot, me, reason);
    }
    birth::vacate(cx, me.slot(), me.generation());
}

unsafe fn drop_body(slot: &Slot) {
    let Some((future, table)) = slot.body() else {
        return;
    };
    slot.future.set(ptr::null_mut());
    // DTH1. The hook may note a place, for an exit reason that is settled already.
    // SAFETY: the body is alive, and nobody can reach it any more.
    panics::contain(|| unsafe { table.destroy(future) });
}

#[cold]
fn free_name(cx: &Context, me: Pid) {
    if mutant!(KeepNames) {
        return;
    }
    if let Some(name) = cx.system.names.release(me)
        && cx.observes.get()
    {
        cx.backend().observe(&Record::Unregistered {
            name: &name,
            pid: me,
        });
    }
}

/// Tells all that the process is bound to, until nothing is left: destructors that run meanwhile
/// may bind it anew.
unsafe fn give_notice(cx: &Context, slot: &Slot, me: Pid, reason: &ExitReason) {
    // SAFETY: the caller runs the process.
    while let Some(extra) = unsafe { slot.take_extra() } {
        notify(cx, me, extra, reason);
    }
}

/// Tells links, watchers and suspended processes. Their order is nobody's promise (SIG-9, SIG-10).
fn notify(cx: &Context, me: Pid, mut extra: Extra, reason: &ExitReason) {
    let watchers = extra.watchers();
    let mut bonds = extra.take_bonds();
    let links = bonds.links.drain();
    // Signals to different processes travel apart, so their order matters only to one that gets
    // both; where a backend decides about orders, it decides about this one.
    let both = || {
        watchers
            .iter()
            .any(|watch| links.iter().any(|l| l.0 == watch.owner()))
    };
    let downs_first = cx.carries.get() && both() && cx.backend().choose(2) == 1;
    if downs_first {
        send_downs(cx, &watchers, reason);
    }
    for (other, link) in links {
        if !matches!(link, Link::Unlinking { .. }) && !mutant!(SkipExits) {
            let (reason, cause) = (reason.clone(), ExitCause::Link);
            let from = me;
            deliver::signal(
                cx,
                other,
                Signal::Exit {
                    from,
                    reason,
                    cause,
                },
            );
        }
    }
    if !downs_first {
        send_downs(cx, &watchers, reason);
    }
    for (number, monitor) in bonds.monitors.drain() {
        if let Some(target) = monitor.target {
            let reference = Ref::from_parts(me, number);
            deliver::signal(cx, target, Signal::Demonitor { reference });
        }
    }
    if let Some(mut rare) = extra.rare.take() {
        for (_, answer) in rare.questions.drain() {
            if let Some(Answer::Suspended(pid)) = answer {
                deliver::signal(cx, pid, Signal::Resume { from: me });
            }
        }
        for (other, _) in rare.suspending.drain() {
            deliver::signal(cx, other, Signal::Resume { from: me });
        }
        for awaited in rare.calls.drain() {
            panics::contain(|| drop(awaited));
        }
        // Local storage may hold anything: one by one, since each destructor may panic.
        for (_, value) in mem::take(&mut rare.locals) {
            panics::contain(|| drop(value));
        }
    }
    if let Some(doom) = bonds.doom.take() {
        panics::contain(|| drop(doom));
    }
}

fn send_downs(cx: &Context, watchers: &[Ref], reason: &ExitReason) {
    for reference in watchers {
        if mutant!(SkipDowns) {
            continue;
        }
        let (number, reason) = (reference.number(), reason.clone());
        deliver::signal(cx, reference.owner(), Signal::Down { number, reason });
    }
}

/// Closes the inbox and drops what is in mailbox and inbox; signals get their last answer.
unsafe fn drain(cx: &Context, slot: &Slot, me: Pid, reason: &ExitReason) {
    let (late, _) = in_order(slot.inbox.close(me.generation()));
    // SAFETY: the caller runs the process, so the queue is ours.
    let arrived = (unsafe { queue::detach(slot) }, reason);
    // Behind the signal that ended it whoever calls finds nobody (GS-25). A process that ended by
    // itself may have been called before that.
    let too_late = match slot.is_ended_by_signal() {
        true => &ExitReason::NoProc,
        false => reason,
    };
    for (mut rest, reason) in [arrived, (late, too_late)] {
        while !rest.is_null() {
            // SAFETY: the list is ours since `detach` or `close`; each node is taken over once.
            let (next, node) = unsafe { ((*rest).next.get(), Node::from_raw(rest)) };
            rest = next;
            let_go(cx, me, node, reason);
        }
    }
}

/// Drops a signal that nobody gets; the destructor of a message is user code and may panic, which
/// is nobody's exit.
pub(crate) fn discard(node: Node) {
    panics::contain(|| drop(node));
}

/// Drops a message, or answers a signal; destructors are user code and may panic.
pub(crate) fn let_go(cx: &Context, me: Pid, node: Node, reason: &ExitReason) {
    panics::contain(|| {
        if let Some((asker, answer)) = bounce(me, node, reason) {
            deliver::signal(cx, asker, answer);
        }
    });
}
