//! What is to be known of a process from outside.

use super::name::Name;
use super::pid::Pid;

/// How urgent a process is (P-44 to P-47).
///
/// While a runnable `High` process exists on a worker, no other is chosen there; `Low` gets about
/// one turn for each eight of `Normal`. Differs from OTP: its fourth level, `max`, is kept for
/// the runtime.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// One turn for about eight of `Normal`.
    Low = 0,
    /// What every process starts with.
    #[default]
    Normal = 1,
    /// Before all others.
    High = 2,
}

impl Priority {
    pub(crate) fn from_bits(bits: u8) -> Self {
        match bits {
            0 => Priority::Low,
            2 => Priority::High,
            _ => Priority::Normal,
        }
    }
}

/// What a process is doing (P-77).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// It reads itself, hence runs.
    Running,
    /// It is ready to run.
    Runnable,
    /// It waits for a message, a timeout or a foreign future.
    Waiting,
    /// It is suspended.
    Suspended,
}

/// What a monitor was set on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Monitored {
    /// A process.
    Pid(Pid),
    /// Whoever had this name when the monitor was set (MON-8, MON-9).
    Name(Name),
}

impl PartialEq<Pid> for Monitored {
    fn eq(&self, other: &Pid) -> bool {
        *self == Monitored::Pid(*other)
    }
}

impl PartialEq<Pid> for &Monitored {
    fn eq(&self, other: &Pid) -> bool {
        **self == *other
    }
}

/// A call without an answer, or the end of a process that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenCall {
    /// Who is to answer.
    pub to: Pid,
    /// Whether it is waited for as long as it takes.
    pub without_limit: bool,
}

/// What [`info`](crate::info) tells of a process (P-69 to P-82).
///
/// Differs from OTP: figures of its heap, stack and collector do not exist here.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProcessInfo {
    /// The process itself.
    pub pid: Pid,
    /// Who spawned it; nobody for a root.
    pub parent: Option<Pid>,
    /// Its registered name.
    pub name: Option<Name>,
    /// The label it gave itself.
    pub label: Option<String>,
    /// What it was started to run: the type of its behaviour, or of a task's future; nothing if
    /// it was spawned plainly (PL-1).
    pub initial_call: Option<&'static str>,
    /// Whether it works on somebody's behalf, as a task does (TASK-6).
    pub is_task: bool,
    /// Whether it takes system messages ([`sys`](crate::sys)).
    pub takes_system_messages: bool,
    /// What it is doing.
    pub status: Status,
    /// The calls that it has made and whose answers have not come.
    pub calls: Vec<OpenCall>,
    /// The processes it is linked to.
    pub links: Vec<Pid>,
    /// What it monitors, one entry a monitor.
    pub monitors: Vec<Monitored>,
    /// Who monitors it, one entry a monitor.
    pub monitored_by: Vec<Pid>,
    /// The length of its mailbox.
    pub message_queue_len: usize,
    /// Its mailbox in words, oldest first.
    pub messages: Vec<String>,
    /// Its local storage in words.
    pub locals: Vec<(String, String)>,
    /// Whether it traps exits.
    pub trap_exit: bool,
    /// Its priority.
    pub priority: Priority,
    /// Units of work done since somebody first asked: turns, and messages sent and received.
    /// Never decreases (P-78).
    pub reductions: u64,
    /// The processes that it keeps suspended.
    pub suspending: Vec<Pid>,
}
