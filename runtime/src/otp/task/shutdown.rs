//! Stopping a task and taking what it came to, if it did.

use std::future::poll_fn;
use std::time::Duration;

use super::outcome::Task;
use crate::kernel::monitors::Down;
use crate::kernel::pid::Ref;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};
use crate::otp::Shutdown;
use crate::process::replies::Waiting;
use crate::process::{exit, monitor, unlink};

impl<T: Term> Task<T> {
    /// Stops the task, killing it if that takes longer than five seconds, and waits for its end.
    ///
    /// Returns the result if it has come before (TASK-44), `None` if the task ended of the
    /// shutdown (TASK-45), and otherwise why it ended (TASK-46). So no result is lost between a
    /// [`yield_for`](Task::yield_for) that timed out and this (TASK-53).
    ///
    /// # Panics
    /// If the caller is not the owner.
    #[doc(alias = "Task.shutdown")]
    pub async fn shutdown(self) -> Option<Result<T, ExitReason>> {
        self.shutdown_with(Shutdown::default()).await
    }

    /// As [`shutdown`](Task::shutdown), with another time, or brutally.
    ///
    /// A task that had to be killed because its time was up gives `Killed` (TASK-47); one that
    /// was killed brutally gives `None`.
    ///
    /// # Panics
    /// If the caller is not the owner.
    #[doc(alias = "brutal_kill")]
    pub async fn shutdown_with(
        mut self,
        how: impl Into<Shutdown>,
    ) -> Option<Result<T, ExitReason>> {
        self.stop(how.into()).await
    }

    pub(super) async fn stop(&mut self, how: Shutdown) -> Option<Result<T, ExitReason>> {
        self.check_owner();
        let Some(pid) = self.pid() else {
            return self.let_go().await;
        };
        // Nothing comes between these two: there is no await (TASK-52).
        unlink(pid);
        let (reason, timeout) = how.request();
        exit(pid, reason);
        let end = if self.is_open() {
            self.reference()
        } else {
            monitor(pid)
        };
        let reason = match down(end, timeout).await {
            Some(reason) => reason,
            None => {
                exit(pid, ExitReason::Kill);
                match down(end, None).await {
                    Some(reason) => reason,
                    None => unreachable!("MBX-9: a receive without a timeout timed out"),
                }
            }
        };
        if self.is_open() {
            self.is_down();
            if let Some(value) = self.take_reply() {
                return Some(Ok(value));
            }
        }
        match (how, reason) {
            (Shutdown::Brutal, ExitReason::Killed) => None,
            (Shutdown::Timeout(_) | Shutdown::Infinity, ExitReason::Shutdown) => None,
            (_, reason) => Some(Err(reason)),
        }
    }
}

/// The reason that the `Down` of a monitor carries; `None` if it does not come in time.
async fn down(reference: Ref, timeout: Option<Duration>) -> Option<ExitReason> {
    let mut waiting = Waiting::new(timeout, Some(reference));
    let accept = |message: &Message| {
        let down = message.peek::<Down>()?;
        (down.reference == reference).then(|| down.reason.clone())
    };
    let (reason, _) = poll_fn(|_| waiting.poll(accept)).await?;
    Some(reason)
}
