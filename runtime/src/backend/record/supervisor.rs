//! What a supervisor reports of itself: its children, its decisions and what it asks of whom.
#![expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]

use std::time::Duration;

use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;

/// The place of a child in the order of starting; it stays when the child is restarted.
pub type ChildKey = u64;

/// A transition of a supervisor.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Supervision<'a> {
    /// It began.
    Begun {
        dynamic: bool,
        max_children: Option<usize>,
        reach: Reach,
        limit: Intensity,
        ends_with: EndsWith,
    },
    /// A child was added to its table.
    Added { key: ChildKey, child: Child<'a> },
    /// A child stands differently.
    Stands { key: ChildKey, place: Place },
    /// A child was forgotten.
    Removed { key: ChildKey },
    /// A child is being started.
    Starting { key: Option<ChildKey>, why: Why },
    /// That is over; without a pid it failed, or its start said that it is not to run.
    Started { outcome: Result<Pid, Unstarted> },
    /// The end of a process reached it.
    Seen { from: Pid, reason: &'a ExitReason },
    /// A restart was decided on and counted.
    Counted { allowed: bool },
    /// A restart failed, and another attempt is due.
    RetryQueued { key: ChildKey },
    /// Another attempt is begun.
    RetryTaken { key: ChildKey },
    /// It stops all its children, because it ends.
    StopsAll,
    /// It asks a child to stop.
    Stopping { pid: Pid, how: Stop },
    /// It kills a child that has not stopped in time.
    Killing { pid: Pid },
    /// A child that was being stopped is dead; `before` if it was so already.
    Dead {
        pid: Pid,
        reason: &'a ExitReason,
        before: bool,
    },
    /// It reports something of a child.
    Report { key: ChildKey, of: Reported },
    /// It was asked for something.
    Asked(Request<'a>),
    /// It has answered.
    Answered(Answer),
    /// It has stopped all children and ends.
    Ends { reason: &'a ExitReason },
}

/// A child as its specification says.
#[derive(Debug, Clone, Copy)]
pub struct Child<'a> {
    pub id: &'a str,
    pub again: Again,
    pub stop: Stop,
    pub significant: bool,
    pub supervisor: bool,
}

/// When a child that has ended is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    Always,
    AfterCrash,
    Never,
}

/// How a child is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    Kill,
    Within(Duration),
    Whenever,
}

/// Whom the end of a child concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Itself,
    All,
    Younger,
}

/// Whose end is the supervisor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndsWith {
    Nobody,
    AnySignificant,
    AllSignificant,
}

/// How many restarts within which time are allowed; in whole seconds unless exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intensity {
    pub restarts: usize,
    pub period: Duration,
    pub exact: bool,
}

/// Where a child stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Running(Pid),
    Stopped,
    Restarting,
}

/// Why a child is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The supervisor begins.
    Init,
    /// Somebody asked for a new child.
    Asked,
    /// Somebody asked for a child that does not run.
    AskedAgain,
    /// It, or another that concerns it, has ended.
    Restart,
}

/// Why there is no process after a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unstarted {
    Ignored,
    Failed,
}

/// What a supervisor reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    Started,
    StartError,
    Terminated,
    ShutdownError,
    GaveUp,
}

/// What a supervisor is asked.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    Start { id: &'a str },
    Terminate { id: &'a str },
    TerminatePid { pid: Pid },
    Restart { id: &'a str },
    Delete { id: &'a str },
    Look,
    Count,
}

/// What it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Child(Pid),
    Done,
    NotFound,
    AlreadyStarted(Pid),
    AlreadyPresent,
    Running(Pid),
    Restarting,
    MaxChildren,
    NotStarted,
    Refused,
    Shown,
    Counted {
        specs: usize,
        active: usize,
        supervisors: usize,
        workers: usize,
    },
}
