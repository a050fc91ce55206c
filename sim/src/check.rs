//! The test function: simulates a program under a test and fails with a report.
//!
//! ```
//! use beamline::prelude::*;
//!
//! beamline_sim::check("two_sends_arrive", async || {
//!     let (root, mut mailbox) = (me(), mailbox());
//!     spawn(async move |_| send(root, 1u8));
//!     spawn(async move |_| send(root, 2u8));
//!     let sum = mailbox.receive::<u8>().await + mailbox.receive::<u8>().await;
//!     beamline_sim::always!("sum", sum == 3);
//! });
//! ```
#![expect(
    clippy::disallowed_methods,
    reason = "a check asks Cargo where the package under test is; runs never see it"
)]

use std::path::PathBuf;
use std::time::Duration;

use beamline::Outcome;

use crate::campaign::{self, Campaign, Exploration, Report, Settings};
use crate::environment::Environment;
use crate::faults::Faults;
use crate::mode::{Delivery, Granularity};
use crate::render;
use crate::seed::Seed;
use crate::strategy::Strategy;
use crate::world::{Body, Limits, inside_process};

/// Runs that an exhaustive search makes at the most, unless told otherwise: some seconds.
const EXPLORE_RUNS: u64 = 1_000_000;

/// Simulates a program many times and panics with a report if anything is violated.
///
/// The body is the root process; it is called once for each run. A run fails when a property is
/// broken, when the root panics or returns an error, on a deadlock, at a limit, and when two
/// executions of one seed differ. Failures of earlier runs, kept under `regressions/` of the
/// package under test, are tried first.
///
/// Settings come from the call, and then from the environment: `BEAMLINE_SEED`, `BEAMLINE_RUNS`,
/// `BEAMLINE_TIME`, `BEAMLINE_JOBS`, `BEAMLINE_STRATEGY`, `BEAMLINE_REPLAY`.
///
/// # Panics
/// With the report, on a failure.
pub fn check<F, R>(name: &str, body: F)
where
    F: AsyncFn() -> R + Send + Sync + 'static,
    R: Outcome + 'static,
{
    Check::new(name).run(body);
}

/// A [`check`] with settings.
#[derive(Clone, Debug)]
#[must_use = "a check does nothing until `run`, `report` or `explore` is called"]
pub struct Check {
    name: String,
    settings: Settings,
    early_firings: u32,
    runs_given: bool,
}

impl Check {
    /// A check of the scenario of this name, with the defaults: 1,000 runs from seed 0, the
    /// portfolio of strategies, no faults, one job, failures kept under `regressions/` of the
    /// package under test.
    pub fn new(name: impl Into<String>) -> Check {
        let folder = std::env::var_os("CARGO_MANIFEST_DIR");
        let regressions = folder.map(|folder| PathBuf::from(folder).join("regressions"));
        let settings = Settings {
            regressions,
            ..Settings::default()
        };
        Check {
            name: name.into(),
            settings,
            early_firings: campaign::EARLY_FIRINGS,
            runs_given: false,
        }
    }

    /// Runs at the most.
    pub fn runs(mut self, runs: u64) -> Self {
        self.settings.runs = runs;
        self.runs_given = true;
        self
    }

    /// Wall time at the most. Without [`runs`](Self::runs) it alone decides.
    pub fn time(mut self, time: Duration) -> Self {
        self.settings.time = Some(time);
        self
    }

    /// The seed; 0 unless told otherwise, so that a check does the same wherever it runs.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.settings.seed = seed.into();
        self
    }

    /// Threads that make runs; the report does not depend on their number.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.settings.jobs = jobs.max(1);
        self
    }

    /// How choices are made.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.settings.strategy = strategy;
        self
    }

    /// How finely runs are divided.
    pub fn granularity(mut self, granularity: Granularity) -> Self {
        self.settings.granularity = granularity;
        self
    }

    /// How signals travel.
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.settings.delivery = delivery;
        self
    }

    /// Which faults are injected.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.settings.faults = faults;
        self
    }

    /// Bounds of each run.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Ids of `sometimes!` and `reachable!` that a campaign must see; one that is never reached is
    /// reported even if no run came by.
    pub fn declares<I: IntoIterator<Item: Into<String>>>(mut self, ids: I) -> Self {
        self.settings.declares = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Processes that are left when the root has ended and nothing more can happen are a failure.
    pub fn no_leaks(mut self) -> Self {
        self.settings.no_leaks = true;
        self
    }

    /// Runs go on when their root has ended in order: without faults, until nothing more can happen
    /// or [`SETTLE`](crate::campaign::SETTLE) of virtual time has passed. Then the
    /// [oracles](crate::oracle) judge what must be so in the end, such as that nobody waits for the
    /// dead. Processes that are left are no failure.
    pub fn settles(self) -> Self {
        self.settles_within(campaign::SETTLE)
    }

    /// As [`settles`](Self::settles), within so much virtual time.
    pub fn settles_within(mut self, time: Duration) -> Self {
        self.settings.settle = Some(time);
        self
    }

    /// The share of runs that are made twice and compared; a twentieth unless told otherwise.
    pub fn double_runs(mut self, share: f64) -> Self {
        self.settings.double_runs = share;
        self
    }

    /// Whether the [built-in oracles](crate::oracle) judge every run; they do unless told
    /// otherwise. Without them a delivery costs about a quarter less, which only measurements need.
    pub fn oracles(mut self, on: bool) -> Self {
        self.settings.oracles = on;
        self
    }

    /// Where failures are kept; `None` keeps none.
    pub fn regressions(mut self, folder: impl Into<Option<PathBuf>>) -> Self {
        self.settings.regressions = folder.into();
        self
    }

    /// For [`explore`](Self::explore): deadlines that may pass early in a run; two unless told
    /// otherwise.
    pub fn early_firings(mut self, early_firings: u32) -> Self {
        self.early_firings = early_firings;
        self
    }

    /// Simulates, and panics with a report if anything is violated.
    ///
    /// # Panics
    /// With the report, on a failure; with a message that names the variable, if the environment
    /// holds something that is no setting.
    #[track_caller]
    pub fn run<F, R>(mut self, body: F)
    where
        F: AsyncFn() -> R + Send + Sync + 'static,
        R: Outcome + 'static,
    {
        assert!(
            !inside_process(),
            "the check {:?} is made inside a process: a check makes runs of its own, so call it \
             from the test itself",
            self.name
        );
        let environment = match Environment::read() {
            Ok(environment) => environment,
            Err(error) => panic!("{error}"),
        };
        environment.apply(&mut self.settings, self.runs_given);
        let campaign = self.campaign(body);
        if let Some(file) = &environment.replay {
            match render::replay_for_test(&campaign, file) {
                render::ForTest::Passed => return,
                render::ForTest::Failed(text) => fail(text),
                render::ForTest::NotOurs => {}
            }
        }
        let report = campaign.run();
        match render::for_test(&report) {
            render::ForTest::Failed(text) => fail(text),
            _ => render::whisper(&report),
        }
    }

    /// Simulates and returns what was covered and found.
    pub fn report<F, R>(self, body: F) -> Report
    where
        F: AsyncFn() -> R + Send + Sync + 'static,
        R: Outcome + 'static,
    {
        self.campaign(body).run()
    }

    /// Searches every schedule, naively and depth first; over a million runs at the most unless
    /// [`runs`](Self::runs) says otherwise. A mixed granularity counts as fused. Faults are
    /// searched too, within their budgets.
    pub fn explore<F, R>(mut self, body: F) -> Exploration
    where
        F: AsyncFn() -> R + Send + Sync + 'static,
        R: Outcome + 'static,
    {
        if !self.runs_given {
            self.settings.runs = EXPLORE_RUNS;
        }
        self.settings.regressions = None;
        let early_firings = self.early_firings;
        self.campaign(body)
            .explore(early_firings, &mut campaign::unwatched())
    }

    /// The check as a campaign.
    pub fn campaign<F, R>(mut self, body: F) -> Campaign
    where
        F: AsyncFn() -> R + Send + Sync + 'static,
        R: Outcome + 'static,
    {
        if self.settings.time.is_some() && !self.runs_given {
            self.settings.runs = u64::MAX;
        }
        Campaign {
            name: self.name,
            body: Body::new(body),
            settings: self.settings,
        }
    }
}

/// Fails the test. The report is the whole message: a backtrace of the check itself would only push
/// it off the screen, so no panic hook is called.
fn fail(report: String) -> ! {
    eprintln!("{report}");
    std::panic::resume_unwind(Box::new(report))
}
