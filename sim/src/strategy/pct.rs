//! PCT: probabilistic concurrency testing, on chains.
//!
//! Each chain gets a random priority when it is first seen, and the alternative of the highest one
//! is taken. At `depth - 1` random places of the run the chain that would be taken is lowered below
//! all others. A bug that needs `depth` ordering constraints among `n` chains and `k` choices is
//! then met with probability at least 1 / (n k^(depth - 1)) per run.
//!
//! The places are drawn over the learnt number of choices, which is the same for every run of a
//! campaign: an estimate that grew with the runs would make a seed mean something else each time.
//!
//! Two departures: what races with nothing is taken at once, whatever its priority, which confines
//! the priorities to the choices that matter; and a timer gets its own priority, at the bottom
//! unless the run's timer weight admits it, since a timer must be able to beat the chain that it
//! waits for without beating everything else.

use super::walk::TimerWeight;
use crate::choice::{Alternative, EventKind};
use crate::rng::Draws;

/// Kept between runs for its memory.
#[derive(Debug, Default)]
pub(super) struct Pct {
    /// By chain; [`UNSEEN`] before its first appearance.
    priorities: Vec<u64>,
    /// The places still to come, the next one last.
    lowerings: Vec<Lowering>,
    step: u64,
}

#[derive(Clone, Copy, Debug)]
struct Lowering {
    step: u64,
    /// The priority given there, below all drawn ones. Which of the places gives the lowest is as
    /// random as the places themselves.
    priority: u64,
}

const UNSEEN: u64 = 0;
/// Chains draw from here upwards; timers that are not admitted from below here down to
/// [`TIMERS`], and lowered chains are below that.
const CHAINS: u64 = 1 << 63;
const TIMERS: u64 = 1 << 32;

impl Pct {
    pub(super) fn begin(&mut self, depth: u8, draws: &mut Draws, choices: u64) {
        self.priorities.clear();
        self.lowerings.clear();
        self.lowerings
            .extend((1..u64::from(depth)).map(|priority| Lowering {
                step: draws.below(choices.max(1)),
                priority,
            }));
        self.lowerings
            .sort_unstable_by_key(|lowering| std::cmp::Reverse(lowering.step));
        self.step = 0;
    }

    pub(super) fn event(
        &mut self,
        draws: &mut Draws,
        timers: TimerWeight,
        alternatives: &[Alternative],
    ) -> u32 {
        // Places that fall on a choice without a race wait for the next one with a race.
        let step = self.step;
        self.step += 1;
        if let Some(rank) = alternatives
            .iter()
            .position(|alternative| !alternative.races)
        {
            return rank as u32;
        }
        for alternative in alternatives {
            self.see(alternative, draws, timers);
        }
        let mut first = self.highest(alternatives);
        while let Some(lowering) = self.lowerings.pop_if(|lowering| lowering.step <= step) {
            self.priorities[alternatives[first].chain as usize] = lowering.priority;
            first = self.highest(alternatives);
        }
        first as u32
    }

    #[inline]
    fn see(&mut self, alternative: &Alternative, draws: &mut Draws, timers: TimerWeight) {
        let chain = alternative.chain as usize;
        if chain >= self.priorities.len() {
            self.priorities.resize(chain + 1, UNSEEN);
        }
        if self.priorities[chain] == UNSEEN {
            let late = alternative.kind == EventKind::Timer && !timers.admits(draws);
            let drawn = draws.bits();
            self.priorities[chain] = if late {
                drawn >> 1 | TIMERS
            } else {
                drawn | CHAINS
            };
        }
    }

    #[inline]
    fn highest(&self, alternatives: &[Alternative]) -> usize {
        let priority = |index: usize| self.priorities[alternatives[index].chain as usize];
        let mut first = 0;
        for index in 1..alternatives.len() {
            if priority(index) > priority(first) {
                first = index;
            }
        }
        first
    }
}

#[cfg(test)]
mod tests;
