//! The applications of a controller, as others see them.
//!
//! # Semantics
//! APP-1 to APP-3, APP-12 to APP-14, APP-20 to APP-24, APP-27, APP-29, APP-31, APP-40, APP-41,
//! APP-45.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::behaviour::Application;
use super::config::Config;
use super::controller::{Ask, Definition, Tell};
use super::environment::{Environment, Settings};
use super::error::ApplicationError;
use super::order;
use super::spec::ApplicationSpec;
use super::start_type::StartType;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Term;
use crate::otp::address::{Reach, To};
use crate::otp::call::{Call, CallError, Request};
use crate::otp::caller::Caller;
use crate::otp::requests::Requests;
use crate::otp::sys;
use crate::process::{ancestors, me};

type Answer<T = ()> = Result<T, ApplicationError>;

/// The applications of a [`Release`](super::Release) that was started.
///
/// A value that may be copied and sent like a pid; it keeps nothing alive. Requests wait as long as
/// it takes: how long starting and stopping may take is for the applications to say.
#[doc(alias = "application_controller")]
#[derive(Debug, Clone)]
pub struct Applications {
    controller: Pid,
    settings: Arc<Settings>,
    /// What the release has, and as what it is started.
    release: Arc<[(Name, StartType)]>,
}

impl Applications {
    pub(super) fn new(
        controller: Pid,
        settings: Arc<Settings>,
        release: Arc<[(Name, StartType)]>,
    ) -> Self {
        Applications {
            controller,
            settings,
            release,
        }
    }

    async fn ask<T: Term>(&self, make: impl FnOnce(Caller<T>) -> Ask) -> Result<T, CallError> {
        Call::new(To::Pid(self.controller), make, None).await
    }

    /// The controller's process.
    pub fn pid(&self) -> Pid {
        self.controller
    }

    /// The settings of an application, loaded or not (APP-4).
    pub fn environment(&self, application: impl Into<Name>) -> Environment {
        Environment::new(Arc::clone(&self.settings), application.into())
    }

    /// Adds an application (APP-1).
    ///
    /// # Errors
    /// If there is one of its name, or if the configuration does not fit it.
    pub async fn load(&self, application: impl Application) -> Answer {
        let definition = Definition::new(application);
        self.ask(|caller| Ask::Load(definition, caller)).await?
    }

    /// Forgets an application and its settings, but for the persistent ones (APP-2, APP-7).
    ///
    /// # Errors
    /// If there is no such application, or if it runs.
    pub async fn unload(&self, application: impl Into<Name>) -> Answer {
        let name = application.into();
        self.ask(|caller| Ask::Unload(name, caller)).await?
    }

    /// Starts an application; it runs when this is over (APP-12). If it is just being started, this
    /// waits for that (APP-24).
    ///
    /// # Errors
    /// If it runs, if something that it needs does not, if a setting that it requires is not set,
    /// or if its start fails.
    pub async fn start(&self, application: impl Into<Name>, start_type: StartType) -> Answer {
        let name = application.into();
        self.ask(|caller| Ask::Start(name, start_type, caller))
            .await?
    }

    /// The same, and one that runs is as good (APP-14).
    ///
    /// # Errors
    /// As [`start`](Self::start), except for that.
    pub async fn ensure_started(
        &self,
        application: impl Into<Name>,
        start_type: StartType,
    ) -> Answer {
        match self.start(application, start_type).await {
            Err(ApplicationError::AlreadyStarted(_)) => Ok(()),
            answer => answer,
        }
    }

    /// Starts applications and all that they need, one after another, what is needed first; those
    /// that it has started, in that order (APP-20).
    ///
    /// # Errors
    /// The first that occurs; those that it has started are stopped again, the latest first
    /// (APP-21).
    pub async fn ensure_all_started<N: Into<Name>>(
        &self,
        applications: impl IntoIterator<Item = N>,
        start_type: StartType,
    ) -> Answer<Vec<Name>> {
        let wanted: Vec<Name> = applications.into_iter().map(Into::into).collect();
        let order = order::starting(&wanted, &self.loaded().await?)?;
        let order = order.into_iter().map(|name| (name, start_type)).collect();
        self.start_in_order(order).await
    }

    /// Starts all applications of the release, each as the type that the release says.
    ///
    /// # Errors
    /// As [`ensure_all_started`](Self::ensure_all_started).
    pub async fn start_all(&self) -> Answer<Vec<Name>> {
        let names: Vec<Name> = self.release.iter().map(|(name, _)| name.clone()).collect();
        let order = order::starting(&names, &self.loaded().await?)?;
        let types: BTreeMap<_, _> = self.release.iter().cloned().collect();
        let of = |name: Name| {
            let start_type = types.get(&name).copied().unwrap_or_default();
            (name, start_type)
        };
        self.start_in_order(order.into_iter().map(of).collect())
            .await
    }

    async fn start_in_order(&self, order: Vec<(Name, StartType)>) -> Answer<Vec<Name>> {
        let mut started = Vec::new();
        for (name, start_type) in order {
            match self.start(name.clone(), start_type).await {
                Ok(()) => started.push(name),
                Err(ApplicationError::AlreadyStarted(_)) => {}
                Err(error) => {
                    self.stop_again(started).await;
                    return Err(error);
                }
            }
        }
        Ok(started)
    }

    /// As [`ensure_all_started`](Self::ensure_all_started), but each starts as soon as what it
    /// needs runs, at the same time as others (APP-23).
    ///
    /// # Errors
    /// As there; those that were just being started are waited for first.
    #[doc(alias = "ensure_all_started concurrent")]
    pub async fn ensure_all_started_concurrently<N: Into<Name>>(
        &self,
        applications: impl IntoIterator<Item = N>,
        start_type: StartType,
    ) -> Answer<Vec<Name>> {
        let wanted: Vec<Name> = applications.into_iter().map(Into::into).collect();
        let loaded = self.loaded().await?;
        let mut waiting = order::starting(&wanted, &loaded)?;
        // Those that run already say so when they are to be started.
        let (mut running, mut started) = (Vec::new(), Vec::new());
        let mut starting: Requests<Name, Answer> = Requests::new();
        let mut failed = None;
        loop {
            if failed.is_none() {
                let ready = |name: &Name| {
                    let needed = loaded
                        .get(name)
                        .map(|spec| order::needs(spec, |name| loaded.contains_key(name)));
                    let mut needed = needed.into_iter().flatten();
                    needed.all(|needed| running.contains(needed))
                };
                let (now, later) = waiting.into_iter().partition(ready);
                waiting = later;
                for name in now {
                    let name: Name = name;
                    let wanted = name.clone();
                    let ask = |caller| Ask::Start(wanted, start_type, caller);
                    let request = Request::send(To::Pid(self.controller), ask).await;
                    starting.add(name, request);
                }
            }
            let Some((name, answer)) = starting.next(None).await else {
                break;
            };
            match answer.map_err(ApplicationError::from).flatten() {
                Ok(()) => {
                    running.push(name.clone());
                    started.push(name);
                }
                Err(ApplicationError::AlreadyStarted(_)) => running.push(name),
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        match failed {
            None => Ok(started),
            Some(error) => {
                self.stop_again(started).await;
                Err(error)
            }
        }
    }

    async fn stop_again(&self, started: Vec<Name>) {
        for name in started.into_iter().rev() {
            // What has ended by itself meanwhile need not be stopped.
            let _ = self.stop(name).await;
        }
    }

    /// Stops an application; its tree has ended when this is over (APP-29, APP-30). Whether others
    /// need it is not looked at (APP-31).
    ///
    /// # Errors
    /// If it does not run.
    pub async fn stop(&self, application: impl Into<Name>) -> Answer {
        let name = application.into();
        self.ask(|caller| Ask::Stop(name, caller)).await?
    }

    /// Stops all applications, the latest first, and the controller (APP-36).
    ///
    /// # Errors
    /// As for [`stop`](crate::stop).
    pub async fn shutdown(&self) -> Result<(), CallError> {
        sys::terminate(self, ExitReason::Normal, None).await
    }

    /// Those that are loaded (APP-41).
    ///
    /// # Errors
    /// If the controller does not exist.
    #[doc(alias = "loaded_applications")]
    pub async fn loaded(&self) -> Result<BTreeMap<Name, ApplicationSpec>, CallError> {
        self.ask(Ask::Loaded).await
    }

    /// Those that run, the latest first (APP-41).
    ///
    /// # Errors
    /// If the controller does not exist.
    #[doc(alias = "which_applications", alias = "started_applications")]
    pub async fn running(&self) -> Result<Vec<Name>, CallError> {
        self.ask(Ask::Running).await
    }

    /// What is known of an application, if it is loaded (APP-45).
    ///
    /// # Errors
    /// If the controller does not exist.
    #[doc(alias = "get_all_key")]
    pub async fn spec(
        &self,
        application: impl Into<Name>,
    ) -> Result<Option<ApplicationSpec>, CallError> {
        let name = application.into();
        Ok(self.loaded().await?.remove(&name))
    }

    /// Makes another configuration the one that counts, and tells the running applications whose
    /// settings that changes; it is over when all of them have taken it in (APP-40). They are told
    /// whatever becomes of the caller.
    ///
    /// # Errors
    /// If it does not fit an application; nothing is changed then.
    pub async fn configure(&self, config: Config) -> Answer {
        self.ask(|caller| Ask::Configure(config, caller)).await?
    }

    /// From now on the controller ends, normally, when no application runs or starts any more and
    /// one of them has ended by itself: for programs that are done at some time. Libraries do not
    /// count, nor applications that were stopped on request.
    pub fn end_with_the_last(&self) {
        crate::process::send(self.controller, Tell::EndWithTheLast);
    }

    /// The application that the caller belongs to: the one whose process it is, or is among its
    /// [`ancestors`] (APP-27).
    ///
    /// # Errors
    /// If the controller does not exist.
    #[doc(alias = "get_application")]
    pub async fn of_caller(&self) -> Result<Option<Name>, CallError> {
        let above = ancestors().into_iter().map(|ancestor| ancestor.pid);
        let pids = above.chain([me()]).collect();
        self.ask(|caller| Ask::Owner(pids, caller)).await
    }
}

impl Reach for Applications {
    fn reach(&self) -> To {
        To::Pid(self.controller)
    }
}
