//! The task as its owner holds it, and the messages that tell how it came out.

use std::fmt;
use std::marker::PhantomData;
use std::task::Poll;

use crate::kernel::monitors::Down;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};
use crate::process::{demonitor, exit, falls_with, me, replies};

/// A process that computes a `T`, as the process that started it holds it.
///
/// Only the owner may ask for the outcome. Dropping a task gives the outcome up: neither its reply
/// nor its end reaches the mailbox any more. The task itself goes on, and its link stays; see
/// [`ignore`](Task::ignore) and [`shutdown`](Task::shutdown).
#[must_use = "dropping a task gives its outcome up; `Task::start_link` starts one without"]
pub struct Task<T: Term> {
    pid: Option<Pid>,
    reference: Ref,
    /// Whether the outcome may still come, or wait in the mailbox.
    open: bool,
    _of: PhantomData<fn() -> T>,
}

/// The result of a task, as it arrives in its owner's mailbox (TASK-4).
///
/// A process that serves others while its tasks run takes it like any message, by its
/// `reference`. A [`Down`] with the same reference follows, unless the [`Task`] is dropped before,
/// which removes it.
#[derive(Debug, PartialEq, Eq)]
pub struct TaskReply<T> {
    /// That of the task.
    pub reference: Ref,
    /// What the task computed.
    pub value: T,
}

/// Which message about a task this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Reply,
    Down,
}

/// The reference of the task that a message is about, if it is about one of a `T`.
#[inline]
pub(super) fn about<T: Term>(message: &Message) -> Option<(Ref, Sort)> {
    if let Some(reply) = message.peek::<TaskReply<T>>() {
        return Some((reply.reference, Sort::Reply));
    }
    let down = message.peek::<Down>()?;
    Some((down.reference, Sort::Down))
}

/// What the message says: the value, or why there is none.
pub(super) fn unwrap<T: Term>(message: Message, sort: Sort) -> Result<T, ExitReason> {
    match sort {
        Sort::Reply => match message.downcast::<TaskReply<T>>() {
            Ok(reply) => Ok(reply.value),
            Err(_) => unreachable!("QUE1: a message changed its type"),
        },
        Sort::Down => match message.downcast::<Down>() {
            Ok(down) => Err(down.reason),
            Err(_) => unreachable!("QUE1: a message changed its type"),
        },
    }
}

/// As [`unwrap`]. The exit signal of a task may come after the down of the same death (SIG-9):
/// when it is about to end the caller, the caller learns of nothing else first (TASK-14).
pub(super) fn settle<T: Term>(
    pid: Option<Pid>,
    message: Message,
    sort: Sort,
) -> Poll<Result<T, ExitReason>> {
    let outcome = unwrap(message, sort);
    if let (Some(pid), Err(reason)) = (pid, &outcome)
        && falls_with(pid, reason)
    {
        exit(me(), reason.clone());
        return Poll::Pending;
    }
    Poll::Ready(outcome)
}

impl<T: Term> Task<T> {
    pub(super) fn new(pid: Option<Pid>, reference: Ref) -> Self {
        Task {
            pid,
            reference,
            open: true,
            _of: PhantomData,
        }
    }

    /// The process; `None` for a [`completed`](Task::completed) task.
    pub fn pid(&self) -> Option<Pid> {
        self.pid
    }

    /// What its [`TaskReply`] and its [`Down`] carry: the monitor on the task (TASK-3).
    pub fn reference(&self) -> Ref {
        self.reference
    }

    /// The process that started it.
    pub fn owner(&self) -> Pid {
        self.reference.owner()
    }

    /// Lets the outcome come as messages, a [`TaskReply`] and a [`Down`] or the latter alone, and
    /// returns the reference that they carry.
    pub fn into_messages(mut self) -> Ref {
        self.open = false;
        self.reference
    }

    /// # Panics
    /// If the caller is not the owner (TASK-18).
    #[track_caller]
    pub(super) fn check_owner(&self) {
        let caller = me();
        let owner = self.owner();
        assert!(
            caller == owner,
            "{self:?} must be queried from its owner {owner}, but was queried from {caller}"
        );
    }

    /// Whether the outcome may still come.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// The outcome has been taken, or nobody wants it: nothing of it remains in the mailbox, and
    /// nothing more comes.
    pub(super) fn close(&mut self) {
        if std::mem::replace(&mut self.open, false) && !demonitor(self.reference) {
            self.flush();
        }
    }

    /// The monitor has come to its end, and the reply was taken or never came.
    pub(super) fn is_down(&mut self) {
        self.open = false;
    }

    /// As [`close`](Self::close), where a reply may have arrived that nobody has looked for.
    pub(super) fn close_unread(&mut self) {
        if std::mem::replace(&mut self.open, false) {
            demonitor(self.reference);
            self.flush();
        }
    }

    /// The reply, if it has arrived.
    pub(super) fn take_reply(&self) -> Option<T> {
        let mine = |message: &Message| {
            let reply = message.peek::<TaskReply<T>>()?;
            (reply.reference == self.reference).then_some(())
        };
        let (_, message) = replies::take_arrived(mine)?;
        unwrap(message, Sort::Reply).ok()
    }

    /// Removes what has arrived.
    fn flush(&self) {
        let mine = |message: &Message| {
            let (reference, _) = about::<T>(message)?;
            (reference == self.reference).then_some(())
        };
        while replies::take_arrived(mine).is_some() {}
    }
}

impl<T: Term> Drop for Task<T> {
    fn drop(&mut self) {
        if self.open && replies::is_living(self.owner()) {
            self.close_unread();
        }
    }
}

impl<T: Term> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "Task({pid})"),
            None => f.write_str("Task(completed)"),
        }
    }
}
