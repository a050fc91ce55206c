//! The simulator rows on shuttle: threads that talk over its channels, under its random scheduler.

#[path = "../../../src/measure.rs"]
mod measure;
#[path = "../../../src/sim_shape.rs"]
mod sim_shape;
mod worlds;

use measure::{Figures, Request, Stopwatch};
use shuttle::scheduler::RandomScheduler;
use shuttle::{Config, MaxSteps, Runner};
use std::process::ExitCode;

fn main() -> ExitCode {
    measure::answer("shuttle", run)
}

fn run(request: &Request) -> Option<Figures> {
    let n = request.n;
    if request.threads != 1 {
        return None;
    }
    let figures = match request.workload.as_str() {
        "S1-ring" => deliveries(n, sim_shape::DELIVERIES_PER_RUN, worlds::ring),
        "S1-rand10" => deliveries(n, sim_shape::DELIVERIES_PER_RUN, |hops| {
            worlds::random_hops(sim_shape::SMALL_WORLD, hops);
        }),
        "S1-tiny" => {
            let watch = Stopwatch::start();
            explore(n, worlds::tiny);
            watch.stop(n)
        }
        "S4" => deliveries(n, n, |hops| {
            worlds::random_hops(sim_shape::LARGE_WORLD, hops)
        }),
        "S4-idle" => return Some(idle(n)),
        _ => return None,
    };
    let per_second = 1e9 / figures.ns();
    Some(figures.with("per_second", per_second))
}

/// Makes `n` deliveries, so many of them in each execution.
fn deliveries(n: u64, each: u64, world: fn(u64)) -> Figures {
    let watch = Stopwatch::start();
    explore(n / each, move || world(each));
    watch.stop(n / each * each)
}

/// The time to start `n` threads, and the bytes that each takes while it waits.
fn idle(n: u64) -> Figures {
    let watch = Stopwatch::start();
    let (answer, bytes) = std::sync::mpsc::channel();
    explore(1, move || {
        answer.send(worlds::idle(n)).expect("the answer is awaited")
    });
    let figures = watch.stop(n);
    figures.with("bytes", bytes.recv().expect("one execution"))
}

/// Runs so many executions under the random scheduler, all from one seed.
fn explore(executions: u64, world: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.max_steps = MaxSteps::None;
    let scheduler = RandomScheduler::new_from_seed(1, executions as usize);
    let done = Runner::new(scheduler, config).run(world);
    assert_eq!(done as u64, executions);
}
