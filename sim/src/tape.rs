//! The record of a run's choices, and the sparse form that is saved, shrunk and replayed.
//!
//! A [`Tape`] has every choice of one run. Its [`Deviations`] are those with a rank above 0: they
//! alone, replayed over the canonical run, give the same run again, since everything between two
//! deviations is decided by the program and by "rank 0".
//!
//! A tape is as long as its run, so it is written small: a head of two bytes and up for each
//! choice, and the id of what was chosen only where that was not the canonical alternative. A
//! canonical choice reads back with the id [`UNKNOWN`](ChoiceId::UNKNOWN).
//!
//! # Invariants
//!
//! 1. Every choice on a tape has `rank < n` and `n >= 2`.
//! 2. Deviations have strictly rising indices, and `0 < rank < n`.
//! 3. Two runs whose choices have the same kinds, numbers, ranks and ids of deviations have equal
//!    tapes, byte for byte.

use crate::choice::{ChoiceId, ChoiceKind};

mod bytes;
mod deviations;
mod divergence;

pub use bytes::Choices;
pub use deviations::{Deviation, Deviations};
pub use divergence::{Divergence, Fidelity};

/// One decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The stable id of the chosen alternative; [`ChoiceId::UNKNOWN`] where it was not kept.
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
    len: usize,
    bytes: Vec<u8>,
}

impl Tape {
    /// An empty tape.
    pub const fn new() -> Tape {
        Tape {
            len: 0,
            bytes: Vec::new(),
        }
    }

    /// Forgets the choices and keeps the memory.
    pub fn clear(&mut self) {
        self.len = 0;
        self.bytes.clear();
    }

    /// Appends a choice. The id of a canonical one is not kept.
    #[inline]
    pub fn push(&mut self, choice: Choice) {
        debug_assert!(choice.n >= 2, "a forced choice is not recorded: {choice:?}");
        debug_assert!(choice.rank < choice.n, "a rank is below n: {choice:?}");
        self.len += 1;
        bytes::write(&mut self.bytes, choice);
    }

    /// Every choice, in order. Costs reading all that come before.
    pub fn choices(&self) -> Choices<'_> {
        Choices::new(&self.bytes)
    }

    /// The number of choices.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many choices of one kind there were.
    pub fn count(&self, kind: ChoiceKind) -> u64 {
        self.choices().filter(|choice| choice.kind == kind).count() as u64
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
            .zip(self.choices())
            .filter(|(_, choice)| choice.rank > 0);
        chosen.for_each(|(index, choice)| deviations.push(Deviation::new(index, choice)));
    }

    /// The first choice at which another run of what should be the same run differs from this one.
    pub fn first_difference(&self, other: &Tape) -> Option<Divergence> {
        let (mut expected, mut got) = (self.choices(), other.choices());
        (0..self.len.max(other.len)).find_map(|index| {
            let (expected, got) = (expected.next(), got.next());
            (expected != got).then_some(Divergence {
                index: index as u64,
                expected,
                got,
            })
        })
    }
}

#[cfg(test)]
mod tests;
