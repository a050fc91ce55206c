//! Reports: what is told of crashes, of supervisors, and of messages that nobody handles.
//!
//! # Semantics
//! PL-2 to PL-9, GS-80, GS-89 to GS-92, LOG-1 to LOG-5, LOG-9 to LOG-13. A behaviour reports its
//! crash after `terminate` and before anybody learns of its end (GS-90), so that its supervisor's
//! report comes after its own (LOG-13).
//!
//! # Differences from OTP
//! - One report for each crash, where OTP has one of the behaviour and one of the process.
//! - The last message is shown by its type and, for calls, its caller. A message is moved into the
//!   callback and not kept, so its text is there only while somebody watches the process through
//!   [`sys`](crate::sys).
//! - Neighbours are not listed (PL-8): asking them takes turns of theirs.

use std::any::Any;
use std::fmt;

use super::application::ApplicationReport;
use super::supervisor::SupervisorReport;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::report::{CrashPhase, CrashReport, LastMessage};
use crate::kernel::term::Message;
pub use crate::process::subscribe;
use crate::process::{ancestors, callers, me, own_label, own_name, tell};

/// A report of any kind, as a hook of the runtime's is told of it.
#[doc(alias = "logger_handler")]
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Report<'a> {
    /// A process has crashed.
    Crash(&'a CrashReport),
    /// Something happened to a child of a supervisor.
    Supervisor(&'a SupervisorReport),
    /// An application has ended, or could not be started.
    Application(&'a ApplicationReport),
    /// A behaviour got a message that it has no callback for.
    Unhandled(&'a UnhandledMessage),
}

impl<'a> Report<'a> {
    /// What the kernel hands on without knowing it.
    #[cfg(feature = "threads")]
    pub(crate) fn of(report: &'a dyn Any) -> Option<Report<'a>> {
        None.or_else(|| report.downcast_ref().map(Report::Crash))
            .or_else(|| report.downcast_ref().map(Report::Supervisor))
            .or_else(|| report.downcast_ref().map(Report::Application))
            .or_else(|| report.downcast_ref().map(Report::Unhandled))
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Report::Crash(report) => report.fmt(f),
            Report::Supervisor(report) => report.fmt(f),
            Report::Application(report) => report.fmt(f),
            Report::Unhandled(report) => report.fmt(f),
        }
    }
}

/// A message that a behaviour has no callback for; it is dropped, and the behaviour goes on
/// (GS-80, LOG-12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnhandledMessage {
    /// Who got it.
    pub pid: Pid,
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// The type of the behaviour that it runs.
    pub behaviour: &'static str,
    /// The message in words; of one that the server has given a type of its own, the type.
    pub message: String,
}

impl fmt::Display for UnhandledMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.behaviour)?;
        match &self.name {
            Some(name) => write!(f, "{name}")?,
            None => write!(f, "{}", self.pid)?,
        }
        write!(
            f,
            " got a message that it does not handle: {}",
            self.message
        )
    }
}

/// Reports a message that the calling server does not handle: for the last arm of a
/// [`handle_info`](crate::GenServer::handle_info) of one's own. Nothing is written, and the
/// message not even put into words, unless somebody wants reports.
///
/// ```
/// # use beamline::prelude::*;
/// use beamline::{UnhandledMessage, report};
/// # struct Watcher;
/// # impl GenServer for Watcher {
/// #     type Args = ();
/// #     type Call = Never;
/// #     type Cast = Never;
/// #     type Info = Message;
/// #     type Continue = Never;
/// #     async fn init((): ()) -> Init<Self> { Ok(Watcher.into()) }
///
/// async fn handle_info(&mut self, message: Message) -> Flow<Self> {
///     match message.downcast::<Down>() {
///         Ok(down) => println!("{:?} is gone", down.process),
///         Err(other) => report::unhandled::<Self>(&other),
///     }
///     Ok(Next::Wait)
/// }
/// # }
/// # let runtime = beamline::Runtime::new().workers(1);
/// # let reason = runtime.run_with(async |mut mailbox: Mailbox| {
/// # report::subscribe().await;
/// # let server = Watcher::start(()).await?;
/// # send(server.pid(), 7);
/// # let report = mailbox.receive::<UnhandledMessage>().await;
/// # assert_eq!((report.pid, &*report.message), (server.pid(), "7"));
/// # Ok::<(), ExitReason>(())
/// # });
/// # assert_eq!(reason, ExitReason::Normal);
/// ```
pub fn unhandled<S>(message: &dyn fmt::Debug) {
    unhandled_by::<S>(|| format!("{message:?}"));
}

/// The same of a message that may have been given any type.
pub(crate) fn unhandled_info<S, I: 'static>(message: &I) {
    unhandled_by::<S>(|| match (message as &dyn Any).downcast_ref::<Message>() {
        Some(message) => format!("{message:?}"),
        None => std::any::type_name::<I>().to_owned(),
    });
}

fn unhandled_by<S>(message: impl FnOnce() -> String) {
    tell(|| UnhandledMessage {
        pid: me(),
        name: own_name(),
        behaviour: std::any::type_name::<S>(),
        message: message(),
    });
}

/// What is known of a crash by whoever runs the process.
pub(crate) struct Crash<'a> {
    pub(crate) behaviour: &'static str,
    pub(crate) phase: CrashPhase,
    pub(crate) reason: &'a ExitReason,
    pub(crate) last_message: Option<LastMessage>,
    pub(crate) state: Option<String>,
}

/// Reports the caller's end, unless it is normal or a shutdown (PL-3, LOG-4).
pub(crate) fn crashed(crash: Crash<'_>) {
    if !crash.reason.is_abnormal() {
        return;
    }
    tell(|| CrashReport {
        pid: me(),
        name: own_name(),
        label: own_label(),
        behaviour: Some(crash.behaviour),
        phase: crash.phase,
        ancestors: ancestors(),
        callers: callers(),
        reason: crash.reason.clone(),
        last_message: crash.last_message,
        state: crash.state,
    });
}

/// What a behaviour is handling. Two words, since every behaviour keeps it while it waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handling {
    caller: Option<Pid>,
    type_name: Option<fn() -> &'static str>,
}

impl Handling {
    pub(crate) fn nothing() -> Self {
        Handling {
            caller: None,
            type_name: None,
        }
    }

    /// A request of this type.
    #[inline]
    pub(crate) fn call<C>(caller: Pid) -> Self {
        Handling {
            caller: Some(caller),
            type_name: Some(std::any::type_name::<C>),
        }
    }

    /// Something that is called so.
    #[inline]
    pub(crate) fn other(type_name: fn() -> &'static str) -> Self {
        Handling {
            caller: None,
            type_name: Some(type_name),
        }
    }
}

/// Reports the crash of a behaviour that serves, unless its end is none.
pub(crate) fn served(
    behaviour: &'static str,
    handling: Handling,
    reason: &ExitReason,
    state: impl FnOnce() -> Option<String>,
) {
    if !reason.is_abnormal() {
        return;
    }
    let last_message = handling.type_name.map(|type_name| LastMessage {
        caller: handling.caller,
        type_name: type_name(),
        text: None,
    });
    crashed(Crash {
        behaviour,
        phase: CrashPhase::Serving,
        reason,
        last_message,
        state: state(),
    });
}

/// Reports a start that failed by a crash (GS-91).
pub(crate) fn unready(behaviour: &'static str, reason: &ExitReason) {
    crashed(Crash {
        behaviour,
        phase: CrashPhase::Starting,
        reason,
        last_message: None,
        state: None,
    });
}
