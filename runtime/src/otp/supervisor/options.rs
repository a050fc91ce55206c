//! How a supervisor is started.
//!
//! # Semantics
//! SUP-201 to SUP-216, SUP-1501 to SUP-1506, DSUP-01 to DSUP-05.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::core::Supervisor as Core;
use super::handle::{DynamicSupervisor, Supervisor};
use super::spec::{AutoShutdown, ChildSpec, ChildType, SpecError};
use super::window::Limit;
use crate::kernel::pid::Pid;
use crate::otp::address::{AnyAddress, IntoAddress};
use crate::otp::gen_server::GenServer;
use crate::otp::start::StartError;

/// Whom the end of a child concerns besides itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// Nobody (SUP-501).
    #[default]
    OneForOne,
    /// All its siblings (SUP-502).
    OneForAll,
    /// Those that were started after it (SUP-503).
    RestForOne,
}

/// What a supervisor has for children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A list of children with ids, stopped one after another.
    Static,
    /// Any number of children that come and go, stopped all at once.
    Dynamic { max_children: Option<usize> },
}

/// What a supervisor was told when it was started.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(super) kind: Kind,
    pub(super) strategy: Strategy,
    pub(super) limit: Limit,
    pub(super) auto_shutdown: AutoShutdown,
    /// Dropped when the supervisor has ended.
    keeps: Option<Kept>,
}

/// Something that a supervisor keeps as long as it runs.
#[derive(Clone)]
struct Kept(#[expect(dead_code, reason = "kept for its destructor")] Arc<dyn Send + Sync>);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl Settings {
    fn new(kind: Kind) -> Self {
        Settings {
            kind,
            strategy: Strategy::default(),
            limit: Limit::default(),
            auto_shutdown: AutoShutdown::default(),
            keeps: None,
        }
    }
}

/// A supervisor that is to be started: by awaiting this, linked to the caller; or by another
/// supervisor, as its [`child`](Self::child).
#[derive(Debug, Clone)]
#[must_use = "a supervisor is not started until this is awaited"]
pub struct SupervisorOptions {
    settings: Settings,
    pub(super) children: Vec<ChildSpec>,
    address: Option<AnyAddress>,
}

impl SupervisorOptions {
    pub(super) fn new(children: impl IntoIterator<Item = ChildSpec>) -> Self {
        SupervisorOptions {
            settings: Settings::new(Kind::Static),
            children: children.into_iter().collect(),
            address: None,
        }
    }

    /// Whom the end of a child concerns; [`Strategy::OneForOne`] unless given.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.settings.strategy = strategy;
        self
    }

    /// How many restarts within which time are allowed; one more, and the supervisor stops its
    /// children and ends. Three within five seconds unless given, as in Elixir (SUP-1501).
    ///
    /// Times are compared in whole seconds, as OTP does it: `within` is rounded up to them, and
    /// restarts count together although nearly a second more than that may lie between them
    /// (SUP-606). For a shorter time see [`exact_window`](Self::exact_window).
    ///
    /// # Panics
    /// If the time is zero (SUP-204).
    #[track_caller]
    pub fn max_restarts(mut self, restarts: usize, within: Duration) -> Self {
        self.settings.limit.set(restarts, within);
        self
    }

    /// Compares the times of restarts as they are instead of in whole seconds.
    pub fn exact_window(mut self) -> Self {
        self.settings.limit.exact = true;
        self
    }

    /// Whether the end of significant children ends the supervisor (SUP-1101).
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.settings.auto_shutdown = auto_shutdown;
        self
    }

    /// The name or address that it is started under.
    pub fn name(mut self, name: impl IntoAddress) -> Self {
        self.address = Some(name.into_address());
        self
    }

    /// Keeps this as long as it runs.
    pub(super) fn keeping<T: Send + Sync + 'static>(mut self, kept: Arc<T>) -> Self {
        self.settings.keeps = Some(Kept(kept));
        self
    }

    /// Whether a supervisor could have these children, without starting anything. A start asks the
    /// same before anything else (SUP-118, SUP-211).
    ///
    /// # Errors
    /// If it could not: the first child that is wrong, and why.
    #[doc(alias = "check_childspecs")]
    pub fn check(&self) -> Result<(), SpecError> {
        self.settings.check(&self.children)
    }

    /// As a child of another supervisor. Restarted, it begins with these children again, and with
    /// none that were added (SUP-1401).
    pub fn child(self) -> ChildSpec {
        let address = self.address.clone();
        let spec = ChildSpec::starting("Supervisor", ChildType::Supervisor, move |address| {
            let (settings, children) = (self.settings.clone(), self.children.clone());
            Box::pin(start(settings, children, address))
        });
        spec.addressed(address)
    }
}

impl IntoFuture for SupervisorOptions {
    type Output = Result<Supervisor, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let pid = start(self.settings, self.children, self.address).await?;
            Ok(Supervisor::of(pid))
        })
    }
}

/// A dynamic supervisor that is to be started: by awaiting this, linked to the caller; or by
/// another supervisor, as its [`child`](Self::child).
#[derive(Debug, Clone)]
#[must_use = "a supervisor is not started until this is awaited"]
pub struct DynamicSupervisorOptions {
    settings: Settings,
    address: Option<AnyAddress>,
}

impl DynamicSupervisorOptions {
    pub(super) fn new() -> Self {
        DynamicSupervisorOptions {
            settings: Settings::new(Kind::Dynamic { max_children: None }),
            address: None,
        }
    }

    /// How many children it may have, those that are being restarted included (DSUP-10). Any number
    /// unless given.
    pub fn max_children(mut self, max: usize) -> Self {
        let max_children = Some(max);
        self.settings.kind = Kind::Dynamic { max_children };
        self
    }

    /// As [`SupervisorOptions::max_restarts`].
    ///
    /// # Panics
    /// If the time is zero.
    #[track_caller]
    pub fn max_restarts(mut self, restarts: usize, within: Duration) -> Self {
        self.settings.limit.set(restarts, within);
        self
    }

    /// As [`SupervisorOptions::exact_window`].
    pub fn exact_window(mut self) -> Self {
        self.settings.limit.exact = true;
        self
    }

    /// The name or address that it is started under.
    pub fn name(mut self, name: impl IntoAddress) -> Self {
        self.address = Some(name.into_address());
        self
    }

    /// As a child of another supervisor.
    pub fn child(self) -> ChildSpec {
        let (settings, address) = (self.settings, self.address);
        let spec =
            ChildSpec::starting("DynamicSupervisor", ChildType::Supervisor, move |address| {
                Box::pin(start(settings.clone(), Vec::new(), address))
            });
        spec.addressed(address)
    }
}

impl IntoFuture for DynamicSupervisorOptions {
    type Output = Result<DynamicSupervisor, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let pid = start(self.settings, Vec::new(), self.address).await?;
            Ok(DynamicSupervisor::of(pid))
        })
    }
}

async fn start(
    settings: Settings,
    children: Vec<ChildSpec>,
    address: Option<AnyAddress>,
) -> Result<Pid, StartError> {
    let start = Core::start_link((settings, children)).addressed(address);
    Ok(start.await?.pid())
}

impl Limit {
    #[track_caller]
    fn set(&mut self, restarts: usize, within: Duration) {
        assert!(
            !within.is_zero(),
            "max_restarts({restarts}, 0): restarts are counted within some time, such as 5 s"
        );
        (self.restarts, self.period) = (restarts, within);
    }
}
