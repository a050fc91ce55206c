//! Starting servers and state machines: what is said before they run.
//!
//! # Semantics
//! GS-1 to GS-15, SYS-20, GSM-101 to GSM-112.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use super::address::Address;
use super::behaviour::{self, Behaviour};
use super::server::Server;
use super::start::{self, StartError, StartOptions, Started};
use super::sys::{Debugging, SysEvent, Watch};
use crate::kernel::info::Priority;
use crate::kernel::name::Name;
use crate::kernel::pid::Ref;

/// A start of a server or a state machine; nothing happens before it is awaited.
///
/// # Errors
/// [`StartError`] when it is not ready; it has ended then (GS-14).
#[must_use = "a start does nothing until it is awaited"]
pub struct Start<S: Behaviour, A = Name> {
    args: S::Args,
    options: StartOptions<A>,
    debugging: Debugging,
}

impl<S: Behaviour> Start<S> {
    pub(crate) fn new(args: S::Args, link: bool) -> Self {
        let options = match link {
            true => StartOptions::new().link(),
            false => StartOptions::new(),
        };
        Start {
            args,
            options,
            debugging: Debugging::default(),
        }
    }

    /// Gives it a local name before it initialises itself (GS-13).
    pub fn name(self, name: impl Into<Name>) -> Self {
        self.address(name.into())
    }
}

impl<S: Behaviour, A: Address> Start<S, A> {
    /// Gives it an address before it initialises itself (REG-28).
    #[doc(alias = "via")]
    pub fn address<B: Address>(self, address: B) -> Start<S, B> {
        self.addressed(Some(address))
    }

    /// Gives it this address or none.
    pub(crate) fn addressed<B: Address>(self, address: Option<B>) -> Start<S, B> {
        let options = self.options.addressed(address);
        Start {
            args: self.args,
            options,
            debugging: self.debugging,
        }
    }

    /// Kills it if it is not ready by then (GS-12). The default is to wait as long as it takes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options = self.options.timeout(timeout);
        self
    }

    /// The priority that it begins with.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.options = self.options.priority(priority);
        self
    }

    /// A label, which reports show.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.options = self.options.label(label);
        self
    }

    /// Keeps the last events from the first message on, as [`sys::log`](crate::sys::log) does
    /// later (SYS-20).
    pub fn log(mut self, size: usize) -> Self {
        self.debugging.keep(size);
        self
    }

    /// Counts from the first message on, as [`sys::count`](crate::sys::count) does later (SYS-20).
    #[doc(alias = "statistics")]
    pub fn count(mut self) -> Self {
        self.debugging.count(true);
        self
    }

    /// Installs a function that is told of each event from the first message on, as
    /// [`sys::install`](crate::sys::install) does later (SYS-20).
    #[doc(alias = "trace")]
    pub fn install(
        mut self,
        id: impl Into<String>,
        hook: impl FnMut(&SysEvent) -> Watch + Send + 'static,
    ) -> Self {
        self.debugging.install(id.into(), Box::new(hook));
        self
    }

    async fn run(self) -> Result<Started, StartError> {
        let link = self.options.link;
        let (args, debugging) = (self.args, self.debugging);
        let init = move |mailbox| behaviour::init::<S>(mailbox, args, link, debugging);
        start::start_behaviour(self.options, S::type_name(), init).await
    }
}

impl<S: Behaviour, A: Address> IntoFuture for Start<S, A> {
    type Output = Result<Server<S>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(Server::of(self.run().await?.pid)) })
    }
}

impl<S: Behaviour, A: fmt::Debug> fmt::Debug for Start<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Start({:?})", self.options)
    }
}

/// A start of a server with a monitor; nothing happens before it is awaited.
#[must_use = "a start does nothing until it is awaited"]
#[derive(Debug)]
pub struct StartMonitor<S: Behaviour, A = Name>(Start<S, A>);

impl<S: Behaviour> StartMonitor<S> {
    pub(crate) fn new(start: Start<S>) -> Self {
        let options = start.options.monitor();
        StartMonitor(Start { options, ..start })
    }

    /// As [`Start::name`].
    pub fn name(self, name: impl Into<Name>) -> Self {
        StartMonitor(self.0.name(name))
    }
}

impl<S: Behaviour, A: Address> StartMonitor<S, A> {
    /// As [`Start::address`].
    pub fn address<B: Address>(self, address: B) -> StartMonitor<S, B> {
        StartMonitor(self.0.address(address))
    }

    /// As [`Start::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        StartMonitor(self.0.timeout(timeout))
    }
}

impl<S: Behaviour, A: Address> IntoFuture for StartMonitor<S, A> {
    type Output = Result<(Server<S>, Ref), StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let started = self.0.run().await?;
            match started.monitor {
                Some(monitor) => Ok((Server::of(started.pid), monitor)),
                None => unreachable!("PL-19: a monitor that was asked for is missing"),
            }
        })
    }
}
