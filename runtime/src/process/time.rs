//! Time as processes see it: real on threads, virtual in the simulator.

use std::fmt;
use std::future::Future;
use std::ops::{Add, Sub};
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use super::wait::{Deadline, alive_or_pending};
use crate::backend::context;

/// A moment, measured from the beginning of the system.
#[doc(alias = "monotonic_time")]
#[derive(Debug, Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

/// The time.
#[track_caller]
pub fn now() -> Instant {
    Instant(context::current().backend().now())
}

/// The time or a little later, where that is cheaper: for deadlines, which may not be early.
#[inline]
pub(crate) fn about_now() -> Instant {
    Instant(context::current().backend().about_now())
}

impl Instant {
    /// Beyond this no time comes.
    pub(crate) const NEVER: Instant = Instant(u64::MAX);

    pub(crate) fn nanos(self) -> u64 {
        self.0
    }

    /// How long ago this was; zero if it lies ahead.
    #[track_caller]
    pub fn elapsed(self) -> Duration {
        now() - self
    }
}

impl Sub for Instant {
    type Output = Duration;
    /// The time from `other` to `self`; zero if `other` is later.
    fn sub(self, other: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(other.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, by: Duration) -> Instant {
        Instant(
            self.0
                .saturating_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;
    fn sub(self, by: Duration) -> Instant {
        Instant(
            self.0
                .saturating_sub(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

/// Waits for at least `time`, and takes no message (P-63, MBX-12).
#[doc(alias = "Process.sleep")]
pub fn sleep(time: Duration) -> Sleep {
    Sleep {
        deadline: Deadline::after(Some(time)),
        begun: false,
    }
}

/// The future of [`sleep`].
#[must_use = "a sleep does nothing until it is awaited"]
pub struct Sleep {
    deadline: Deadline,
    begun: bool,
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sleep({:?})", self.deadline)
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<()> {
        let cx = context::current();
        if !std::mem::replace(&mut self.begun, true) && matches!(self.deadline, Deadline::Now) {
            // A sleep of no time still lets others go first.
            if !cx.pause(crate::backend::Point::Yield) {
                cx.again.set(true);
            }
            return Poll::Pending;
        }
        if self.deadline.passed(cx) {
            alive_or_pending(cx)
        } else {
            Poll::Pending
        }
    }
}
