//! A function applied to many items at once, so many at a time.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::iter::Fuse;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

use futures_core::Stream;

use super::hub::{Came, Go, StreamError};
use super::hub_side::HubSide;
use super::join::JOIN_TIMEOUT;
use super::supervised::Under;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Term;
use crate::process::{exit_now, send};

/// What becomes of a stream one of whose tasks is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnTimeout {
    /// The task is killed, and the consumer exits with [`StreamError::Timeout`] (TASK-63).
    #[default]
    Exit,
    /// The task is killed, and its outcome is `Err(Timeout)` (TASK-64).
    Kill,
}

/// Tasks of a stream that run at once: about as many as a machine has processors.
const MAX_CONCURRENCY: usize = 8;

/// How to copy an item.
type Keep<X> = fn(&X) -> X;

/// The outcomes of a function on many items; see [`Task::stream`](super::Task::stream).
///
/// Dropping it kills the tasks that run; nothing of them reaches the mailbox any more.
#[must_use = "a stream does nothing until it is asked for its next outcome"]
pub struct TaskStream<I: Iterator, F, T: Term> {
    pub(super) items: Fuse<I>,
    /// Until the stream has begun.
    pub(super) work: Option<F>,
    pub(super) under: Under,
    pub(super) max_concurrency: usize,
    pub(super) ordered: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) on_timeout: OnTimeout,
    /// How to copy an item, if a failed task's is wanted.
    keep: Option<Keep<I::Item>>,
    kept: BTreeMap<u64, I::Item>,
    hub: Option<HubSide<T>>,
    /// Items pulled so far, and outcomes emitted so far.
    pulled: u64,
    emitted: u64,
    running: usize,
    /// Outcomes that wait for those of items before theirs.
    ready: BTreeMap<u64, Result<T, ExitReason>>,
    over: bool,
}

impl<I: Iterator, F, T: Term> TaskStream<I, F, T> {
    pub(super) fn new(items: I, work: F, under: Under) -> Self {
        TaskStream {
            items: items.fuse(),
            work: Some(work),
            under,
            max_concurrency: MAX_CONCURRENCY,
            ordered: true,
            timeout: Some(JOIN_TIMEOUT),
            on_timeout: OnTimeout::Exit,
            keep: None,
            kept: BTreeMap::new(),
            hub: None,
            pulled: 0,
            emitted: 0,
            running: 0,
            ready: BTreeMap::new(),
            over: false,
        }
    }

    /// How many tasks run at once, eight unless told otherwise (TASK-58). Differs from OTP, which
    /// takes the number of processors: a run must not depend on the machine.
    ///
    /// # Panics
    /// If it is zero (TASK-57).
    #[track_caller]
    pub fn max_concurrency(mut self, tasks: usize) -> Self {
        assert!(tasks > 0, "max_concurrency must be greater than zero");
        self.max_concurrency = tasks;
        self
    }

    /// Whether outcomes come in the order of the items, as they do unless told otherwise, or in
    /// that in which the tasks end (TASK-59, TASK-60).
    pub fn ordered(mut self, ordered: bool) -> Self {
        self.ordered = ordered;
        self
    }

    /// How long each task may take from its start (`None`: for ever); five seconds unless told
    /// otherwise (TASK-66).
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// What becomes of a stream one of whose tasks is late.
    pub fn on_timeout(mut self, on_timeout: OnTimeout) -> Self {
        self.on_timeout = on_timeout;
        self
    }

    /// Gives the item back beside the reason when its task fails (TASK-65).
    pub fn zip_input_on_exit(mut self) -> ZippedStream<I, F, T>
    where
        I::Item: Clone,
    {
        self.keep = Some(Clone::clone);
        ZippedStream(self)
    }
}

/// An outcome and, if items are kept, the item.
type Emitted<X, T> = (Option<X>, Result<T, ExitReason>);

impl<I, F, Fut, T> TaskStream<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: FnOnce(I::Item) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
    T: Term,
{
    /// The next outcome, or `None` after the last: `Ok` of a value, or why a task has none.
    ///
    /// A task that fails takes a consumer that does not trap exits with it (TASK-62).
    pub async fn next(&mut self) -> Option<Result<T, ExitReason>> {
        let (_, outcome) = poll_fn(|_| self.poll_emitted()).await?;
        Some(outcome)
    }

    /// All outcomes that are still to come.
    pub async fn collect(mut self) -> Vec<Result<T, ExitReason>> {
        let mut outcomes = Vec::new();
        while let Some(outcome) = self.next().await {
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Kills the tasks that run and waits for their end (TASK-67); dropping the stream does not
    /// wait.
    pub async fn halt(mut self) {
        self.over = true;
        self.running = 0;
        poll_fn(|_| self.poll_end()).await;
    }

    fn poll_emitted(&mut self) -> Poll<Option<Emitted<I::Item, T>>> {
        loop {
            if let Some(outcome) = self.ready.remove(&self.emitted) {
                return Poll::Ready(Some(self.emit(self.emitted, outcome)));
            }
            self.pull();
            if self.running == 0 {
                ready!(self.poll_end());
                return Poll::Ready(None);
            }
            let came = ready!(self.poll_came());
            self.running -= 1;
            let outcome = match came.outcome {
                Ok(outcome) => outcome,
                Err(error) => exit_now(error.into()),
            };
            if !self.ordered {
                return Poll::Ready(Some(self.emit(came.at, outcome)));
            }
            self.ready.insert(came.at, outcome);
        }
    }

    fn emit(&mut self, at: u64, outcome: Result<T, ExitReason>) -> Emitted<I::Item, T> {
        self.emitted += 1;
        (self.kept.remove(&at), outcome)
    }

    /// Starts a task for each slot that is free (TASK-58).
    fn pull(&mut self) {
        while self.running < self.max_concurrency && !self.over {
            let Some(item) = self.items.next() else {
                self.over = true;
                return;
            };
            let at = self.pulled;
            self.pulled += 1;
            self.running += 1;
            if let Some(keep) = self.keep {
                self.kept.insert(at, keep(&item));
            }
            send(self.hub(), Go { at, item });
        }
    }

    /// The process that runs the tasks; it belongs to whoever asks first (TASK-70).
    fn hub(&mut self) -> Pid {
        if let Some(hub) = &self.hub {
            hub.check_owner();
            return hub.pid;
        }
        let hub = self.start_hub();
        let pid = hub.pid;
        self.hub = Some(hub);
        pid
    }

    fn poll_came(&mut self) -> Poll<Came<T>> {
        let Some(hub) = &mut self.hub else {
            unreachable!("a task runs without the process that started it");
        };
        hub.check_owner();
        match ready!(hub.poll()) {
            Ok(came) => Poll::Ready(came),
            Err(reason) => exit_now(StreamError::Down(reason).into()),
        }
    }

    /// Tells the hub to end, and waits for that.
    fn poll_end(&mut self) -> Poll<()> {
        if let Some(hub) = &mut self.hub {
            hub.check_owner();
            hub.halt();
            while ready!(hub.poll()).is_ok() {}
        }
        self.hub = None;
        Poll::Ready(())
    }
}

impl<I, F, Fut, T> Stream for TaskStream<I, F, T>
where
    I: Iterator<Item: Send + 'static> + Unpin,
    F: FnOnce(I::Item) -> Fut + Clone + Send + Unpin + 'static,
    Fut: Future<Output = T> + Send + 'static,
    T: Term + Unpin,
    I::Item: Unpin,
{
    type Item = Result<T, ExitReason>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        let emitted = ready!(self.poll_emitted());
        Poll::Ready(emitted.map(|(_, outcome)| outcome))
    }
}

impl<I: Iterator, F, T: Term> fmt::Debug for TaskStream<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskStream")
            .field("pulled", &self.pulled)
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

/// A [`TaskStream`] whose failures carry their items; see
/// [`zip_input_on_exit`](TaskStream::zip_input_on_exit).
#[must_use = "a stream does nothing until it is asked for its next outcome"]
pub struct ZippedStream<I: Iterator, F, T: Term>(TaskStream<I, F, T>);

impl<I, F, Fut, T> ZippedStream<I, F, T>
where
    I: Iterator<Item: Send + 'static>,
    F: FnOnce(I::Item) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
    T: Term,
{
    /// The next outcome, or `None` after the last.
    pub async fn next(&mut self) -> Option<Result<T, (I::Item, ExitReason)>> {
        zipped(poll_fn(|_| self.0.poll_emitted()).await)
    }

    /// All outcomes that are still to come.
    pub async fn collect(mut self) -> Vec<Result<T, (I::Item, ExitReason)>> {
        let mut outcomes = Vec::new();
        while let Some(outcome) = self.next().await {
            outcomes.push(outcome);
        }
        outcomes
    }
}

fn zipped<X, T>(emitted: Option<Emitted<X, T>>) -> Option<Result<T, (X, ExitReason)>> {
    match emitted? {
        (_, Ok(value)) => Some(Ok(value)),
        (Some(item), Err(reason)) => Some(Err((item, reason))),
        (None, Err(_)) => unreachable!("a stream that keeps its items lost one"),
    }
}

impl<I, F, Fut, T> Stream for ZippedStream<I, F, T>
where
    I: Iterator<Item: Send + 'static> + Unpin,
    F: FnOnce(I::Item) -> Fut + Clone + Send + Unpin + 'static,
    Fut: Future<Output = T> + Send + 'static,
    T: Term + Unpin,
    I::Item: Unpin,
{
    type Item = Result<T, (I::Item, ExitReason)>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(zipped(ready!(self.0.poll_emitted())))
    }
}

impl<I: Iterator, F, T: Term> fmt::Debug for ZippedStream<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
