//! What supervisors report.
//!
//! # Semantics
//! SUP-1201 to SUP-1207, SUP-310, DSUP-37.

use std::fmt;

use super::spec::{ChildSpec, ChildType, Restart, Shutdown};
use super::table::ChildState;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::otp::start::StartError;
use crate::process::{self, me, own_name};

/// What happened to a child.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SupervisorEvent {
    /// It was started (OTP's progress report).
    Started,
    /// It could not be started.
    StartError(StartError),
    /// It ended, and not as it should.
    ChildTerminated(ExitReason),
    /// It did not stop as it should.
    ShutdownError(ExitReason),
    /// The supervisor gives up: this child's restart is one too many.
    Shutdown,
}

/// A supervisor's report, as a message to whoever has subscribed by
/// [`report::subscribe`](crate::report::subscribe).
#[doc(alias = "supervisor_report", alias = "progress_report")]
#[derive(Debug, Clone, PartialEq)]
pub struct SupervisorReport {
    /// Who reports.
    pub supervisor: Pid,
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// What happened.
    pub event: SupervisorEvent,
    /// To which child.
    pub offender: SupervisedChild,
}

/// A child as its supervisor sees it, in reports and in [snapshots](crate::snapshot).
#[doc(alias = "offender")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupervisedChild {
    /// Its id; nothing for the child of a dynamic supervisor.
    pub id: Option<Name>,
    /// Where it stood.
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

impl SupervisedChild {
    pub(super) fn new(spec: &ChildSpec, child: ChildState, with_id: bool) -> SupervisedChild {
        SupervisedChild {
            id: with_id.then(|| spec.id.clone()),
            child,
            restart: spec.restart,
            shutdown: spec.get_shutdown(),
            kind: spec.kind,
            significant: spec.significant,
        }
    }
}

/// Tells whoever wants to hear of it.
pub(super) fn tell(event: SupervisorEvent, offender: impl FnOnce() -> SupervisedChild) {
    process::tell(|| SupervisorReport {
        supervisor: me(),
        name: own_name(),
        event,
        offender: offender(),
    });
}

impl fmt::Display for SupervisorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "supervisor {name}: ")?,
            None => write!(f, "supervisor {}: ", self.supervisor)?,
        }
        match &self.offender.id {
            Some(id) => write!(f, "child {id} ")?,
            None => f.write_str("child ")?,
        }
        if let ChildState::Running(pid) | ChildState::Restarting(Some(pid)) = self.offender.child {
            write!(f, "({pid}) ")?;
        }
        match &self.event {
            SupervisorEvent::Started => f.write_str("was started"),
            SupervisorEvent::StartError(error) => write!(f, "could not be started: {error}"),
            SupervisorEvent::ChildTerminated(reason) => write!(f, "ended: {reason}"),
            SupervisorEvent::ShutdownError(reason) => write!(f, "did not stop as asked: {reason}"),
            SupervisorEvent::Shutdown => f.write_str("would be restarted once too often"),
        }
    }
}
