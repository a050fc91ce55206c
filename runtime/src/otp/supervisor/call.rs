//! What a supervisor can be asked, and its answers.

use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::otp::call::CallError;
use crate::otp::caller::Caller;
use crate::otp::start::StartError;

use super::spec::{ChildSpec, ChildType, SpecError};
use super::table::{ChildState, Key};

pub(super) type Answer<T> = Result<T, SupervisorError>;

/// A request to a supervisor.
#[derive(Debug)]
pub(crate) enum Ask {
    Start(ChildSpec, Caller<Answer<Pid>>),
    Terminate(Name, Caller<Answer<()>>),
    TerminatePid(Pid, Caller<Answer<()>>),
    Restart(Name, Caller<Answer<Pid>>),
    Delete(Name, Caller<Answer<()>>),
    Spec(Name, Caller<Answer<ChildSpec>>),
    Which(Caller<Vec<ChildInfo>>),
    WhichOne(Name, Caller<Answer<ChildInfo>>),
    Count(Caller<Counts>),
}

/// What a supervisor tells itself. The type is private, so nobody else can (SUP-712).
#[derive(Debug)]
pub(crate) enum Tell {
    /// A child that could not be restarted is due again.
    Retry(Key),
}

/// Why a supervisor does not do as it is asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SupervisorError {
    /// It has no such child.
    #[error("the supervisor has no such child")]
    NotFound,
    /// It has a running child of this id (SUP-1001).
    #[error("a child of this id runs as {0}")]
    AlreadyStarted(Pid),
    /// It has a child of this id that does not run (SUP-1001).
    #[error("there is a child of this id, which does not run: restart or delete it")]
    AlreadyPresent,
    /// The child runs (SUP-1003, SUP-1004).
    #[error("the child runs as {0}")]
    Running(Pid),
    /// The child is being restarted (SUP-1003, SUP-1004).
    #[error("the child is being restarted")]
    Restarting,
    /// It has as many children as it may (DSUP-10).
    #[error("the supervisor has as many children as it may have")]
    MaxChildren,
    /// The child could not be started (SUP-1008, SUP-1011).
    #[error("the child was not started: {0}")]
    Start(#[from] StartError),
    /// The supervisor cannot have such a child.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The supervisor does not exist, or ended before it answered.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// A child as its supervisor sees it (SUP-1006).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildInfo {
    /// Its id; nothing in a dynamic supervisor.
    pub id: Option<Name>,
    /// Where it stands.
    pub child: ChildState,
    /// What it is.
    pub kind: ChildType,
}

/// How many children a supervisor has (SUP-1015).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All that it knows of, running or not.
    pub specs: usize,
    /// Those that run.
    pub active: usize,
    /// Those that are supervisors, running or not.
    pub supervisors: usize,
    /// The others, running or not.
    pub workers: usize,
}
