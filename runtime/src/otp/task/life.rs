//! What the process of a task does.
//!
//! # Semantics
//! TASK-4, TASK-6, TASK-12, TASK-13. It takes on its lineage, does the work, replies if somebody
//! waits, and reports a crash.

use std::future::Future;

use super::outcome::TaskReply;
use crate::kernel::pid::Ref;
use crate::kernel::reason::{ExitReason, Outcome};
use crate::kernel::report::CrashPhase;
use crate::kernel::term::Term;
use crate::otp::report::{self, Crash};
use crate::process::{Behalf, Lineage, Mailbox, catch_exit, initial_call, send};

/// What a task is to do, what that is called, and for whom.
pub(super) struct Work<F> {
    future: F,
    name: &'static str,
    behalf: Behalf,
}

/// The same, in the hands of the process that is to do it.
pub(super) struct Life<F> {
    future: F,
    lineage: Lineage,
}

impl<F> Work<F> {
    /// For the caller.
    #[track_caller]
    pub(super) fn mine(future: F) -> Self {
        Work::of(std::any::type_name::<F>(), Behalf::mine(), future)
    }

    /// For somebody, under the name of the type that the user knows.
    pub(super) fn of(name: &'static str, behalf: Behalf, future: F) -> Self {
        Work {
            future,
            name,
            behalf,
        }
    }

    /// It will be done by a child of the caller's.
    #[track_caller]
    pub(super) fn by_a_child(self) -> Life<F> {
        Life {
            future: self.future,
            lineage: Lineage::of_child_for(self.name, self.behalf),
        }
    }
}

impl<F> Life<F> {
    /// The caller is the child that does it.
    pub(super) fn begin(self) -> F {
        self.lineage.adopt();
        self.future
    }
}

/// The process of a task that nobody waits for. Stories call it by the name of this function until
/// it has begun.
pub(super) async fn task<F>(mailbox: Mailbox, life: Life<F>) -> ExitReason
where
    F: Future<Output: Outcome>,
{
    let future = life.begin();
    drop(mailbox);
    match catch_exit(future).await {
        Ok(outcome) => crashed(outcome.into_reason()),
        Err(reason) => crashed(reason),
    }
}

/// The process of a task that replies.
pub(super) async fn task_with_reply<F>(
    mailbox: Mailbox,
    reference: Ref,
    life: Life<F>,
) -> ExitReason
where
    F: Future<Output: Term>,
{
    reply(mailbox, reference, life.begin()).await
}

/// Does the work, and replies.
pub(super) async fn reply<F>(mailbox: Mailbox, reference: Ref, future: F) -> ExitReason
where
    F: Future<Output: Term>,
{
    drop(mailbox);
    match catch_exit(future).await {
        Ok(value) => {
            send(reference, TaskReply { reference, value });
            ExitReason::Normal
        }
        Err(reason) => crashed(reason),
    }
}

/// Reports the end, if it is a crash.
fn crashed(reason: ExitReason) -> ExitReason {
    report::crashed(Crash {
        behaviour: initial_call().unwrap_or_default(),
        phase: CrashPhase::Running,
        reason: &reason,
        last_message: None,
        state: None,
    });
    reason
}
