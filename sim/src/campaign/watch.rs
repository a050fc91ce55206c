//! How a campaign is watched while it goes on.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "campaigns have budgets of wall time; runs never see it"
)]

use std::time::{Duration, Instant};

/// How far a campaign is.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Runs made.
    pub runs: u64,
    /// Different traces among them.
    pub distinct: u64,
    /// Failures found.
    pub findings: u64,
    /// Wall time since the beginning.
    pub elapsed: Duration,
}

/// Sees how far a campaign is, and may stop it.
pub trait Watch {
    /// Called several times a second; false to stop.
    fn go_on(&mut self, progress: &Progress) -> bool;
}

/// Nobody watches.
pub(crate) fn unwatched() -> impl Watch {
    Unwatched
}

struct Unwatched;

impl Watch for Unwatched {
    fn go_on(&mut self, _: &Progress) -> bool {
        true
    }
}

/// Wall time since a campaign began, and its budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    begin: Instant,
    budget: Option<Duration>,
}

impl Stopwatch {
    pub(super) fn start(budget: Option<Duration>) -> Self {
        Stopwatch {
            begin: Instant::now(),
            budget,
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    pub(super) fn is_over(&self) -> bool {
        self.budget.is_some_and(|budget| self.elapsed() >= budget)
    }
}
