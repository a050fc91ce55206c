//! A stretch of runs, made by one job.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Campaign;
use super::calibrate::Runner;
use super::double::{self, Difference};
use crate::choice::ChoiceKind;
use crate::oracle::Tally;
use crate::world::{Finished, Site, Verdict};
use beamline::backend::PropertyKind;

/// Runs of a chunk: a few milliseconds for tiny programs, and small enough that a failure stops
/// the others soon.
pub(super) const CHUNK: u64 = 512;

/// What came of a chunk. Everything in it adds up, in the order of the chunks.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) runs: u64,
    pub(super) doubled: u64,
    pub(super) steps: u64,
    pub(super) hashes: Vec<u64>,
    pub(super) sites: Sites,
    pub(super) injected: [u64; ChoiceKind::FAULTS.len()],
    pub(super) judged: Tally,
    pub(super) failure: Option<Failure>,
    /// The chunk was not finished, because the campaign was stopped.
    pub(super) cut: bool,
}

/// The run that ended a chunk.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) index: u64,
    pub(super) kind: FailureKind,
}

#[derive(Debug)]
pub(super) enum FailureKind {
    Verdict(Verdict),
    Nondeterminism(Difference),
}

/// How often each property was looked at.
#[derive(Debug, Default, Clone)]
pub(super) struct Sites(pub(super) BTreeMap<(String, u8), SiteSum>);

#[derive(Debug, Clone)]
pub(super) struct SiteSum {
    pub(super) kind: PropertyKind,
    pub(super) location: &'static std::panic::Location<'static>,
    pub(super) held: u64,
    pub(super) failed: u64,
    /// Runs in which it held at least once.
    pub(super) runs: u64,
}

impl Sites {
    pub(super) fn add_run(&mut self, sites: &[Site]) {
        for site in sites {
            let sum = self.entry(&site.id, site.kind, site.location);
            sum.held += site.held;
            sum.failed += site.failed;
            sum.runs += u64::from(site.held > 0);
        }
    }

    fn entry(
        &mut self,
        id: &str,
        kind: PropertyKind,
        location: &'static std::panic::Location<'static>,
    ) -> &mut SiteSum {
        let new = SiteSum {
            kind,
            location,
            held: 0,
            failed: 0,
            runs: 0,
        };
        self.0.entry((id.to_string(), kind as u8)).or_insert(new)
    }
}

impl Chunk {
    /// Makes the runs from the `from`th to before the `to`th of this campaign's shard.
    pub(super) fn make(
        campaign: &Campaign,
        runner: &mut Runner<'_>,
        from: u64,
        to: u64,
        stop: &AtomicBool,
    ) -> Chunk {
        let settings = &campaign.settings;
        let mut chunk = Chunk::default();
        // What was judged in a calibration, or in a run that was made twice, counts for nothing.
        runner.world().take_judged();
        for number in from..to {
            if stop.load(Ordering::Relaxed) {
                chunk.cut = true;
                break;
            }
            let index = settings.first + number * settings.stride;
            let run = runner.run(index, false);
            chunk.add(runner, &run);
            let kind = match run.verdict.clone() {
                Some(verdict) => Some(FailureKind::Verdict(verdict)),
                None if double::is_doubled(number, settings.double_runs) => {
                    chunk.doubled += 1;
                    chunk.judged.add(&runner.world().take_judged());
                    let deep = double::is_deep(number, settings.double_runs);
                    let difference = double::compare(runner, index, &run, deep);
                    runner.world().take_judged();
                    difference.map(FailureKind::Nondeterminism)
                }
                None => None,
            };
            if let Some(kind) = kind {
                chunk.failure = Some(Failure { index, kind });
                break;
            }
        }
        chunk.judged.add(&runner.world().take_judged());
        chunk.hashes.sort_unstable();
        chunk.hashes.dedup();
        chunk
    }

    fn add(&mut self, runner: &mut Runner<'_>, run: &Finished) {
        self.runs += 1;
        self.steps += run.steps;
        self.hashes.push(run.hash);
        for (sum, injected) in self.injected.iter_mut().zip(run.injected) {
            *sum += u64::from(injected);
        }
        if !runner.world().sites().is_empty() {
            self.sites.add_run(runner.world().sites());
        }
    }
}
