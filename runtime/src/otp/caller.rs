//! Who waits for an answer.

use std::fmt;
use std::marker::PhantomData;
use std::mem;

use crate::kernel::pid::{Pid, Ref};
use crate::kernel::term::Term;
use crate::process::{me, request};

/// The right, and the duty, to answer a call with a `T`.
///
/// It may be kept and used later, and sent to another process that answers instead (GS-32).
/// Dropped without an answer, it tells the caller so: that gets
/// [`CallError::NoReply`](crate::CallError) when the callback that drops it has returned or waits
/// for something, unless the server ends, which the caller is told instead (GS-26, GS-68).
///
/// # Differences from OTP
/// A call can be answered once: `Caller` is not `Clone`, so a second answer does not compile
/// (GS-33). A server that forgets to answer is noticed at once, not when the time is up.
#[doc(alias = "from")]
#[must_use = "a call that is not answered fails with `CallError::NoReply`"]
pub struct Caller<T: Term> {
    reference: Ref,
    server: Pid,
    _of: PhantomData<fn(T)>,
}

impl<T: Term> Caller<T> {
    #[inline]
    pub(crate) fn new(reference: Ref, server: Pid) -> Self {
        Caller {
            reference,
            server,
            _of: PhantomData,
        }
    }

    /// Of a call to the running process.
    pub(crate) fn mine(reference: Ref) -> Self {
        Caller::new(reference, me())
    }

    /// Answers. It does not matter whether the caller still waits, or lives.
    #[doc(alias = "GenServer.reply")]
    #[inline]
    pub fn reply(self, value: T) {
        let (reference, server) = (self.reference, self.server);
        mem::forget(self);
        request::answer(reference, server, Some(value));
    }

    /// What the answer is sent to.
    pub(crate) fn reference(&self) -> Ref {
        self.reference
    }

    /// Does not answer: the end of the server will.
    pub(crate) fn leave(self) {
        mem::forget(self);
    }

    /// Who waits.
    pub fn pid(&self) -> Pid {
        self.reference.owner()
    }

    /// The answer, to be sent when the server has terminated: for
    /// [`Next::StopReply`](crate::Next::StopReply) (GS-67).
    pub fn after_terminate(self, value: T) -> PendingReply {
        PendingReply(Box::new(move || self.reply(value)))
    }
}

impl<T: Term> Drop for Caller<T> {
    fn drop(&mut self) {
        request::let_go(self.reference, self.server);
    }
}

/// Shown as a blank, so that a request reads like what is asked.
impl<T: Term> fmt::Debug for Caller<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

/// An answer that is sent later. Made by [`Caller::after_terminate`].
pub struct PendingReply(Box<dyn FnOnce() + Send>);

impl PendingReply {
    pub(crate) fn send(self) {
        (self.0)();
    }
}

impl fmt::Debug for PendingReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingReply")
    }
}
