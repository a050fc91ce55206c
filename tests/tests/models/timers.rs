//! Timers against a list of due times.
//!
//! A timer that is due may fire now or later, so the model does not predict: it accepts an answer
//! if one of the moments between the question and its arrival makes it true, and remembers what
//! the answer rules out.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::expect_nothing;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::{config, simulate};

/// One step of a generated program; times are in microseconds, timers are named by their index.
#[derive(Debug, Clone)]
enum Step {
    After(u64),
    At(u64),
    Cancel(usize),
    Read(usize),
    Sleep(u64),
    Drain,
}

/// Delays that often coincide.
fn delay() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(500), Just(1_000), Just(2_000), 0..5_000_u64]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => delay().prop_map(Step::After),
        1 => delay().prop_map(Step::At),
        2 => (0..16_usize).prop_map(Step::Cancel),
        2 => (0..16_usize).prop_map(Step::Read),
        2 => delay().prop_map(Step::Sleep),
        1 => Just(Step::Drain),
    ]
}

/// What is known about a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It may have fired, if it is due.
    Set,
    /// It has fired, and its message must come.
    Fired,
    /// Its message has come.
    Received,
    Cancelled,
}

/// One timer of the model and its handle.
struct Entry {
    timer: Timer,
    due: Instant,
    known: Known,
}

impl Entry {
    /// Checks an answer to cancelling or reading: what is left of the timer, or nothing.
    fn check(&mut self, left: Option<Duration>, asked: Instant) {
        match left {
            Some(left) => {
                assert_eq!(self.known, Known::Set, "a spent timer has {left:?} left");
                let (most, least) = (until(asked, self.due), until(now(), self.due));
                assert!(
                    (least..=most).contains(&left),
                    "{left:?}, not {least:?} to {most:?}"
                );
            }
            None if self.known == Known::Set => {
                assert!(now() >= self.due, "it fired early");
                self.known = Known::Fired;
            }
            None => {}
        }
    }
}

/// The time from one moment to another, zero when that is past.
fn until(from: Instant, to: Instant) -> Duration {
    if to > from { to - from } else { Duration::ZERO }
}

struct Comparison {
    entries: Vec<Entry>,
    mailbox: Mailbox,
}

impl Comparison {
    async fn step(&mut self, step: Step) {
        let asked = now();
        match step {
            Step::After(micros) => {
                let delay = Duration::from_micros(micros);
                let timer = send_after(me(), self.entries.len(), delay);
                self.entries.push(Entry {
                    timer,
                    due: asked + delay,
                    known: Known::Set,
                });
            }
            Step::At(micros) => {
                let due = asked + Duration::from_micros(micros);
                let timer = send_at(me(), self.entries.len(), due);
                self.entries.push(Entry {
                    timer,
                    due,
                    known: Known::Set,
                });
            }
            Step::Cancel(index) => {
                if let Some(entry) = self.entries.get_mut(index) {
                    let left = cancel(entry.timer).await;
                    entry.check(left, asked);
                    if left.is_some() {
                        entry.known = Known::Cancelled;
                    }
                }
            }
            Step::Read(index) => {
                if let Some(entry) = self.entries.get_mut(index) {
                    let left = read_timer(entry.timer).await;
                    entry.check(left, asked);
                }
            }
            Step::Sleep(micros) => {
                let length = Duration::from_micros(micros);
                sleep(length).await;
                assert!(now() - asked >= length, "the sleep was too short");
            }
            Step::Drain => {
                while let Some(index) = self.mailbox.receive_timeout(Duration::ZERO).await {
                    self.received(index);
                }
            }
        }
    }

    /// Notes the message of a timer.
    fn received(&mut self, index: usize) {
        let entry = &mut self.entries[index];
        assert!(now() >= entry.due, "timer {index} fired early");
        let may_come = matches!(entry.known, Known::Set | Known::Fired);
        assert!(
            may_come,
            "timer {index} fired though it is known as {:?}",
            entry.known
        );
        entry.known = Known::Received;
    }

    /// Waits for every message that must come, and then for none.
    async fn finish(mut self) {
        let due = |entry: &Entry| matches!(entry.known, Known::Set | Known::Fired);
        while self.entries.iter().any(due) {
            let index = self.mailbox.receive::<usize>().await;
            self.received(index);
        }
        sleep(Duration::from_millis(10)).await;
        expect_nothing(
            &mut self.mailbox,
            "a cancelled timer fires never, any other once",
        )
        .await;
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn timers_behave_like_a_list_of_due_times(steps in vec(step(), 1..40)) {
        simulate("timer model", move || {
            let steps = steps.clone();
            async move {
                let mut comparison = Comparison { entries: Vec::new(), mailbox: mailbox() };
                for step in steps {
                    comparison.step(step).await;
                }
                comparison.finish().await;
            }
        });
    }
}
