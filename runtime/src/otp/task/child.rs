//! How children of a supervisor end, and whether they begin again.

use std::time::Duration;

/// How a process is asked to end, and how long it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// It is killed at once.
    Brutal,
    /// It is sent `Shutdown`, and killed when it has not ended by then.
    After(Duration),
    /// It is sent `Shutdown`, and waited for without end.
    Infinity,
}

impl Default for Shutdown {
    /// Five seconds, as in OTP.
    fn default() -> Self {
        Shutdown::After(Duration::from_secs(5))
    }
}

impl From<Duration> for Shutdown {
    fn from(time: Duration) -> Self {
        Shutdown::After(time)
    }
}

/// Whether a child that has ended is started again (TSUP-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Restart {
    /// Never.
    #[default]
    Temporary,
    /// When it ended abnormally.
    Transient,
    /// Always.
    Permanent,
}
