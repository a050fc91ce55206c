//! A supervisor as a snapshot shows it.

use std::time::Duration;

use super::core::Supervisor;
use super::options::{Kind, Strategy};
use super::spec::{AutoShutdown, ChildType, Restart, Shutdown};
use super::table::ChildState;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::otp::call::CallError;
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

/// A child as its supervisor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SupervisedChild {
    /// Its id; nothing in a dynamic supervisor.
    pub id: Option<Name>,
    /// Where it stands.
    pub child: ChildState,
    /// When it is started again.
    pub restart: Restart,
    /// How it is stopped.
    pub shutdown: Shutdown,
    /// What it is.
    pub kind: ChildType,
    /// Whether its end can end the supervisor.
    pub significant: bool,
}

/// What the supervisor that has this pid does; nothing if the process is no supervisor.
pub(crate) async fn look(pid: Pid, timeout: Duration) -> Result<Option<Supervision>, CallError> {
    match with_state_within(pid, timeout, Supervisor::describe).await {
        Ok(supervision) => Ok(Some(supervision)),
        Err(SysError::Call(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

impl Supervisor {
    fn describe(&mut self) -> Supervision {
        let settings = &self.settings;
        let (dynamic, max_children) = match settings.kind {
            Kind::Static => (false, None),
            Kind::Dynamic { max_children } => (true, max_children),
        };
        let children = self.children.iter().map(|child| SupervisedChild {
            id: (!dynamic).then(|| child.spec.id.clone()),
            child: child.state(),
            restart: child.spec.restart,
            shutdown: child.spec.get_shutdown(),
            kind: child.spec.kind,
            significant: child.spec.significant,
        });
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
