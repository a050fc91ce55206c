//! Making a recorded failure happen again.

use std::fmt;
use std::path::{Path, PathBuf};

use super::Campaign;
use super::calibrate::{Lessons, Runner};
use super::finding::file_stem;
use crate::artefact::{Artefact, ReadError, Warning};
use crate::story::{self, Story};
use crate::strategy::StrictReplay;
use crate::tape::Fidelity;
use crate::trace::Record;
use crate::world::{Limits, RunOptions, Verdict};

/// What came of a replay.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Replayed {
    /// The file, if it was one.
    pub file: Option<PathBuf>,
    /// What was recorded.
    pub recorded: String,
    /// What happened now.
    pub verdict: Option<Verdict>,
    /// How closely the record was followed.
    pub fidelity: Fidelity,
    /// Where the program left the record, in words, if it did.
    pub divergence: Option<String>,
    /// The run in words.
    pub story: Story,
    /// Its records.
    pub trace: Vec<Record>,
    /// What the reader of the file had to say.
    pub warnings: Vec<String>,
}

impl Replayed {
    /// Whether the recorded failure happened again.
    pub fn reproduced(&self) -> bool {
        self.verdict
            .as_ref()
            .is_some_and(|verdict| verdict.id == self.recorded)
    }
}

/// Why a file could not be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// It cannot be read as a failure file.
    #[error("{}: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        error: Box<ReadError>,
    },
    /// It is of another scenario.
    #[error("{} is a failure of {found:?}, not of {wanted:?}", file.display())]
    Scenario {
        /// The file.
        file: PathBuf,
        /// Its scenario.
        found: String,
        /// The one to be replayed.
        wanted: String,
    },
}

/// The options under which a recorded run was made.
pub(crate) fn options_of(artefact: &Artefact) -> RunOptions {
    let header = &artefact.header;
    let limit = |name: &str| header.limits.get(name).copied();
    let mut limits = Limits::default();
    if let Some(steps) = limit("steps") {
        limits = limits.steps(steps);
    }
    if let Some(steps) = limit("fair_after_steps") {
        limits = limits.fair_after(steps);
    }
    if let Some(nanos) = limit("virtual_time_ns") {
        limits = limits.virtual_time(std::time::Duration::from_nanos(nanos));
    }
    if let Some(bytes) = limit("memory_bytes") {
        limits = limits.memory(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    let time = |name: &str| limit(name).map(std::time::Duration::from_nanos);
    let small = |name: &str| limit(name).and_then(|n| u32::try_from(n).ok());
    let mut faults = header.faults.clone();
    if let (Some(strikes), Some(within)) = (small("pace_strikes"), time("pace_within_ns")) {
        faults = faults.paced(strikes, within);
    }
    if let Some(burst) = small("burst") {
        faults = faults.in_bursts_of(burst);
    }
    if let Some(until) = time("faults_until_ns") {
        faults = faults.until(until);
    }
    RunOptions {
        granularity: header.granularity,
        delivery: header.delivery,
        faults,
        limits,
        early_firings: small("early_firings"),
        no_leaks: limit("leaks") == Some(0),
        settle: time("settle_ns"),
        trace: true,
        unjudged: false,
        measure: false,
    }
}

/// Replays a failure file: strictly, and where the program has changed, as closely as it allows.
///
/// # Errors
/// If the file cannot be read, or is of another scenario.
pub fn replay(campaign: &Campaign, file: &Path) -> Result<Replayed, ReplayError> {
    let read = Artefact::read(file);
    let (artefact, warnings) = read.map_err(|error| ReplayError::Read {
        file: file.to_path_buf(),
        error: Box::new(error),
    })?;
    if artefact.header.scenario != campaign.name {
        return Err(ReplayError::Scenario {
            file: file.to_path_buf(),
            found: artefact.header.scenario,
            wanted: campaign.name.clone(),
        });
    }
    let mut replayed = replay_artefact(campaign, &artefact);
    replayed.file = Some(file.to_path_buf());
    replayed.warnings = warnings.iter().map(Warning::to_string).collect();
    Ok(replayed)
}

/// Replays a failure that is in memory.
pub(crate) fn replay_artefact(campaign: &Campaign, artefact: &Artefact) -> Replayed {
    let lessons = Lessons::default();
    let mut runner = Runner::new(campaign, &lessons);
    let options = options_of(artefact);
    let mut strict = StrictReplay::new(artefact.deviations());
    let mut run = runner.run_with(&mut strict, &options);
    let divergence = strict.finish().err();
    let mut fidelity = Fidelity::Exact;
    if divergence.is_some() {
        run = runner.follow(&artefact.deviations(), &options);
        fidelity = runner.fidelity();
    }
    let trace = runner.world().take_trace();
    let labels = runner.world().labels();
    let label_of = |id| {
        labels
            .get(&id)
            .cloned()
            .or(artefact.label_of(id).map(str::to_string))
    };
    Replayed {
        file: None,
        recorded: artefact.header.verdict.clone(),
        story: story::tell(&trace, run.verdict.as_ref()),
        verdict: run.verdict,
        fidelity,
        divergence: divergence.map(|divergence| divergence.describe(&label_of)),
        trace,
        warnings: Vec::new(),
    }
}

/// Makes run `index` of a campaign again, from its seed alone.
pub fn replay_seed(campaign: &Campaign, index: u64) -> Replayed {
    let lessons = Lessons::default();
    let mut runner = Runner::new(campaign, &lessons);
    let run = runner.run(index, true);
    let trace = runner.world().take_trace();
    Replayed {
        file: None,
        recorded: run
            .verdict
            .as_ref()
            .map_or_else(String::new, |verdict| verdict.id.clone()),
        story: story::tell(&trace, run.verdict.as_ref()),
        verdict: run.verdict,
        fidelity: Fidelity::Exact,
        divergence: None,
        trace,
        warnings: Vec::new(),
    }
}

/// Replays the files that earlier campaigns left for this scenario, in the order of their names.
pub(super) fn regressions(campaign: &Campaign) -> Vec<Replayed> {
    let Some(folder) = &campaign.settings.regressions else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let stem = format!("{}-", file_stem(&campaign.name));
    let ours = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("");
        name.starts_with(&stem) && name.ends_with(".jsonl")
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(ours)
        .collect();
    files.sort();
    let replayed = files
        .iter()
        .filter_map(|file| match replay(campaign, file) {
            Ok(replayed) => Some(replayed),
            // Another scenario's name may begin alike.
            Err(ReplayError::Scenario { .. }) => None,
            Err(error) => {
                eprintln!("beamline: skipped: {error}");
                None
            }
        });
    replayed.collect()
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.verdict, self.reproduced()) {
            (Some(verdict), true) => write!(f, "reproduced ({}): {verdict}", self.fidelity),
            (Some(verdict), false) => {
                write!(
                    f,
                    "failed otherwise ({}): {verdict}; recorded was {}",
                    self.fidelity, self.recorded
                )
            }
            (None, _) if self.recorded.is_empty() => f.write_str("nothing was violated"),
            (None, _) => write!(
                f,
                "did not fail ({}); recorded was {}",
                self.fidelity, self.recorded
            ),
        }
    }
}
