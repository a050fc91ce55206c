//! Campaigns: many runs of one scenario, from a seed to a report.
//!
//! # Invariants
//! - CMP1: run `i` is a pure function of (seed, scenario name, `i`, settings); what it does depends
//!   on no other run. So the report of a campaign with a fixed number of runs is the same on any
//!   number of jobs, up to wall time.
//! - CMP2: a failing run is made twice before it is believed; one that does not repeat is reported
//!   as nondeterminism, never dropped.
//! - CMP3: the failure file is written before anything else is done with a failure that has been
//!   shrunk, and a campaign that cannot write it says so and prints the token instead.

use std::path::PathBuf;
use std::time::Duration;

use crate::faults::Faults;
use crate::mode::{Delivery, Granularity};
use crate::seed::Seed;
use crate::strategy::Strategy;
use crate::world::{Body, Limits, RunOptions};

#[cfg(feature = "cli")]
mod again;
mod calibrate;
mod chunk;
mod double;
mod explore;
mod finding;
mod gather;
mod replay;
mod report;
mod rig;
mod watch;

#[cfg(feature = "cli")]
pub(crate) use again::shrink_again;
pub use explore::Exploration;
#[cfg(feature = "cli")]
pub(crate) use finding::limits_of;
pub(crate) use finding::shown;
pub use finding::{Finding, Shrinking};
#[cfg(feature = "cli")]
pub(crate) use replay::replay_artefact;
pub use replay::{ReplayError, Replayed, replay, replay_seed};
pub use report::{FaultCount, Report, SiteReport, StrategyCount};
pub use rig::Rig;
pub(crate) use watch::unwatched;
pub use watch::{Progress, Watch};

/// Runs of a check that says nothing else: about a tenth of a second for a small program.
pub const RUNS: u64 = 1_000;

/// The share of runs that are made twice and compared, as FoundationDB's harness does.
pub const DOUBLE_RUNS: f64 = 0.05;

/// Virtual time that a run goes on for when its root has ended, where that is asked for: a restart
/// window of the default, and time for what was begun in it.
pub const SETTLE: Duration = Duration::from_secs(10);

/// Deadlines that may pass early in each run of an exhaustive search, unless told otherwise: enough
/// for one timeout to race with another, while the number of schedules stays small.
pub const EARLY_FIRINGS: u32 = 2;

/// A scenario and how to run it.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// What names the scenario in files and seeds.
    pub name: String,
    /// The program.
    pub body: Body,
    /// How to run it.
    pub settings: Settings,
}

/// How to run a campaign.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Runs at the most.
    pub runs: u64,
    /// Wall time at the most.
    pub time: Option<Duration>,
    /// The seed.
    pub seed: Seed,
    /// The first run, for one shard of several or a single run.
    pub first: u64,
    /// Every how many runs this shard makes one: the number of shards.
    pub stride: u64,
    /// Threads that make runs.
    pub jobs: usize,
    /// How choices are made.
    pub strategy: Strategy,
    /// How finely runs are divided.
    pub granularity: Granularity,
    /// How signals travel.
    pub delivery: Delivery,
    /// Which faults are offered.
    pub faults: Faults,
    /// Bounds of each run.
    pub limits: Limits,
    /// Ids of properties that must be seen to hold at least once.
    pub declares: Vec<String>,
    /// Processes that outlive the root are a verdict.
    pub no_leaks: bool,
    /// Runs go on when their root has ended, for so much virtual time at the most.
    pub settle: Option<Duration>,
    /// The share of runs that are made twice.
    pub double_runs: f64,
    /// The built-in oracles judge every run.
    pub oracles: bool,
    /// Where failure files are, if they are to be kept.
    pub regressions: Option<PathBuf>,
    /// Executions that shrinking may take.
    pub shrink_executions: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            runs: RUNS,
            time: None,
            seed: Seed(0),
            first: 0,
            stride: 1,
            jobs: 1,
            strategy: Strategy::portfolio(),
            granularity: Granularity::Mixed,
            delivery: Delivery::Pairwise,
            faults: Faults::none(),
            limits: Limits::default(),
            declares: Vec::new(),
            no_leaks: false,
            settle: None,
            double_runs: DOUBLE_RUNS,
            oracles: true,
            regressions: None,
            shrink_executions: crate::shrink::Shrink::EXECUTIONS_MAX,
        }
    }
}

impl Settings {
    /// The options of run `index`.
    pub(crate) fn options(&self, index: u64) -> RunOptions {
        RunOptions {
            granularity: self.granularity.of_run(index),
            delivery: self.delivery,
            faults: self.faults.clone(),
            limits: self.limits.clone(),
            early_firings: None,
            no_leaks: self.no_leaks,
            settle: self.settle,
            trace: false,
            unjudged: !self.oracles,
            measure: false,
        }
    }
}

impl Campaign {
    /// Makes the runs, until one fails.
    pub fn run(&self) -> Report {
        self.run_watched(&mut watch::unwatched())
    }

    /// Makes the runs, telling `watch` now and then how far it is and asking whether to go on.
    ///
    /// The strategy `exhaustive` searches as [`explore`](Self::explore) does, with
    /// [`EARLY_FIRINGS`]; `bytes` makes one run.
    pub fn run_watched(&self, watch: &mut dyn Watch) -> Report {
        match self.settings.strategy {
            Strategy::Exhaustive => {
                let mut report = Report::new(self);
                report.add_exploration(self.explore(EARLY_FIRINGS, watch));
                report
            }
            Strategy::Bytes(_) if self.settings.runs > 1 => {
                let settings = Settings {
                    runs: 1,
                    ..self.settings.clone()
                };
                gather::gather(
                    &Campaign {
                        settings,
                        ..self.clone()
                    },
                    watch,
                )
            }
            _ => gather::gather(self, watch),
        }
    }

    /// Searches every schedule, naively and depth first, over at most `settings.runs` runs, each
    /// with at most `early_firings` deadlines that pass before their time.
    pub fn explore(&self, early_firings: u32, watch: &mut dyn Watch) -> Exploration {
        explore::explore(self, early_firings, watch)
    }
}
