//! Child specifications of the library's own processes.

use std::future::Future;
use std::sync::Arc;

use super::spec::{ChildSpec, ChildType, Restart};
use crate::kernel::reason::Outcome;
use crate::otp::agent::Agent;
use crate::otp::start::StartError;
use crate::otp::task::{Task, TaskSupervisor};

impl<S: Send + 'static> Agent<S> {
    /// As a child of a supervisor; `make` makes its value each time that it is started (AGT-14).
    #[doc(alias = "child_spec")]
    pub fn child<F>(make: F) -> ChildSpec
    where
        F: Fn() -> S + Send + Sync + 'static,
    {
        let make = Arc::new(make);
        ChildSpec::starting("Agent", ChildType::Worker, move |address| {
            let make = Arc::clone(&make);
            let start = Agent::start_link(move || make()).addressed(address);
            Box::pin(async move { Ok(start.await?.pid()) })
        })
    }
}

impl Task<()> {
    /// As a child of a supervisor: what `make` makes is run in a linked process that nobody waits
    /// for. Temporary unless told otherwise (TASK-10).
    #[doc(alias = "child_spec")]
    pub fn child<F, Fut>(make: F) -> ChildSpec
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome + 'static> + Send + 'static,
    {
        let start = move || std::future::ready(Ok::<_, StartError>(Task::start_link(make())));
        ChildSpec::new("Task", start).restart(Restart::Temporary)
    }
}

impl TaskSupervisor {
    /// As a child of a supervisor, with default options (TSUP-3).
    #[doc(alias = "child_spec")]
    pub fn child() -> ChildSpec {
        ChildSpec::starting("TaskSupervisor", ChildType::Supervisor, |address| {
            let start = TaskSupervisor::start_link().addressed(address);
            Box::pin(async move { Ok(start.await?.pid()) })
        })
    }
}
