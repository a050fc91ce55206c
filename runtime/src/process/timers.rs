//! Timers that send messages (TMR-1 to TMR-22).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use super::time::Instant;
use super::wait::{pass, poll_pass};
pub(crate) use crate::backend::Timer;
use crate::backend::context;
use crate::backend::record::Record;
use crate::backend::{Point, TimerMessage};
pub use crate::backend::{TimerFired, TimerTarget};
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::term::{Message, Term};

impl From<Pid> for TimerTarget {
    fn from(pid: Pid) -> Self {
        TimerTarget::Pid(pid)
    }
}

impl From<&str> for TimerTarget {
    fn from(name: &str) -> Self {
        TimerTarget::Name(name.into())
    }
}

impl From<Name> for TimerTarget {
    fn from(name: Name) -> Self {
        TimerTarget::Name(name)
    }
}

/// Sends `message` to `destination` after at least `after` (TMR-1).
///
/// A name is looked up when the timer fires (TMR-10). The timer outlives the caller (TMR-12) and
/// is of no use once a destination given as a pid has ended (TMR-11). Resolution is one
/// millisecond on threads, rounded up.
///
/// ```
/// # use beamline::prelude::*;
/// # use std::time::Duration;
/// # beamline::Runtime::new().workers(1).run_with(async |mut mailbox: Mailbox| {
/// send_after(me(), "tick", Duration::from_millis(1));
/// assert_eq!(mailbox.receive::<&str>().await, "tick");
/// # });
/// ```
#[doc(alias = "Process.send_after")]
#[track_caller]
pub fn send_after<T: Term>(
    destination: impl Into<TimerTarget>,
    message: T,
    after: Duration,
) -> Timer {
    start(
        destination.into(),
        TimerMessage::Plain(Message::new(message)),
        Start::After(after),
    )
}

/// As [`send_after`], at a given time; at once if it has passed (TMR-5).
#[track_caller]
pub fn send_at<T: Term>(destination: impl Into<TimerTarget>, message: T, at: Instant) -> Timer {
    start(
        destination.into(),
        TimerMessage::Plain(Message::new(message)),
        Start::At(at),
    )
}

/// As [`send_after`], but the message is a [`TimerFired`] that names the timer (TMR-2).
#[track_caller]
pub fn start_timer<T: Term>(
    destination: impl Into<TimerTarget>,
    payload: T,
    after: Duration,
) -> Timer {
    start(
        destination.into(),
        TimerMessage::Fired(Message::new(payload)),
        Start::After(after),
    )
}

enum Start {
    After(Duration),
    At(Instant),
}

#[track_caller]
fn start(target: TimerTarget, message: TimerMessage, start: Start) -> Timer {
    let cx = context::current();
    let now = cx.backend().about_now();
    let deadline = match start {
        Start::At(at) => at.nanos().max(now),
        Start::After(after) => {
            now.saturating_add(u64::try_from(after.as_nanos()).unwrap_or(u64::MAX))
        }
    };
    if cx.observes.get() {
        let after = Duration::from_nanos(deadline - now);
        let message = &message as &dyn std::fmt::Debug;
        cx.backend().observe(&Record::TimerSet {
            by: cx.running(),
            after,
            message,
        });
    }
    cx.backend().start_timer(target, message, deadline)
}

/// Starts a timer that sends to the caller.
#[inline]
pub(crate) fn remind<T: Term>(message: T, at: Instant) -> Timer {
    let message = TimerMessage::Plain(Message::new(message));
    start(TimerTarget::Pid(super::me()), message, Start::At(at))
}

/// Whether nobody sees when the caller's timers fire: then one may do for another.
#[inline]
pub(crate) fn is_unseen() -> bool {
    let cx = context::current();
    !cx.observes.get() && !cx.carries.get()
}

/// Stops a timer of [`remind`], for one who knows its message as obsolete should it have been
/// sent. So it does not matter which of the two happens first, and this is no choice point.
#[inline]
pub(crate) fn forget_timer(timer: Timer) {
    if let Some(cx) = context::try_current() {
        cx.backend().cancel_timer(timer);
    }
}

/// Stops a timer (TMR-13 to TMR-15). Returns the time that was left, or `None` if it has fired,
/// was cancelled or never was; if it has fired, its message is queued, consumed or on its way.
#[doc(alias = "Process.cancel_timer")]
pub fn cancel(timer: Timer) -> Cancel {
    Cancel {
        timer,
        asked: false,
    }
}

/// The future of [`cancel`].
#[must_use = "a timer is not cancelled until this is awaited"]
#[derive(Debug)]
pub struct Cancel {
    timer: Timer,
    asked: bool,
}

impl Future for Cancel {
    type Output = Option<Duration>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Duration>> {
        let cx = context::current();
        let point = Point::Table {
            op: "cancel a timer",
            on: "",
            write: true,
        };
        if poll_pass(cx, &mut self.asked, point).is_pending() {
            return Poll::Pending;
        }
        let left = cx.backend().cancel_timer(self.timer);
        if cx.observes.get() {
            cx.backend().observe(&Record::TimerCancelled {
                by: cx.running(),
                left,
            });
        }
        Poll::Ready(left)
    }
}

/// The time that a timer has left, or `None` as for [`cancel`] (TMR-18).
#[doc(alias = "Process.read_timer")]
pub async fn read_timer(timer: Timer) -> Option<Duration> {
    pass(Point::Table {
        op: "read a timer",
        on: "",
        write: false,
    })
    .await;
    context::current().backend().read_timer(timer)
}
