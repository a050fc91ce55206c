//! Running a body as the root process of the simulator and of the threaded backend.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use beamline::PanicPolicy;
use beamline::prelude::{ExitReason, Outcome, Runtime};
use beamline_sim::{Check, Limits};

/// Simulated runs of a body: enough to see every order of a handful of signals many times.
const RUNS: u64 = 300;

/// Threaded runs for each number of workers: machines reorder far less than the simulator does,
/// so these are for what only real threads can get wrong.
const REPEATS: usize = 20;

/// A threaded run that is not over by then has lost a signal or a wake-up. Runs take
/// milliseconds; this bound is no claim about speed.
const HANGS_AFTER: Duration = Duration::from_secs(30);

/// Runs `body` as the root of a few hundred simulated runs, then on one and on two workers.
///
/// # Panics
/// When a run on either backend ends otherwise than with the root's normal exit.
pub fn both<F, Fut>(name: &str, body: F)
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome + 'static,
{
    let body = Arc::new(body);
    let simulated = body.clone();
    on_sim(name, move || simulated());
    on_threads(name, &[1, 2], move || body());
}

/// Runs `body` as the root of a few hundred simulated runs of the default strategy.
///
/// # Panics
/// With the simulator's report when a run violates something.
pub fn on_sim<F, Fut>(name: &str, body: F)
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome + 'static,
{
    check(name).runs(RUNS).run(async move || body().await);
}

/// A check whose findings are kept nowhere. Time has no bound: some rules are about timers that
/// fire after years, and the bound on steps ends a run that goes on for ever.
fn check(name: &str) -> Check {
    let limits = Limits::default().virtual_time(Duration::MAX);
    Check::new(name).limits(limits).regressions(None)
}

/// Runs `body` repeatedly as the root of a threaded runtime with each of these worker counts.
///
/// # Panics
/// When a run hangs or its root exits with anything but `Normal`.
pub fn on_threads<F, Fut>(name: &str, workers: &[usize], body: F)
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome + 'static,
{
    let body = Arc::new(body);
    for &workers in workers {
        for run in 1..=REPEATS {
            let reason = threaded_run(workers, body.clone()).unwrap_or_else(|| {
                panic!("{name}: run {run} on {workers} worker(s) hangs (after {HANGS_AFTER:?})")
            });
            assert!(
                reason == ExitReason::Normal,
                "{name}: run {run} on {workers} worker(s): the root exited with {reason:?}"
            );
        }
    }
}

/// The reason the root of one threaded run exits with; `None` when the run hangs.
fn threaded_run<F, Fut>(workers: usize, body: Arc<F>) -> Option<ExitReason>
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome + 'static,
{
    let (done, over) = mpsc::channel();
    let runner = thread::spawn(move || {
        let runtime = Runtime::new()
            .workers(workers)
            .on_panic(PanicPolicy::Silent);
        // The receiver is gone only after a hang was reported.
        let _ = done.send(runtime.run(body()));
    });
    let reason = over.recv_timeout(HANGS_AFTER).ok()?;
    runner
        .join()
        .expect("the thread that sent the reason ends without a panic");
    Some(reason)
}

/// Every outcome that `body` records in any order of events, from an exhaustive search.
///
/// # Panics
/// When the search is not complete, or a run violates something.
pub fn outcomes<F, Fut>(name: &str, body: F) -> BTreeSet<String>
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome + 'static,
{
    let found = check(name).explore(async move || body().await);
    assert!(
        found.complete,
        "{name}: the search ended before every order was tried"
    );
    assert_eq!(
        found.failing_traces, 0,
        "{name}: some order violates a property"
    );
    found.outcomes.into_keys().collect()
}
