//! What oracles are about.

/// What an oracle is about; the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Subject {
    /// Signals on their way.
    Signals,
    /// The queue of a process.
    Mailbox,
    /// Links and exit signals.
    Links,
    /// Monitors.
    Monitors,
    /// Names.
    Names,
    /// Timers and the clock.
    Timers,
    /// Calls and the servers that answer them.
    Servers,
    /// Tasks.
    Tasks,
    /// Registries.
    Registries,
    /// Supervisors.
    Supervision,
    /// State machines.
    Machines,
    /// Applications.
    Applications,
    /// What holds across all of these.
    Cross,
}

impl Subject {
    /// As reports show it.
    pub fn name(self) -> &'static str {
        match self {
            Subject::Signals => "signals",
            Subject::Mailbox => "mailbox",
            Subject::Links => "links",
            Subject::Monitors => "monitors",
            Subject::Names => "names",
            Subject::Timers => "timers",
            Subject::Servers => "servers",
            Subject::Tasks => "tasks",
            Subject::Registries => "registries",
            Subject::Supervision => "supervision",
            Subject::Machines => "machines",
            Subject::Applications => "applications",
            Subject::Cross => "cross",
        }
    }
}
