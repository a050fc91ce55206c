//! The process that runs the tasks of a stream.
//!
//! # Semantics
//! TASK-63 to TASK-69. It starts tasks when the consumer says so, tells it how they came out, and
//! keeps their time whatever the consumer is doing. It is linked to the consumer and traps exits
//! if the consumer did when the stream began, so that a linked task that fails takes both along
//! or is told of.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::life::Work;
use super::outcome::TaskReply;
use super::stream::OnTimeout;
use super::supervised::{StartTaskError, Under};
use crate::kernel::monitors::Down;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};
use crate::process::{
    Behalf, Instant, Lineage, Mailbox, demonitor, exit, falls_with, monitor, now, send, trap_exit,
    unlink,
};

/// Why the consumer of a stream ends.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// A task took longer than its time, and that was to be fatal (TASK-63).
    #[error("a task of the stream did not come to its end in time")]
    Timeout,
    /// The process that runs the stream's tasks has ended (TASK-69).
    #[error("the process that ran the tasks of the stream ended: {0}")]
    Down(ExitReason),
    /// A task could not be started (TSUP-19).
    #[error("a task of the stream could not be started: {0}; is max_concurrency too high?")]
    Start(#[from] StartTaskError),
}

/// The consumer wants a task for this item.
pub(super) struct Go<X> {
    pub(super) at: u64,
    pub(super) item: X,
}

impl<X> fmt::Debug for Go<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Go({})", self.at)
    }
}

/// The consumer wants nothing any more.
#[derive(Debug)]
pub(super) struct Halt;

/// A result, the end of the task, or what ends the stream and its consumer.
pub(super) type Outcome<T> = Result<Result<T, ExitReason>, StreamError>;

/// How the task for an item came out.
#[derive(Debug)]
pub(super) struct Came<T> {
    pub(super) reference: Ref,
    pub(super) at: u64,
    pub(super) outcome: Outcome<T>,
}

/// What the hub is to do.
pub(super) struct Plan<F> {
    pub(super) consumer: Pid,
    pub(super) trap: bool,
    pub(super) work: F,
    pub(super) under: Under,
    /// That of the hub, and on whose behalf its tasks work.
    pub(super) lineage: Option<Lineage>,
    pub(super) behalf: Behalf,
    pub(super) timeout: Option<Duration>,
    pub(super) on_timeout: OnTimeout,
}

/// A task that has not ended.
struct Running {
    at: u64,
    pid: Pid,
    /// Whether the consumer knows already how it came out.
    told: bool,
}

struct Hub<F> {
    plan: Plan<F>,
    reply: Ref,
    running: BTreeMap<Ref, Running>,
    /// All have the same time, so the first to begin is the first to be late.
    deadlines: VecDeque<(Instant, Ref)>,
}

/// The body of the hub.
pub(super) async fn run<X, F, Fut, T>(
    mut mailbox: Mailbox,
    reply: Ref,
    mut plan: Plan<F>,
) -> ExitReason
where
    X: Send + 'static,
    F: FnOnce(X) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
    T: Term,
{
    if let Some(lineage) = plan.lineage.take() {
        lineage.adopt();
    }
    trap_exit(plan.trap);
    let watch = monitor(plan.consumer);
    let mut hub = Hub {
        plan,
        reply,
        running: BTreeMap::new(),
        deadlines: VecDeque::new(),
    };
    loop {
        let Some(message) = hub.next(&mut mailbox).await else {
            hub.punish_the_late::<T>();
            continue;
        };
        let message = match message.downcast::<TaskReply<T>>() {
            Ok(reply) => {
                hub.tell_of(reply.reference, Ok(Ok(reply.value)));
                continue;
            }
            Err(message) => message,
        };
        let message = match message.downcast::<Go<X>>() {
            Ok(go) => {
                hub.start::<X, Fut, T>(go).await;
                continue;
            }
            Err(message) => message,
        };
        if message.is::<Halt>() {
            hub.kill_all(&mut mailbox).await;
            demonitor(watch);
            return ExitReason::Normal;
        }
        // Anything else is the exit of a task, which its monitor tells of.
        let Ok(down) = message.downcast::<Down>() else {
            continue;
        };
        if down.reference == watch {
            hub.follow(&down.reason);
            return down.reason;
        }
        let task = hub.running.get(&down.reference);
        if task.is_some_and(|task| falls_with(task.pid, &down.reason)) {
            // Whatever way the exit signal is: so that the consumer falls, too (TASK-62).
            return down.reason;
        }
        hub.tell_of::<T>(down.reference, Ok(Err(down.reason)));
        hub.running.remove(&down.reference);
    }
}

impl<F> Hub<F> {
    /// The next message, or `None` when a task is late.
    async fn next(&mut self, mailbox: &mut Mailbox) -> Option<Message> {
        while let Some((until, reference)) = self.deadlines.front() {
            if self.running.get(reference).is_some_and(|task| !task.told) {
                return mailbox.receive_any_timeout(*until - now()).await;
            }
            self.deadlines.pop_front();
        }
        Some(mailbox.receive_any().await)
    }

    async fn start<X, Fut, T>(&mut self, Go { at, item }: Go<X>)
    where
        X: Send + 'static,
        F: FnOnce(X) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Term,
    {
        let work = self.plan.work.clone();
        let name = std::any::type_name::<Fut>();
        let behalf = self.plan.behalf.clone();
        let work = Work::of(name, behalf, async move { work(item).await });
        match self.plan.under.start(work).await {
            Ok((pid, reference)) => {
                let told = false;
                self.running.insert(reference, Running { at, pid, told });
                if let Some(timeout) = self.plan.timeout {
                    self.deadlines.push_back((now() + timeout, reference));
                }
            }
            Err(error) => self.tell::<T>(at, Err(error.into())),
        }
    }

    /// Kills the task that is late first, and says so (TASK-63, TASK-64).
    fn punish_the_late<T: Term>(&mut self) {
        let Some((_, reference)) = self.deadlines.pop_front() else {
            return;
        };
        if let Some(task) = self.running.get(&reference) {
            unlink(task.pid);
            exit(task.pid, ExitReason::Kill);
        }
        let outcome = match self.plan.on_timeout {
            OnTimeout::Kill => Ok(Err(ExitReason::Timeout)),
            OnTimeout::Exit => Err(StreamError::Timeout),
        };
        self.tell_of::<T>(reference, outcome);
    }

    /// Tells the consumer how a task came out, unless it knows.
    fn tell_of<T: Term>(&mut self, task: Ref, outcome: Outcome<T>) {
        let Some(task) = self.running.get_mut(&task) else {
            return;
        };
        if !std::mem::replace(&mut task.told, true) {
            let at = task.at;
            self.tell(at, outcome);
        }
    }

    fn tell<T: Term>(&self, at: u64, outcome: Outcome<T>) {
        let reference = self.reply;
        let came = Came {
            reference,
            at,
            outcome,
        };
        send(reference, came);
    }

    /// Kills what runs and waits for its end (TASK-67).
    async fn kill_all(&mut self, mailbox: &mut Mailbox) {
        for task in self.running.values() {
            unlink(task.pid);
            exit(task.pid, ExitReason::Kill);
        }
        while !self.running.is_empty() {
            let down = mailbox.receive::<Down>().await;
            self.running.remove(&down.reference);
        }
    }

    /// The consumer has ended: linked tasks end of the same reason (TASK-68, TSUP-21).
    fn follow(&mut self, reason: &ExitReason) {
        if self.plan.under.links() {
            for task in self.running.values() {
                exit(task.pid, reason.clone());
            }
        }
    }
}
