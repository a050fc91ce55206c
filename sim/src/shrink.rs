//! Makes a failing run small.
//!
//! A run is seen as a function from [`Deviations`] to an [`Execution`]; what executes them is a
//! tolerant replay. Whatever a candidate asks for, the deviations that were *executed* are what
//! counts: they are measured, kept and varied next, so that everything the shrinker holds is a run
//! that happened.
//!
//! # Passes, in order; 2 to 6 until a whole round changes nothing
//!
//! 0. *Confirm*: run the failure twice. One that does not repeat cannot be shrunk.
//! 1. *Canonical*: without any deviation. A program that fails then needs no luck at all.
//! 2. *Environment*: remove faults and the time mode, all, then halves, down to single ones.
//! 3. *Remove*: the same for schedule and data.
//! 4. *Lower*: lower ranks to 1, or as far as they go.
//! 5. *Earlier*: move a deviation up to eight choices earlier.
//! 6. *Dense*: delete stretches of the run, so that everything behind them moves up.
//!
//! What comes after the failure needs no pass of its own: it was not executed, and of a run that is
//! judged at its end, removing goes from the back.
//!
//! # Invariants
//!
//! 1. The verdict stays the same, to the letter. A candidate that fails otherwise is a slip: it is
//!    returned as a finding of its own and leads nowhere here.
//! 2. Each accepted step lowers the cost: fewer faults, then fewer deviations, then a shorter
//!    story, lower ranks, earlier places. So shrinking ends.
//! 3. No candidate is executed twice.

use crate::choice::LabelHash;
use crate::tape::{Deviation, Deviations};

mod outcome;
mod passes;
mod search;

pub use outcome::{Pass, PassCount, ShrinkError, Shrunk, Stop};
use search::Search;

/// What one run of the program did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The id of what was violated; none when nothing was.
    pub verdict: Option<String>,
    /// The deviations that were executed, as its tape has them.
    pub deviations: Deviations,
    /// The number of choices of the run.
    pub choices: u64,
    /// How long the run is when told: the number of records that its story would show.
    pub story_len: u64,
}

impl Execution {
    /// Whether this run is as good a story as another one, which may be divided otherwise so that
    /// places and ranks mean something else: it needs no more trouble, and is told no longer.
    pub(crate) fn is_no_worse_than(&self, other: &Execution) -> bool {
        let story = |execution: &Execution| {
            let [environment, _, story_len, ..] = execution.cost();
            (environment, story_len)
        };
        let (own, other) = (story(self), story(other));
        own.0 <= other.0 && own.1 <= other.1
    }

    /// What shrinking lowers, most important first.
    fn cost(&self) -> [u64; 5] {
        let list = self.deviations.as_slice();
        let environment = list
            .iter()
            .filter(|deviation| deviation.kind.is_environment())
            .count();
        [
            environment as u64,
            list.len() as u64,
            self.story_len,
            list.iter().map(|deviation| u64::from(deviation.rank)).sum(),
            list.iter()
                .map(|deviation| deviation.index)
                .fold(0, u64::saturating_add),
        ]
    }
}

/// How to shrink.
///
/// ```
/// use beamline_sim::choice::{ChoiceId, ChoiceKind};
/// use beamline_sim::shrink::{Execution, Shrink};
/// use beamline_sim::tape::{Deviation, Deviations};
///
/// // A program that fails when choice 4 is taken otherwise, whatever the others are.
/// let run = |asked: &Deviations| Execution {
///     verdict: asked.iter().any(|d| d.index == 4).then(|| "always four".to_owned()),
///     deviations: asked.clone(),
///     choices: 9,
///     story_len: 9,
/// };
/// let kind = ChoiceKind::Event;
/// let id = ChoiceId::UNKNOWN;
/// let found = (0..9).map(|index| Deviation { index, kind, n: 3, rank: 2, id }).collect();
/// let shrunk = Shrink::new("always four").run(&found, run)?;
/// assert_eq!(shrunk.execution.deviations.len(), 1);
/// # Ok::<(), beamline_sim::shrink::ShrinkError>(())
/// ```
pub struct Shrink<'a> {
    verdict: &'a str,
    executions_max: u64,
    go_on: Option<&'a mut dyn FnMut() -> bool>,
}

impl std::fmt::Debug for Shrink<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shrink")
            .field("verdict", &self.verdict)
            .field("executions_max", &self.executions_max)
            .finish_non_exhaustive()
    }
}

impl<'a> Shrink<'a> {
    /// How many executions shrinking may take unless told otherwise. Measured need is some tens,
    /// at most some hundreds; the rest is for programs with long runs.
    pub const EXECUTIONS_MAX: u64 = 2_000;

    /// Shrinks runs that end with this verdict.
    pub fn new(verdict: &'a str) -> Shrink<'a> {
        Shrink {
            verdict,
            executions_max: Self::EXECUTIONS_MAX,
            go_on: None,
        }
    }

    /// Executes at most this many runs, the two of the confirmation apart.
    #[must_use]
    pub fn executions_max(self, executions_max: u64) -> Shrink<'a> {
        Shrink {
            executions_max,
            ..self
        }
    }

    /// Asks before each execution whether to go on: for a limit on time, or an interrupt.
    #[must_use]
    pub fn while_true(self, go_on: &'a mut dyn FnMut() -> bool) -> Shrink<'a> {
        Shrink {
            go_on: Some(go_on),
            ..self
        }
    }

    /// Shrinks the failure that `found` gives.
    ///
    /// # Errors
    ///
    /// When executing `found` does not give the verdict, or not twice the same run.
    pub fn run(
        self,
        found: &Deviations,
        mut execute: impl FnMut(&Deviations) -> Execution,
    ) -> Result<Shrunk, ShrinkError> {
        let first = execute(found);
        let wanted = self.verdict;
        if first.verdict.as_deref() != Some(wanted) {
            return Err(ShrinkError::NotReproduced {
                wanted: wanted.into(),
                got: first.verdict,
            });
        }
        let second = execute(&first.deviations);
        if (&second.verdict, &second.deviations) != (&first.verdict, &first.deviations) {
            return Err(ShrinkError::Unstable {
                wanted: wanted.into(),
                first: first.deviations.len(),
                first_verdict: first.verdict,
                second: second.deviations.len(),
                second_verdict: second.verdict,
            });
        }
        let mut search = Search::new(self, first, &mut execute);
        search.passes();
        Ok(search.finish())
    }
}

/// Tells candidates apart.
fn fingerprint(deviations: &[Deviation]) -> u64 {
    let mut hash = LabelHash::new();
    for Deviation {
        index,
        kind,
        n: _,
        rank,
        id,
    } in deviations
    {
        hash.bytes(&index.to_le_bytes());
        hash.bytes(&[*kind as u8]);
        hash.bytes(&rank.to_le_bytes());
        hash.bytes(&id.0.to_le_bytes());
    }
    hash.finish()
}

#[cfg(test)]
mod tests;
