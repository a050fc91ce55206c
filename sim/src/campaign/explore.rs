//! Exhaustive search: every schedule, naively and depth first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::Campaign;
use super::calibrate::{Lessons, Runner};
use super::chunk::Sites;
use super::finding::{self, Finding};
use super::watch::{Progress, Stopwatch, Watch};
use crate::choice::{ChoiceKind, Kinds};
use crate::mode::{Delivery, Granularity};
use crate::oracle::Tally;
use crate::strategy::DepthFirst;
use crate::tape::Deviations;
use crate::world::{RunOptions, Verdict};

/// Runs between two looks at the watch.
const WATCH_EVERY: u64 = 1024;

/// The result of an exhaustive search. What it claims it claims within these bounds only.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exploration {
    /// The scenario.
    pub name: String,
    /// Runs made.
    pub runs: u64,
    /// Different traces among them.
    pub traces: u64,
    /// Those of them that failed.
    pub failing_traces: u64,
    /// Runs that failed.
    pub failing_runs: u64,
    /// Every schedule within the bounds was run.
    pub complete: bool,
    /// Some runs were too long, or had too many deadlines at once, to be searched throughout: see
    /// [`Finished::unasked`](crate::world::Finished::unasked). Then the search is not complete.
    pub unasked: bool,
    /// How finely runs were divided.
    pub granularity: Granularity,
    /// How signals travelled.
    pub delivery: Delivery,
    /// How often a deadline could pass early in a run.
    pub early_firings: u32,
    /// The faults that were searched.
    pub faults: Kinds,
    /// The outcomes that the program gave itself, and in how many runs.
    pub outcomes: BTreeMap<String, u64>,
    /// The verdicts, and in how many runs.
    pub verdicts: BTreeMap<String, u64>,
    /// The first failure, shrunk.
    pub finding: Option<Finding>,
    /// Why the search means nothing, if the program is not deterministic.
    pub divergence: Option<String>,
    /// Events of all runs.
    pub steps: u64,
    /// Wall time.
    pub elapsed: Duration,
    /// The claim in words, with its bounds.
    pub claim: String,
    pub(super) sites: Sites,
    pub(super) judged: Tally,
}

pub(super) fn explore(
    campaign: &Campaign,
    early_firings: u32,
    watch: &mut dyn Watch,
) -> Exploration {
    let settings = &campaign.settings;
    let stopwatch = Stopwatch::start(settings.time);
    // A mixed granularity is for sampling; exhaustive search is of one.
    let options = RunOptions {
        granularity: settings.granularity.of_run(0),
        early_firings: Some(early_firings),
        ..settings.options(0)
    };
    let searched = settings.faults.kinds().with(ChoiceKind::User);
    let mut search = DepthFirst::new(searched, settings.runs);
    let lessons = Lessons::default();
    let mut runner = Runner::new(campaign, &lessons);
    let (mut traces, mut failing) = (BTreeSet::new(), BTreeSet::new());
    let mut first: Option<(Verdict, Deviations, u64)> = None;
    let mut exploration = Exploration::none(campaign, &options);
    loop {
        let run = runner.run_with(&mut search, &options);
        exploration.runs += 1;
        exploration.steps += run.steps;
        exploration.unasked |= run.unasked;
        exploration.sites.add_run(runner.world().sites());
        traces.insert(run.hash);
        if let Some(outcome) = run.outcome {
            *exploration.outcomes.entry(outcome).or_default() += 1;
        }
        if let Some(verdict) = run.verdict {
            failing.insert(run.hash);
            exploration.failing_runs += 1;
            *exploration.verdicts.entry(verdict.id.clone()).or_default() += 1;
            if first.is_none() {
                let tape = runner.world().tape();
                first = Some((verdict, tape.deviations(), tape.len() as u64));
            }
        }
        if let Some(divergence) = search.divergence() {
            exploration.divergence = Some(divergence.to_string());
            break;
        }
        let progress = Progress {
            runs: exploration.runs,
            distinct: traces.len() as u64,
            findings: failing.len() as u64,
            elapsed: Duration::ZERO,
        };
        let look = exploration.runs.is_multiple_of(WATCH_EVERY);
        if look && (stopwatch.is_over() || !watch.go_on(&progress)) {
            break;
        }
        if !search.advance() {
            break;
        }
    }
    exploration.judged.add(&runner.world().take_judged());
    let searched = search.is_complete() && !exploration.unasked;
    exploration.complete = searched && exploration.divergence.is_none();
    (exploration.traces, exploration.failing_traces) = (traces.len() as u64, failing.len() as u64);
    exploration.finding = first.map(|(verdict, found, choices)| {
        finding::examine_known(campaign, &mut runner, &options, 0, verdict, found, choices)
    });
    exploration.elapsed = stopwatch.elapsed();
    exploration.claim = exploration.to_string();
    exploration
}

impl Exploration {
    /// What is known before the first run.
    fn none(campaign: &Campaign, options: &RunOptions) -> Exploration {
        Exploration {
            name: campaign.name.clone(),
            runs: 0,
            traces: 0,
            failing_traces: 0,
            failing_runs: 0,
            complete: false,
            unasked: false,
            granularity: options.granularity,
            delivery: campaign.settings.delivery,
            early_firings: options.early_firings.unwrap_or_default(),
            faults: campaign.settings.faults.kinds(),
            outcomes: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            finding: None,
            divergence: None,
            steps: 0,
            elapsed: Duration::ZERO,
            claim: String::new(),
            sites: Sites::default(),
            judged: Tally::default(),
        }
    }
}

impl fmt::Display for Exploration {
    /// The claim, with its bounds (contract C13).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exploration {
            runs,
            traces,
            failing_traces,
            granularity,
            delivery,
            ..
        } = self;
        match (&self.divergence, self.complete) {
            (Some(divergence), _) => return write!(f, "not deterministic: {divergence}"),
            (None, true) => f.write_str("complete: ")?,
            (None, false) => f.write_str("incomplete: ")?,
        }
        write!(
            f,
            "{runs} runs, {traces} distinct traces, {failing_traces} of them failing \
             ({granularity}, {delivery} delivery, at most {} early firings",
            self.early_firings
        )?;
        for kind in ChoiceKind::FAULTS
            .into_iter()
            .filter(|kind| self.faults.contains(*kind))
        {
            write!(f, ", {kind}")?;
        }
        f.write_str(")")
    }
}
