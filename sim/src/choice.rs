//! What a decision is, and who makes it.
//!
//! Everything that could go more than one way in a simulated run is a *choice* between `n`
//! alternatives, numbered by rank. Rank 0 is the canonical continuation, so that a run is described
//! by the few places where it left rank 0. The world asks a [`Chooser`] at every choice with at
//! least two alternatives and records the answer on the tape; forced choices are neither asked nor
//! recorded.
//!
//! # Invariants
//!
//! 1. A chooser answers each question with a rank below `n` and is asked exactly once per recorded
//!    choice, so that counting the questions gives the index on the tape.
//! 2. Ids name an alternative by a label that does not depend on the schedule. Equal labels have
//!    equal ids on every machine ([`ChoiceId::of`] is pinned by a test).
//! 3. The canonical order of the alternatives of an event is: the chain that ran last first, then
//!    the others by a stable key. The world keeps it; choosers rely on rank 0 only.

use crate::seed::RunSeed;

mod id;
mod kind;

pub use id::{ChoiceId, LabelHash};
pub use kind::{ChoiceKind, Kinds, UnknownKind};

/// What an alternative of an [`Event`](ChoiceKind::Event) choice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EventKind {
    /// A process runs from one await to the next.
    Step = 0,
    /// The oldest signal of a pair queue reaches its receiver.
    Deliver = 1,
    /// A timer fires.
    Timer = 2,
}

/// One event that could happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// The stable id of its chain.
    pub id: ChoiceId,
    /// The number of its chain in this run: dense from 0, in order of first appearance. A chain is
    /// a pair queue, a process or a timer; what one chain does happens in one order.
    pub chain: u32,
    /// How many events the chain is still expected to have in this run, this one included: learnt
    /// from earlier runs ([`Learnt::expected`](crate::strategy::Learnt::expected)), at least 1.
    /// What a timer has sent counts for several.
    pub remaining: u32,
    /// What it does.
    pub kind: EventKind,
    /// False when it commutes with everything that can still come, so that taking it at once loses
    /// no outcome. True when in doubt.
    pub races: bool,
}

impl Alternative {
    /// The learnt number of events left, and 1 where nothing was learnt: no weight is ever zero.
    #[inline]
    pub(crate) fn weight(&self) -> u64 {
        u64::from(self.remaining.max(1))
    }
}

/// The alternatives of an [`Event`](ChoiceKind::Event) choice, in canonical order.
///
/// There may be as many as there are processes, so a chooser that does not compare them all should
/// not look at them all: [`all`](Alternatives::all) takes time in proportion to their number, the
/// others grow with its logarithm at most.
pub trait Alternatives {
    /// How many there are: at least two.
    fn count(&self) -> u32;

    /// Whether the one of a rank is a timer that may fire.
    fn is_timer(&self, rank: u32) -> bool;

    /// The stable id of the one of a rank.
    fn id(&self, rank: u32) -> ChoiceId;

    /// All of them, by rank.
    fn all(&mut self) -> &[Alternative];
}

impl Alternatives for &[Alternative] {
    fn count(&self) -> u32 {
        self.len() as u32
    }

    fn is_timer(&self, rank: u32) -> bool {
        self[rank as usize].kind == EventKind::Timer
    }

    fn id(&self, rank: u32) -> ChoiceId {
        self[rank as usize].id
    }

    fn all(&mut self) -> &[Alternative] {
        self
    }
}

/// Makes the decisions of a run.
///
/// A chooser is made once and used for many runs; [`begin`](Chooser::begin) resets it without
/// giving back its memory. It is asked only when there are at least two alternatives. Whatever it
/// answers is recorded, so a chooser may draw, count, look up or compute as it likes.
///
/// # Costs
///
/// A choice costs nanoseconds and allocates nothing. `id_of` is called only by choosers that match
/// ids (replay and exhaustive search).
pub trait Chooser {
    /// Starts a run. Everything the chooser does from here is a function of how it was made and of
    /// `run`.
    fn begin(&mut self, run: &RunSeed);

    /// Picks the next event: the rank of one of `alternatives`.
    fn event(&mut self, alternatives: &mut dyn Alternatives) -> u32;

    /// Decides anything else: a rank below `n` (at least 2). `id_of` gives the id of a rank.
    fn plain(&mut self, kind: ChoiceKind, n: u32, id_of: &dyn Fn(u32) -> ChoiceId) -> u32;
}
