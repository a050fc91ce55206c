//! Generated programs, run in the simulator and compared with models too simple to be wrong.

mod machines;
mod mailbox;
mod timers;

use std::future::Future;

use beamline_sim::Check;
use proptest::test_runner::Config;

/// Simulated runs of each generated program: the programs are many, so a few orders of events
/// are enough for each.
const RUNS: u64 = 4;

/// Programs generated for each model.
fn config() -> Config {
    Config {
        cases: 1_000,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Runs a generated program as the root of a few simulated runs.
///
/// # Panics
/// With the simulator's report when the program and its model disagree.
fn simulate<F, Fut>(name: &str, body: F)
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    Check::new(name)
        .runs(RUNS)
        .regressions(None)
        .run(async move || body().await);
}
