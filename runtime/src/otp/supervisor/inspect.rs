//! A supervisor as a snapshot shows it.

use std::time::Duration;

use super::core::Supervisor;
use super::options::{Kind, Strategy};
use super::report::SupervisedChild;
use super::spec::AutoShutdown;
use crate::kernel::info::ProcessInfo;
use crate::kernel::pid::Pid;
use crate::otp::sys::{SysError, with_state_within};

/// What a supervisor does, and what it has left.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Supervision {
    /// Whether its children come and go.
    pub dynamic: bool,
    /// How many children it may have, if that is limited.
    pub max_children: Option<usize>,
    /// Whom the end of a child concerns.
    pub strategy: Strategy,
    /// How many restarts are allowed …
    pub max_restarts: usize,
    /// … within which time.
    pub within: Duration,
    /// How many more are allowed now.
    pub restarts_left: usize,
    /// Whether the end of significant children is its own.
    pub auto_shutdown: AutoShutdown,
    /// Its children, in the order of their start.
    pub children: Vec<SupervisedChild>,
}

/// Whether a process is a supervisor, and can be [looked](look) at.
pub(crate) fn is_supervisor(process: &ProcessInfo) -> bool {
    process.initial_call == Some(std::any::type_name::<Supervisor>())
}

/// What a supervisor does.
pub(crate) async fn look(pid: Pid, timeout: Duration) -> Result<Supervision, SysError> {
    with_state_within(pid, timeout, Supervisor::describe).await
}

impl Supervisor {
    fn describe(&mut self) -> Supervision {
        let settings = &self.settings;
        let (dynamic, max_children) = match settings.kind {
            Kind::Static => (false, None),
            Kind::Dynamic { max_children } => (true, max_children),
        };
        let children = (self.children.iter())
            .map(|child| SupervisedChild::new(&child.spec, child.state(), !dynamic));
        Supervision {
            dynamic,
            max_children,
            strategy: settings.strategy,
            max_restarts: settings.limit.restarts,
            within: settings.limit.period,
            restarts_left: self.window.left(&settings.limit),
            auto_shutdown: settings.auto_shutdown,
            children: children.collect(),
        }
    }
}
