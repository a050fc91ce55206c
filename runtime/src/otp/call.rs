//! Calls: requests that wait for their answer.
//!
//! # Semantics
//! GS-18 to GS-37. A call ends with the answer, with the end of the server, or with the time; what
//! comes later is dropped, and nothing of it is ever in the caller's mailbox.
//!
//! # Costs
//! One message each way; no search of the mailbox, no allocation beyond the two nodes. The server
//! notes the caller while it works on a request, which is how its end is told.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};
use std::time::Duration;

use super::address::To;
use super::caller::Caller;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Term;
use crate::process::me;
use crate::process::request::{End, Open, Patience};

/// How long a call waits unless told otherwise: OTP's value, long enough that only what is stuck
/// meets it (GS-19).
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a call has no answer.
///
/// As an [`ExitReason`], by `?`, it is [`ExitReason::Error`] around this: OTP wraps the reason of a
/// failed call as well (GS-23).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There is no such process, or nobody has the name (GS-25).
    #[error("the server that was called does not exist")]
    NoProc,
    /// The server ended before it answered (GS-26).
    #[error("the server that was called ended: {0}")]
    Down(ExitReason),
    /// No answer came in time; the server may still work on it (GS-24, GS-29).
    #[error("the server that was called did not answer in time")]
    Timeout,
    /// The server dropped the request without an answer.
    #[error("the server that was called dropped the request without an answer")]
    NoReply,
    /// A process called itself, and would have waited for itself (GS-27).
    #[error("a server called itself")]
    CallingSelf,
}

impl<T> End<T> {
    /// What a call makes of it.
    pub(crate) fn into_result(self) -> Result<T, CallError> {
        match self {
            End::Answer(value) => Ok(value),
            End::NoReply => Err(CallError::NoReply),
            End::Down(ExitReason::NoProc) => Err(CallError::NoProc),
            End::Down(reason) => Err(CallError::Down(reason)),
        }
    }
}

/// A call; nothing is sent before it is awaited. Dropped while it waits, it is abandoned.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<C, T, F> {
    to: To,
    make: Option<F>,
    patience: Patience,
    open: Option<Open<T>>,
    _of: PhantomData<fn() -> C>,
}

impl<C, T, F> Call<C, T, F>
where
    C: Term,
    T: Term,
    F: FnOnce(Caller<T>) -> C,
{
    pub(crate) fn new(to: To, make: F, timeout: Option<Duration>) -> Self {
        Call {
            to,
            make: Some(make),
            patience: Patience::new(timeout),
            open: None,
            _of: PhantomData,
        }
    }

    /// Waits at most so long, instead of the time that is usual for the behaviour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.patience = Patience::new(Some(timeout));
        self
    }

    /// Waits as long as it takes, or until the server ends (OTP's `infinity`).
    pub fn no_timeout(mut self) -> Self {
        self.patience = Patience::new(None);
        self
    }

    fn send(&mut self, pid: Pid) -> Result<(), CallError> {
        if pid == me() && !mutant!(CallSelf) {
            return Err(CallError::CallingSelf);
        }
        if let Some(make) = self.make.take() {
            self.open = Some(ask(pid, make));
        }
        Ok(())
    }
}

/// Sends a request.
#[inline]
fn ask<C: Term, T: Term>(pid: Pid, make: impl FnOnce(Caller<T>) -> C) -> Open<T> {
    Open::ask(pid, |reference: Ref| make(Caller::new(reference, pid)))
}

// The closure is moved out to be called, and never pinned.
impl<C, T, F> Unpin for Call<C, T, F> {}

impl<C, T, F> Future for Call<C, T, F>
where
    C: Term,
    T: Term,
    F: FnOnce(Caller<T>) -> C,
{
    type Output = Result<T, CallError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.open.is_none() {
            let pid = match &mut this.to {
                To::Pid(pid) => *pid,
                To::Search(search) => match ready!(search.as_mut().poll(task)) {
                    Some(pid) => pid,
                    None => return Poll::Ready(Err(CallError::NoProc)),
                },
            };
            this.send(pid)?;
        }
        let Some(open) = &mut this.open else {
            unreachable!("CAL1: a call without a request");
        };
        match this.patience.poll(|| open.look()) {
            Poll::Pending => {
                if this.patience.is_endless() {
                    open.waits_without_limit();
                }
                Poll::Pending
            }
            Poll::Ready(Some(end)) => Poll::Ready(end.into_result()),
            Poll::Ready(None) => {
                open.gave_up();
                Poll::Ready(Err(CallError::Timeout))
            }
        }
    }
}

impl<C, T, F> fmt::Debug for Call<C, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// A request that has been sent and whose answer is waited for later, in any order with others.
///
/// Dropped, it is abandoned: its answer is dropped when it comes (GS-36).
#[doc(alias = "request_id")]
#[must_use = "a request that is dropped is abandoned"]
#[derive(Debug)]
pub struct Request<T> {
    /// Nothing for a server that could not be found.
    open: Option<Open<T>>,
}

impl<T: Term> Request<T> {
    /// Sends a request; never waits for the server (GS-34).
    pub(crate) async fn send<C: Term>(to: To, make: impl FnOnce(Caller<T>) -> C) -> Self {
        let found = to.find().await;
        let open = found.map(|pid| ask(pid, make));
        Request { open }
    }

    /// The answer; `None` if it has not come in time, and then it may be waited for again (GS-35).
    #[doc(alias = "wait_response")]
    pub async fn wait(&mut self, timeout: Duration) -> Option<Result<T, CallError>> {
        match &mut self.open {
            None => Some(Err(CallError::NoProc)),
            Some(open) => open.wait(Some(timeout)).await.map(End::into_result),
        }
    }

    /// The answer, waited for as long as it takes.
    ///
    /// # Errors
    /// As for any call but for the time.
    #[doc(alias = "receive_response")]
    pub async fn receive(mut self) -> Result<T, CallError> {
        let Some(open) = &mut self.open else {
            return Err(CallError::NoProc);
        };
        match open.wait(None).await {
            Some(end) => end.into_result(),
            None => unreachable!("GS-19: a wait without a timeout timed out"),
        }
    }

    /// The answer, or `Timeout`; the request is abandoned then (GS-36).
    ///
    /// # Errors
    /// As for any call.
    pub async fn receive_timeout(mut self, timeout: Duration) -> Result<T, CallError> {
        self.wait(timeout).await.unwrap_or(Err(CallError::Timeout))
    }

    /// The answer if it is there.
    pub(crate) fn look(&mut self) -> Option<Result<T, CallError>> {
        match &mut self.open {
            None => Some(Err(CallError::NoProc)),
            Some(open) => open.look().map(End::into_result),
        }
    }
}
