//! The state of a shrink: the best run so far, what was tried, what is left of the budget.

use std::collections::{BTreeMap, BTreeSet};

use super::{Execution, Pass, PassCount, Shrink, Shrunk, Stop, fingerprint};
use crate::tape::{Deviation, Deviations};

pub(super) struct Search<'a, 'e> {
    verdict: &'a str,
    executions_left: u64,
    go_on: Option<&'a mut dyn FnMut() -> bool>,
    execute: &'e mut (dyn FnMut(&Deviations) -> Execution + 'e),
    /// The smallest run so far.
    best: Execution,
    cost: [u64; 5],
    /// Fingerprints of every candidate executed and every run that resulted.
    tried: BTreeSet<u64>,
    slips: BTreeMap<String, Execution>,
    counts: [PassCount; Pass::ALL.len()],
    /// Why no more candidates are executed.
    stopped: Option<Stop>,
}

impl<'a, 'e> Search<'a, 'e> {
    /// Goes on from a confirmed failure.
    pub(super) fn new(
        shrink: Shrink<'a>,
        found: Execution,
        execute: &'e mut (dyn FnMut(&Deviations) -> Execution + 'e),
    ) -> Search<'a, 'e> {
        let mut counts = [PassCount::default(); Pass::ALL.len()];
        counts[Pass::Confirm as usize].executions = 2;
        Search {
            verdict: shrink.verdict,
            executions_left: shrink.executions_max,
            go_on: shrink.go_on,
            execute,
            cost: found.cost(),
            tried: BTreeSet::from([fingerprint(found.deviations.as_slice())]),
            best: found,
            slips: BTreeMap::new(),
            counts,
            stopped: None,
        }
    }

    pub(super) fn finish(self) -> Shrunk {
        Shrunk {
            execution: self.best,
            stop: self.stopped.unwrap_or(Stop::Minimal),
            passes: self.counts,
            slips: self.slips.into_values().collect(),
        }
    }

    /// The deviations of the best run.
    pub(super) fn best(&self) -> &[Deviation] {
        self.best.deviations.as_slice()
    }

    /// The number of choices of the best run.
    pub(super) fn choices(&self) -> u64 {
        self.best.choices
    }

    pub(super) fn accepted(&self) -> u64 {
        self.counts.iter().map(|count| count.accepted).sum()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// Executes a candidate unless it was before, and takes it if it fails alike and is smaller.
    pub(super) fn attempt(&mut self, pass: Pass, candidate: Vec<Deviation>) -> bool {
        if self.is_stopped() || !self.tried.insert(fingerprint(&candidate)) {
            return false;
        }
        if self.executions_left == 0 {
            self.stopped = Some(Stop::Budget);
            return false;
        }
        if self.go_on.as_mut().is_some_and(|go_on| !go_on()) {
            self.stopped = Some(Stop::Asked);
            return false;
        }
        self.executions_left -= 1;
        self.counts[pass as usize].executions += 1;
        let execution = (self.execute)(&candidate.into_iter().collect());
        self.tried
            .insert(fingerprint(execution.deviations.as_slice()));
        self.judge(pass, execution)
    }

    fn judge(&mut self, pass: Pass, execution: Execution) -> bool {
        let cost = execution.cost();
        match &execution.verdict {
            Some(verdict) if verdict == self.verdict => {
                let smaller = cost < self.cost;
                if smaller {
                    self.counts[pass as usize].accepted += 1;
                    self.cost = cost;
                    self.best = execution;
                }
                smaller
            }
            Some(verdict) => {
                let known = self.slips.get(verdict);
                if known.is_none_or(|known| cost < known.cost()) {
                    self.slips.insert(verdict.clone(), execution);
                }
                false
            }
            None => false,
        }
    }
}
