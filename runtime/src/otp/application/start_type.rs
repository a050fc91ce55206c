//! What the end of an application means to the others, and the report of it.
//!
//! # Semantics
//! APP-32 to APP-34, LOG-11.

use std::fmt;

use crate::kernel::name::Name;
use crate::kernel::reason::ExitReason;
use crate::process;

/// What the end of an application is to the others (APP-32).
#[doc(alias = "restart_type")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StartType {
    /// Any end of it ends all.
    Permanent,
    /// Its end ends all unless it is normal; a shutdown is not (APP-33).
    Transient,
    /// Its end is reported, and no more.
    #[default]
    Temporary,
}

impl StartType {
    pub(super) fn ends_all(self, reason: &ExitReason) -> bool {
        match self {
            StartType::Permanent => true,
            StartType::Transient => !reason.is_normal(),
            StartType::Temporary => false,
        }
    }
}

impl fmt::Display for StartType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StartType::Permanent => "permanent",
            StartType::Transient => "transient",
            StartType::Temporary => "temporary",
        })
    }
}

/// The end of an application, as a message to whoever has subscribed by
/// [`report::subscribe`](crate::report::subscribe) (LOG-11).
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationReport {
    /// Which one.
    pub application: Name,
    /// As what it was started.
    pub start_type: StartType,
    /// Why its tree ended by itself, or why it could not be started; nothing if it was stopped.
    pub reason: Option<ExitReason>,
}

impl fmt::Display for ApplicationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} application {} ", self.start_type, self.application)?;
        match &self.reason {
            Some(reason) => write!(f, "ended: {reason}"),
            None => f.write_str("was stopped"),
        }
    }
}

pub(super) fn report(application: &Name, start_type: StartType, reason: Option<ExitReason>) {
    process::tell(|| ApplicationReport {
        application: application.clone(),
        start_type,
        reason,
    });
}
