//! System messages: looking into a running process that a behaviour runs, and steering it.
//!
//! # Semantics
//! SYS-1 to SYS-19. They work for every behaviour, between its callbacks, and wait five seconds
//! (SYS-1). A process that no behaviour runs does not answer (SYS-18).
//!
//! # Differences from OTP
//! - The state is typed: who looks at it has to know its type.
//! - Failures are values.
//! - Events are text; printing them, or writing them to a file, is what a hook is for.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use super::address::Reach;
use super::call::{CALL_TIMEOUT, Call, CallError};
use super::caller::Caller;
use super::control::Order;
pub use super::control::SystemEvent;
pub use super::sys_receiver::SystemReceiver;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};
use crate::process::request::{End, Open};
use crate::process::{Instant, caught, me, now};

/// Events that a log keeps unless told otherwise (SYS-11).
pub const LOG_SIZE: usize = 10;

/// Why a system message failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SysError {
    /// As any call can.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The state is of another type than was asked for; it is unchanged.
    #[error("the state is of another type than was asked for")]
    WrongType,
    /// The function panicked, or the state could not be changed (SYS-4, SYS-9). Its process goes
    /// on with the state as the function left it.
    #[error("the state could not be changed: {0}")]
    Failed(ExitReason),
    /// Only a suspended process changes its code (SYS-9).
    #[error("the process is not suspended")]
    NotSuspended,
}

impl From<ExitReason> for SysError {
    fn from(reason: ExitReason) -> Self {
        SysError::Failed(reason)
    }
}

fn order<T: Term>(
    process: &impl Reach,
    make: impl FnOnce(Caller<T>) -> Order,
) -> Call<Order, T, impl FnOnce(Caller<T>) -> Order> {
    Call::new(process.reach(), make, Some(CALL_TIMEOUT))
}

/// Makes a process take nothing but system messages until [`resume`] (SYS-5, SYS-6).
///
/// # Errors
/// As for any call.
pub async fn suspend(process: impl Reach) -> Result<(), CallError> {
    order(&process, Order::Suspend).await
}

/// Makes it take other messages again, in the order in which they came.
///
/// # Errors
/// As for any call.
pub async fn resume(process: impl Reach) -> Result<(), CallError> {
    order(&process, Order::Resume).await
}

/// Does something with the state of a process, inside that process, between its callbacks.
///
/// # Errors
/// If the state is no `S`, if `act` panics, or as for any call.
pub async fn with_state<S, T, F>(process: impl Reach, act: F) -> Result<T, SysError>
where
    S: 'static,
    T: Term,
    F: FnOnce(&mut S) -> T + Send + 'static,
{
    with_state_within(process, CALL_TIMEOUT, act).await
}

/// The same, waiting at most so long.
pub(crate) async fn with_state_within<S, T, F>(
    process: impl Reach,
    timeout: Duration,
    act: F,
) -> Result<T, SysError>
where
    S: 'static,
    T: Term,
    F: FnOnce(&mut S) -> T + Send + 'static,
{
    let answer = order(&process, move |caller: Caller<Result<T, SysError>>| {
        Order::Inspect(Box::new(move |state: &mut dyn Any| {
            let Some(state) = state.downcast_mut::<S>() else {
                return caller.reply(Err(SysError::WrongType));
            };
            caller.reply(caught(|| act(state)).map_err(SysError::Failed));
        }))
    });
    answer.timeout(timeout).await?
}

/// A copy of the state (SYS-3).
///
/// # Errors
/// As for [`with_state`].
pub async fn get_state<S: Clone + Term>(process: impl Reach) -> Result<S, SysError> {
    with_state(process, |state: &mut S| state.clone()).await
}

/// Replaces the state by what a function makes of it, and returns the new one. If the function
/// panics the state is unchanged (SYS-3, SYS-4).
///
/// # Errors
/// As for [`with_state`].
pub async fn replace_state<S, F>(process: impl Reach, replace: F) -> Result<S, SysError>
where
    S: Clone + Term,
    F: FnOnce(S) -> S + Send + 'static,
{
    with_state(process, |state: &mut S| {
        *state = replace(state.clone());
        state.clone()
    })
    .await
}

/// What is to be known of a process.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The process.
    pub pid: Pid,
    /// The type of its behaviour.
    pub behaviour: &'static str,
    /// Who started it with a link.
    pub parent: Option<Pid>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// The state in words, if it may be shown.
    pub state: Option<String>,
    /// The events that were logged, oldest first.
    pub log: Vec<SysEvent>,
}

/// What is to be known of a process (SYS-10).
///
/// # Errors
/// As for any call.
#[doc(alias = "get_status")]
pub async fn status(process: impl Reach) -> Result<Status, CallError> {
    status_within(process, CALL_TIMEOUT).await
}

/// The same, waiting at most so long.
pub(crate) async fn status_within(
    process: impl Reach,
    timeout: Duration,
) -> Result<Status, CallError> {
    order(&process, Order::Status).timeout(timeout).await
}

/// Has a suspended process change its state to that of another version of the program (SYS-9).
///
/// # Errors
/// If it is not suspended, if it refuses or its callback panics, or as for any call. The process
/// goes on all the same, with the state as the callback left it: it should change that last.
pub async fn change_code<E: Term>(
    process: impl Reach,
    from: impl Into<String>,
    extra: E,
) -> Result<(), SysError> {
    let (from, extra) = (from.into(), Message::new(extra));
    order(&process, move |caller| Order::Change(from, extra, caller)).await?
}

/// As [`stop`](crate::stop).
pub(crate) async fn terminate(
    process: &impl Reach,
    reason: ExitReason,
    timeout: Option<Duration>,
) -> Result<(), CallError> {
    let Some(pid) = process.reach().find().await else {
        return Err(CallError::NoProc);
    };
    if pid == me() {
        return Err(CallError::CallingSelf);
    }
    let wanted = reason.clone();
    let mut open: Open<()> = Open::ask(pid, |reference| {
        Order::Terminate(reason, Caller::new(reference, pid))
    });
    match open.wait(timeout).await {
        None => Err(CallError::Timeout),
        Some(End::Down(reason)) if reason == wanted && reason != ExitReason::NoProc => Ok(()),
        Some(End::Answer(())) => Ok(()),
        Some(end) => end.into_result(),
    }
}

/// What has happened in a process while somebody watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SysEvent {
    /// What.
    pub kind: EventKind,
    /// The message, for one that came in.
    pub text: String,
}

/// The sorts of events (SYS-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A message was taken.
    In,
    /// A call was answered by the callback that handled it.
    Out,
    /// A callback returned without such an answer.
    NoReply,
    /// A state machine has entered a state (GSM-1306).
    Enter,
    /// It has handled an event and postponed it.
    Postpone,
    /// It has handled an event.
    Consume,
    /// It terminates.
    Terminate,
}

/// Numbers that are counted on demand (SYS-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// When counting began.
    pub since: Instant,
    /// When these were asked for.
    pub now: Instant,
    /// Calls, casts and other messages that were handled.
    pub messages_in: u64,
    /// Calls answered by the callback that handled them (SYS-14).
    pub messages_out: u64,
}

/// Begins to count, or stops and forgets (SYS-13).
///
/// # Errors
/// As for any call.
pub async fn count(process: impl Reach, on: bool) -> Result<(), CallError> {
    order(&process, move |caller| Order::Count(on, caller)).await
}

/// What has been counted; nothing if that is off (SYS-13).
///
/// # Errors
/// As for any call.
pub async fn statistics(process: impl Reach) -> Result<Option<Statistics>, CallError> {
    order(&process, Order::Statistics).await
}

/// Keeps the last events, so many of them; none forgets what was kept (SYS-11).
///
/// # Errors
/// As for any call.
pub async fn log(process: impl Reach, size: usize) -> Result<(), CallError> {
    order(&process, move |caller| Order::Log(size, caller)).await
}

/// The events that were kept, oldest first (SYS-11).
///
/// # Errors
/// As for any call.
pub async fn logged(process: impl Reach) -> Result<Vec<SysEvent>, CallError> {
    order(&process, Order::Logged).await
}

/// What a hook is called (SYS-15).
pub(crate) type HookId = String;

/// A function that is told of each event. It stays as long as it returns [`Watch::On`].
pub(crate) type Hook = Box<dyn FnMut(&SysEvent) -> Watch + Send>;

/// Whether a hook wants to hear more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// It does.
    On,
    /// It does not: it is removed.
    Done,
}

/// Installs a function that is told of each event, unless there is one of this id already. If it
/// panics it is removed (SYS-15).
///
/// # Errors
/// As for any call.
#[doc(alias = "trace")]
pub async fn install(
    process: impl Reach,
    id: impl Into<String>,
    hook: impl FnMut(&SysEvent) -> Watch + Send + 'static,
) -> Result<(), CallError> {
    let (id, hook) = (id.into(), Box::new(hook));
    order(&process, move |caller| Order::Install(id, hook, caller)).await
}

/// Removes a hook (SYS-16).
///
/// # Errors
/// As for any call.
pub async fn remove(process: impl Reach, id: impl Into<String>) -> Result<(), CallError> {
    let id = id.into();
    order(&process, move |caller| Order::Remove(id, caller)).await
}

/// Stops counting, logging and calling hooks (SYS-16).
///
/// # Errors
/// As for any call.
pub async fn no_debug(process: impl Reach) -> Result<(), CallError> {
    order(&process, Order::NoDebug).await
}

/// What a process keeps of its events.
#[derive(Default)]
pub(crate) struct Debugging {
    counted: Option<Statistics>,
    log: VecDeque<SysEvent>,
    log_size: usize,
    hooks: Vec<(HookId, Hook)>,
}

impl Debugging {
    pub(crate) fn is_idle(&self) -> bool {
        self.counted.is_none() && self.log_size == 0 && self.hooks.is_empty()
    }

    pub(crate) fn count(&mut self, on: bool) {
        self.counted = match (on, self.counted) {
            (false, _) => None,
            (true, Some(counted)) => Some(counted),
            (true, None) => Some(Statistics {
                since: now(),
                now: now(),
                messages_in: 0,
                messages_out: 0,
            }),
        };
    }

    pub(crate) fn statistics(&self) -> Option<Statistics> {
        let now = now();
        self.counted.map(|counted| Statistics { now, ..counted })
    }

    pub(crate) fn keep(&mut self, size: usize) {
        self.log_size = size;
        while self.log.len() > size {
            self.log.pop_front();
        }
    }

    pub(crate) fn logged(&self) -> Vec<SysEvent> {
        self.log.iter().cloned().collect()
    }

    pub(crate) fn install(&mut self, id: HookId, hook: Hook) {
        if self.hooks.iter().all(|(known, _)| *known != id) {
            self.hooks.push((id, hook));
        }
    }

    pub(crate) fn remove(&mut self, id: &HookId) {
        self.hooks.retain(|(known, _)| known != id);
    }

    pub(crate) fn event(&mut self, event: SysEvent) {
        if let Some(counted) = &mut self.counted {
            match event.kind {
                EventKind::In => counted.messages_in += 1,
                EventKind::Out => counted.messages_out += 1,
                _ => {}
            }
        }
        self.hooks
            .retain_mut(|(_, hook)| matches!(caught(|| hook(&event)), Ok(Watch::On)));
        if self.log_size > 0 {
            if self.log.len() == self.log_size {
                self.log.pop_front();
            }
            self.log.push_back(event);
        }
    }
}

impl fmt::Debug for Debugging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Debugging")
            .field("counted", &self.counted)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}
