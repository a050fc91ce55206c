//! What is needed starts first and stops last.

use std::sync::{Arc, Mutex};

use beamline::application::{Application, ApplicationSpec, Environment, Release, StartType, Top};
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("application::order", order)
            .about("applications start after what they need, and stop in the reverse order")
            .expects(["order.stopped_by_crash", "order.stopped_by_request"])
            .no_leaks(),
        Scenario::new("application::together", together)
            .about(
                "independent applications start at the same time, and the first failure undoes all",
            )
            .expects(["together.all_ran", "together.undone"])
            .no_leaks(),
    ]
}

/// What the applications have done, in the order in which it happened.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(&'static str, &'static str)>>>);

impl Log {
    fn note(&self, what: &'static str, name: &'static str) {
        if let Ok(mut log) = self.0.lock() {
            log.push((what, name));
        }
    }

    /// Where this was noted, if it was.
    fn place(&self, what: &str, name: &str) -> Option<usize> {
        let log = self.0.lock().ok()?;
        log.iter().position(|noted| *noted == (what, name))
    }
}

struct App {
    name: &'static str,
    needs: &'static [&'static str],
    log: Log,
    fails: bool,
}

impl Application for App {
    type State = ();

    fn spec(&self) -> ApplicationSpec {
        let spec = ApplicationSpec::new(self.name);
        let needs = self.needs.iter();
        needs.fold(spec, |spec, needed| spec.depends_on(*needed))
    }

    async fn start(&self, _: &Environment) -> Result<Top, ExitReason> {
        self.log.note("start", self.name);
        if self.fails {
            return Err(ExitReason::shutdown_with("no database"));
        }
        let top = Supervisor::start_link([]).name(self.name).await?;
        self.log.note("up", self.name);
        Ok(top.into())
    }

    async fn stop(&self, (): ()) {
        self.log.note("stop", self.name);
    }
}

/// The web server needs the cache and the store, the cache needs the store.
const NEEDS: [(&str, &[&str]); 3] = [
    ("web", &["cache", "store"]),
    ("cache", &["store"]),
    ("store", &[]),
];

fn release(log: &Log, fails: Option<&str>) -> Release {
    let app = |(name, needs)| App {
        name,
        needs,
        log: log.clone(),
        fails: fails == Some(name),
    };
    NEEDS
        .map(app)
        .into_iter()
        .fold(Release::new(), Release::with)
}

async fn order() -> Result<(), ExitReason> {
    trap_exit(true);
    let (mut mailbox, log) = (mailbox(), Log::default());
    let applications = release(&log, None).start_link().await?;
    applications.start_all().await?;
    let crashes = random_range(0..2) == 0;
    if crashes && let Some(top) = whereis("cache").await {
        exit(top, ExitReason::Kill);
    } else {
        exit(applications.pid(), ExitReason::Shutdown);
    }
    mailbox
        .receive_where(|exit: &Exit| exit.from == applications.pid())
        .await;
    for (name, needs) in NEEDS {
        for needed in needs {
            let started = log.place("up", needed) < log.place("start", name);
            always!("order.starts", started, "{needed} before {name}");
            let stopped = log.place("stop", name) < log.place("stop", needed);
            // What ends by itself is stopped when it does.
            let fine = stopped || crashes && name == "web";
            always!("order.stops", fine, "{name} before {needed}");
        }
        always!("order.gone", whereis(name).await.is_none(), "{name}");
    }
    sometimes!("order.stopped_by_crash", crashes);
    sometimes!("order.stopped_by_request", !crashes);
    Ok(())
}

async fn together() -> Result<(), ExitReason> {
    let log = Log::default();
    let failing = [None, Some("cache"), Some("web")][random_range(0..3) as usize];
    let applications = release(&log, failing).start_link().await?;
    let started = applications.ensure_all_started_concurrently(["web"], StartType::Temporary);
    let started = started.await;
    let running = applications.running().await?;
    match failing {
        None => always!("together.all", running.len() == 3, "{started:?}"),
        Some(_) => always!(
            "together.none",
            started.is_err() && running.is_empty(),
            "{running:?}"
        ),
    }
    sometimes!("together.all_ran", failing.is_none());
    sometimes!("together.undone", log.place("stop", "store").is_some());
    Ok(applications.shutdown().await?)
}
