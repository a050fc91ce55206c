//! What shrinking gives back.

use super::Execution;

/// A pass of the shrinker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pass {
    /// Running the failure again, twice.
    Confirm,
    /// Without any deviation.
    Canonical,
    /// Without faults and time mode.
    Environment,
    /// Without schedule and data.
    Remove,
    /// With lower ranks.
    Lower,
    /// With a deviation earlier.
    Earlier,
    /// Without a stretch of the run.
    Dense,
}

impl Pass {
    /// Every pass, in order.
    pub const ALL: [Pass; 7] = [
        Pass::Confirm,
        Pass::Canonical,
        Pass::Environment,
        Pass::Remove,
        Pass::Lower,
        Pass::Earlier,
        Pass::Dense,
    ];

    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Pass::Confirm => "confirm",
            Pass::Canonical => "canonical",
            Pass::Environment => "environment",
            Pass::Remove => "remove",
            Pass::Lower => "lower",
            Pass::Earlier => "earlier",
            Pass::Dense => "dense",
        }
    }
}

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PassCount {
    /// How many candidates it executed.
    pub executions: u64,
    /// How many of them became the run to go on with.
    pub accepted: u64,
}

/// Why shrinking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No pass makes it smaller.
    Minimal,
    /// The executions were used up.
    Budget,
    /// The caller's check said so.
    Asked,
}

/// A failing run, made small.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest run found. Its verdict is the one asked for; without deviations the canonical
    /// run itself fails.
    pub execution: Execution,
    /// Why it is not smaller.
    pub stop: Stop,
    /// What each pass did, by position in [`Pass::ALL`].
    pub passes: [PassCount; Pass::ALL.len()],
    /// The smallest run of each other verdict that was met on the way, by verdict.
    pub slips: Vec<Execution>,
}

impl Shrunk {
    /// How many runs were executed in all.
    pub fn executions(&self) -> u64 {
        self.passes.iter().map(|pass| pass.executions).sum()
    }

    /// How many of them became the run to go on with.
    pub fn accepted(&self) -> u64 {
        self.passes.iter().map(|pass| pass.accepted).sum()
    }
}

/// Why a failure cannot be shrunk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShrinkError {
    /// Running its deviations again did not fail, or failed otherwise.
    #[error("replaying the failure `{wanted}` gave {}", verdict_text(.got))]
    NotReproduced {
        /// The verdict asked for.
        wanted: String,
        /// The verdict of the replay.
        got: Option<String>,
    },
    /// Running the same deviations twice gave two different runs: the program is not
    /// deterministic.
    #[error(
        "two replays of the failure `{wanted}` differ: {first} deviations and {}, then {second} \
         deviations and {}",
        verdict_text(.first_verdict),
        verdict_text(.second_verdict)
    )]
    Unstable {
        /// The verdict asked for.
        wanted: String,
        /// The number of deviations of the first replay.
        first: usize,
        /// The verdict of the first replay.
        first_verdict: Option<String>,
        /// The number of deviations of the second replay.
        second: usize,
        /// The verdict of the second replay.
        second_verdict: Option<String>,
    },
}

fn verdict_text(verdict: &Option<String>) -> String {
    verdict
        .as_ref()
        .map_or_else(|| "no failure".to_owned(), |verdict| format!("`{verdict}`"))
}
