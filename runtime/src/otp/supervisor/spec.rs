//! What a supervisor knows of a child: how it is started, and what its end means.
//!
//! # Semantics
//! SUP-101 to SUP-119, SUP-1501 to SUP-1504.
//!
//! # Differences from OTP
//! - A start is a function that may be called again and again, instead of a module, a function and
//!   arguments. There is no list of modules.
//! - Ids are text. Most malformed specifications do not compile; the two that do are told by a
//!   [`SpecError`].

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::otp::address::{AnyAddress, IntoAddress};
use crate::otp::behaviour::Behaviour;
use crate::otp::launch::Start;
use crate::otp::start::StartError;
use crate::process::catch_exit;

/// When a child that has ended is started again (SUP-402 to SUP-406).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// If it ended with anything but normal and a shutdown.
    Transient,
    /// Never; it is forgotten when it ends.
    Temporary,
}

/// How a child is stopped (SUP-802 to SUP-805).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// It is killed at once.
    Brutal,
    /// It is asked to stop, and killed if it has not ended after so long.
    Timeout(Duration),
    /// It is asked to stop, and waited for as long as that takes.
    Infinity,
}

impl Shutdown {
    /// What a process that is to stop is sent, and after how long it is killed.
    pub(crate) fn request(self) -> (ExitReason, Option<Duration>) {
        match self {
            Shutdown::Brutal => (ExitReason::Kill, None),
            Shutdown::Timeout(time) => (ExitReason::Shutdown, Some(time)),
            Shutdown::Infinity => (ExitReason::Shutdown, None),
        }
    }
}

impl Default for Shutdown {
    /// A worker's: five seconds, as in OTP (SUP-105).
    fn default() -> Self {
        Shutdown::Timeout(WORKER_SHUTDOWN)
    }
}

impl From<Duration> for Shutdown {
    fn from(timeout: Duration) -> Self {
        Shutdown::Timeout(timeout)
    }
}

/// What a child is to its supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildType {
    /// A process that works.
    Worker,
    /// A supervisor of its own.
    Supervisor,
}

/// How long a worker may take to stop, unless told otherwise: OTP's number (SUP-105).
pub(crate) const WORKER_SHUTDOWN: Duration = Duration::from_secs(5);

type Starting = Pin<Box<dyn Future<Output = Result<Pid, StartError>> + Send>>;
type StartFunction = dyn Fn(Option<AnyAddress>) -> Starting + Send + Sync;

/// A child specification: how to start a process, and what its end means to whoever supervises it.
///
/// Every behaviour makes one by `child`; [`ChildSpec::new`] makes one of any start function. A
/// specification can be cloned, which clones no process.
///
/// Defaults: permanent, a worker, five seconds to stop, not significant (SUP-103 to SUP-106).
#[doc(alias = "child_spec")]
#[derive(Clone)]
#[must_use = "a child is started by a supervisor"]
pub struct ChildSpec {
    pub(super) id: Name,
    start: Arc<StartFunction>,
    address: Option<AnyAddress>,
    takes_name: bool,
    pub(super) restart: Restart,
    pub(super) shutdown: Option<Shutdown>,
    pub(super) kind: ChildType,
    pub(super) significant: bool,
}

impl ChildSpec {
    /// A child that `start` starts, inside the supervisor and linked to it.
    ///
    /// The supervisor serves nobody until the start is over (SUP-302). A child that is not linked
    /// to it is never noticed when it ends (SUP-311). As the process is the supervisor's, so is the
    /// mailbox: `start` cannot take it.
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// let spec = ChildSpec::new("ticker", || async {
    ///     Ok::<_, StartError>(spawn_link(async |mut mailbox: Mailbox| {
    ///         mailbox.receive_any().await;
    ///     }))
    /// });
    /// ```
    pub fn new<F, I, P>(id: impl Into<Name>, start: F) -> Self
    where
        F: Fn() -> I + Send + Sync + 'static,
        I: IntoFuture<Output = Result<P, StartError>>,
        I::IntoFuture: Send + 'static,
        P: Into<Pid>,
    {
        let start = move |_| -> Starting {
            let starting = start().into_future();
            Box::pin(async move { starting.await.map(Into::into) })
        };
        ChildSpec {
            takes_name: false,
            ..Self::starting(id, ChildType::Worker, start)
        }
    }

    /// As `new`, for a start that can be given an address.
    pub(crate) fn starting<F>(id: impl Into<Name>, kind: ChildType, start: F) -> Self
    where
        F: Fn(Option<AnyAddress>) -> Starting + Send + Sync + 'static,
    {
        ChildSpec {
            id: id.into(),
            start: Arc::new(start),
            address: None,
            takes_name: true,
            restart: Restart::Permanent,
            shutdown: None,
            kind,
            significant: false,
        }
    }

    /// A server or a state machine, started linked with a copy of `args` each time.
    pub(crate) fn of<B: Behaviour>(args: B::Args) -> Self
    where
        B::Args: Clone,
    {
        let args = Mutex::new(args);
        let id = short(B::type_name());
        Self::starting(id, ChildType::Worker, move |address| {
            let args = args.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let start = Start::<B>::new(args, true).addressed(address);
            Box::pin(async move { Ok(start.await?.pid()) })
        })
    }

    /// As it is, and `note` is told of each process that it starts, before the supervisor goes on.
    pub(super) fn noting<F>(self, note: F) -> Self
    where
        F: Fn(Pid) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static,
    {
        let (start, note) = (self.start, Arc::new(note));
        let noting = move |address| -> Starting {
            let (starting, note) = (start(address), Arc::clone(&note));
            Box::pin(async move {
                let pid = starting.await?;
                note(pid).await;
                Ok(pid)
            })
        };
        ChildSpec {
            start: Arc::new(noting),
            ..self
        }
    }

    /// What tells it from its siblings; the name of its type unless given.
    pub fn id(mut self, id: impl Into<Name>) -> Self {
        self.id = id.into();
        self
    }

    /// The name or address that it is started under.
    ///
    /// # Panics
    /// For a specification of [`ChildSpec::new`], whose start function does all of the starting.
    #[track_caller]
    pub fn name(self, name: impl IntoAddress) -> Self {
        assert!(
            self.takes_name,
            "child {:?} has a start function of its own: give it the name there",
            self.id
        );
        self.addressed(Some(name.into_address()))
    }

    /// Starts it under this address or none.
    pub(super) fn addressed(mut self, address: Option<AnyAddress>) -> Self {
        self.address = address;
        self
    }

    /// When it is started again.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// How it is stopped: a [`Shutdown`], or the time it has.
    pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.shutdown = Some(shutdown.into());
        self
    }

    /// What it is; a supervisor is waited for without limit unless told otherwise (SUP-105).
    pub fn kind(mut self, kind: ChildType) -> Self {
        self.kind = kind;
        self
    }

    /// Whether its end can end the supervisor (SUP-1104).
    pub fn significant(mut self, significant: bool) -> Self {
        self.significant = significant;
        self
    }

    /// Its id.
    pub fn get_id(&self) -> &Name {
        &self.id
    }

    /// How it is stopped, by default or as told.
    pub fn get_shutdown(&self) -> Shutdown {
        self.shutdown.unwrap_or(match self.kind {
            ChildType::Worker => Shutdown::default(),
            ChildType::Supervisor => Shutdown::Infinity,
        })
    }

    /// When it is started again.
    pub fn get_restart(&self) -> Restart {
        self.restart
    }

    /// What it is.
    pub fn get_kind(&self) -> ChildType {
        self.kind
    }

    /// Whether its end can end the supervisor.
    pub fn is_significant(&self) -> bool {
        self.significant
    }

    /// Whether a supervisor that ends by itself in this way could have this child (SUP-116,
    /// SUP-117).
    ///
    /// # Errors
    /// If it could not.
    pub(super) fn check(&self, auto_shutdown: AutoShutdown) -> Result<(), SpecError> {
        if !self.significant {
            return Ok(());
        }
        let id = self.id.clone();
        if auto_shutdown == AutoShutdown::Never {
            return Err(SpecError::SignificantForNothing { id });
        }
        match self.restart {
            Restart::Permanent => Err(SpecError::SignificantButPermanent { id }),
            Restart::Transient | Restart::Temporary => Ok(()),
        }
    }

    /// Starts it. A panic or an exit of the start function is a failure like any other (SUP-306).
    pub(in crate::otp) async fn run(&self) -> Result<Pid, StartError> {
        let start = async { (self.start)(self.address.clone()).await };
        match catch_exit(start).await {
            Ok(started) => started,
            Err(reason) => Err(StartError::Failed(reason)),
        }
    }

    /// Whether an end with this reason leads to a restart (SUP-402 to SUP-406).
    pub(super) fn is_restarted_after(&self, reason: &ExitReason) -> bool {
        match self.restart {
            Restart::Permanent => true,
            Restart::Transient => reason.is_abnormal(),
            Restart::Temporary => false,
        }
    }
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("restart", &self.restart)
            .field("shutdown", &self.get_shutdown())
            .field("kind", &self.kind)
            .field("significant", &self.significant)
            .finish_non_exhaustive()
    }
}

/// When a supervisor ends because significant children have (SUP-1101 to SUP-1105).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AutoShutdown {
    /// Never.
    #[default]
    Never,
    /// When one of them has ended and is not started again.
    AnySignificant,
    /// When the last of them has.
    AllSignificant,
}

/// Children that a supervisor cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Two children have one id (SUP-113).
    #[error("two children have the id {id:?}; give one of them another by `.id(…)`")]
    DuplicateId {
        /// The id.
        id: Name,
    },
    /// The supervisor never ends because of a child (SUP-116).
    #[error("child {id:?} is significant, but its supervisor's auto_shutdown is Never")]
    SignificantForNothing {
        /// Of the child.
        id: Name,
    },
    /// A permanent child never ends for good (SUP-117).
    #[error("child {id:?} is significant and permanent; make it transient or temporary")]
    SignificantButPermanent {
        /// Of the child.
        id: Name,
    },
    /// A [`DynamicSupervisor`](super::DynamicSupervisor) has no use for it (DSUP-09).
    #[error("child {id:?} is significant, which a DynamicSupervisor has no use for")]
    SignificantDynamic {
        /// Of the child.
        id: Name,
    },
}

/// A type's name without the path to it.
fn short(type_name: &'static str) -> &'static str {
    let path = type_name.split('<').next().unwrap_or(type_name);
    let start = path.rfind("::").map_or(0, |at| at + 2);
    &type_name[start..]
}
