//! Every schedule there is, depth first.
//!
//! Naive on purpose: no reduction, nothing taken on trust, so that it is the measure for whatever
//! reduces. Each run repeats a prefix of the run before, takes the next alternative at its end and
//! goes on canonically. Only event choices branch, and those kinds of the others that are enabled;
//! the rest stays at rank 0. The search is complete when no choice has an alternative left, and
//! only then: a bound on the runs leaves it incomplete.

use crate::choice::{Alternatives, ChoiceId, ChoiceKind, Chooser, Kinds};
use crate::seed::RunSeed;
use crate::tape::{Choice, Divergence};

/// A depth-first search over the tapes of a program: a chooser, and the way from one run to the
/// next.
///
/// ```text
/// let mut search = DepthFirst::new(Kinds::NONE, 1_000_000);
/// loop {
///     run(&mut search);
///     if search.divergence().is_some() || !search.advance() { break }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct DepthFirst {
    branching: Kinds,
    runs_max: u64,
    runs: u64,
    complete: bool,
    /// The choices of the run so far, and before them those it repeats: the last of these is new.
    choices: Vec<Choice>,
    /// How many of them it repeats.
    repeated: usize,
    position: usize,
    divergence: Option<Divergence>,
}

impl DepthFirst {
    /// A search that branches at events and at the given other kinds, over at most `runs_max` runs.
    pub fn new(others: Kinds, runs_max: u64) -> DepthFirst {
        DepthFirst {
            branching: others.with(ChoiceKind::Event),
            runs_max,
            runs: 0,
            complete: false,
            choices: Vec::new(),
            repeated: 0,
            position: 0,
            divergence: None,
        }
    }

    /// Goes from the run just made to the next one; false when there is none, because the search is
    /// [complete](DepthFirst::is_complete) or has made all its runs.
    pub fn advance(&mut self) -> bool {
        self.runs += 1;
        // A run that ended early, as only a program that is not deterministic can, repeats less.
        self.choices.truncate(self.position);
        let branches =
            |choice: &Choice| self.branching.contains(choice.kind) && choice.rank + 1 < choice.n;
        let Some(at) = self.choices.iter().rposition(branches) else {
            self.complete = true;
            return false;
        };
        self.repeated = at + 1;
        self.choices.truncate(self.repeated);
        let end = &mut self.choices[at];
        end.rank += 1;
        end.id = ChoiceId::UNKNOWN;
        self.runs < self.runs_max
    }

    /// The choices that the next run begins with. Their ids are as recorded, but for the last,
    /// which no run has taken yet.
    pub fn prefix(&self) -> &[Choice] {
        &self.choices[..self.repeated]
    }

    /// How many runs were made.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Whether every tape has been run.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Where the run did not repeat its prefix: the program is not deterministic, and the search
    /// means nothing.
    pub fn divergence(&self) -> Option<&Divergence> {
        self.divergence.as_ref()
    }

    #[inline]
    fn decide(&mut self, kind: ChoiceKind, n: u32, id_of: impl Fn(u32) -> ChoiceId) -> u32 {
        let position = self.position;
        self.position += 1;
        let Some(wanted) = self.choices.get_mut(position) else {
            let (id, rank) = (id_of(0), 0);
            self.choices.push(Choice { id, n, rank, kind });
            return rank;
        };
        let rank = if wanted.rank < n { wanted.rank } else { 0 };
        let id = id_of(rank);
        if wanted.id == ChoiceId::UNKNOWN {
            wanted.id = id;
        }
        let (wanted, got) = (*wanted, Choice { id, n, rank, kind });
        if got != wanted && self.divergence.is_none() {
            let (index, expected) = (position as u64, Some(wanted));
            self.divergence = Some(Divergence {
                index,
                expected,
                got: Some(got),
            });
        }
        if self.divergence.is_some() { 0 } else { rank }
    }
}

impl Chooser for DepthFirst {
    fn begin(&mut self, _: &RunSeed) {
        self.position = 0;
        self.divergence = None;
    }

    #[inline]
    fn event(&mut self, alternatives: &mut dyn Alternatives) -> u32 {
        let n = alternatives.count();
        self.decide(ChoiceKind::Event, n, |rank| alternatives.id(rank))
    }

    #[inline]
    fn plain(&mut self, kind: ChoiceKind, n: u32, id_of: &dyn Fn(u32) -> ChoiceId) -> u32 {
        self.decide(kind, n, id_of)
    }
}

#[cfg(test)]
mod tests;
