//! What a campaign covered and what it found.

use std::time::Duration;

use beamline::backend::PropertyKind;

use super::chunk::{Chunk, Sites};
use super::replay::Replayed;
use super::{Campaign, Exploration, Finding};
use crate::choice::ChoiceKind;
use crate::oracle::Tally;
use crate::seed::Seed;

/// The result of a campaign.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The scenario.
    pub name: String,
    /// The seed.
    pub seed: Seed,
    /// Runs made.
    pub runs: u64,
    /// Runs made a second time and compared.
    pub doubled: u64,
    /// Events of all runs.
    pub steps: u64,
    /// Different traces among the runs.
    pub distinct_traces: u64,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Properties and how often they were looked at, by id.
    pub sites: Vec<SiteReport>,
    /// Fault kinds that were offered, and how often each was injected.
    pub faults: Vec<FaultCount>,
    /// How often each built-in oracle judged.
    pub oracles: Tally,
    /// Runs by what made their choices.
    pub strategies: Vec<StrategyCount>,
    /// Failures of earlier campaigns, tried again.
    pub regressions: Vec<Replayed>,
    /// What an exhaustive search claims, if it was one.
    pub claim: Option<String>,
    /// Wall time.
    pub elapsed: Duration,
    declares: Vec<String>,
    first: u64,
    stride: u64,
    strategy: crate::strategy::Strategy,
    summed: u64,
}

/// A property and how often it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteReport {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: PropertyKind,
    /// Where it stands, `file:line`.
    pub location: String,
    /// Looks at which it held.
    pub held: u64,
    /// Looks at which it did not.
    pub failed: u64,
    /// Runs in which it held at least once.
    pub runs: u64,
}

/// How often a kind of fault was injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultCount {
    /// The kind.
    pub kind: ChoiceKind,
    /// How often.
    pub injected: u64,
}

/// How many runs a strategy made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrategyCount {
    /// Its name.
    pub name: String,
    /// The runs.
    pub runs: u64,
}

impl Report {
    pub(super) fn new(campaign: &Campaign) -> Report {
        let settings = &campaign.settings;
        let kinds = ChoiceKind::FAULTS
            .into_iter()
            .filter(|kind| settings.faults.budget(*kind) > 0);
        Report {
            name: campaign.name.clone(),
            seed: settings.seed,
            runs: 0,
            doubled: 0,
            steps: 0,
            distinct_traces: 0,
            findings: Vec::new(),
            sites: Vec::new(),
            faults: kinds.map(|kind| FaultCount { kind, injected: 0 }).collect(),
            oracles: Tally::default(),
            strategies: Vec::new(),
            regressions: Vec::new(),
            claim: None,
            elapsed: Duration::ZERO,
            declares: settings.declares.clone(),
            first: settings.first,
            stride: settings.stride,
            strategy: settings.strategy.clone(),
            summed: 0,
        }
    }

    /// Adds the next chunk.
    pub(super) fn add(&mut self, chunk: &Chunk, distinct: u64) {
        self.count_strategies(chunk.runs);
        self.runs += chunk.runs;
        self.doubled += chunk.doubled;
        self.steps += chunk.steps;
        self.distinct_traces = distinct;
        for count in &mut self.faults {
            let at = ChoiceKind::FAULTS
                .iter()
                .position(|kind| *kind == count.kind);
            count.injected += at.map_or(0, |at| chunk.injected[at]);
        }
        self.add_sites(&chunk.sites);
        self.oracles.add_all(&chunk.judged);
    }

    /// Takes over what an exhaustive search has covered and found.
    pub(super) fn add_exploration(&mut self, exploration: Exploration) {
        (self.runs, self.steps) = (exploration.runs, exploration.steps);
        (self.distinct_traces, self.elapsed) = (exploration.traces, exploration.elapsed);
        let name = self.strategy.to_string();
        self.strategies.push(StrategyCount {
            name,
            runs: exploration.runs,
        });
        self.add_sites(&exploration.sites);
        self.oracles.add_all(&exploration.judged);
        self.findings.extend(exploration.finding);
        self.claim = Some(exploration.claim);
    }

    fn count_strategies(&mut self, runs: u64) {
        for number in self.summed..self.summed + runs {
            let policy = self.strategy.policy(self.first + number * self.stride);
            let name =
                policy.map_or_else(|| self.strategy.to_string(), |policy| policy.to_string());
            match self.strategies.iter_mut().find(|count| count.name == name) {
                Some(count) => count.runs += 1,
                None => self.strategies.push(StrategyCount { name, runs: 1 }),
            }
        }
        self.summed += runs;
    }

    fn add_sites(&mut self, sites: &Sites) {
        for ((id, _), sum) in &sites.0 {
            let known = self
                .sites
                .iter_mut()
                .find(|s| s.id == *id && s.kind == sum.kind);
            match known {
                Some(site) => {
                    site.held += sum.held;
                    site.failed += sum.failed;
                    site.runs += sum.runs;
                }
                None => self.sites.push(SiteReport {
                    id: id.clone(),
                    kind: sum.kind,
                    location: format!("{}:{}", sum.location.file(), sum.location.line()),
                    held: sum.held,
                    failed: sum.failed,
                    runs: sum.runs,
                }),
            }
        }
        self.sites
            .sort_by(|a, b| (&a.id, a.kind as u8).cmp(&(&b.id, b.kind as u8)));
    }

    /// Whether nothing was violated, now or in an earlier failure that was tried again.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.regressions.iter().all(|known| known.verdict.is_none())
    }

    /// Ids of `sometimes!` and `reachable!` that were never seen to hold: those that the runs came
    /// by, and those that were declared.
    pub fn never_seen(&self) -> Vec<&str> {
        let wanted = |site: &&SiteReport| {
            matches!(site.kind, PropertyKind::Sometimes | PropertyKind::Reachable)
        };
        let looked_at = self
            .sites
            .iter()
            .filter(wanted)
            .filter(|site| site.held == 0);
        let mut ids: Vec<&str> = looked_at.map(|site| site.id.as_str()).collect();
        let missing = self.declares.iter().filter(|id| {
            !self
                .sites
                .iter()
                .any(|site| site.id == **id && site.held > 0)
        });
        ids.extend(missing.map(String::as_str));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Kinds of faults that were offered and never injected.
    pub fn never_injected(&self) -> Vec<ChoiceKind> {
        let never = self.faults.iter().filter(|count| count.injected == 0);
        never.map(|count| count.kind).collect()
    }
}
