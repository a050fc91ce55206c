//! Servers and state machines as others see them: calling, casting, stopping.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::address::{Address, Reach, To};
use super::behaviour::Behaviour;
use super::call::{Call, CallError, Request};
use super::caller::Caller;
use super::gen_server::Casted;
use super::sys;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Term;
use crate::process::send;

/// A server or state machine of a known type: by pid, or by an address such as a [`Name`].
///
/// A value that may be copied and sent like a pid; it keeps nothing alive.
pub struct Server<S, A = Pid> {
    at: A,
    _of: PhantomData<fn() -> S>,
}

impl<S> Server<S> {
    /// The server that has a pid. Requests to a server of another type are messages that it does
    /// not know.
    pub fn of(pid: Pid) -> Self {
        Server {
            at: pid,
            _of: PhantomData,
        }
    }

    /// Its pid.
    pub fn pid(self) -> Pid {
        self.at
    }
}

impl<S> Server<S, Name> {
    /// The server that has a local name whenever it is called.
    pub fn named(name: impl Into<Name>) -> Self {
        Server::at(name.into())
    }
}

impl<S, A: Address> Server<S, A> {
    /// The server that has an address whenever it is called.
    pub fn at(address: A) -> Self {
        Server {
            at: address,
            _of: PhantomData,
        }
    }

    /// Who has the address now (GS-85).
    #[doc(alias = "GenServer.whereis")]
    pub async fn whereis(&self) -> Option<Server<S>> {
        self.at.find().await.map(Server::of)
    }

    /// Tells it something; nothing happens if nobody has the address (GS-41).
    pub async fn cast(&self, message: S::Cast)
    where
        S: Behaviour,
    {
        // Boxed, or keys with lifetimes in them would show in the caller's future, which the
        // compiler then fails to see as `Send`.
        if let Some(pid) = self.at.reach().find().await {
            Server::<S>::of(pid).cast(message);
        }
    }
}

impl<S: Behaviour> Server<S> {
    /// Tells it something and does not wait (GS-41). Nothing happens if it does not exist.
    #[doc(alias = "GenServer.cast")]
    #[inline]
    pub fn cast(self, message: S::Cast) {
        send(self.at, Casted(message));
    }
}

impl<S: Behaviour, A> Server<S, A>
where
    Self: Reach,
{
    /// Asks and waits for the answer, unless told otherwise at most five seconds if it is a server
    /// (GS-18 to GS-30), and for ever if it is a state machine (GSM-1101).
    ///
    /// `make` is given the [`Caller`] and makes the request: the constructor of a variant that
    /// holds nothing else will do.
    #[doc(alias = "GenServer.call")]
    #[inline]
    pub fn call<T, F>(&self, make: F) -> Call<S::Call, T, F>
    where
        T: Term,
        F: FnOnce(Caller<T>) -> S::Call,
    {
        Call::new(self.reach(), make, S::CALL_TIMEOUT)
    }

    /// Asks, for an answer that is waited for later (GS-34).
    #[doc(alias = "GenServer.send_request")]
    pub async fn request<T, F>(&self, make: F) -> Request<T>
    where
        T: Term,
        F: FnOnce(Caller<T>) -> S::Call,
    {
        Request::send(self.reach(), make).await
    }

    /// Stops it normally and waits until it has ended, for as long as that takes (GS-74).
    ///
    /// # Errors
    /// As for [`stop`].
    #[doc(alias = "GenServer.stop")]
    pub async fn stop(&self) -> Result<(), CallError> {
        self.stop_with(ExitReason::Normal, None).await
    }

    /// Stops it with a reason and waits until it has ended, at most so long.
    ///
    /// # Errors
    /// As for [`stop`].
    pub async fn stop_with(
        &self,
        reason: ExitReason,
        timeout: Option<Duration>,
    ) -> Result<(), CallError> {
        sys::terminate(self, reason, timeout).await
    }
}

/// Asks any process that a behaviour runs to end with a reason, and waits until it has (PL-22).
///
/// # Errors
/// `NoProc` if it does not exist, `Timeout` if it has not ended in time, in which case it may still
/// do so (PL-24), `Down` if it ended with another reason (PL-23), `CallingSelf` for the caller.
#[doc(alias = "proc_lib:stop")]
pub async fn stop(
    process: impl Reach,
    reason: ExitReason,
    timeout: Option<Duration>,
) -> Result<(), CallError> {
    sys::terminate(&process, reason, timeout).await
}

impl<S> Reach for Server<S> {
    fn reach(&self) -> To {
        To::Pid(self.at)
    }
}

impl<S, A: Address> Reach for Server<S, A> {
    fn reach(&self) -> To {
        self.at.reach()
    }
}

impl<S, A: Clone> Clone for Server<S, A> {
    fn clone(&self) -> Self {
        Server {
            at: self.at.clone(),
            _of: PhantomData,
        }
    }
}

impl<S, A: Copy> Copy for Server<S, A> {}

impl<S, A: PartialEq> PartialEq for Server<S, A> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl<S, A: Eq> Eq for Server<S, A> {}

impl<S, A: fmt::Debug> fmt::Debug for Server<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)
    }
}

impl<S> From<Server<S>> for Pid {
    fn from(server: Server<S>) -> Pid {
        server.pid()
    }
}
