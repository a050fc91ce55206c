//! The process that knows which applications there are and which run.
//!
//! # Semantics
//! APP-1, APP-2, APP-12 to APP-14, APP-24, APP-25, APP-32 to APP-34, APP-40, APP-41.
//!
//! # Invariants
//! - APC1: an application is starting, running or neither; never two of these, and never twice.
//! - APC2: whoever asked for a start or a stop is answered when it is over, or when nothing can be
//!   started any more.

mod stopping;

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::environment::{Environment, Settings};
use super::error::{ApplicationError, ApplicationFailure};
use super::life::{Configured, Place, Runs, TakenIn};
use super::order;
use super::spec::ApplicationSpec;
use super::start_type::{StartType, report};
use crate::kernel::calls::Asked;
use crate::kernel::handle::Exit;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::otp::caller::Caller;
use crate::otp::control::{Control, Subject, SystemEvent};
use crate::process::observe::{Applying, Grip, tell_applying};
use crate::process::{Lineage, Mailbox, SpawnOptions, me, request, send, spawn_with};

type Answer<T = ()> = Result<T, ApplicationError>;

/// What the controller can be asked.
#[derive(Debug)]
pub(super) enum Ask {
    Load(Definition, Caller<Answer>),
    Unload(Name, Caller<Answer>),
    Start(Name, StartType, Caller<Answer>),
    Stop(Name, Caller<Answer>),
    Loaded(Caller<BTreeMap<Name, ApplicationSpec>>),
    Running(Caller<Vec<Name>>),
    Configure(Config, Caller<Answer>),
    /// The application whose process is among these.
    Owner(Vec<Pid>, Caller<Option<Name>>),
}

/// What the process of an application tells.
#[derive(Debug)]
pub(super) enum Tell {
    Started(Pid),
    Refused(Pid, ExitReason),
    /// The end of the last application is the controller's.
    EndWithTheLast,
}

/// An application that can be started; without anything to run if it is a mere library (APP-19).
#[derive(Clone)]
pub(super) struct Definition {
    pub(super) spec: ApplicationSpec,
    pub(super) runs: Option<Arc<dyn Runs>>,
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec.get_name())
    }
}

/// Is told first that all applications are to be stopped (APP-37).
pub(super) type ShutdownHook = Arc<dyn Fn(&ExitReason) + Send + Sync>;

struct Running {
    name: Name,
    start_type: StartType,
    /// Its process; a library has none.
    pid: Option<Pid>,
    /// Who waits for its stop. Nobody is here while it is not being stopped.
    stopping: Vec<Caller<Answer>>,
}

struct Starting {
    name: Name,
    start_type: StartType,
    pid: Pid,
    /// Who waits for its start.
    callers: Vec<Caller<Answer>>,
}

pub(super) struct Controller {
    settings: Arc<Settings>,
    loaded: BTreeMap<Name, Definition>,
    starting: Vec<Starting>,
    /// The one that was started last is the last.
    running: Vec<Running>,
    /// Starts that wait until something has stopped.
    held: Vec<(Name, StartType, Caller<Answer>)>,
    shutdown_timeout: Option<Duration>,
    on_shutdown: Vec<ShutdownHook>,
    closing: bool,
    ends_with_the_last: bool,
    /// An application has ended by itself.
    has_ended: bool,
}

impl Subject for Controller {
    fn state(&mut self) -> &mut dyn Any {
        self
    }

    fn shown(&self) -> Option<String> {
        let running: Vec<&str> = self.running.iter().map(|app| &*app.name).collect();
        Some(format!("running: {}", running.join(", ")))
    }

    async fn change(&mut self, _: &str, _: Message) -> Result<(), ExitReason> {
        Ok(())
    }
}

impl Controller {
    pub(super) fn new(
        settings: Arc<Settings>,
        shutdown_timeout: Option<Duration>,
        on_shutdown: Vec<ShutdownHook>,
    ) -> Self {
        Controller {
            settings,
            loaded: BTreeMap::new(),
            starting: Vec::new(),
            running: Vec::new(),
            held: Vec::new(),
            shutdown_timeout,
            on_shutdown,
            closing: false,
            ends_with_the_last: false,
            has_ended: false,
        }
    }

    /// Serves until all is to end, and stops what runs.
    pub(super) async fn serve(mut self, mut mailbox: Mailbox, mut control: Control) -> ExitReason {
        loop {
            let reason = match control.next(&mut mailbox, None, &mut self).await {
                SystemEvent::Timeout => None,
                SystemEvent::Stop(reason) => Some(reason),
                SystemEvent::Message(message) => self.handle(message),
            };
            if let Some(reason) = reason {
                self.close(&mut mailbox, &mut control, &reason).await;
                return reason;
            }
        }
    }

    /// Handles a message; the reason to end all, if it is that.
    fn handle(&mut self, message: Message) -> Option<ExitReason> {
        let message = match message.downcast::<Asked<Ask>>() {
            Ok(asked) => {
                self.answer(request::open(asked));
                return None;
            }
            Err(message) => message,
        };
        match message.downcast::<Tell>() {
            Ok(Tell::Started(pid)) => self.started(pid),
            Ok(Tell::Refused(pid, reason)) => return self.refused(pid, reason),
            Ok(Tell::EndWithTheLast) => self.ends_with_the_last = true,
            Err(message) => {
                let Exit { from, reason } = message.downcast::<Exit>().ok()?;
                if let Some(reason) = self.ended(from, reason) {
                    return Some(reason);
                }
            }
        }
        self.is_done().then_some(ExitReason::Normal)
    }

    /// Whether the last application has ended, and that is to be the end of all.
    fn is_done(&self) -> bool {
        let runs = self.running.iter().any(|app| app.pid.is_some());
        self.ends_with_the_last && self.has_ended && !runs && self.starting.is_empty()
    }

    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Load(definition, caller) => caller.reply(self.load(definition)),
            Ask::Unload(name, caller) => caller.reply(self.unload(&name)),
            Ask::Start(name, start_type, caller) => self.start(name, start_type, caller),
            Ask::Stop(name, caller) => self.stop(&name, caller),
            Ask::Loaded(caller) => caller.reply(self.specs()),
            Ask::Running(caller) => {
                let latest_first = self.running.iter().rev();
                caller.reply(latest_first.map(|app| app.name.clone()).collect());
            }
            Ask::Configure(config, caller) => self.configure(config, caller),
            Ask::Owner(pids, caller) => {
                let found = self.running.iter().map(|app| (&app.name, app.pid));
                let starting = self.starting.iter().map(|app| (&app.name, Some(app.pid)));
                let mut all = found.chain(starting);
                let owner = all.find(|(_, pid)| pid.is_some_and(|pid| pids.contains(&pid)));
                caller.reply(owner.map(|(name, _)| name.clone()));
            }
        }
    }

    // --- loading

    pub(super) fn load(&mut self, definition: Definition) -> Answer {
        let name = definition.spec.get_name().clone();
        if self.loaded.contains_key(&name) {
            return Err(ApplicationError::AlreadyLoaded(name));
        }
        self.settings.load(&definition.spec)?;
        self.loaded.insert(name, definition);
        Ok(())
    }

    fn unload(&mut self, name: &Name) -> Answer {
        if !self.loaded.contains_key(name) {
            return Err(ApplicationError::NotLoaded(name.clone()));
        }
        let starting = self.starting.iter().any(|app| app.name == *name);
        if starting || self.runs(name) {
            return Err(ApplicationError::Running(name.clone()));
        }
        self.loaded.remove(name);
        self.settings.unload(name);
        Ok(())
    }

    fn specs(&self) -> BTreeMap<Name, ApplicationSpec> {
        let specs = self.loaded.iter();
        specs
            .map(|(name, definition)| (name.clone(), definition.spec.clone()))
            .collect()
    }

    /// Changes settings, and tells whom that concerns; the last of them to take it in answers.
    fn configure(&mut self, config: Config, caller: Caller<Answer>) {
        let specs = self.loaded.values().map(|definition| &definition.spec);
        let changes = match self.settings.configure(config, specs) {
            Ok(changes) => changes,
            Err(error) => return caller.reply(Err(error.into())),
        };
        let taken_in = Arc::new(TakenIn::new(caller));
        for (name, change) in self.loaded.keys().zip(changes) {
            let running = self.running.iter().find(|app| app.name == *name);
            if let Some(pid) = running.and_then(|app| app.pid)
                && !change.is_empty()
            {
                send(pid, Configured(change, Arc::clone(&taken_in)));
            }
        }
    }

    // --- starting

    fn runs(&self, name: &Name) -> bool {
        self.running.iter().any(|app| app.name == *name)
    }

    fn start(&mut self, name: Name, start_type: StartType, caller: Caller<Answer>) {
        if let Some(app) = self.starting.iter_mut().find(|app| app.name == name) {
            app.callers.push(caller);
            return;
        }
        if self.is_held(&name) && !self.closing {
            self.held.push((name, start_type, caller));
            return;
        }
        match self.begin(&name) {
            Err(error) => caller.reply(Err(error)),
            Ok(None) => {
                self.run(name, start_type, None);
                caller.reply(Ok(()));
            }
            Ok(Some(pid)) => self.starting.push(Starting {
                name,
                start_type,
                pid,
                callers: vec![caller],
            }),
        }
    }

    /// Whether an application, or something that it needs, is just being stopped: only when that is
    /// over can be said whether it can be started (APP-13, APP-14).
    fn is_held(&self, name: &Name) -> bool {
        let spec = self.loaded.get(name).map(|definition| &definition.spec);
        let mut involved = spec.into_iter().flat_map(order::must_run).chain([name]);
        involved.any(|name| self.is_stopping(name))
    }

    fn is_stopping(&self, name: &Name) -> bool {
        let mut running = self.running.iter();
        running.any(|app| app.name == *name && !app.stopping.is_empty())
    }

    /// Something has stopped: whoever waited for that has a turn.
    fn release_held(&mut self) {
        for (name, start_type, caller) in std::mem::take(&mut self.held) {
            self.start(name, start_type, caller);
        }
    }

    fn run(&mut self, name: Name, start_type: StartType, pid: Option<Pid>) {
        tell_applying(|| Applying::Runs { name: &name });
        self.running.push(Running {
            name,
            start_type,
            pid,
            stopping: Vec::new(),
        });
    }

    /// Spawns the process of an application that is not running, if it has one (APP-25).
    fn begin(&self, name: &Name) -> Answer<Option<Pid>> {
        let Some(definition) = self.loaded.get(name).cloned() else {
            return Err(ApplicationError::NotLoaded(name.clone()));
        };
        if self.closing {
            return Err(ApplicationError::ShuttingDown);
        }
        if self.runs(name) {
            return Err(ApplicationError::AlreadyStarted(name.clone()));
        }
        let mut needed = order::must_run(&definition.spec);
        if let Some(missing) = needed.find(|needed| !self.runs(needed) && !mutant!(StartEarly)) {
            return Err(ApplicationError::Needs {
                application: name.clone(),
                needed: missing.clone(),
            });
        }
        self.settings.check(&definition.spec)?;
        for needed in order::must_run(&definition.spec) {
            tell_applying(|| Applying::Needs { name, needed });
        }
        let Some(runs) = definition.runs else {
            return Ok(None);
        };
        let place = Place {
            controller: me(),
            environment: Environment::new(Arc::clone(&self.settings), name.clone()),
            phases: definition.spec.get_phases().to_vec(),
            lineage: Lineage::of_child("Application"),
        };
        let options = SpawnOptions::new()
            .link()
            .label(format!("application {name}"));
        match spawn_with(options, move |mailbox| runs.live(mailbox, place)) {
            Ok(spawned) => Ok(Some(spawned.pid)),
            Err(error) => Err(ApplicationError::Start {
                application: name.clone(),
                reason: error.into(),
            }),
        }
    }

    fn take_starting(&mut self, pid: Pid) -> Option<Starting> {
        let at = self.starting.iter().position(|app| app.pid == pid)?;
        Some(self.starting.remove(at))
    }

    fn started(&mut self, pid: Pid) {
        if let Some(app) = self.take_starting(pid) {
            self.run(app.name, app.start_type, Some(pid));
            for caller in app.callers {
                caller.reply(Ok(()));
            }
        }
    }

    fn refused(&mut self, pid: Pid, reason: ExitReason) -> Option<ExitReason> {
        let app = self.take_starting(pid)?;
        let (application, start_type) = (app.name, app.start_type);
        report(&application, start_type, Some(reason.clone()));
        for caller in app.callers {
            caller.reply(Err(ApplicationError::Start {
                application: application.clone(),
                reason: reason.clone(),
            }));
        }
        end_of_all(start_type, reason, |reason| ApplicationFailure::Start {
            application,
            start_type,
            reason,
        })
    }
}

fn tell_ended(app: &Running, normal: bool, asked: bool) {
    tell_applying(|| Applying::Ended {
        name: &app.name,
        grip: match app.start_type {
            StartType::Permanent => Grip::Any,
            StartType::Transient => Grip::Abnormal,
            StartType::Temporary => Grip::None,
        },
        normal,
        asked,
    });
}

/// The reason to end all with, if an application of this type that ends with `reason` does that.
fn end_of_all(
    start_type: StartType,
    reason: ExitReason,
    failure: impl FnOnce(ExitReason) -> ApplicationFailure,
) -> Option<ExitReason> {
    let ends_all = start_type.ends_all(&reason) && !mutant!(SurvivePermanent);
    ends_all.then(|| ExitReason::other(failure(reason)))
}
