//! Waiting for a task.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

use super::outcome::{Sort, Task, about, settle};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};
use crate::process::replies::Waiting;

/// How long waiting for tasks takes at most unless told otherwise: Elixir's value (TASK-18).
pub const JOIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a task that was waited for has no result.
///
/// As an [`ExitReason`], by `?`, it is [`ExitReason::Error`] around this: OTP wraps the reason of
/// a failed await as well (TASK-15, TASK-22).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The task ended without a result (TASK-21).
    #[error("the task ended without a result: {0}")]
    Exit(ExitReason),
    /// No result came in time; the task goes on (TASK-22).
    #[error("the task did not come to its end in time")]
    Timeout,
    /// The result was taken before, by a `yield_for` (TASK-25).
    #[error("the outcome of the task has been taken already")]
    Taken,
}

impl<T: Term> Task<T> {
    /// Waits for the result, at most `timeout` (`None`: for ever).
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # use std::time::Duration;
    /// # beamline::Runtime::new().workers(1).run(async {
    /// let task = Task::spawn(async { "done" });
    /// assert_eq!(task.join(Duration::from_secs(5)).await, Ok("done"));
    /// assert_eq!(Task::spawn(async { "soon" }).await, Ok("soon"));    // five seconds
    /// # });
    /// ```
    ///
    /// # Errors
    /// If the task ends without a result, and if the time is up. The task then goes on, and what
    /// it computes is dropped (TASK-22, TASK-23); the error, passed on by `?`, ends the owner and
    /// so the task.
    ///
    /// # Panics
    /// If the caller is not the owner.
    #[doc(alias = "Task.await")]
    #[track_caller]
    pub fn join(self, timeout: impl Into<Option<Duration>>) -> Join<T> {
        self.check_owner();
        Join {
            waiting: Waiting::new(timeout.into(), Some(self.reference())),
            task: self,
        }
    }
}

/// `task.await` waits as long as Elixir does, five seconds.
impl<T: Term> IntoFuture for Task<T> {
    type Output = Result<T, JoinError>;
    type IntoFuture = Join<T>;

    #[track_caller]
    fn into_future(self) -> Join<T> {
        self.join(JOIN_TIMEOUT)
    }
}

/// The future of [`Task::join`]. Dropping it drops the task.
#[must_use = "a join does nothing until it is awaited"]
pub struct Join<T: Term> {
    // Before the task, whose end then looks at a mailbox without this mark.
    waiting: Waiting,
    task: Task<T>,
}

impl<T: Term> fmt::Debug for Join<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Join({:?})", self.task)
    }
}

impl<T: Term> Future for Join<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if !this.task.is_open() {
            return Poll::Ready(Err(JoinError::Taken));
        }
        let result = match ready!(poll_task(&mut this.waiting, &this.task)) {
            Some(outcome) => outcome.map_err(JoinError::Exit),
            None => Err(JoinError::Timeout),
        };
        this.task.close();
        Poll::Ready(result)
    }
}

/// Waits for what comes first of a task.
pub(super) fn poll_task<T: Term>(
    waiting: &mut Waiting,
    task: &Task<T>,
) -> Poll<Option<Result<T, ExitReason>>> {
    let reference = task.reference();
    let accept = |message: &Message| -> Option<Sort> {
        let (about, sort) = about::<T>(message)?;
        (about == reference).then_some(sort)
    };
    let Some((sort, message)) = ready!(waiting.poll(accept)) else {
        return Poll::Ready(None);
    };
    settle(task.pid(), message, sort).map(Some)
}
