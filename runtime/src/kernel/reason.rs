//! Why a process ended.
//!
//! # Semantics
//! One type holds every exit reason (P-25 to P-36, SIG-19 to SIG-30). It is passed unchanged to
//! links and monitors, is cheap to clone, and compares by value.
//!
//! # Differences from OTP
//! - `kill` as a reason of an explicit exit signal becomes `Killed` (SIG-23); as the reason of a
//!   process that ended by itself it stays `Kill` (P-29, SIG-24).
//! - A panic is the error class: it carries its message and place instead of a stack term.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::process::Termination;
use std::sync::Arc;

use super::term::Term;

/// Why a process ended, or why it is asked to end.
#[doc(alias = "exit reason")]
#[derive(Clone)]
#[non_exhaustive]
pub enum ExitReason {
    /// The body came to its end. Links do not carry it on to processes that do not trap exits.
    Normal,
    /// An orderly stop, as supervisors ask for it.
    Shutdown,
    /// An orderly stop with a value of the caller's.
    ShutdownWith(Reason),
    /// As an exit signal: cannot be trapped (SIG-23). As a link's reason: like any other.
    Kill,
    /// The process was killed by an exit signal with reason `Kill`.
    Killed,
    /// The process that was linked, monitored or called did not exist.
    NoProc,
    /// The node of the process was lost.
    NoConnection,
    /// Something was waited for in vain.
    Timeout,
    /// A process called itself and would have waited forever.
    CallingSelf,
    /// The body panicked.
    Panicked(Arc<PanicInfo>),
    /// The body returned an error.
    Error(Arc<dyn Error + Send + Sync>),
    /// Any other value.
    Other(Reason),
}

const _: () = assert!(size_of::<ExitReason>() <= 24);

/// A panic of a body: its message and where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanicInfo {
    /// The text given to the panic.
    pub message: String,
    /// `file:line:column`, where it is known.
    pub location: Option<String>,
}

/// A value of the program's own inside an exit reason; it compares by value.
#[derive(Clone)]
pub struct Reason(Arc<dyn ReasonValue>);

trait ReasonValue: Any + Send + Sync + fmt::Debug {
    fn same_as(&self, other: &dyn ReasonValue) -> bool;
}

impl<T: Term + Sync + PartialEq> ReasonValue for T {
    fn same_as(&self, other: &dyn ReasonValue) -> bool {
        (other as &dyn Any).downcast_ref::<T>() == Some(self)
    }
}

impl Reason {
    /// Wraps a value.
    pub fn new<T: Term + Sync + PartialEq>(value: T) -> Self {
        Reason(Arc::new(value))
    }

    /// The value, if it is a `T`.
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        (&*self.0 as &dyn Any).downcast_ref()
    }
}

impl PartialEq for Reason {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_as(&*other.0)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ExitReason {
    /// A reason that carries any value of the program's own.
    ///
    /// ```
    /// # use beamline::ExitReason;
    /// let reason = ExitReason::other("disk full");
    /// assert_eq!(reason.downcast_ref::<&str>(), Some(&"disk full"));
    /// ```
    pub fn other<T: Term + Sync + PartialEq>(value: T) -> Self {
        ExitReason::Other(Reason::new(value))
    }

    /// An orderly stop that carries a value, OTP's `{shutdown, Term}`.
    pub fn shutdown_with<T: Term + Sync + PartialEq>(value: T) -> Self {
        ExitReason::ShutdownWith(Reason::new(value))
    }

    /// Whether this is `Normal`.
    pub fn is_normal(&self) -> bool {
        matches!(self, ExitReason::Normal)
    }

    /// Whether it carries a value, whose destructor may be anything.
    pub(crate) fn has_value(&self) -> bool {
        use ExitReason::*;
        matches!(self, ShutdownWith(_) | Panicked(_) | Error(_) | Other(_))
    }

    /// Whether this is `Shutdown` or `ShutdownWith`.
    pub fn is_shutdown(&self) -> bool {
        matches!(self, ExitReason::Shutdown | ExitReason::ShutdownWith(_))
    }

    /// Whether this is a crash: neither normal nor an orderly stop.
    pub fn is_abnormal(&self) -> bool {
        !self.is_normal() && !self.is_shutdown()
    }

    /// The program's own value inside, if there is one and it is a `T`.
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        match self {
            ExitReason::Other(value) | ExitReason::ShutdownWith(value) => value.downcast_ref(),
            _ => None,
        }
    }

    /// The error that the body returned, if it did and it is a `T`.
    pub fn error_ref<T: Error + 'static>(&self) -> Option<&T> {
        match self {
            ExitReason::Error(error) => error.downcast_ref(),
            _ => None,
        }
    }
}

/// Errors compare by their text, all other reasons by value.
impl PartialEq for ExitReason {
    fn eq(&self, other: &Self) -> bool {
        use ExitReason::*;
        match (self, other) {
            (ShutdownWith(a), ShutdownWith(b)) | (Other(a), Other(b)) => a == b,
            (Panicked(a), Panicked(b)) => a == b,
            (Error(a), Error(b)) => Arc::ptr_eq(a, b) || a.to_string() == b.to_string(),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for ExitReason {
    fn from(error: E) -> Self {
        ExitReason::Error(Arc::new(error))
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExitReason::Normal => f.write_str("normal"),
            ExitReason::Shutdown => f.write_str("shutdown"),
            ExitReason::ShutdownWith(value) => write!(f, "shutdown with {value:?}"),
            ExitReason::Kill => f.write_str("kill"),
            ExitReason::Killed => f.write_str("killed"),
            ExitReason::NoProc => f.write_str("noproc"),
            ExitReason::NoConnection => f.write_str("noconnection"),
            ExitReason::Timeout => f.write_str("timeout"),
            ExitReason::CallingSelf => f.write_str("calling self"),
            ExitReason::Panicked(info) => fmt::Display::fmt(info, f),
            ExitReason::Error(error) => write!(f, "error: {error}"),
            ExitReason::Other(value) => write!(f, "{value:?}"),
        }
    }
}

impl fmt::Debug for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PanicInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.message)?;
        match &self.location {
            Some(location) => write!(f, " at {location}"),
            None => Ok(()),
        }
    }
}

/// As the value of `main`: normal and shutdown ends succeed; any other is printed and fails.
impl Termination for ExitReason {
    fn report(self) -> std::process::ExitCode {
        if self.is_abnormal() {
            eprintln!("error: the root process ended: {self}");
            return std::process::ExitCode::FAILURE;
        }
        std::process::ExitCode::SUCCESS
    }
}

/// What the body of a process may return; it becomes the exit reason (P-5, P-26).
///
/// `()` is `Normal`; `Ok(())` too; an `Err` is converted into a reason; a reason stands for
/// itself.
#[diagnostic::on_unimplemented(
    message = "a process cannot return `{Self}`",
    label = "what this returns would be an exit reason, which `{Self}` is not",
    note = "a body returns `()`, an `ExitReason`, a `Result<(), E>` whose `E` is an error or an \
            `ExitReason`, or it never returns; `ExitReason::other` makes a reason of any value"
)]
pub trait Outcome {
    /// The exit reason that this value stands for.
    fn into_reason(self) -> ExitReason;
}

impl Outcome for () {
    fn into_reason(self) -> ExitReason {
        ExitReason::Normal
    }
}

/// Names the type of functions that never return, which stable Rust has no name for.
mod never {
    pub trait Returns {
        type Value;
    }

    impl<T> Returns for fn() -> T {
        type Value = T;
    }
}

/// A body that loops for ever has no end of its own.
impl Outcome for <fn() -> ! as never::Returns>::Value {
    fn into_reason(self) -> ExitReason {
        self
    }
}

impl Outcome for ExitReason {
    fn into_reason(self) -> ExitReason {
        self
    }
}

impl<T: Outcome, E: Into<ExitReason>> Outcome for Result<T, E> {
    fn into_reason(self) -> ExitReason {
        match self {
            Ok(value) => value.into_reason(),
            Err(error) => error.into(),
        }
    }
}

/// What [`exit_now`](crate::exit_now) unwinds with; never seen by a panic hook.
pub(crate) struct Unwind(pub(crate) ExitReason);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_compare_by_value() {
        assert_eq!(ExitReason::other(7u8), ExitReason::other(7u8));
        assert_ne!(ExitReason::other(7u8), ExitReason::other(7u16));
        assert_ne!(ExitReason::Kill, ExitReason::Killed);
        assert_ne!(ExitReason::shutdown_with("a"), ExitReason::other("a"));
        let parse: ExitReason = "x".parse::<u8>().unwrap_err().into();
        assert_eq!(parse, parse.clone());
        assert!(parse.error_ref::<std::num::ParseIntError>().is_some());
    }
}
