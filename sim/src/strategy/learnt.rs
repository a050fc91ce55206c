//! What is learnt about a scenario before it is sampled.
//!
//! A few calibration runs measure how many events each chain makes, how many choices a run has, and
//! how often each kind of fault could strike. The learnt walk weighs chains by the first, PCT draws
//! its places over the second, and crash points are drawn over the third.
//!
//! # Invariants
//!
//! 1. What is learnt depends on the scenario and the calibration runs alone, which every campaign
//!    and every replay of a seed repeats: so a bare seed still reproduces. Nothing is learnt from
//!    the campaign's own runs.
//! 2. Merging is exact in any order: sums are kept, means are taken when asked.

use crate::choice::{ChoiceId, ChoiceKind};
use crate::mode::Granularity;
use crate::seed::Seed;
use crate::tape::Tape;

/// What calibration runs of one granularity measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learnt {
    runs: u64,
    /// Choices by kind, summed over the runs.
    choices: [u64; ChoiceKind::ALL.len()],
    /// By rising id.
    chains: Vec<Chain>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chain {
    id: ChoiceId,
    /// Its events, summed over the runs.
    events: u64,
    /// The runs in which it appeared.
    runs: u64,
}

impl Learnt {
    /// Nothing yet.
    pub const fn new() -> Learnt {
        Learnt {
            runs: 0,
            choices: [0; ChoiceKind::ALL.len()],
            chains: Vec::new(),
        }
    }

    /// Adds one run: its tape, and how many events each of its chains made. A chain is named once.
    pub fn observe(&mut self, tape: &Tape, chains: impl IntoIterator<Item = (ChoiceId, u32)>) {
        self.runs += 1;
        for choice in tape.choices() {
            self.choices[choice.kind as usize] += 1;
        }
        for (id, events) in chains {
            self.add(Chain {
                id,
                events: u64::from(events),
                runs: 1,
            });
        }
    }

    /// Adds what other runs measured.
    pub fn merge(&mut self, other: &Learnt) {
        self.runs += other.runs;
        for (sum, other) in self.choices.iter_mut().zip(other.choices) {
            *sum += other;
        }
        other.chains.iter().for_each(|&chain| self.add(chain));
    }

    fn add(&mut self, chain: Chain) {
        match self
            .chains
            .binary_search_by_key(&chain.id, |known| known.id)
        {
            Ok(at) => {
                self.chains[at].events += chain.events;
                self.chains[at].runs += chain.runs;
            }
            Err(at) => self.chains.insert(at, chain),
        }
    }

    /// How many runs were measured.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// How many events a chain is expected to make in a run in which it appears: the rounded mean,
    /// at least 1, and 1 for a chain that was never seen.
    ///
    /// An [`Alternative`](crate::choice::Alternative)'s `remaining` is this less the events that
    /// the chain has made, at least 1. Worth keeping per chain for the length of a run.
    pub fn expected(&self, chain: ChoiceId) -> u32 {
        match self.chains.binary_search_by_key(&chain, |known| known.id) {
            Ok(at) => {
                let Chain { events, runs, .. } = self.chains[at];
                u32::try_from(mean(events, runs)).unwrap_or(u32::MAX).max(1)
            }
            Err(_) => 1,
        }
    }

    /// The rounded mean number of choices of a kind in a run: for [`ChoiceKind::Event`] the length
    /// of a schedule, for a fault the opportunities it has.
    pub fn choices(&self, kind: ChoiceKind) -> u64 {
        mean(self.choices[kind as usize], self.runs)
    }
}

/// Rounded half up; 0 of nothing.
fn mean(sum: u64, count: u64) -> u64 {
    (sum + count / 2).checked_div(count).unwrap_or(0)
}

/// What was learnt about a scenario, per granularity: a fine run has several times the choices of a
/// fused one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calibration {
    /// From fused runs.
    pub fused: Learnt,
    /// From fine runs.
    pub fine: Learnt,
}

impl Calibration {
    /// The seed of every calibration, whatever the campaign's seed: all campaigns over a scenario
    /// learn the same.
    pub const SEED: Seed = Seed(0);

    /// How many runs of each granularity a calibration makes: those with the indices from 0 of a
    /// campaign with [`SEED`](Calibration::SEED) under
    /// [`Strategy::Random`](super::Strategy::Random), without faults. Enough that a mean is not an
    /// accident of one schedule, and too few to be noticed in a campaign.
    pub const RUNS: u64 = 4;

    /// What was learnt from runs of this granularity. A mixed one is resolved per run first
    /// ([`Granularity::of_run`]); unresolved it counts as fused.
    #[inline]
    pub const fn of(&self, granularity: Granularity) -> &Learnt {
        match granularity {
            Granularity::Fine => &self.fine,
            Granularity::Fused | Granularity::Mixed => &self.fused,
        }
    }

    /// The same, to add to.
    pub const fn of_mut(&mut self, granularity: Granularity) -> &mut Learnt {
        match granularity {
            Granularity::Fine => &mut self.fine,
            Granularity::Fused | Granularity::Mixed => &mut self.fused,
        }
    }
}

#[cfg(test)]
mod tests;
