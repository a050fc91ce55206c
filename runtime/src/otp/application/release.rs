//! Which applications belong together, and starting them.
//!
//! # Semantics
//! APP-36, APP-37.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::behaviour::Application;
use super::config::Config;
use super::controller::{Controller, Definition, ShutdownHook};
use super::environment::Settings;
use super::error::ApplicationError;
use super::handle::Applications;
use super::spec::ApplicationSpec;
use super::start_type::StartType;
use crate::kernel::name::Name;
use crate::kernel::reason::ExitReason;
use crate::otp::control::Control;
use crate::otp::start::{StartError, StartOptions, Unready, start};
use crate::otp::sys::Debugging;
use crate::process::{me, trap_exit};

/// Applications that belong together, and how they are configured.
///
/// The example of [`Application`] has one.
#[derive(Clone, Default)]
#[must_use = "a release does nothing until it is started"]
pub struct Release {
    definitions: Vec<Definition>,
    types: Vec<StartType>,
    config: Config,
    name: Option<Name>,
    shutdown_timeout: Option<Duration>,
    on_shutdown: Vec<ShutdownHook>,
}

impl Release {
    /// A release without applications.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an application. [`start_all`](Applications::start_all) starts it as a permanent one, as
    /// OTP's releases do: its end is the end of all.
    pub fn with(self, application: impl Application) -> Self {
        self.with_type(application, StartType::Permanent)
    }

    /// Adds an application that [`start_all`](Applications::start_all) starts as this type.
    pub fn with_type<A: Application>(mut self, application: A, start_type: StartType) -> Self {
        self.definitions.push(Definition::new(application));
        self.types.push(start_type);
        self
    }

    /// Adds an application that has settings and dependencies, but nothing to run (APP-19).
    pub fn with_library(mut self, spec: ApplicationSpec) -> Self {
        self.definitions.push(Definition { spec, runs: None });
        self.types.push(StartType::Permanent);
        self
    }

    /// Lays settings over those given before, and over the defaults of all applications.
    pub fn config(mut self, config: Config) -> Self {
        self.config = self.config.merge(config);
        self
    }

    /// The name of the controller's process.
    pub fn name(mut self, name: impl Into<Name>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How long each application may take to stop when all are stopped; it is killed then
    /// (APP-36). Unless given, as long as it takes: how long the children may take is said by
    /// their supervisors.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = Some(timeout);
        self
    }

    /// Is called first when all applications are to be stopped, in the controller's process, with
    /// the reason (APP-37); several in the order in which they are given. A panic of one goes no
    /// further.
    #[doc(alias = "shutdown_func")]
    pub fn on_shutdown(mut self, hook: impl Fn(&ExitReason) + Send + Sync + 'static) -> Self {
        self.on_shutdown.push(Arc::new(hook));
        self
    }

    /// Starts the controller, linked to the caller, with all applications loaded and none started.
    ///
    /// # Errors
    /// If two applications have one name, if the configuration does not fit one of them, or if the
    /// controller's name is taken. The first two are an [`ApplicationError`] inside
    /// [`StartError::Failed`].
    pub async fn start_link(self) -> Result<Applications, StartError> {
        let settings = Arc::new(Settings::new(self.config));
        let mut controller = Controller::new(
            Arc::clone(&settings),
            self.shutdown_timeout,
            self.on_shutdown,
        );
        let release: Vec<(Name, StartType)> = (self.definitions.iter())
            .map(|definition| definition.spec.get_name().clone())
            .zip(self.types)
            .collect();
        let (definitions, parent) = (self.definitions, me());
        let init = move |mailbox| async move {
            trap_exit(true);
            for definition in definitions {
                let loaded: Result<(), ApplicationError> = controller.load(definition);
                loaded.map_err(|error| Unready::stop(error.into()))?;
            }
            let control = Control::new(Some(parent), Debugging::default());
            Ok(((), controller.serve(mailbox, control)))
        };
        let options = StartOptions::new().link().addressed(self.name);
        let started = start(options, "Applications", init).await?;
        Ok(Applications::new(started.pid, settings, release.into()))
    }
}

impl Definition {
    pub(super) fn new<A: Application>(application: A) -> Self {
        Definition {
            spec: application.spec(),
            runs: Some(Arc::new(application)),
        }
    }
}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Release")
            .field("applications", &self.definitions)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
