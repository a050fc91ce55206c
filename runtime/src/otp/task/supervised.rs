//! Starting tasks as children of a supervisor.
//!
//! # Semantics
//! TSUP-4 to TSUP-11. The supervisor starts a child that waits until its caller, who has linked
//! and monitored it meanwhile, tells it to begin; if the caller dies first, so does the child.
//!
//! # Differences from OTP
//! The child waits without a time limit (TSUP-7): the caller tells it, dies, or takes the start
//! back, so that no deadline can take a task away from a caller that is merely slow.

use std::future::Future;

use super::keeper::{Abandon, Order, Starter, TaskKeeper};
use super::life::{Life, Work, reply};
use super::outcome::Task;
use super::start::spawn_task;
use super::supervisor::TaskSupervisor;
use crate::kernel::birth::SpawnError;
use crate::kernel::extra::AliasMode;
use crate::kernel::monitors::{Down, MonitorOptions};
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};
use crate::otp::Restart;
use crate::otp::{CallError, Server};
use crate::process::{
    Mailbox, SpawnOptions, demonitor_flush, link, make_ref, me, monitor, monitor_with, replies,
    send, spawn_with,
};

/// Why a supervisor did not start a task.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartTaskError {
    /// It has as many children as it may (TSUP-9).
    #[error("the task supervisor has as many tasks as its max_children allows")]
    MaxChildren,
    /// There is no such supervisor, or it ended before it answered (TSUP-10).
    #[error("the task supervisor was asked for a task: {0}")]
    Call(#[from] CallError),
    /// The system's limit of processes is reached.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
}

/// To whom the tasks of a stream belong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Under {
    /// To the process that starts them, linked to it.
    Nobody,
    /// To a supervisor, and linked to the process that starts them.
    Linked(TaskSupervisor),
    /// To a supervisor alone.
    Unlinked(TaskSupervisor),
}

impl Under {
    /// Whether tasks fall with the process that starts them.
    pub(super) fn links(self) -> bool {
        !matches!(self, Under::Unlinked(_))
    }

    /// Starts a task that replies to the caller.
    pub(super) async fn start<F>(self, work: Work<F>) -> Result<(Pid, Ref), StartTaskError>
    where
        F: Future<Output: Term> + Send + 'static,
    {
        match self {
            Under::Nobody => Ok(spawn_task(work)),
            Under::Linked(supervisor) => start(supervisor, true, work).await,
            Under::Unlinked(supervisor) => start(supervisor, false, work).await,
        }
    }
}

/// The caller's word to a child that it may begin, and the alias for its reply.
#[derive(Debug)]
struct Begin(Ref);

async fn start<F>(
    supervisor: TaskSupervisor,
    linked: bool,
    work: Work<F>,
) -> Result<(Pid, Ref), StartTaskError>
where
    F: Future<Output: Term> + Send + 'static,
{
    let caller = me();
    let mut work = Some(work);
    let starter: Starter = Box::new(move || {
        let life = work.take().map(Work::by_a_child);
        let body = move |mailbox| task(mailbox, caller, life);
        Ok(spawn_with(SpawnOptions::new().link(), body)?.pid)
    });
    let mut unheard = Unheard {
        keeper: supervisor.keeper(),
        wish: Some(make_ref()),
    };
    let order = Order {
        starter,
        restart: Restart::Temporary,
        shutdown: supervisor.shutdown(),
        wish: unheard.wish,
    };
    let pid = supervisor.order(order).await?;
    unheard.wish = None;
    let reference = monitor_with(pid, MonitorOptions::new().alias(AliasMode::Demonitor));
    if linked {
        link(pid);
    }
    send(pid, Begin(reference));
    Ok((pid, reference))
}

/// Takes back a start whose answer nobody waits for any more, since the child waits for its caller.
struct Unheard {
    keeper: Server<TaskKeeper>,
    wish: Option<Ref>,
}

impl Drop for Unheard {
    fn drop(&mut self) {
        if let Some(wish) = self.wish.filter(|wish| replies::is_living(wish.owner())) {
            self.keeper.cast(Abandon(wish));
        }
    }
}

/// Waits for the caller's word, then does the work.
async fn task<F>(mut mailbox: Mailbox, caller: Pid, life: Option<Life<F>>) -> ExitReason
where
    F: Future<Output: Term>,
{
    let Some(life) = life else {
        unreachable!("TSUP-12: a temporary child was started again");
    };
    let work = life.begin();
    let watch = monitor(caller);
    let accept = |message: &Message| {
        if let Some(Begin(reference)) = message.peek() {
            return Some(Ok(*reference));
        }
        let down = message.peek::<Down>()?;
        (down.reference == watch).then(|| Err(down.reason.clone()))
    };
    let reference = match mailbox.select(accept, None).await {
        Some((Ok(reference), _)) => reference,
        Some((Err(reason), _)) => return ExitReason::shutdown_with(CallerDown(reason)),
        None => unreachable!("MBX-9: a receive without a timeout timed out"),
    };
    demonitor_flush(watch);
    reply(mailbox, reference, work).await
}

/// Inside `ShutdownWith`: why a task never began (TSUP-7).
#[derive(Debug, Clone, PartialEq)]
pub struct CallerDown(
    /// The reason of the process that wanted it.
    pub ExitReason,
);

impl TaskSupervisor {
    /// Starts a task under the supervisor, linked to the caller and monitored by it (TSUP-4).
    ///
    /// # Errors
    /// If the supervisor has as many tasks as it may, or does not exist.
    ///
    /// # Differences from OTP
    /// The errors are values (TSUP-9, TSUP-10).
    #[doc(alias = "Task.Supervisor.async")]
    pub async fn spawn<F>(self, future: F) -> Result<Task<F::Output>, StartTaskError>
    where
        F: Future<Output: Term> + Send + 'static,
    {
        let (pid, reference) = start(self, true, Work::mine(future)).await?;
        Ok(Task::new(Some(pid), reference))
    }

    /// As [`spawn`](Self::spawn), without the link: a failure of the task is an outcome and
    /// nothing else, and the task goes on when the caller dies (TSUP-5, TSUP-8).
    ///
    /// # Errors
    /// As [`spawn`](Self::spawn).
    #[doc(alias = "Task.Supervisor.async_nolink")]
    pub async fn spawn_nolink<F>(self, future: F) -> Result<Task<F::Output>, StartTaskError>
    where
        F: Future<Output: Term> + Send + 'static,
    {
        let (pid, reference) = start(self, false, Work::mine(future)).await?;
        Ok(Task::new(Some(pid), reference))
    }
}
