//! What can go wrong with applications and their settings.

use super::start_type::StartType;
use crate::kernel::name::Name;
use crate::kernel::reason::ExitReason;
use crate::otp::call::CallError;

/// Why a setting cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// It has no value (APP-3).
    #[error(
        "setting {key:?} ({expected}) of application {application} is not set: give it a default \
         in the application's specification, or a value in the configuration"
    )]
    NotSet {
        /// Whose it is.
        application: Name,
        /// Its key.
        key: &'static str,
        /// The type of its value.
        expected: &'static str,
    },
    /// It has a value of another type: two keys have one name.
    #[error("setting {key:?} of application {application} is of type {found}, expected {expected}")]
    WrongType {
        /// Whose it is.
        application: Name,
        /// Its key.
        key: &'static str,
        /// The type that was asked for.
        expected: &'static str,
        /// The type of its value.
        found: &'static str,
    },
    /// Text could not be made a value of it.
    #[error(
        "setting {key:?} of application {application} is a {expected}, which {text:?} is not: \
         {error}"
    )]
    Unreadable {
        /// Whose it is.
        application: Name,
        /// Its key.
        key: &'static str,
        /// The type of its value.
        expected: &'static str,
        /// The text.
        text: String,
        /// What is wrong with it.
        error: String,
    },
    /// The program was compiled with another value (APP-9).
    #[error(
        "setting {key:?} of application {application} was compiled in as {compiled}, but the \
         configuration says {configured}: build it anew, or change the configuration"
    )]
    Compiled {
        /// Whose it is.
        application: Name,
        /// Its key.
        key: &'static str,
        /// What was compiled in.
        compiled: String,
        /// What was configured.
        configured: String,
    },
}

/// Why an application could not be loaded, started or stopped (APP-44).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplicationError {
    /// The release has no application of that name (APP-1).
    #[error("unknown application {0}: add it to the release, or load it")]
    NotLoaded(Name),
    /// There is an application of that name (APP-1).
    #[error("application {0} is loaded already")]
    AlreadyLoaded(Name),
    /// A running application cannot be unloaded (APP-2).
    #[error("application {0} is running: stop it first")]
    Running(Name),
    /// It runs (APP-14).
    #[error("application {0} has already been started")]
    AlreadyStarted(Name),
    /// It does not run (APP-29).
    #[error("application {0} has not been started")]
    NotStarted(Name),
    /// Something that it needs does not run (APP-13).
    #[error(
        "application {application} needs {needed}, which does not run: start that first, or start \
         all with ensure_all_started"
    )]
    #[doc(alias = "not_started")]
    Needs {
        /// Which was to be started.
        application: Name,
        /// What it needs.
        needed: Name,
    },
    /// Applications depend on each other in a circle, so that none can be the first.
    #[error("applications depend on each other in a circle: {}", circle(.0))]
    Circle(Vec<Name>),
    /// Its start failed with this reason (APP-16, APP-17).
    #[error("application {application} could not be started: {reason}")]
    Start {
        /// Which one.
        application: Name,
        /// Why.
        reason: ExitReason,
    },
    /// A setting is missing or wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// All applications are being stopped.
    #[error("applications are being stopped, none can be started or stopped any more")]
    ShuttingDown,
    /// The controller does not exist, or ended before it answered.
    #[error(transparent)]
    Call(#[from] CallError),
}

fn circle(names: &[Name]) -> String {
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    names.join(" -> ")
}

/// Why the controller ended with all applications: the exit reason inside
/// [`ExitReason::Other`].
#[doc(alias = "application_terminated", alias = "application_start_failure")]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ApplicationFailure {
    /// One ended that the others cannot be without (APP-32).
    #[error("{start_type} application {application} ended: {reason}")]
    Ended {
        /// Which one.
        application: Name,
        /// As what it was started.
        start_type: StartType,
        /// With what reason.
        reason: ExitReason,
    },
    /// One could not be started that the others cannot be without (APP-34).
    #[error("{start_type} application {application} could not be started: {reason}")]
    Start {
        /// Which one.
        application: Name,
        /// As what it was to be started.
        start_type: StartType,
        /// Why.
        reason: ExitReason,
    },
}
