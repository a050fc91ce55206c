//! Which strategy a run of a portfolio uses.
//!
//! By the index of the run and by nothing else, so that one run can be repeated alone and a
//! campaign finds the same on any number of jobs. Of each twenty runs:
//!
//! * ten are the learnt walk, which needs as few runs as sampling every class of schedules alike
//!   would, on all but the shape below;
//! * three are the plain random walk: insurance where what was learnt is wrong, as in programs
//!   whose runs differ much from each other;
//! * six are PCT of depth 1 (two), 2 (three) and 3 (one): they reach at once what a uniform walk
//!   never does, a message that is held back behind a long exchange. Depth 3 is already much
//!   weaker for that and pays where two inversions are needed; deeper ones did not pay;
//! * one is the fair round robin, which lets every chain advance alike. That is what a calm machine
//!   does and random walks hardly ever do.
//!
//! The order puts the learnt walk in every other place, so that a short campaign is mixed too. The
//! granularity is mixed apart from this, by [`Granularity::of_run`](crate::mode::Granularity),
//! since no strategy is better in one granularity on all programs.

use std::fmt;

/// What one sampled run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// The walk weighted by what each chain still has to do.
    Learnt,
    /// The plain random walk.
    Random,
    /// PCT of this depth.
    Pct(u8),
    /// Each chain in turn.
    RoundRobin,
}

impl Policy {
    /// The policy of run `index` in a portfolio.
    #[inline]
    pub const fn of_run(index: u64) -> Policy {
        TABLE[(index % TABLE.len() as u64) as usize]
    }
}

const TABLE: [Policy; 20] = [
    Policy::Learnt,
    Policy::Random,
    Policy::Learnt,
    Policy::Pct(2),
    Policy::Learnt,
    Policy::Pct(1),
    Policy::Learnt,
    Policy::Random,
    Policy::Learnt,
    Policy::Pct(2),
    Policy::Learnt,
    Policy::Pct(3),
    Policy::Learnt,
    Policy::Random,
    Policy::Learnt,
    Policy::Pct(2),
    Policy::Learnt,
    Policy::Pct(1),
    Policy::Learnt,
    Policy::RoundRobin,
];

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Policy::Learnt => f.pad("learnt"),
            Policy::Random => f.pad("random"),
            Policy::Pct(depth) => write!(f, "pct:{depth}"),
            Policy::RoundRobin => f.pad("round-robin"),
        }
    }
}
