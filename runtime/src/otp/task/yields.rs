//! Looking in on tasks: with patience that ends without an exit, and letting go of them.

use std::future::poll_fn;
use std::time::Duration;

use super::collect::Collector;
use super::join::{JOIN_TIMEOUT, JoinError, poll_task};
use super::outcome::Task;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Term;
use crate::otp::Shutdown;
use crate::process::replies::Waiting;
use crate::process::unlink;

/// What becomes of a task that [`Task::yield_many`] waited for in vain (TASK-36).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnYieldTimeout {
    /// It goes on, and may be asked again.
    #[default]
    Nothing,
    /// It goes on unobserved, as after [`Task::ignore`].
    Ignore,
    /// It is killed, as by [`Task::shutdown_with`] and [`Shutdown::Brutal`].
    Kill,
}

/// How long [`Task::yield_many`] waits, and for what.
#[derive(Debug, Clone, Copy)]
pub struct YieldMany {
    timeout: Option<Duration>,
    on_timeout: OnYieldTimeout,
    limit: usize,
}

impl Default for YieldMany {
    /// Five seconds for all of them; tasks that are late go on (TASK-36).
    fn default() -> Self {
        YieldMany {
            timeout: Some(JOIN_TIMEOUT),
            on_timeout: OnYieldTimeout::Nothing,
            limit: usize::MAX,
        }
    }
}

impl YieldMany {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time for all tasks together; `None` is for ever.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// What becomes of tasks that are late.
    pub fn on_timeout(mut self, on_timeout: OnYieldTimeout) -> Self {
        self.on_timeout = on_timeout;
        self
    }

    /// So many outcomes are enough; the other tasks go on, whatever `on_timeout` says (TASK-37).
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}

impl From<Duration> for YieldMany {
    fn from(timeout: Duration) -> Self {
        Self::new().timeout(timeout)
    }
}

impl<T: Term> Task<T> {
    /// Waits for the outcome, at most `timeout`; after `None` the task goes on and may be asked
    /// again (TASK-32). Once the outcome was taken, `None` comes at once (TASK-34).
    ///
    /// # Panics
    /// If the caller is not the owner.
    #[doc(alias = "Task.yield")]
    pub async fn yield_for(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Option<Result<T, ExitReason>> {
        self.check_owner();
        if !self.is_open() {
            return None;
        }
        let mut waiting = Waiting::new(timeout.into(), Some(self.reference()));
        let outcome = poll_fn(|_| poll_task(&mut waiting, self)).await;
        if outcome.is_some() {
            self.close();
        }
        outcome
    }

    /// The outcome if it is there; if not, the task goes on, and neither its result nor its crash
    /// ever reaches the caller, since the link is removed as well (TASK-40, TASK-41).
    ///
    /// # Panics
    /// If the caller is not the owner.
    #[doc(alias = "Task.ignore")]
    pub async fn ignore(mut self) -> Option<Result<T, ExitReason>> {
        self.let_go().await
    }

    pub(super) async fn let_go(&mut self) -> Option<Result<T, ExitReason>> {
        let outcome = self.yield_for(Duration::ZERO).await;
        if let Some(pid) = self.pid() {
            unlink(pid);
        }
        self.close_unread();
        outcome
    }

    /// Waits for the results of all tasks, in their order, at most `timeout` for all together
    /// (TASK-27, TASK-28).
    ///
    /// # Errors
    /// As soon as one of them ends without a result, and when the time is up (TASK-29). The others
    /// go on; what they compute is dropped.
    ///
    /// # Panics
    /// If the caller is not the owner of all, before any waiting (TASK-30).
    #[doc(alias = "Task.await_many")]
    pub async fn join_all(
        tasks: impl IntoIterator<Item = Task<T>>,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Vec<T>, JoinError> {
        let mut tasks: Vec<Task<T>> = tasks.into_iter().collect();
        let mut collector = Collector::new(&tasks, timeout.into());
        let mut results: Vec<Option<T>> = tasks.iter().map(|_| None).collect();
        if tasks.iter().any(|task| !task.is_open()) {
            return Err(JoinError::Taken);
        }
        while collector.waits() {
            let Some((at, outcome)) = collector.next(&tasks).await else {
                return Err(JoinError::Timeout);
            };
            tasks[at].close();
            results[at] = Some(outcome.map_err(JoinError::Exit)?);
        }
        Ok(results.into_iter().flatten().collect())
    }

    /// The outcomes of all tasks that end in time, in the order of the tasks (TASK-35).
    ///
    /// # Panics
    /// If the caller is not the owner of all, before any waiting.
    #[doc(alias = "Task.yield_many")]
    pub async fn yield_many(
        tasks: &mut [Task<T>],
        options: impl Into<YieldMany>,
    ) -> Vec<Option<Result<T, ExitReason>>> {
        let options = options.into();
        let mut collector = Collector::new(tasks, options.timeout);
        let mut outcomes: Vec<_> = tasks.iter().map(|_| None).collect();
        let mut wanted = options.limit;
        while wanted > 0 && collector.waits() {
            let Some((at, outcome)) = collector.next(tasks).await else {
                break;
            };
            tasks[at].close();
            outcomes[at] = Some(outcome);
            wanted -= 1;
        }
        if wanted == 0 || !collector.waits() {
            return outcomes;
        }
        drop(collector);
        for (task, outcome) in tasks.iter_mut().zip(&mut outcomes) {
            if outcome.is_none() && task.is_open() {
                *outcome = match options.on_timeout {
                    OnYieldTimeout::Nothing => None,
                    OnYieldTimeout::Ignore => task.let_go().await,
                    OnYieldTimeout::Kill => task.stop(Shutdown::Brutal).await,
                };
            }
        }
        outcomes
    }
}
