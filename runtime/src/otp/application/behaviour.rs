//! What an application is to define.
//!
//! # Semantics
//! APP-12, APP-15 to APP-18, APP-26, APP-30, APP-40, APP-43.

use std::fmt;
use std::future::Future;

use super::config::ConfigChange;
use super::environment::Environment;
use super::spec::ApplicationSpec;
use crate::kernel::name::Name;
use crate::kernel::reason::ExitReason;
use crate::otp::address::{Reach, To};

/// An application: how its tree is started, and what else is to be done when it is stopped.
///
/// All callbacks run in the process of the application, the parent of its tree.
///
/// ```
/// use beamline::application::{Application, ApplicationSpec, Environment, Key, Release, Top};
/// use beamline::application::StartType;
/// use beamline::prelude::*;
///
/// const TASKS: Key<&str> = Key::new("tasks");
///
/// struct Shop;
///
/// impl Application for Shop {
///     type State = ();
///
///     fn spec(&self) -> ApplicationSpec {
///         ApplicationSpec::new("shop").default(&TASKS, "tasks")
///     }
///
///     async fn start(&self, environment: &Environment) -> Result<Top, ExitReason> {
///         let tasks = TaskSupervisor::child().name(environment.fetch(&TASKS).await?);
///         Ok(Supervisor::start_link([tasks]).await?.into())
///     }
/// }
///
/// # beamline::Runtime::new().workers(1).run(async {
/// let applications = Release::new().with(Shop).start_link().await?;
/// applications.ensure_all_started(["shop"], StartType::Temporary).await?;
/// assert!(whereis("tasks").await.is_some());
/// applications.stop("shop").await?;
/// # Ok::<(), ExitReason>(())
/// # });
/// ```
pub trait Application: Send + Sync + 'static {
    /// What starting it leaves to stopping it.
    type State: Send + 'static;

    /// Its name, what it needs, its settings. Asked once, when it is loaded.
    fn spec(&self) -> ApplicationSpec;

    /// Starts its tree, linked to the caller; the topmost process of it (APP-15).
    ///
    /// # Errors
    /// The reason why it does not run. What it had started and was linked to it ends.
    fn start(
        &self,
        environment: &Environment,
    ) -> impl Future<Output = Result<Top<Self::State>, ExitReason>> + Send;

    /// A phase of the start, once the tree runs (APP-26).
    ///
    /// # Errors
    /// The reason why the start has failed after all; the tree is stopped.
    fn start_phase(
        &self,
        phase: &Name,
        environment: &Environment,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = (phase, environment);
        async { Ok(()) }
    }

    /// The tree is about to be stopped, or has ended by itself (APP-30, APP-32).
    fn prep_stop(&self, state: &mut Self::State) -> impl Future<Output = ()> + Send {
        let _ = state;
        async {}
    }

    /// The tree has ended (APP-30).
    fn stop(&self, state: Self::State) -> impl Future<Output = ()> + Send {
        drop(state);
        async {}
    }

    /// Some of its settings are other than before (APP-40).
    fn config_change(
        &self,
        change: &ConfigChange,
        environment: &Environment,
    ) -> impl Future<Output = ()> + Send {
        let _ = (change, environment);
        async {}
    }
}

/// The topmost process of an application's tree, and what stopping it will need. Made of a
/// supervisor, or whatever else leads to a process.
pub struct Top<S = ()> {
    pub(super) process: To,
    pub(super) state: S,
}

impl<S> Top<S> {
    /// A process, and what stopping will need.
    pub fn with(process: &impl Reach, state: S) -> Self {
        let process = process.reach();
        Top { process, state }
    }
}

impl<R: Reach> From<R> for Top {
    fn from(process: R) -> Self {
        Top::with(&process, ())
    }
}

impl<S> fmt::Debug for Top<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Top({:?})", self.process)
    }
}
