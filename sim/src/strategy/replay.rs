//! Choosers that repeat a recorded run.
//!
//! *Strict* replay is for the same program: a deviation must meet a choice of its kind, with its
//! number of alternatives and its id, or the replay has diverged, which says where the program or
//! its surroundings are not deterministic.
//!
//! *Tolerant* replay is for shrinking and for programs that were edited: a deviation takes the
//! alternative with its id wherever it now ranks, else the one of its rank, else the canonical one.
//! If the choice at its index is of another kind, it waits for the next choice of its own kind, so
//! that a crash that is gone does not turn into a schedule. How well that went is its
//! [`Fidelity`].

use crate::choice::{Alternatives, ChoiceId, ChoiceKind, Chooser};
use crate::seed::RunSeed;
use crate::tape::{Choice, Deviation, Deviations, Divergence, Fidelity};

/// Always rank 0: the canonical run, which does no fault and no timer race.
#[derive(Clone, Copy, Debug, Default)]
pub struct Canonical;

impl Chooser for Canonical {
    fn begin(&mut self, _: &RunSeed) {}

    #[inline]
    fn event(&mut self, _: &mut dyn Alternatives) -> u32 {
        0
    }

    #[inline]
    fn plain(&mut self, _: ChoiceKind, _: u32, _: &dyn Fn(u32) -> ChoiceId) -> u32 {
        0
    }
}

/// Repeats a run exactly or says where it could not.
#[derive(Clone, Debug, Default)]
pub struct StrictReplay {
    deviations: Deviations,
    /// The deviation to come.
    next: usize,
    /// The index of the choice to come.
    position: u64,
    divergence: Option<Divergence>,
}

impl StrictReplay {
    /// Replays these deviations.
    pub fn new(deviations: Deviations) -> StrictReplay {
        StrictReplay {
            deviations,
            ..StrictReplay::default()
        }
    }

    /// Where the run diverged so far. After that it goes on canonically, to no purpose: the world
    /// may stop it.
    pub fn divergence(&self) -> Option<&Divergence> {
        self.divergence.as_ref()
    }

    /// Whether the finished run was the recorded one.
    ///
    /// # Errors
    ///
    /// The first divergence. A run that ended before its last deviation has diverged too.
    pub fn finish(&self) -> Result<(), Divergence> {
        let unreached = self
            .deviations
            .as_slice()
            .get(self.next)
            .map(|deviation| Divergence {
                index: deviation.index,
                expected: Some(deviation.choice()),
                got: None,
            });
        self.divergence.or(unreached).map_or(Ok(()), Err)
    }

    #[inline]
    fn decide(&mut self, kind: ChoiceKind, n: u32, id_of: impl Fn(u32) -> ChoiceId) -> u32 {
        let index = self.position;
        self.position += 1;
        match self.deviations.as_slice().get(self.next) {
            // After a divergence the deviation stays where it is, and its index does not return.
            Some(&expected) if expected.index == index => self.compare(&expected, kind, n, id_of),
            _ => 0,
        }
    }

    fn compare(
        &mut self,
        expected: &Deviation,
        kind: ChoiceKind,
        n: u32,
        id_of: impl Fn(u32) -> ChoiceId,
    ) -> u32 {
        let rank = if expected.rank < n { expected.rank } else { 0 };
        let got = Choice {
            id: id_of(rank),
            n,
            rank,
            kind,
        };
        let wanted = expected.choice();
        let anonymous = wanted.id == ChoiceId::UNKNOWN;
        if got == wanted
            || (anonymous
                && Choice {
                    id: wanted.id,
                    ..got
                } == wanted)
        {
            self.next += 1;
            return rank;
        }
        let (index, expected) = (expected.index, Some(wanted));
        self.divergence = Some(Divergence {
            index,
            expected,
            got: Some(got),
        });
        0
    }
}

impl Chooser for StrictReplay {
    fn begin(&mut self, _: &RunSeed) {
        self.next = 0;
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

/// Repeats a run as closely as the program allows.
#[derive(Clone, Debug, Default)]
pub struct TolerantReplay {
    deviations: Deviations,
    /// Which deviations have had their choice.
    done: Vec<bool>,
    /// The first deviation that has not.
    first: usize,
    /// Its index, or the largest number: before it nothing is to do.
    due: u64,
    position: u64,
    fidelity: Fidelity,
}

/// Where more alternatives than this have to be searched for an id, only the recorded rank is
/// tried: a random draw of the program may have billions, all with the id of its call site.
const SEARCHED_MAX: u32 = 65_536;

impl TolerantReplay {
    /// Replays these deviations.
    pub fn new(deviations: Deviations) -> TolerantReplay {
        let mut replay = TolerantReplay {
            deviations,
            ..TolerantReplay::default()
        };
        replay.reset();
        replay
    }

    /// Replays other deviations from the next run on, in the memory of this replay.
    pub fn load(&mut self, deviations: &Deviations) {
        self.deviations.clone_from(deviations);
        self.reset();
    }

    /// How closely the finished run followed. Deviations that were never reached are lost.
    pub fn fidelity(&self) -> Fidelity {
        if self.first < self.deviations.len() {
            Fidelity::Lost
        } else {
            self.fidelity
        }
    }

    fn reset(&mut self) {
        self.done.clear();
        self.done.resize(self.deviations.len(), false);
        self.position = 0;
        self.fidelity = Fidelity::Exact;
        self.advance(0);
    }

    fn advance(&mut self, from: usize) {
        let pending = self.done[from..].iter().position(|done| !done);
        self.first = pending.map_or(self.done.len(), |ahead| from + ahead);
        let next = self.deviations.as_slice().get(self.first);
        self.due = next.map_or(u64::MAX, |deviation| deviation.index);
    }

    #[inline]
    fn decide(&mut self, kind: ChoiceKind, n: u32, id_of: impl Fn(u32) -> ChoiceId) -> u32 {
        let index = self.position;
        self.position += 1;
        if index < self.due {
            0
        } else {
            self.follow(index, kind, n, id_of)
        }
    }

    fn follow(
        &mut self,
        index: u64,
        kind: ChoiceKind,
        n: u32,
        id_of: impl Fn(u32) -> ChoiceId,
    ) -> u32 {
        let pending =
            (self.first..self.deviations.len()).zip(&self.deviations.as_slice()[self.first..]);
        let mut due = pending.take_while(|(_, deviation)| deviation.index <= index);
        let found = due.find(|&(at, deviation)| deviation.kind == kind && !self.done[at]);
        let Some((at, &wanted)) = found else { return 0 };
        self.done[at] = true;
        if at == self.first {
            self.advance(at);
        }
        let (rank, fidelity) = closest(&wanted, n, id_of);
        let in_place = wanted.index == index;
        self.fidelity = self.fidelity.max(if in_place {
            fidelity
        } else {
            fidelity.max(Fidelity::Drifted)
        });
        rank
    }
}

/// The rank that a deviation takes at a choice of its kind, and how close it is.
fn closest(wanted: &Deviation, n: u32, id_of: impl Fn(u32) -> ChoiceId) -> (u32, Fidelity) {
    let exact = if wanted.n == n {
        Fidelity::Exact
    } else {
        Fidelity::Drifted
    };
    let fits = wanted.rank < n;
    if wanted.id == ChoiceId::UNKNOWN {
        return if fits {
            (wanted.rank, exact)
        } else {
            (0, Fidelity::Lost)
        };
    }
    if fits && id_of(wanted.rank) == wanted.id {
        return (wanted.rank, exact);
    }
    match (0..n.min(SEARCHED_MAX)).find(|&rank| id_of(rank) == wanted.id) {
        Some(rank) => (rank, Fidelity::Drifted),
        None => (if fits { wanted.rank } else { 0 }, Fidelity::Lost),
    }
}

impl Chooser for TolerantReplay {
    fn begin(&mut self, _: &RunSeed) {
        self.reset();
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
