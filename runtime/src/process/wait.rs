//! Waiting for a deadline, for a choice point, for the end of a turn.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use crate::backend::context::{self, Context};
use crate::backend::{Nanos, Point, Wait};
use crate::kernel::pid::Pid;
use crate::kernel::slot::{DOOMED, Slot};

/// The slot of the running process.
#[inline]
#[track_caller]
pub(super) fn running(cx: &Context) -> &Slot {
    // SAFETY: null, or the slot of the process that is being run (CTX2).
    match unsafe { cx.slot.get().as_ref() } {
        Some(slot) => slot,
        None => panic!("called outside a process: only a process can do this for itself"),
    }
}

#[inline]
#[track_caller]
pub(super) fn my_index(cx: &Context) -> u32 {
    match cx.running() {
        Some(pid) => pid.slot(),
        None => panic!("called outside a process: only a process can do this for itself"),
    }
}

/// The choice point before a table of a library is read or changed.
pub(crate) async fn at_table(op: &'static str, on: &str, write: bool) {
    pass(Point::Table { op, on, write }).await;
}

/// A number by which processes may be spread over partitions: the same in every run for the same
/// process, and even.
pub(crate) fn spread(pid: Pid) -> u64 {
    context::current().backend().spread(pid)
}

/// A point at which the backend may let others go first; passed at once by a backend that does
/// not care, unless the budget of the turn is spent.
pub(super) async fn pass(point: Point<'_>) {
    let mut asked = false;
    poll_fn(|_| poll_pass(context::current(), &mut asked, point)).await;
}

/// Lets others run if this turn has lasted long enough. Nothing shared is looked at, so this is no
/// choice point.
#[inline]
pub(crate) async fn take_turn() {
    poll_fn(|_| {
        let cx = context::current();
        if cx.budget.get() == 0 {
            cx.again.set(true);
            return Poll::Pending;
        }
        cx.spend();
        alive_or_pending(cx)
    })
    .await;
}

/// As `pass`, for futures with a name; `asked` is theirs, and false at first.
#[inline]
pub(super) fn poll_pass(cx: &Context, asked: &mut bool, point: Point<'_>) -> Poll<()> {
    if !std::mem::replace(asked, true) {
        if cx.pause(point) {
            return Poll::Pending;
        }
        // Counts as work like a send, so that a loop over this lets others run too.
        if !cx.pauses.get() && cx.budget.get() == 0 {
            cx.again.set(true);
            return Poll::Pending;
        }
        cx.spend();
    }
    alive_or_pending(cx)
}

/// Ready, unless the process is condemned: then the await that asks is its last.
#[inline]
pub(super) fn alive_or_pending(cx: &Context) -> Poll<()> {
    // SAFETY: null, or the slot of the process that is being run (CTX2).
    let slot = unsafe { cx.slot.get().as_ref() };
    match slot {
        Some(slot) if slot.has(DOOMED) => Poll::Pending,
        _ => Poll::Ready(()),
    }
}

/// When a wait ends.
#[derive(Debug)]
pub(super) enum Deadline {
    /// Never.
    Never,
    /// At the first look.
    Now,
    /// So many nanoseconds after the first look.
    After(Nanos),
    /// At this time; the backend knows of it.
    Armed(Nanos, Wait),
}

impl Deadline {
    pub(super) fn after(timeout: Option<Duration>) -> Self {
        match timeout {
            None => Deadline::Never,
            Some(Duration::ZERO) => Deadline::Now,
            // More than 584 years is for ever.
            Some(timeout) => {
                u64::try_from(timeout.as_nanos()).map_or(Deadline::Never, Deadline::After)
            }
        }
    }

    /// The choice point of a receive that waits so long.
    pub(super) fn point(&self) -> Point<'static> {
        match self {
            Deadline::Now => Point::Look,
            _ => Point::Receive,
        }
    }

    /// Whether the wait is over; arms the deadline at the first look.
    #[inline]
    pub(super) fn passed(&mut self, cx: &Context) -> bool {
        match self {
            Deadline::Never => false,
            Deadline::Now => true,
            Deadline::After(_) | Deadline::Armed(..) => self.look(cx),
        }
    }

    fn look(&mut self, cx: &Context) -> bool {
        match *self {
            Deadline::Never | Deadline::Now => self.passed(cx),
            Deadline::After(timeout) => {
                let deadline = cx.backend().about_now().saturating_add(timeout);
                *self = Deadline::Armed(deadline, cx.backend().arm(my_index(cx), deadline));
                false
            }
            Deadline::Armed(deadline, wait) => {
                let due = cx.backend().due(my_index(cx), wait, deadline);
                if due {
                    // The backend has forgotten the wait by itself.
                    self.become_now();
                }
                due
            }
        }
    }

    /// The wait is over for another reason.
    #[inline]
    pub(super) fn settle(&mut self, cx: &Context) {
        if let Deadline::Armed(_, wait) = *self {
            self.become_now();
            if let Some(pid) = cx.running() {
                cx.backend().disarm(pid.slot(), wait);
            }
        }
    }

    /// Leaves what is armed to the backend, instead of disarming it as an assignment would.
    fn become_now(&mut self) {
        std::mem::forget(std::mem::replace(self, Deadline::Now));
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let (Deadline::Armed(..), Some(cx)) = (&self, context::try_current()) {
            self.settle(cx);
        }
    }
}
