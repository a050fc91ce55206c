//! What a litmus program is, and how one is judged.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Check, Delivery, Granularity, on_threads, outcome};

/// Threaded runs for each number of workers.
const REPEATS: usize = 200;

/// When a timer of a program fires, and how long a receive waits for one that may not be armed:
/// long enough apart that the timer wins on an idle machine, though nothing depends on it.
pub(crate) const SOON: Duration = Duration::from_millis(2);
pub(crate) const LATE: Duration = Duration::from_millis(6);

/// A message without content.
#[derive(Debug)]
pub(crate) struct Go;

/// A reason of the program's own.
pub(crate) fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// A process that ends, with `reason`, when it gets a [`Go`].
pub(crate) fn ends_at_go(reason: ExitReason) -> (Pid, Ref) {
    spawn_monitor(async move |mut mailbox: Mailbox| {
        mailbox.receive::<Go>().await;
        reason
    })
}

/// A process that is dead for certain.
pub(crate) async fn dead(mailbox: &mut Mailbox) -> Pid {
    let (pid, watch) = spawn_monitor(async |_: Mailbox| {});
    beamline_tests::down(mailbox, watch).await;
    pid
}

/// The future of a program; its output names the outcome.
pub(crate) type Body = Pin<Box<dyn Future<Output = &'static str> + Send>>;

/// Two racing operations.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// Everything that may come of it, and nothing that may not.
    pub(crate) outcomes: &'static [&'static str],
    pub(crate) body: fn() -> Body,
}

/// Declares the programs of a group with their outcomes, and the tests of each.
macro_rules! programs {
    ($($name:ident => [$($outcome:literal),+ $(,)?];)+) => {
        crate::program::judged! { exact_in_a_fine_search: $($name => [$($outcome),+];)+ }
        crate::program::judged! { exact_in_a_fused_search: $($name => [$($outcome),+];)+ }
        crate::program::judged! { kept_by_immediate_delivery: $($name => [$($outcome),+];)+ }
        crate::program::judged! { kept_by_threads: $($name => [$($outcome),+];)+ }
    };
}
pub(crate) use programs;

/// The same for programs that are too wide for a search by single steps.
macro_rules! wide_programs {
    ($($name:ident => [$($outcome:literal),+ $(,)?];)+) => {
        crate::program::judged! { exact_in_a_fused_search: $($name => [$($outcome),+];)+ }
        crate::program::judged! { kept_by_immediate_delivery: $($name => [$($outcome),+];)+ }
        crate::program::judged! { kept_by_threads: $($name => [$($outcome),+];)+ }
    };
}
pub(crate) use wide_programs;

/// A module of tests that judge each program by one measure.
macro_rules! judged {
    ($measure:ident: $($name:ident => [$($outcome:literal),+];)+) => {
        mod $measure {
            $(
                #[test]
                fn $name() {
                    crate::program::Program {
                        name: stringify!($name),
                        outcomes: &[$($outcome),+],
                        body: || Box::pin(super::$name()),
                    }
                    .$measure();
                }
            )+
        }
    };
}
pub(crate) use judged;

impl Program {
    /// Every await is a choice: all declared outcomes, and no other.
    pub(crate) fn exact_in_a_fine_search(self) {
        let reached = self.reached(Delivery::Pairwise, Granularity::Fine);
        assert_eq!(reached, self.declared(), "{}", self.name);
    }

    /// Passing awaits that cannot matter loses nothing.
    pub(crate) fn exact_in_a_fused_search(self) {
        let reached = self.reached(Delivery::Pairwise, Granularity::Fused);
        assert_eq!(reached, self.declared(), "{}", self.name);
    }

    /// Immediate delivery may miss outcomes, but invents none.
    pub(crate) fn kept_by_immediate_delivery(self) {
        for granularity in [Granularity::Fused, Granularity::Fine] {
            let reached = self.reached(Delivery::Immediate, granularity);
            let kept = !reached.is_empty() && reached.is_subset(&self.declared());
            assert!(kept, "{}: {granularity}: {reached:?}", self.name);
        }
    }

    fn declared(self) -> BTreeSet<String> {
        self.outcomes
            .iter()
            .map(|&outcome| outcome.into())
            .collect()
    }

    /// The outcomes of a complete search.
    pub(crate) fn reached(self, delivery: Delivery, granularity: Granularity) -> BTreeSet<String> {
        let check = Check::new(self.name).regressions(None);
        let found = check
            .delivery(delivery)
            .granularity(granularity)
            .explore(move || self.run());
        assert!(found.complete, "{}: the search did not finish", self.name);
        assert_eq!(found.failing_traces, 0, "{}: a violation", self.name);
        found.outcomes.into_keys().collect()
    }

    /// Threads do what the simulator can do.
    pub(crate) fn kept_by_threads(self) {
        for workers in [1, 2] {
            for run in 0..REPEATS {
                let run_of_threads = on_threads(workers, move || self.run());
                let seen = run_of_threads.outcome.unwrap_or_default();
                assert!(
                    self.outcomes.contains(&seen.as_str()),
                    "{}: run {run} on {workers} worker(s) ended with {seen:?}",
                    self.name
                );
            }
        }
    }

    fn run(self) -> impl Future<Output = ()> + Send {
        let body = (self.body)();
        async move { outcome(body.await) }
    }
}
