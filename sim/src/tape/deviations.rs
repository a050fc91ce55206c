//! The sparse form of a run.

use super::Choice;
use crate::choice::{ChoiceId, ChoiceKind};

/// A choice that did not take the canonical continuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deviation {
    /// Its index among all choices of the run, from 0.
    pub index: u64,
    /// What was decided.
    pub kind: ChoiceKind,
    /// The number of alternatives.
    pub n: u32,
    /// The chosen one: above 0 and below `n`.
    pub rank: u32,
    /// The stable id of the chosen alternative, or [`ChoiceId::UNKNOWN`].
    pub id: ChoiceId,
}

impl Deviation {
    /// The choice at an index of a tape.
    pub fn new(index: u64, Choice { id, n, rank, kind }: Choice) -> Deviation {
        Deviation {
            index,
            kind,
            n,
            rank,
            id,
        }
    }

    /// Without its index.
    pub fn choice(&self) -> Choice {
        Choice {
            id: self.id,
            n: self.n,
            rank: self.rank,
            kind: self.kind,
        }
    }
}

/// The places where a run left the canonical continuation, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deviations {
    list: Vec<Deviation>,
}

impl Deviations {
    /// The canonical run.
    pub const fn new() -> Deviations {
        Deviations { list: Vec::new() }
    }

    /// Appends a deviation.
    ///
    /// # Panics
    ///
    /// When its index is not above the last one, or its rank is 0 or not below `n`.
    pub fn push(&mut self, deviation: Deviation) {
        assert!(
            self.list
                .last()
                .is_none_or(|last| last.index < deviation.index),
            "deviations rise: {deviation:?} after {:?}",
            self.list.last(),
        );
        assert!(
            (1..deviation.n).contains(&deviation.rank),
            "the rank of a deviation is above 0 and below n: {deviation:?}",
        );
        self.list.push(deviation);
    }

    /// The deviations in order.
    pub fn as_slice(&self) -> &[Deviation] {
        &self.list
    }

    /// The deviations in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Deviation> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether this is the canonical run.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets them and keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
    }
}

impl FromIterator<Deviation> for Deviations {
    /// # Panics
    ///
    /// As [`push`](Deviations::push).
    fn from_iter<I: IntoIterator<Item = Deviation>>(deviations: I) -> Self {
        let mut collected = Deviations::new();
        deviations
            .into_iter()
            .for_each(|deviation| collected.push(deviation));
        collected
    }
}

impl<'a> IntoIterator for &'a Deviations {
    type Item = &'a Deviation;
    type IntoIter = std::slice::Iter<'a, Deviation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
