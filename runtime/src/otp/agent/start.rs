//! Starting agents.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::handle::Agent;
use super::state::AgentState;
use crate::kernel::name::Name;
use crate::otp::behaviour;
use crate::otp::start::{self, StartError, StartOptions};
use crate::otp::sys::Debugging;
use crate::otp::{Address, GenServer};

/// A start of an agent; nothing happens before it is awaited.
///
/// # Errors
/// [`StartError`] when it is not ready (AGT-3).
#[must_use = "a start does nothing until it is awaited"]
pub struct StartAgent<S: Send + 'static, A = Name> {
    make: <AgentState<S> as GenServer>::Args,
    /// What the agent was started to run (AGT-16).
    initial_call: &'static str,
    options: StartOptions<A>,
}

impl<S: Send + 'static> Agent<S> {
    /// Starts an agent that is linked to the caller; `make` makes its value, inside the agent
    /// (AGT-1).
    #[doc(alias = "Agent.start_link")]
    pub fn start_link<F>(make: F) -> StartAgent<S>
    where
        F: FnOnce() -> S + Send + 'static,
    {
        StartAgent::new(make, StartOptions::new().link())
    }

    /// Starts an agent on its own.
    #[doc(alias = "Agent.start")]
    pub fn start<F>(make: F) -> StartAgent<S>
    where
        F: FnOnce() -> S + Send + 'static,
    {
        StartAgent::new(make, StartOptions::new())
    }
}

impl<S: Send + 'static> StartAgent<S> {
    fn new<F>(make: F, options: StartOptions) -> Self
    where
        F: FnOnce() -> S + Send + 'static,
    {
        StartAgent {
            make: Box::new(make),
            initial_call: std::any::type_name::<F>(),
            options: options.label("Agent"),
        }
    }

    /// Gives it a local name before its value is made.
    pub fn name(self, name: impl Into<Name>) -> Self {
        self.address(name.into())
    }
}

impl<S: Send + 'static, A: Address> StartAgent<S, A> {
    /// Gives it an address before its value is made.
    #[doc(alias = "via")]
    pub fn address<B: Address>(self, address: B) -> StartAgent<S, B> {
        self.addressed(Some(address))
    }

    /// Gives it this address or none.
    pub(crate) fn addressed<B: Address>(self, address: Option<B>) -> StartAgent<S, B> {
        StartAgent {
            make: self.make,
            initial_call: self.initial_call,
            options: self.options.addressed(address),
        }
    }

    /// Kills it if its value is not there by then. The default is to wait as long as it takes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options = self.options.timeout(timeout);
        self
    }

    /// A label, which reports show; `Agent` unless told otherwise.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.options = self.options.label(label);
        self
    }
}

impl<S: Send + 'static, A: Address> IntoFuture for StartAgent<S, A> {
    type Output = Result<Agent<S>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let StartAgent {
            make,
            initial_call,
            options,
        } = self;
        let link = options.link;
        Box::pin(async move {
            let started = start::start_behaviour(options, initial_call, move |mailbox| {
                behaviour::init::<AgentState<S>>(mailbox, make, link, Debugging::default())
            });
            Ok(Agent::of(started.await?.pid))
        })
    }
}

impl<S: Send + 'static, A: fmt::Debug> fmt::Debug for StartAgent<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartAgent({:?})", self.options)
    }
}
