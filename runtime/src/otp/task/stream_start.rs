//! How streams begin.

use std::future::Future;

use super::hub::{self, Plan};
use super::hub_side::HubSide;
use super::outcome::Task;
use super::stream::TaskStream;
use super::supervised::Under;
use super::supervisor::TaskSupervisor;
use crate::kernel::extra::AliasMode;
use crate::kernel::term::Term;
use crate::process::{Behalf, Lineage, me, spawn_replying, traps_exits};

impl Task<()> {
    /// Applies a function to each item, in a task of its own, some at a time.
    ///
    /// Nothing runs before the first outcome is asked for, and items are taken only when a task
    /// can begin (TASK-55, TASK-58). Tasks are linked to the consumer: one that fails takes it
    /// along unless it traps exits, and none outlives it. An outcome is `Ok` of the value, or why
    /// the task has none.
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # use std::time::Duration;
    /// # beamline::Runtime::new().workers(1).run(async {
    /// let mut squares = Task::stream(1..=4u64, async |n| n * n)
    ///     .max_concurrency(2)
    ///     .timeout(Duration::from_secs(30));
    /// let mut sum = 0;
    /// while let Some(square) = squares.next().await {
    ///     sum += square?;
    /// }
    /// assert_eq!(sum, 30);
    /// # Ok::<(), ExitReason>(())
    /// # });
    /// ```
    ///
    /// The function is cloned for each item, which lets it be an async closure that captures.
    ///
    /// # Exits
    /// The consumer exits, by unwinding, when a task is late (see
    /// [`on_timeout`](TaskStream::on_timeout)), when one cannot be started, and when the process
    /// that runs the tasks is killed; the reason is a [`StreamError`](super::StreamError).
    ///
    /// # Costs
    /// Four messages and a process an item.
    #[doc(alias = "Task.async_stream")]
    pub fn stream<I, F, Fut, T>(items: I, work: F) -> TaskStream<I::IntoIter, F, T>
    where
        I: IntoIterator,
        F: FnOnce(I::Item) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Term,
    {
        TaskStream::new(items.into_iter(), work, Under::Nobody)
    }
}

impl TaskSupervisor {
    /// As [`Task::stream`], with tasks that are children of the supervisor (TSUP-18).
    #[doc(alias = "Task.Supervisor.async_stream")]
    pub fn stream<I, F, Fut, T>(self, items: I, work: F) -> TaskStream<I::IntoIter, F, T>
    where
        I: IntoIterator,
        F: FnOnce(I::Item) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Term,
    {
        TaskStream::new(items.into_iter(), work, Under::Linked(self))
    }

    /// As [`stream`](Self::stream), with tasks that are not linked to the consumer: their failures
    /// are outcomes like others (TSUP-20), and they go on when the consumer dies (TSUP-21).
    #[doc(alias = "Task.Supervisor.async_stream_nolink")]
    pub fn stream_nolink<I, F, Fut, T>(self, items: I, work: F) -> TaskStream<I::IntoIter, F, T>
    where
        I: IntoIterator,
        F: FnOnce(I::Item) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Term,
    {
        TaskStream::new(items.into_iter(), work, Under::Unlinked(self))
    }
}

impl<I, F, Fut, T> TaskStream<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: FnOnce(I::Item) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
    T: Term,
{
    /// Starts the process that runs the tasks, linked to the caller and monitored by it.
    pub(super) fn start_hub(&mut self) -> HubSide<T> {
        let Some(work) = self.work.take() else {
            unreachable!("a stream began twice");
        };
        let plan = Plan {
            consumer: me(),
            trap: traps_exits(),
            work,
            under: self.under,
            timeout: self.timeout,
            on_timeout: self.on_timeout,
            lineage: Some(Lineage::of_child_for("TaskStream", Behalf::mine())),
            behalf: Behalf::mine(),
        };
        let body =
            async move |mailbox, reply| hub::run::<I::Item, F, Fut, T>(mailbox, reply, plan).await;
        let (pid, reference) = spawn_replying(true, AliasMode::Demonitor, body);
        HubSide::new(pid, reference)
    }
}
