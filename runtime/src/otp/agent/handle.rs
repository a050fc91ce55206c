//! Agents as others see them.

use std::fmt;
use std::time::Duration;

use super::state::{Act, AgentState};
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Term;
use crate::otp::call::CALL_TIMEOUT;
use crate::otp::{Address, Call, CallError, Caller, Reach, Server, To, sys};

/// An agent whose value is an `S`: by pid, or by an address such as a [`Name`].
///
/// A handle that may be copied and sent like a pid; it keeps nothing alive.
pub struct Agent<S, A = Pid>(Server<AgentState<S>, A>);

impl<S> Agent<S> {
    /// The agent that has a pid. Functions for another type than its value's are not applied.
    pub fn of(pid: Pid) -> Self {
        Agent(Server::of(pid))
    }

    /// Its pid.
    pub fn pid(self) -> Pid {
        self.0.pid()
    }

    /// Has a function applied to the value later, and does not wait (AGT-7). Nothing happens if
    /// the agent does not exist.
    #[doc(alias = "Agent.cast")]
    pub fn cast<F>(self, function: F)
    where
        S: Send + 'static,
        F: FnOnce(&mut S) + Send + 'static,
    {
        self.0.cast(Act::new("Cast", function));
    }
}

impl<S> Agent<S, Name> {
    /// The agent that has a local name whenever it is asked.
    pub fn named(name: impl Into<Name>) -> Self {
        Agent(Server::named(name))
    }
}

impl<S, A: Address> Agent<S, A> {
    /// The agent that has an address whenever it is asked.
    pub fn at(address: A) -> Self {
        Agent(Server::at(address))
    }

    /// Who has the address now.
    pub async fn whereis(&self) -> Option<Agent<S>> {
        self.0.whereis().await.map(Agent)
    }

    /// As [`cast`](Agent::cast); nothing happens if nobody has the address.
    pub async fn cast<F>(&self, function: F)
    where
        S: Send + 'static,
        F: FnOnce(&mut S) + Send + 'static,
    {
        self.0.cast(Act::new("Cast", function)).await;
    }
}

/// Each of these waits for the agent five seconds unless told otherwise, fails like a call of a
/// server, and kills the agent if the function panics (AGT-9). When the time is up, the function
/// may still be applied later (AGT-12).
impl<S, A> Agent<S, A>
where
    S: Send + 'static,
    Self: Reach,
{
    /// What a function makes of the value, inside the agent (AGT-4).
    #[doc(alias = "Agent.get")]
    pub fn get<T, F>(
        &self,
        function: F,
    ) -> Call<Act<S>, T, impl FnOnce(Caller<T>) -> Act<S> + use<S, A, T, F>>
    where
        T: Term,
        F: FnOnce(&S) -> T + Send + 'static,
    {
        self.act("Get", move |state| function(state))
    }

    /// Changes the value (AGT-5).
    #[doc(alias = "Agent.update")]
    pub fn update<F>(
        &self,
        function: F,
    ) -> Call<Act<S>, (), impl FnOnce(Caller<()>) -> Act<S> + use<S, A, F>>
    where
        F: FnOnce(&mut S) + Send + 'static,
    {
        self.act("Update", function)
    }

    /// Changes the value and gives something back, with nothing in between (AGT-6).
    #[doc(alias = "Agent.get_and_update")]
    pub fn get_and_update<T, F>(
        &self,
        function: F,
    ) -> Call<Act<S>, T, impl FnOnce(Caller<T>) -> Act<S> + use<S, A, T, F>>
    where
        T: Term,
        F: FnOnce(&mut S) -> T + Send + 'static,
    {
        self.act("GetAndUpdate", function)
    }

    fn act<T, F>(
        &self,
        kind: &'static str,
        function: F,
    ) -> Call<Act<S>, T, impl FnOnce(Caller<T>) -> Act<S> + use<S, A, T, F>>
    where
        T: Term,
        F: FnOnce(&mut S) -> T + Send + 'static,
    {
        let make = move |caller: Caller<T>| {
            Act::new(kind, move |state: &mut S| {
                let answer = function(state);
                caller.reply(answer);
            })
        };
        Call::new(self.reach(), make, Some(CALL_TIMEOUT))
    }

    /// Stops it normally and waits until it has ended (AGT-13).
    ///
    /// # Errors
    /// As for [`stop`](crate::stop).
    #[doc(alias = "Agent.stop")]
    pub async fn stop(&self) -> Result<(), CallError> {
        sys::terminate(self, ExitReason::Normal, None).await
    }

    /// Stops it with a reason and waits until it has ended, at most so long.
    ///
    /// # Errors
    /// As for [`stop`](crate::stop).
    pub async fn stop_with(
        &self,
        reason: ExitReason,
        timeout: Option<Duration>,
    ) -> Result<(), CallError> {
        sys::terminate(self, reason, timeout).await
    }
}

impl<S> Reach for Agent<S> {
    fn reach(&self) -> To {
        self.0.reach()
    }
}

impl<S, A: Address> Reach for Agent<S, A> {
    fn reach(&self) -> To {
        self.0.reach()
    }
}

impl<S, A: Clone> Clone for Agent<S, A> {
    fn clone(&self) -> Self {
        Agent(self.0.clone())
    }
}

impl<S, A: Copy> Copy for Agent<S, A> {}

impl<S, A: PartialEq> PartialEq for Agent<S, A> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<S, A: Eq> Eq for Agent<S, A> {}

impl<S, A: fmt::Debug> fmt::Debug for Agent<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agent({:?})", self.0)
    }
}

impl<S> From<Agent<S>> for Pid {
    fn from(agent: Agent<S>) -> Pid {
        agent.pid()
    }
}
