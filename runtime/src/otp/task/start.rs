//! Starting tasks.

use std::future::Future;

use super::life::{Work, task, task_with_reply};
use super::outcome::{Task, TaskReply};
use crate::kernel::extra::AliasMode;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::Outcome;
use crate::kernel::term::Term;
use crate::process::observe::{Tasking, tell_task};
use crate::process::{make_ref, me, send, spawn, spawn_link, spawn_replying};

impl<T: Term> Task<T> {
    /// Starts a process that computes a value for the caller, linked to it and monitored by it
    /// (TASK-3).
    ///
    /// The future runs in a process of its own: it may send, receive (see
    /// [`mailbox`](crate::mailbox)) and start tasks itself. When it panics or is killed, the owner
    /// goes with it, unless it traps exits (TASK-14, TASK-17).
    ///
    /// # Panics
    /// Outside a process, and when the system's limit of processes is reached.
    #[doc(alias = "Task.async")]
    #[track_caller]
    pub fn spawn<F>(future: F) -> Task<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (pid, reference) = spawn_task(Work::mine(future));
        Task::new(Some(pid), reference)
    }

    /// A task that has come to its end: its reply is in the caller's mailbox already (TASK-9).
    #[doc(alias = "Task.completed")]
    #[track_caller]
    pub fn completed(value: T) -> Task<T> {
        let reference = make_ref();
        send(me(), TaskReply { reference, value });
        Task::new(None, reference)
    }
}

/// Starts a task that is linked to the caller and replies to it.
#[track_caller]
pub(super) fn spawn_task<F>(work: Work<F>) -> (Pid, Ref)
where
    F: Future<Output: Term> + Send + 'static,
{
    let life = work.by_a_child();
    let body = move |mailbox, reference| task_with_reply(mailbox, reference, life);
    let linked = !mutant!(UnlinkedTasks);
    let (task, reference) = spawn_replying(linked, AliasMode::Demonitor, body);
    tell_task(Tasking::Begun {
        task,
        reference,
        linked: true,
    });
    (task, reference)
}

impl Task<()> {
    /// Starts a process that nobody waits for and nobody falls with (TASK-1).
    #[doc(alias = "Task.start")]
    #[track_caller]
    pub fn start<F>(future: F) -> Pid
    where
        F: Future<Output: Outcome + 'static> + Send + 'static,
    {
        let life = Work::mine(future).by_a_child();
        spawn(move |mailbox| task(mailbox, life))
    }

    /// Starts a process that nobody waits for, linked to the caller (TASK-2).
    #[doc(alias = "Task.start_link")]
    #[track_caller]
    pub fn start_link<F>(future: F) -> Pid
    where
        F: Future<Output: Outcome + 'static> + Send + 'static,
    {
        let life = Work::mine(future).by_a_child();
        spawn_link(move |mailbox| task(mailbox, life))
    }
}
