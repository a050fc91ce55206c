//! APP-1 to APP-45: applications.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::application::{
    Application, ApplicationError, ApplicationFailure, ApplicationReport, ApplicationSpec,
    Applications, Config, ConfigChange, Environment, Key, Release, SettingError, StartType, Top,
};
use beamline::prelude::*;
use beamline::report;
use beamline_tests::{both, settle};

use crate::sig::boom;

mod environment;
mod failure;
mod starting;
mod stopping;
mod together;

const SIZE: Key<u32> = Key::new("size");
const HOST: Key<String> = Key::new("host");

/// What applications have done, in the order in which it happened.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: &str, who: &Name) {
        let mut log = self.0.lock().expect("nobody panics here");
        log.push(format!("{what} {who}"));
    }

    fn holds(&self, line: &str) -> bool {
        let log = self.0.lock().expect("nobody panics here");
        log.iter().any(|noted| noted == line)
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics here"))
    }
}

/// How an application starts.
#[derive(Debug, Clone, Default)]
enum Begin {
    #[default]
    Well,
    Slowly(Duration),
    /// When this has been noted.
    After(&'static str),
    Fail(ExitReason),
    Exit(ExitReason),
    Panic,
    FailPhase(&'static str),
    /// It never comes to an end.
    Hang,
}

/// An application of one process, which ends as it is told.
#[derive(Debug, Clone)]
struct App {
    spec: ApplicationSpec,
    log: Log,
    begin: Begin,
    /// How its process takes being asked to stop.
    manner: Manner,
}

/// How the top process of an application stops.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Polite,
    /// Tells that it ends, and takes its time.
    Hesitant,
    /// It does not.
    Deaf,
}

impl App {
    fn new(name: &'static str, log: &Log) -> Self {
        App {
            spec: ApplicationSpec::new(name),
            log: log.clone(),
            begin: Begin::Well,
            manner: Manner::Polite,
        }
    }

    fn needs(mut self, name: &'static str) -> Self {
        self.spec = self.spec.depends_on(name);
        self
    }

    fn hesitates(mut self) -> Self {
        self.manner = Manner::Hesitant;
        self
    }

    fn begins(mut self, begin: Begin) -> Self {
        self.begin = begin;
        self
    }

    fn spec(mut self, change: impl FnOnce(ApplicationSpec) -> ApplicationSpec) -> Self {
        self.spec = change(self.spec);
        self
    }
}

/// The top process of an application: ends with what it is sent, or when it is asked to stop.
async fn top(mut mailbox: Mailbox, name: Name, log: Log, manner: Manner) -> ExitReason {
    trap_exit(true);
    if register(&name, me()).await.is_err() {
        return boom();
    }
    receive! { mailbox;
        reason in ExitReason => reason,
        exit in Exit => {
            if manner == Manner::Deaf {
                std::future::pending::<()>().await;
            }
            log.note("end", &name);
            if manner == Manner::Hesitant {
                sleep(Duration::from_millis(5)).await;
            }
            exit.reason
        },
    }
}

impl Application for App {
    type State = &'static str;

    fn spec(&self) -> ApplicationSpec {
        self.spec.clone()
    }

    async fn start(&self, _: &Environment) -> Result<Top<&'static str>, ExitReason> {
        let name = self.spec.get_name().clone();
        self.log.note("start", &name);
        match &self.begin {
            Begin::Slowly(time) => sleep(*time).await,
            Begin::After(line) => {
                while !self.log.holds(line) {
                    sleep(Duration::from_millis(1)).await;
                }
            }
            Begin::Fail(reason) => return Err(reason.clone()),
            Begin::Exit(reason) => exit_now(reason.clone()),
            Begin::Panic => panic!("cannot start"),
            Begin::Hang => std::future::pending().await,
            Begin::Well | Begin::FailPhase(_) => {}
        }
        let (log, manner) = (self.log.clone(), self.manner);
        let pid = spawn_link(move |mailbox| top(mailbox, name, log, manner));
        Ok(Top::with(&pid, "begun"))
    }

    async fn start_phase(&self, phase: &Name, _: &Environment) -> Result<(), ExitReason> {
        self.log.note(phase, self.spec.get_name());
        match &self.begin {
            Begin::FailPhase(which) if **which == **phase => Err(boom()),
            _ => Ok(()),
        }
    }

    async fn prep_stop(&self, state: &mut &'static str) {
        assert_eq!(*state, "begun");
        *state = "prepared";
        self.log.note("prep_stop", self.spec.get_name());
    }

    async fn stop(&self, state: &'static str) {
        assert_eq!(state, "prepared");
        self.log.note("stop", self.spec.get_name());
    }

    async fn config_change(&self, change: &ConfigChange, environment: &Environment) {
        let size = environment.get(&SIZE).await;
        self.log
            .note(&format!("{change:?} {size:?}"), self.spec.get_name());
    }
}

/// A controller of these applications, none of them started.
async fn applications(apps: impl IntoIterator<Item = App>) -> Applications {
    let release = apps.into_iter().fold(Release::new(), Release::with);
    release.start_link().await.expect("it starts")
}

/// Waits until the process of this name has taken it, and tells it to end with this reason.
async fn end(name: &str, reason: ExitReason) {
    loop {
        if let Some(pid) = whereis(name).await {
            return send(pid, reason);
        }
        sleep(Duration::from_millis(1)).await;
    }
}

fn names(names: &[&str]) -> Vec<Name> {
    names.iter().map(|name| Name::from(*name)).collect()
}
