//! The behaviour of a server: state, and callbacks that handle one message at a time.
//!
//! # Semantics
//! GS-1 to GS-93, except what concerns nodes.
//!
//! # Differences from OTP
//! - Requests are typed; each carries its [`Caller`], and is answered through it.
//! - What a callback returns is a `Result`: `Err(reason)` is an exit of the callback (GS-69), so
//!   that `?` works. A panic is the error class. Both run `terminate`.
//! - A timeout has a callback of its own, `handle_timeout`, instead of the message `timeout`.
//! - After a panic `terminate` sees the state as the callback left it, not as it was before.
//!
//! # When not to use
//! A server handles one message at a time. Where the work of different callers has nothing to do
//! with each other, spawn a process for each.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::caller::PendingReply;
use super::launch::{Start, StartMonitor};
use super::report;
use super::start::Unready;
use super::supervisor::ChildSpec;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};

/// A type without values: for kinds of messages that a server does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Never {}

/// A server. Its fields are its state.
///
/// ```
/// use beamline::prelude::*;
///
/// struct Counter(i64);
///
/// #[derive(Debug)]
/// enum Request {
///     Add(i64),
///     Get(Caller<i64>),
/// }
///
/// impl GenServer for Counter {
///     type Args = i64;
///     type Call = Request;
///     type Cast = Never;
///     type Info = Message;
///     type Continue = Never;
///
///     async fn init(start: i64) -> Init<Self> {
///         Ok(Counter(start).into())
///     }
///
///     async fn handle_call(&mut self, request: Request) -> Flow<Self> {
///         match request {
///             Request::Add(n) => self.0 += n,
///             Request::Get(caller) => caller.reply(self.0),
///         }
///         Ok(Next::Wait)
///     }
/// }
///
/// # beamline::Runtime::new().workers(1).run(async {
/// let counter = Counter::start_link(40).await?;
/// let seen = counter.call(Request::Get).await?;
/// assert_eq!(seen, 40);
/// # Ok::<(), ExitReason>(())
/// # });
/// ```
#[doc(alias = "gen_server")]
pub trait GenServer: Sized + Send + 'static {
    /// What it is started with.
    type Args: Send + 'static;
    /// Its requests, usually an enum whose variants carry a [`Caller`](crate::Caller).
    type Call: Term;
    /// What it is told without an answer.
    type Cast: Term;
    /// What it makes of all other messages; [`Message`] takes them as they are.
    type Info: From<Message> + Send;
    /// What it may ask itself to go on with; [`Never`] if it does not.
    type Continue: Send;

    /// Makes the state, in the new process. The starter waits for it (GS-1).
    fn init(args: Self::Args) -> impl Future<Output = Init<Self>> + Send;

    /// A request (GS-49). Panics unless there is one: a server that is called has to answer
    /// (GS-77, GS-79).
    fn handle_call(&mut self, request: Self::Call) -> impl Future<Output = Flow<Self>> + Send {
        let unexpected = format!("{request:?}");
        async move {
            drop(request);
            panic!(
                "attempted to call {}, but it has no handle_call: {unexpected}",
                std::any::type_name::<Self>()
            )
        }
    }

    /// A message that was cast (GS-41). Panics unless there is one (GS-77, GS-79).
    fn handle_cast(&mut self, message: Self::Cast) -> impl Future<Output = Flow<Self>> + Send {
        async move {
            panic!(
                "attempted to cast to {}, but it has no handle_cast: {message:?}",
                std::any::type_name::<Self>()
            )
        }
    }

    /// Any other message, such as `Down`, or `Exit` of a process that is not the parent (GS-44).
    /// Without one such messages are dropped, and reported as
    /// [`UnhandledMessage`](crate::UnhandledMessage) (GS-80, LOG-12).
    fn handle_info(&mut self, message: Self::Info) -> impl Future<Output = Flow<Self>> + Send {
        report::unhandled_info::<Self, Self::Info>(&message);
        drop(message);
        async { Ok(Next::Wait) }
    }

    /// The time given by [`Next::Timeout`] has passed without a message (GS-53).
    fn handle_timeout(&mut self) -> impl Future<Output = Flow<Self>> + Send {
        async { Ok(Next::Wait) }
    }

    /// What [`Next::Continue`] asked for, before any other message (GS-51).
    fn handle_continue(&mut self, work: Self::Continue) -> impl Future<Output = Flow<Self>> + Send {
        drop(work);
        async {
            panic!(
                "{} continues, but it has no handle_continue",
                std::any::type_name::<Self>()
            )
        }
    }

    /// The server ends by its own doing, by [`stop`](crate::stop), or because its parent has ended
    /// and it traps exits (GS-69). Exit signals that it does not trap end it without this (GS-70).
    fn terminate(&mut self, reason: &ExitReason) -> impl Future<Output = ()> + Send {
        let _ = reason;
        async {}
    }

    /// Its state is to be that of another version of the program (SYS-9).
    ///
    /// # Errors
    /// If that cannot be; the state must be as before.
    fn code_change(
        &mut self,
        from: &str,
        extra: Message,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = from;
        drop(extra);
        async { Ok(()) }
    }

    /// The state as reports and [`sys::status`](crate::sys::status) may show it; nothing unless
    /// there is one (GS-92).
    fn format_status(&self) -> Option<String> {
        None
    }

    /// Starts it on its own.
    fn start(args: Self::Args) -> Start<Self> {
        Start::new(args, false)
    }

    /// Starts it linked to the caller.
    fn start_link(args: Self::Args) -> Start<Self> {
        Start::new(args, true)
    }

    /// A child specification: a supervisor starts it linked, with a copy of `args` each time.
    #[doc(alias = "child_spec")]
    fn child(args: Self::Args) -> ChildSpec
    where
        Self::Args: Clone,
    {
        ChildSpec::of::<Self>(args)
    }

    /// Starts it with a monitor of the caller's.
    fn start_monitor(args: Self::Args) -> StartMonitor<Self> {
        StartMonitor::new(Start::new(args, false))
    }
}

/// What [`GenServer::init`] comes to.
///
/// The state converts into [`Ready`]; reasons and errors convert into [`Refusal`], by `?`.
pub type Init<S> = Result<Ready<S>, Refusal>;

/// What a callback comes to: what to do next, or the reason to end.
pub type Flow<S> = Result<Next<S>, ExitReason>;

/// A server that is initialised, and what it does first.
pub struct Ready<S: GenServer> {
    pub(crate) state: S,
    pub(crate) next: Next<S>,
}

impl<S: GenServer> From<S> for Ready<S> {
    fn from(state: S) -> Self {
        let next = Next::Wait;
        Ready { state, next }
    }
}

impl<S: GenServer> Ready<S> {
    /// The state, and what comes first; the starter is told before (GS-52).
    pub fn then(state: S, next: Next<S>) -> Self {
        Ready { state, next }
    }
}

impl<S: GenServer> fmt::Debug for Ready<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ready(then {:?})", self.next)
    }
}

/// Why a server does not run.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// It does not want to, and ends normally (GS-3).
    Ignore,
    /// It ends with this reason; a crash unless the reason is normal or a shutdown (GS-4).
    Stop(ExitReason),
    /// It tells this to the starter and ends normally (GS-5).
    Error(ExitReason),
}

impl From<ExitReason> for Refusal {
    fn from(reason: ExitReason) -> Self {
        Refusal::Stop(reason)
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Refusal {
    fn from(error: E) -> Self {
        Refusal::Stop(error.into())
    }
}

impl From<Refusal> for Unready {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Ignore => Unready::ignore(),
            Refusal::Stop(reason) => Unready::stop(reason),
            Refusal::Error(reason) => Unready::decline(reason),
        }
    }
}

/// What a server does next.
pub enum Next<S: GenServer> {
    /// Waits for the next message.
    Wait,
    /// Waits for the next message, or for so long: then `handle_timeout` is called, once (GS-53,
    /// GS-54). A time of zero has passed if no message is there (GS-55).
    Timeout(Duration),
    /// Calls `handle_continue` before anything else (GS-51).
    Continue(S::Continue),
    /// Waits for the next message, which may take long (GS-59).
    Hibernate,
    /// Terminates and ends (GS-66). Callers that are waiting learn the reason (GS-68).
    Stop(ExitReason),
    /// Terminates, answers, and ends (GS-67).
    StopReply(ExitReason, PendingReply),
}

impl<S: GenServer> fmt::Debug for Next<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Next::Wait => f.write_str("Wait"),
            Next::Timeout(time) => write!(f, "Timeout({time:?})"),
            Next::Continue(_) => f.write_str("Continue"),
            Next::Hibernate => f.write_str("Hibernate"),
            Next::Stop(reason) => write!(f, "Stop({reason})"),
            Next::StopReply(reason, _) => write!(f, "StopReply({reason})"),
        }
    }
}

/// What a cast is in the mailbox: told from messages that were sent plainly.
pub(crate) struct Casted<C>(pub(crate) C);

impl<C: fmt::Debug> fmt::Debug for Casted<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
