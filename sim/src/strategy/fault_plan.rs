//! Where faults strike in a sampled run.
//!
//! Drawn before the run as a swarm: each kind with a budget is on in half of the runs, with one to
//! all of its budget, and strikes at opportunities drawn evenly over as many as the calibration
//! counted. So a crash is as likely late in a run as early, a run often has one kind of trouble
//! alone, and the schedule stays what it would be without the plan. An opportunity that the run
//! never reaches is a fault less.
//!
//! Each kind draws from its own stream: a budget for one kind does not move the faults of another.

use super::Learnt;
use crate::choice::ChoiceKind;
use crate::faults::{Faults, fault_number};
use crate::rng::{Draws, scramble};

/// Opportunities of a kind that are drawn for a run at most: budgets that mean "any number" would
/// otherwise fill the memory. Far more than runs have events, by their usual limits.
const DRAWN_MAX: u32 = 10_000;

/// Kept between runs for its memory.
#[derive(Debug)]
pub(super) struct FaultPlan {
    kinds: [Strikes; ChoiceKind::FAULTS.len()],
}

#[derive(Debug)]
struct Strikes {
    /// The opportunities to take, the next one last.
    due: Vec<u64>,
    /// The opportunities so far.
    seen: u64,
    draws: Draws,
}

impl FaultPlan {
    pub(super) fn new() -> FaultPlan {
        let strikes = |_| Strikes {
            due: Vec::new(),
            seen: 0,
            draws: Draws::new(0),
        };
        FaultPlan {
            kinds: std::array::from_fn(strikes),
        }
    }

    pub(super) fn begin(&mut self, mut draws: Draws, faults: &Faults, learnt: &Learnt) {
        let seed = draws.bits();
        for (kind, strikes) in ChoiceKind::FAULTS.into_iter().zip(&mut self.kinds) {
            strikes.due.clear();
            let budget = faults.budget(kind);
            if budget == 0 {
                continue;
            }
            strikes.seen = 0;
            strikes.draws = Draws::new(scramble(seed ^ kind as u64));
            let on = strikes.draws.rank(2) == 1;
            let count = if on {
                1 + strikes.draws.rank(budget)
            } else {
                0
            };
            let opportunities = learnt.choices(kind).max(1);
            strikes
                .due
                .extend((0..count.min(DRAWN_MAX)).map(|_| strikes.draws.below(opportunities)));
            strikes
                .due
                .sort_unstable_by_key(|&opportunity| std::cmp::Reverse(opportunity));
            strikes.due.dedup();
        }
    }

    /// The rank of a fault choice: 0, or at an opportunity to take any of the others.
    #[inline]
    pub(super) fn decide(&mut self, kind: ChoiceKind, n: u32) -> u32 {
        let Some(number) = fault_number(kind) else {
            return 0;
        };
        let strikes = &mut self.kinds[number];
        let opportunity = strikes.seen;
        strikes.seen += 1;
        match strikes.due.pop_if(|due| *due == opportunity) {
            Some(_) => 1 + strikes.draws.rank(n - 1),
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests;
