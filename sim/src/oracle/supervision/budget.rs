//! How many restarts are allowed in which time.

use std::time::Duration;

use beamline::Pid;
use beamline::backend::Nanos;
use beamline::backend::record::supervisor::Intensity;

use super::super::book::Book;
use super::super::catalogue::Id;

const SECOND: Nanos = 1_000_000_000;

/// The restarts that one supervisor has decided on.
#[derive(Debug)]
pub(super) struct Budget {
    limit: Intensity,
    /// When each was decided on, allowed or not.
    counted: Vec<Nanos>,
    allowed: Vec<Nanos>,
    /// Attempts that failed since the last one that did not.
    failures: Vec<Nanos>,
}

/// Whether a restart still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    Yes,
    No,
    /// That depends on where the whole seconds begin.
    Perhaps,
}

impl Budget {
    pub(super) fn new(limit: Intensity) -> Budget {
        Budget {
            limit,
            counted: Vec::new(),
            allowed: Vec::new(),
            failures: Vec::new(),
        }
    }

    fn counts(&self, stamp: Nanos, now: Nanos) -> Counts {
        let (apart, limit) = (now.saturating_sub(stamp), &self.limit);
        if limit.exact {
            return match Duration::from_nanos(apart) <= limit.period {
                true => Counts::Yes,
                false => Counts::No,
            };
        }
        let rest = u64::from(limit.period.subsec_nanos() > 0);
        let period = limit.period.as_secs().saturating_add(rest);
        match apart / SECOND {
            whole if whole < period => Counts::Yes,
            whole if whole > period => Counts::No,
            // Exactly the period apart on whichever grid.
            _ if apart.is_multiple_of(SECOND) => Counts::Yes,
            _ => Counts::Perhaps,
        }
    }

    /// A restart was counted (SUP-603 to SUP-605).
    pub(super) fn counted(&mut self, book: &mut Book, pid: Pid, now: Nanos, allowed: bool) {
        if allowed {
            self.judge_allowed(book, pid, now);
        }
        self.judge_formula(book, pid, now, allowed);
        self.counted.push(now);
    }

    fn judge_allowed(&mut self, book: &mut Book, pid: Pid, now: Nanos) {
        let most = self.limit.restarts;
        self.allowed.push(now);
        let period = u64::try_from(self.limit.period.as_nanos()).unwrap_or(u64::MAX);
        let recent = younger(&self.allowed, now, period);
        book.judge(Id::S17, recent <= most, || {
            let period = self.limit.period;
            format!("{pid} restarted {recent} times within {period:?}, and {most} are allowed")
        });
    }

    fn judge_formula(&self, book: &mut Book, pid: Pid, now: Nanos, allowed: bool) {
        // The older, the less it counts.
        let before = |count: fn(Counts) -> bool| {
            (self.counted).partition_point(|at| count(self.counts(*at, now)))
        };
        let (no, not_sure) = (before(|c| c == Counts::No), before(|c| c != Counts::Yes));
        let (sure, perhaps) = (self.counted.len() - not_sure + 1, not_sure - no);
        let most = self.limit.restarts;
        let fine = match allowed {
            true => sure <= most,
            false => sure + perhaps > most,
        };
        book.judge(Id::S16, fine, || {
            let word = if allowed { "allowed" } else { "not allowed" };
            let period = self.limit.period;
            format!("{pid}: restart {sure} within {period:?} was {word}, and {most} are")
        });
    }

    /// A restart was tried (SUP-703).
    pub(super) fn attempt(&mut self, book: &mut Book, pid: Pid, failed: bool) {
        let Some(now) = self.allowed.last().copied().filter(|_| failed) else {
            self.failures.clear();
            return;
        };
        // By when it was decided on, since a start may take its time.
        self.failures.push(now);
        let period = u64::try_from(self.limit.period.as_nanos()).unwrap_or(u64::MAX);
        let recent = younger(&self.failures, now, period);
        book.judge(Id::S32, recent <= self.limit.restarts, || {
            let most = self.limit.restarts;
            format!("{pid} failed {recent} times to restart a child, and {most} are allowed")
        });
    }
}

/// How many of these times, which rise, lie at most so long back.
fn younger(times: &[Nanos], now: Nanos, period: Nanos) -> usize {
    times.len() - times.partition_point(|at| now - *at > period)
}
