//! What a process does with itself, and exit signals.

use std::future::poll_fn;
use std::panic::resume_unwind;
use std::task::Poll;

use super::wait::{alive_or_pending, pass, running};
use crate::backend::Point;
use crate::backend::context;
use crate::backend::record::Record;
use crate::kernel::deliver;
use crate::kernel::handle;
use crate::kernel::info::Priority;
use crate::kernel::pid::Pid;
use crate::kernel::reason::{ExitReason, Unwind};
use crate::kernel::signal::{ExitCause, Signal};
use crate::kernel::slot::{DOOMED, TRAP_EXIT};

/// The caller's own pid. Costs nothing.
#[doc(alias = "self")]
#[inline]
#[track_caller]
pub fn me() -> Pid {
    match context::current().running() {
        Some(pid) => pid,
        None => panic!("called outside a process: `me` is known only inside one"),
    }
}

/// Sends an exit signal (SIG-19 to SIG-28).
///
/// The receiver ends with the reason, unless it traps exits, in which case it gets an
/// [`Exit`](crate::Exit) message. `Normal` is ignored by others than the sender; `Kill` cannot be
/// trapped and ends the receiver with `Killed`.
///
/// A process ends at its next await, on both backends; so does the caller when it sends the signal
/// to itself (P-30, P-33). To end at once, return from the body or call [`exit_now`].
#[doc(alias = "Process.exit")]
#[track_caller]
pub fn exit(pid: Pid, reason: ExitReason) {
    let from = me();
    let signal = Signal::Exit {
        from,
        reason,
        cause: ExitCause::Sent,
    };
    let cx = context::current();
    deliver::signal(cx, pid, signal);
    if pid == from {
        // Handled at once, so that the next await is the last, whatever it is for.
        // SAFETY: the process is being run.
        unsafe { handle::absorb_aside(cx, running(cx), from) };
    }
}

/// Ends the caller with a reason, by unwinding from here (P-25, P-29).
///
/// No panic hook sees it. It can be caught like a panic; returning `Err` from the body is cheaper.
#[doc(alias = "exit/1")]
pub fn exit_now(reason: ExitReason) -> ! {
    resume_unwind(Box::new(Unwind(reason)))
}

/// Decides whether exit signals become [`Exit`](crate::Exit) messages; returns what was decided
/// before (P-39). The setting counts that is in force when a signal is received (P-42).
#[doc(alias = "Process.flag")]
#[doc(alias = "process_flag")]
#[track_caller]
pub fn trap_exit(on: bool) -> bool {
    let cx = context::current();
    let slot = running(cx);
    let before = slot.has(TRAP_EXIT);
    if on {
        slot.set(TRAP_EXIT);
    } else {
        slot.clear(TRAP_EXIT);
    }
    if let (true, Some(pid)) = (cx.observes.get(), cx.running()) {
        cx.backend().observe(&Record::TrapExit { pid, on });
    }
    before
}

/// Whether exit signals become messages.
pub(crate) fn traps_exits() -> bool {
    running(context::current()).has(TRAP_EXIT)
}

/// Changes the caller's priority; returns what it was (P-44).
#[track_caller]
pub fn set_priority(priority: Priority) -> Priority {
    running(context::current()).set_priority(priority)
}

/// Gives the caller a label, which reports show beside its pid (P-55).
#[doc(alias = "Process.set_label")]
#[track_caller]
pub fn set_label(label: impl Into<String>) {
    let label = label.into();
    let cx = context::current();
    let slot = running(cx);
    if let (true, Some(pid)) = (cx.observes.get(), cx.running()) {
        cx.backend()
            .observe(&Record::Labelled { pid, label: &label });
    }
    // SAFETY: the process is being run.
    unsafe { slot.extra() }.rare().label = Some(label);
}

/// Lets others run (P-49).
#[doc(alias = "yield")]
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|_| {
        let cx = context::current();
        if yielded {
            return alive_or_pending(cx);
        }
        yielded = true;
        if !cx.pause(Point::Yield) {
            cx.again.set(true);
        }
        Poll::Pending
    })
    .await;
}

/// Waits until the mailbox is not empty, as a hint that this may take long.
///
/// Differs from OTP: the body goes on where it is instead of starting a function anew, and no
/// memory is given back beyond what waiting anywhere does (P-56 to P-62).
#[doc(alias = "Process.hibernate")]
pub async fn hibernate() {
    pass(Point::Receive).await;
    poll_fn(|_| {
        let cx = context::current();
        let slot = running(cx);
        if let Some(me) = cx.running() {
            // SAFETY: the process is being run.
            unsafe { handle::absorb_aside(cx, slot, me) };
        }
        if slot.newest.get().is_null() || slot.has(DOOMED) {
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

/// A random number in `range`; in the simulator a choice that is recorded and shrunk.
///
/// # Panics
/// If the range is empty.
#[track_caller]
pub fn random_range(range: std::ops::Range<u64>) -> u64 {
    assert!(
        range.start < range.end,
        "random_range: the range {range:?} is empty"
    );
    range.start + context::current().backend().choose(range.end - range.start)
}

/// Random bits.
#[track_caller]
pub fn random_u64() -> u64 {
    context::current().backend().entropy()
}
