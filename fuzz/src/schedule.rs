//! Target `schedule`: bytes as the schedule of one run of a scenario.
//!
//! The bytes are deviations from the canonical run, in pairs of gap and rank
//! ([`Bytes`] has the format): no bytes are the canonical run, and a
//! pair more or less moves one choice. A run that violates something is a crash. Which scenario is
//! fuzzed, and how finely, is told by two variables, read once:
//!
//! | variable | what | unless set |
//! |---|---|---|
//! | `BEAMLINE_FUZZ_SCENARIO` | the name of a scenario of the catalogue | [`DEMONSTRATION`] |
//! | `BEAMLINE_FUZZ_GRANULARITY` | `fused` or `fine` | `fused` |
//!
//! Everything else (faults, limits, leaks) is as the scenario has it.

use std::cell::RefCell;
use std::process::ExitCode;
use std::{env, fmt};

use beamline_sim::campaign::Rig;
use beamline_sim::story::{self, Story};
use beamline_sim::strategy::Bytes;
use beamline_sim::tape::Tape;
use beamline_sim::world::Finished;
use beamline_sim::{Granularity, Strategy, Verdict};

use crate::counters;

mod convert;
mod features;
mod program;

pub use convert::{ConvertError, bytes_of_failure};

/// Names the scenario that is fuzzed.
pub const SCENARIO: &str = "BEAMLINE_FUZZ_SCENARIO";

/// Says how finely its runs are divided.
pub const GRANULARITY: &str = "BEAMLINE_FUZZ_GRANULARITY";

/// The scenario that is fuzzed unless told otherwise: it has a planted bug, so that the first
/// attempt at fuzzing shows what a finding looks like.
pub const DEMONSTRATION: &str = "broken::late_reply";

/// A scenario under the fuzzer.
#[derive(Debug)]
pub struct Schedule {
    rig: Rig,
    chooser: Bytes,
}

/// Why there is nothing to fuzz.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// The catalogue has no such scenario.
    Scenario(String),
    /// Runs are divided in no such way.
    Granularity(String),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Scenario(name) => write!(f, "{SCENARIO}: no scenario is called `{name}`"),
            SetupError::Granularity(text) => {
                write!(f, "{GRANULARITY}: expected fused or fine, got `{text}`")
            }
        }
    }
}

impl std::error::Error for SetupError {}

impl Schedule {
    /// A scenario of the catalogue. A mixed granularity counts as fused.
    ///
    /// # Errors
    /// If there is no such scenario.
    pub fn new(scenario: &str, granularity: Granularity) -> Result<Schedule, SetupError> {
        let catalogue = beamline_scenarios::catalogue();
        let Some(found) = catalogue.get(scenario) else {
            return Err(SetupError::Scenario(scenario.to_string()));
        };
        let mut settings = found.settings().clone();
        settings.granularity = granularity.of_run(0);
        settings.strategy = Strategy::bytes(Vec::new());
        settings.regressions = None;
        let (rig, chooser) = (Rig::new(found.campaign(settings)), Bytes::default());
        Ok(Schedule { rig, chooser })
    }

    /// The scenario that the environment names.
    ///
    /// # Errors
    /// If it names none that there is.
    pub fn from_environment() -> Result<Schedule, SetupError> {
        let scenario = env::var(SCENARIO).unwrap_or_else(|_| DEMONSTRATION.to_string());
        let granularity = match env::var(GRANULARITY).as_deref() {
            Err(_) | Ok("fused") => Granularity::Fused,
            Ok("fine") => Granularity::Fine,
            Ok(other) => return Err(SetupError::Granularity(other.to_string())),
        };
        Schedule::new(&scenario, granularity)
    }

    /// Makes the run that the bytes describe and counts its features for libFuzzer. Returns what it
    /// violates.
    pub fn run(&mut self, bytes: &[u8]) -> Option<Verdict> {
        self.chooser.load(bytes);
        let (run, trace) = self.rig.run_traced(&mut self.chooser);
        features::of(&trace, counters::count);
        run.verdict
    }

    /// As [`run`](Self::run), with the run in words; nothing is counted.
    pub fn tell(&mut self, bytes: &[u8]) -> (Finished, Story) {
        self.chooser.load(bytes);
        let (run, trace) = self.rig.run_traced(&mut self.chooser);
        let story = story::tell(&trace, run.verdict.as_ref());
        (run, story)
    }

    /// The name of the scenario.
    pub fn scenario(&self) -> &str {
        &self.rig.campaign().name
    }

    /// The choices of the last run.
    pub fn tape(&self) -> &Tape {
        self.rig.tape()
    }
}

thread_local! {
    static TARGET: RefCell<Option<Schedule>> = const { RefCell::new(None) };
}

/// One call of libFuzzer's.
///
/// # Panics
/// With the verdict, when the run violates something; with a hint, when the environment names
/// nothing to fuzz.
pub fn fuzz(bytes: &[u8]) {
    TARGET.with_borrow_mut(|target| {
        let target = target.get_or_insert_with(|| match Schedule::from_environment() {
            Ok(target) => target,
            Err(error) => panic!("{error}"),
        });
        if let Some(verdict) = target.run(bytes) {
            panic!("{}: {verdict}", target.scenario());
        }
    });
}

/// The target as an ordinary program.
pub fn main(arguments: Vec<std::ffi::OsString>) -> ExitCode {
    program::main(&arguments)
}
