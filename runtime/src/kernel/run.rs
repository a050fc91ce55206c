//! A turn: handling what has arrived, polling the body, and parking.
//!
//! # Semantics
//! P-34: once a fatal exit signal has been handled, the body runs no further; kill takes effect at
//! awaits, by dropping the body (contract C3). P-47: a turn ends when its budget is spent.
//!
//! # Invariants
//! - RUN1: a process is parked only if nothing has arrived since its inbox was last taken, its
//!   body has no reason to be polled, and it is not condemned.
//! - RUN2: a body that the backend holds at a choice point is not polled again in that turn.
//! - RUN3: whatever of the user's runs in a turn, a panic of it ends this process and no more.

use std::any::Any;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use super::death;
use super::extra::Extra;
use super::handle;
use super::panics;
use super::pid::Pid;
use super::reason::{ExitReason, PanicInfo, Unwind};
use super::report;
use super::slot::{DOOMED, MUST_POLL, SUSPENDED, Slot};
use super::waker;
use crate::backend::context::{BUDGET, Context};
use crate::backend::record::Record;

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The process waits; whoever reaches it next makes it ready.
    Parked,
    /// As `Parked`, but its body has a reason to be polled: the turn handled signals only.
    Held,
    /// It is still ready and wants another turn.
    Again,
    /// It has ended.
    Ended,
}

/// Which part of a turn to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All of it.
    Whole,
    /// Handle signals and die if condemned, but do not poll the body: for a backend that holds
    /// the process at a choice point.
    SignalsOnly,
}

/// What a turn comes to, before the process is ended if it must be.
enum Outcome {
    Goes(Turn),
    /// The body's own reason, unless it is condemned.
    Ends(Option<ExitReason>),
}

/// Runs one turn of the process in `index`.
///
/// # Safety
/// The process is ready and no other thread runs it (SLT1, INB2).
pub unsafe fn turn(cx: &Context, index: u32, mode: Mode) -> Turn {
    let slot = cx.system.table.slot(index);
    let me = Pid::from_parts(cx.system.node, index, slot.generation());
    cx.slot.set(slot);
    cx.pid.set(Some(me));
    cx.budget.set(BUDGET);
    // SAFETY: passed on from the caller.
    let act = AssertUnwindSafe(|| unsafe { take_turn(cx, slot, me, mode) });
    // A panic is the exit reason (contract C10), be it of the body, of a message's destructor or
    // of whatever else the turn has called (RUN3).
    let outcome = catch_unwind(act).unwrap_or_else(|payload| {
        let reason = reason_of_panic(payload);
        report::panicked(cx, slot, me, &reason);
        Outcome::Ends(Some(reason))
    });
    let turn = match outcome {
        Outcome::Ends(reason) => {
            // SAFETY: passed on from the caller.
            unsafe { end(cx, slot, me, reason) };
            return Turn::Ended;
        }
        Outcome::Goes(turn) => turn,
    };
    // Parked, it may be another thread's by now (SLT1).
    cx.slot.set(ptr::null());
    cx.pid.set(None);
    turn
}

/// Adds the work done since this was last called in a turn to what is told of the process (P-78).
///
/// # Safety
/// The caller runs the process and holds no reference to its extra part.
#[inline]
unsafe fn count_work(cx: &Context, slot: &Slot, counted: &mut u32) {
    // SAFETY: passed on from the caller.
    if let Some(extra) = unsafe { slot.some_extra() } {
        let left = cx.budget.get();
        extra.reductions += u64::from(*counted - left);
        *counted = left;
    }
}

#[inline]
unsafe fn take_turn(cx: &Context, slot: &Slot, me: Pid, mut mode: Mode) -> Outcome {
    // SAFETY: for all that follows, the caller runs the process.
    unsafe {
        // The turn itself counts for one.
        let mut counted = BUDGET + 1;
        let mut news = handle::absorb(cx, slot, me);
        loop {
            if slot.has(DOOMED) {
                return Outcome::Ends(None);
            }
            news |= slot.take_woken() | slot.has(MUST_POLL);
            let may_poll = mode == Mode::Whole && !slot.has(SUSPENDED);
            if news && may_poll {
                slot.clear(MUST_POLL);
                cx.again.set(false);
                cx.paused.set(false);
                if let Poll::Ready(reason) = poll(slot) {
                    if cx.carries.get() && !slot.has(DOOMED) && holds_end(cx, slot, me) {
                        if cx.observes.get() {
                            cx.backend().observe(&Record::Ending { pid: me });
                        }
                        slot.end_by_itself();
                        handle::doom(slot, reason);
                        count_work(cx, slot, &mut counted);
                        while !slot.inbox.park(me.generation()) {
                            handle::absorb(cx, slot, me);
                        }
                        return Outcome::Goes(Turn::Held);
                    }
                    return Outcome::Ends(Some(reason));
                }
                if slot.has(DOOMED) {
                    return Outcome::Ends(None);
                }
                if cx.again.get() {
                    slot.set(MUST_POLL);
                    count_work(cx, slot, &mut counted);
                    return Outcome::Goes(Turn::Again);
                }
                if cx.paused.get() {
                    mode = Mode::SignalsOnly;
                }
            } else if news {
                // What has come is remembered for the time after.
                slot.set(MUST_POLL);
            }
            let may_poll = mode == Mode::Whole && !slot.has(SUSPENDED);
            // One of several futures of the body may have taken what another waits for (RUN1).
            let waits = !(may_poll && slot.has(MUST_POLL));
            if waits {
                // Once parked it is whoever's makes it ready (SLT1): nothing of it is looked at
                // or changed any more.
                count_work(cx, slot, &mut counted);
                let held = slot.has(MUST_POLL) && !slot.has(SUSPENDED);
                if slot.inbox.park(me.generation()) {
                    return Outcome::Goes(if held { Turn::Held } else { Turn::Parked });
                }
            }
            if cx.budget.get() == 0 {
                count_work(cx, slot, &mut counted);
                return Outcome::Goes(Turn::Again);
            }
            cx.spend();
            news = handle::absorb(cx, slot, me);
        }
    }
}

/// Polls the body.
#[inline]
unsafe fn poll(slot: &Slot) -> Poll<ExitReason> {
    let Some((future, table)) = slot.body() else {
        unreachable!("SLT1: a process without a body was run");
    };
    let waker = ManuallyDrop::new(waker::borrowed(slot));
    let mut task = TaskContext::from_waker(&waker);
    // SAFETY: the body is alive and stays in its block until it is destroyed.
    unsafe { (table.poll)(future, &mut task) }
}

/// Whether the end of a body that has come to its end is to be an event of its own: others may
/// learn of what it did last before its name is free.
fn holds_end(cx: &Context, slot: &Slot, me: Pid) -> bool {
    cx.backend().hold_end(me.slot(), slot.is_named())
}

/// The exit reason that a panic stands for.
pub(crate) fn reason_of_panic(payload: Box<dyn Any + Send>) -> ExitReason {
    match payload.downcast::<Unwind>() {
        Ok(unwind) => unwind.0,
        Err(payload) => {
            let location = panics::take_place(&*payload);
            let text = panics::text(&*payload).unwrap_or("a value that is no text");
            let message = text.to_string();
            panics::dispose(payload);
            ExitReason::Panicked(Arc::new(PanicInfo { message, location }))
        }
    }
}

/// Ends the process. A fatal exit signal that was handled before the body came to its end by
/// itself decides the reason (P-35).
unsafe fn end(cx: &Context, slot: &Slot, me: Pid, reason: Option<ExitReason>) {
    // SAFETY: the caller runs the process.
    let doom = unsafe { slot.some_extra() }
        .and_then(Extra::some_bonds)
        .and_then(|bonds| bonds.doom.take());
    let condemned = doom.is_some();
    let (reason, overruled) = match (doom, reason) {
        (Some(doom), reason) => (doom, reason),
        (None, reason) => (reason.unwrap_or(ExitReason::Normal), None),
    };
    // SAFETY: the caller runs the process.
    unsafe { death::die(cx, slot, me, &reason, condemned) };
    cx.slot.set(ptr::null());
    cx.pid.set(None);
    // Destructors of values inside run when nobody is being run: the slot may be another's now.
    if reason.has_value() || overruled.is_some() {
        panics::contain(|| drop(reason));
        panics::contain(|| drop(overruled));
    }
}

/// What `when_parked_next` writes.
#[cfg(all(test, feature = "threads", not(loom)))]
pub(crate) const THEIRS: u64 = 1_000_000;

/// As soon as this thread has parked a process, writes into its extra part, as whoever makes it
/// ready and runs it elsewhere might before the turn is over.
#[cfg(all(test, feature = "threads", not(loom)))]
pub(crate) fn when_parked_next() {
    super::inbox::after_next_parking(|| {
        let cx = crate::backend::context::current();
        // SAFETY: null, or the slot of the turn that is not over yet (CTX2).
        if let Some(slot) = unsafe { cx.slot.get().as_ref() } {
            // SAFETY: its process has just been parked, and the test has one worker.
            unsafe { slot.extra() }.reductions = THEIRS;
        }
    });
}
