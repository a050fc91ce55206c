//! Timers: each fires once, in time, or not at all.

use std::time::Duration;

use beamline::Timer;
use beamline::backend::Nanos;
use rustc_hash::FxHashMap;

use super::book::Book;
use super::catalogue::Id;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Timers {
    /// How long the timer that is about to be started is to run, as the program asked.
    asked: Option<Nanos>,
    /// When the running ones are due.
    running: FxHashMap<Timer, Nanos>,
    now: Nanos,
}

impl Timers {
    pub(super) fn clear(&mut self) {
        self.asked = None;
        self.running.clear();
        self.now = 0;
    }

    /// Time as it is told with each record.
    #[inline]
    pub(super) fn tick(&mut self, book: &mut Book, now: Nanos) {
        if now == self.now {
            return;
        }
        let before = self.now;
        self.now = now;
        book.judge(Id::TimeForward, before <= now, || {
            format!("time went from {before} ns to {now} ns")
        });
    }

    pub(super) fn asked(&mut self, now: Nanos, after: Duration) {
        let after = u64::try_from(after.as_nanos()).unwrap_or(u64::MAX);
        self.asked = Some(now.saturating_add(after));
    }

    pub(super) fn started(&mut self, timer: Timer) {
        if let Some(due) = self.asked.take() {
            self.running.insert(timer, due);
        }
    }

    pub(super) fn cancelled(&mut self, timer: Timer) {
        self.running.remove(&timer);
    }

    pub(super) fn fired(&mut self, book: &mut Book, now: Nanos, timer: Timer) {
        let due = self.running.remove(&timer);
        book.judge(
            Id::TimerOnTime,
            due.is_some_and(|due| due <= now),
            || match due {
                Some(due) => format!("a timer fired at {now} ns, before it was due at {due} ns"),
                None => "a timer fired that was cancelled, or had fired already".to_string(),
            },
        );
    }
}
