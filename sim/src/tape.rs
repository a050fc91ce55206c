//! The record of a run's choices, and the sparse form that is saved, shrunk and replayed.
//!
//! A [`Tape`] has every choice of one run. Its [`Deviations`] are those with a rank above 0: they
//! alone, replayed over the canonical run, give the same run again, since everything between two
//! deviations is decided by the program and by "rank 0".
//!
//! # Invariants
//!
//! 1. Every choice on a tape has `rank < n` and `n >= 2`.
//! 2. Deviations have strictly rising indices, and `0 < rank < n`.

use crate::choice::{ChoiceId, ChoiceKind};

mod deviations;
mod divergence;

pub use deviations::{Deviation, Deviations};
pub use divergence::{Divergence, Fidelity};

/// One decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The stable id of the chosen alternative.
    pub id: ChoiceId,
    /// The number of alternatives, at least 2.
    pub n: u32,
    /// The chosen one; 0 is the canonical continuation.
    pub rank: u32,
    /// What was decided.
    pub kind: ChoiceKind,
}

/// Every choice of one run, in order. Kept from run to run: [`clear`](Tape::clear) does not free.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tape {
    choices: Vec<Choice>,
}

impl Tape {
    /// An empty tape.
    pub const fn new() -> Tape {
        Tape {
            choices: Vec::new(),
        }
    }

    /// Forgets the choices and keeps the memory.
    pub fn clear(&mut self) {
        self.choices.clear();
    }

    /// Appends a choice.
    #[inline]
    pub fn push(&mut self, choice: Choice) {
        debug_assert!(choice.n >= 2, "a forced choice is not recorded: {choice:?}");
        debug_assert!(choice.rank < choice.n, "a rank is below n: {choice:?}");
        self.choices.push(choice);
    }

    /// Every choice.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The number of choices.
    pub fn len(&self) -> usize {
        self.choices.len()
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.choices.is_empty()
    }

    /// How many choices of one kind there were.
    pub fn count(&self, kind: ChoiceKind) -> u64 {
        self.choices
            .iter()
            .filter(|choice| choice.kind == kind)
            .count() as u64
    }

    /// Where the run left the canonical continuation.
    pub fn deviations(&self) -> Deviations {
        let mut deviations = Deviations::new();
        self.deviations_into(&mut deviations);
        deviations
    }

    /// The same into existing memory.
    pub fn deviations_into(&self, deviations: &mut Deviations) {
        deviations.clear();
        let chosen = (0..)
            .zip(&self.choices)
            .filter(|(_, choice)| choice.rank > 0);
        chosen.for_each(|(index, choice)| deviations.push(Deviation::new(index, *choice)));
    }

    /// The first choice at which another run of what should be the same run differs from this one.
    pub fn first_difference(&self, other: &Tape) -> Option<Divergence> {
        let longer = self.len().max(other.len());
        (0..longer).find_map(|index| {
            let (expected, got) = (self.choices.get(index), other.choices.get(index));
            (expected != got).then(|| Divergence {
                index: index as u64,
                expected: expected.copied(),
                got: got.copied(),
            })
        })
    }
}

#[cfg(test)]
mod tests;
