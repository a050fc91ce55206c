//! From a failing run to a finding: believed, shrunk, told and saved.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::time::Duration;

use super::Campaign;
use super::calibrate::{Lessons, Runner};
use super::chunk::{Failure, FailureKind};
use crate::artefact::{Artefact, Header, Token};
use crate::choice::LabelHash;
use crate::mode::Granularity;
use crate::shrink::{Execution, Shrink};
use crate::story::{self, Story};
use crate::tape::Deviations;
use crate::trace::Record;
use crate::world::{RunOptions, Verdict};

/// A failure of a scenario.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// What went wrong, in the shrunk run.
    pub verdict: Verdict,
    /// The run of the campaign that failed first.
    pub run: u64,
    /// How shrinking went; nothing if the failure did not repeat.
    pub shrinking: Option<Shrinking>,
    /// The shrunk run in words.
    pub story: Story,
    /// Its records.
    pub trace: Vec<Record>,
    /// What a file of it holds.
    pub artefact: Artefact,
    /// Where it was saved, or why it was not.
    pub file: Result<Option<PathBuf>, String>,
}

/// How shrinking went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shrinking {
    /// Deviations from the canonical run before.
    pub from: usize,
    /// And after.
    pub to: usize,
    /// Choices of the run before.
    pub choices: u64,
    /// Executions it took.
    pub executions: u64,
}

impl Finding {
    /// The short form of the failure, if it is short enough to paste.
    pub fn token(&self) -> Option<String> {
        Token::of(&self.artefact).encode()
    }
}

impl fmt::Display for Shrinking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shrinking {
            from,
            to,
            executions,
            ..
        } = self;
        write!(
            f,
            "shrunk from {from} to {to} deviations in {executions} executions"
        )
    }
}

/// Examines the run that ended a campaign.
pub(super) fn examine(campaign: &Campaign, lessons: &Lessons, failure: Failure) -> Finding {
    let mut runner = Runner::new(campaign, lessons);
    let options = campaign.settings.options(failure.index);
    let verdict = match failure.kind {
        FailureKind::Nondeterminism(difference) => nondeterminism(&difference.0),
        FailureKind::Verdict(verdict) => {
            // Twice more: what does not repeat is no finding of the program's (CMP2).
            let again = runner.run(failure.index, false).verdict;
            match again {
                Some(again) if again.id == verdict.id => verdict,
                other => {
                    let other = other.map_or("no failure".to_string(), |verdict| verdict.id);
                    nondeterminism(&format!(
                        "run {} gave {} and then {other}",
                        failure.index, verdict.id
                    ))
                }
            }
        }
    };
    runner.run(failure.index, false);
    let found = runner.world().tape().deviations();
    let choices = runner.world().tape().len() as u64;
    if verdict.id == NONDETERMINISM {
        return finish(
            campaign,
            &mut runner,
            &options,
            failure.index,
            verdict,
            found,
            None,
        );
    }
    examine_known(
        campaign,
        &mut runner,
        &options,
        failure.index,
        verdict,
        found,
        choices,
    )
}

/// The verdict id of a program that does not repeat.
pub(crate) const NONDETERMINISM: &str = "nondeterminism";

fn nondeterminism(difference: &str) -> Verdict {
    Verdict::new(
        NONDETERMINISM,
        format!("two executions of one run differ\n{difference}"),
    )
}

/// Shrinks a failure that repeats. One of a fine run is told in fused steps if it can be made
/// there too, by the same deviations, and needs no longer a story.
pub(super) fn examine_known(
    campaign: &Campaign,
    runner: &mut Runner<'_>,
    options: &RunOptions,
    run: u64,
    verdict: Verdict,
    found: Deviations,
    choices: u64,
) -> Finding {
    let shrink = || Shrink::new(&verdict.id).executions_max(campaign.settings.shrink_executions);
    let from = found.len();
    match shrink().run(&found, |asked| execute(runner, options, asked)) {
        Ok(mut shrunk) => {
            let mut executions = shrunk.executions();
            let mut options = options;
            let fused = RunOptions {
                granularity: Granularity::Fused,
                ..options.clone()
            };
            if options.granularity == Granularity::Fine {
                for tape in [shrunk.execution.deviations.clone(), found] {
                    let coarse = shrink().run(&tape, |asked| execute(runner, &fused, asked));
                    let Ok(coarse) = coarse else {
                        executions += 2;
                        continue;
                    };
                    executions += coarse.executions();
                    if coarse.execution.is_no_worse_than(&shrunk.execution) {
                        (shrunk, options) = (coarse, &fused);
                        break;
                    }
                }
            }
            let to = shrunk.execution.deviations.len();
            let shrinking = Some(Shrinking {
                from,
                to,
                choices,
                executions,
            });
            let deviations = shrunk.execution.deviations;
            finish(
                campaign, runner, options, run, verdict, deviations, shrinking,
            )
        }
        // It repeats from its seed, and not from its tape: told as it was found.
        Err(error) => {
            let detail = format!("{}\n(not shrunk: {error})", verdict.detail);
            let verdict = Verdict { detail, ..verdict };
            finish(campaign, runner, options, run, verdict, found, None)
        }
    }
}

/// One run of the shrinker.
fn execute(runner: &mut Runner<'_>, options: &RunOptions, asked: &Deviations) -> Execution {
    let traced = RunOptions {
        trace: true,
        ..options.clone()
    };
    let run = runner.follow(asked, &traced);
    let trace = runner.world().take_trace();
    let story_len = story::tell(&trace, run.verdict.as_ref()).events.len() as u64;
    let tape = runner.world().tape();
    Execution {
        verdict: run.verdict.map(|verdict| verdict.id),
        deviations: tape.deviations(),
        choices: tape.len() as u64,
        story_len,
    }
}

/// Makes the run once more, for its story, and saves it.
pub(super) fn finish(
    campaign: &Campaign,
    runner: &mut Runner<'_>,
    options: &RunOptions,
    run: u64,
    verdict: Verdict,
    deviations: Deviations,
    shrinking: Option<Shrinking>,
) -> Finding {
    let traced = RunOptions {
        trace: true,
        ..options.clone()
    };
    let last = runner.follow(&deviations, &traced);
    let trace = runner.world().take_trace();
    let verdict = match last.verdict {
        Some(last) if last.id == verdict.id && shrinking.is_some() => last,
        _ => verdict,
    };
    let story = story::tell(&trace, Some(&verdict));
    let header = header(campaign, options, run, &verdict, &story);
    let labels = runner.world().labels();
    let artefact = Artefact::new(header, &deviations, &|id| labels.get(&id).cloned());
    let file = save(campaign, &artefact);
    Finding {
        verdict,
        run,
        shrinking,
        story,
        trace,
        artefact,
        file,
    }
}

fn header(
    campaign: &Campaign,
    options: &RunOptions,
    run: u64,
    verdict: &Verdict,
    story: &Story,
) -> Header {
    let settings = &campaign.settings;
    Header {
        scenario: campaign.name.clone(),
        beamline: env!("CARGO_PKG_VERSION").to_string(),
        rustc: None,
        target: Some(format!(
            "{}-{}",
            std::env::consts::ARCH,
            std::env::consts::OS
        )),
        granularity: options.granularity,
        delivery: options.delivery,
        strategy: settings.strategy.to_string(),
        seed: settings.seed,
        run,
        faults: options.faults.clone(),
        limits: limits_of(options),
        verdict: verdict.id.clone(),
        location: verdict.location.clone(),
        story: story.events.len() as u64,
        extra: serde_json::Map::new(),
    }
}

/// The limits of a run by name, as files have them; [`options_of`](super::replay::options_of) is
/// the way back.
pub(crate) fn limits_of(options: &RunOptions) -> BTreeMap<String, u64> {
    let (limits, faults) = (&options.limits, &options.faults);
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let always = [
        ("steps", limits.steps_max()),
        // Beyond them no choices are asked, so without this a tape means something else.
        ("fair_after_steps", limits.fair_after_steps()),
        ("virtual_time_ns", nanos(limits.virtual_time_max())),
        ("memory_bytes", limits.memory_max() as u64),
    ];
    let early = options.early_firings.map(u64::from);
    let sometimes = [
        ("early_firings", early),
        ("leaks", options.no_leaks.then_some(0)),
        ("settle_ns", options.settle.map(nanos)),
        (
            "pace_strikes",
            faults.pace().map(|pace| pace.strikes.into()),
        ),
        (
            "pace_within_ns",
            faults.pace().map(|pace| nanos(pace.within)),
        ),
        (
            "burst",
            Some(faults.burst().into()).filter(|burst| *burst > 0),
        ),
        ("faults_until_ns", faults.ends_at().map(nanos)),
    ];
    let sometimes = sometimes
        .into_iter()
        .filter_map(|(name, limit)| Some((name, limit?)));
    always
        .into_iter()
        .chain(sometimes)
        .map(|(name, limit)| (name.to_string(), limit))
        .collect()
}

/// Writes the failure file, if the campaign keeps any.
fn save(campaign: &Campaign, artefact: &Artefact) -> Result<Option<PathBuf>, String> {
    let Some(folder) = &campaign.settings.regressions else {
        return Ok(None);
    };
    let path = folder.join(file_name(&campaign.name, artefact));
    std::fs::create_dir_all(folder)
        .and_then(|()| artefact.write(&path))
        .map(|()| Some(path.clone()))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// A name that two failures of one kind share and different ones do not.
pub(super) fn file_name(scenario: &str, artefact: &Artefact) -> String {
    let mut hash = LabelHash::new();
    hash.bytes(artefact.header.verdict.as_bytes());
    for step in artefact.steps() {
        hash.bytes(step.deviation.kind.name().as_bytes());
        hash.bytes(step.label.as_bytes());
    }
    format!("{}-{:08x}.jsonl", file_stem(scenario), hash.finish() as u32)
}

/// A scenario's name as the beginning of a file's.
pub(super) fn file_stem(scenario: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        }
    };
    let mut stem: String = scenario.chars().map(plain).collect();
    while stem.contains("--") {
        stem = stem.replace("--", "-");
    }
    stem
}

/// A path as it is best pasted: from the current directory if it lies below it.
pub(crate) fn shown(path: &FilePath) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok().map(FilePath::to_path_buf));
    below
        .unwrap_or_else(|| path.to_path_buf())
        .display()
        .to_string()
}
