//! Waiting for several tasks at once.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Poll, ready};
use std::time::Duration;

use super::outcome::{Task, about, settle};
use crate::kernel::pid::Ref;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};
use crate::process::replies::Waiting;

/// Takes the outcomes of tasks as they come; each message is looked at once.
pub(super) struct Collector {
    waiting: Waiting,
    /// Where in the list the tasks stand whose outcome has not come.
    open: BTreeMap<Ref, usize>,
}

impl Collector {
    /// # Panics
    /// If the caller is not the owner of all tasks.
    #[track_caller]
    pub(super) fn new<T: Term>(tasks: &[Task<T>], timeout: Option<Duration>) -> Self {
        tasks.iter().for_each(Task::check_owner);
        let open = tasks.iter().enumerate().filter(|(_, task)| task.is_open());
        Collector {
            waiting: Waiting::new(timeout, None),
            open: open.map(|(at, task)| (task.reference(), at)).collect(),
        }
    }

    /// Whether an outcome is still to come.
    pub(super) fn waits(&self) -> bool {
        !self.open.is_empty()
    }

    /// The next outcome, and whose; `None` when the time for all of them is up.
    pub(super) async fn next<T: Term>(
        &mut self,
        tasks: &[Task<T>],
    ) -> Option<(usize, Result<T, ExitReason>)> {
        poll_fn(|_| self.poll_next(tasks)).await
    }

    fn poll_next<T: Term>(
        &mut self,
        tasks: &[Task<T>],
    ) -> Poll<Option<(usize, Result<T, ExitReason>)>> {
        let Collector { waiting, open } = self;
        let found = ready!(waiting.poll(|message: &Message| {
            let (reference, sort) = about::<T>(message)?;
            Some((reference, *open.get(&reference)?, sort))
        }));
        let Some(((reference, at, sort), message)) = found else {
            return Poll::Ready(None);
        };
        open.remove(&reference);
        let outcome = ready!(settle(tasks[at].pid(), message, sort));
        Poll::Ready(Some((at, outcome)))
    }
}
