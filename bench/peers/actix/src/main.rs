//! The workloads on actix: actors that live on one arbiter each.
//!
//! An actor never moves between threads, so a workload runs on two of them only where its actors
//! can be split between two arbiters by hand: W3X, W5 and W7.

mod collector;
#[path = "../../../src/measure.rs"]
mod measure;
mod messages;
#[path = "../../../src/shape.rs"]
mod shape;
mod spawns;
mod timers;

use actix::{Arbiter, ArbiterHandle, System};
use measure::{Figures, Request};
use std::pin::Pin;
use std::process::ExitCode;

type Driver = Pin<Box<dyn Future<Output = Figures>>>;

fn main() -> ExitCode {
    measure::answer("actix", run)
}

fn run(request: &Request) -> Option<Figures> {
    let Request { n, threads, .. } = *request;
    let places = move || Places::new(threads);
    let driver: Driver = match (request.workload.as_str(), threads) {
        ("W1", 1) => Box::pin(spawns::short_lives(n)),
        ("W2", 1) => Box::pin(spawns::idle_servers(n)),
        ("W3", 1) | ("W3X", 2) => Box::pin(async move { messages::ping_pong(n, places()).await }),
        ("W5", 1 | 2) => Box::pin(async move { messages::fan_in(n, places()).await }),
        ("W6", 1) => Box::pin(messages::fan_out(n)),
        ("W7A", 1 | 2) => Box::pin(async move { messages::ring(n, 1, places()).await }),
        ("W7P", 1 | 2) => Box::pin(async move { messages::ring(n, shape::TOKENS, places()).await }),
        ("W8", 1) => Box::pin(spawns::skynet(n)),
        ("W9A", 1) => Box::pin(timers::fire(n)),
        ("W9B", 1) => Box::pin(timers::cancel_in_groups(n)),
        _ => return None,
    };
    Some(System::new().block_on(driver))
}

/// The arbiters over which a workload is split: this thread's, and a second one if asked for.
pub(crate) struct Places {
    handles: Vec<ArbiterHandle>,
}

impl Places {
    fn new(threads: usize) -> Places {
        let second = (1..threads).map(|_| Arbiter::new().handle());
        Places {
            handles: std::iter::once(Arbiter::current()).chain(second).collect(),
        }
    }

    /// The arbiter of this half (or other share) of the actors.
    pub(crate) fn of(&self, share: usize) -> &ArbiterHandle {
        &self.handles[share % self.handles.len()]
    }

    /// How many arbiters there are.
    pub(crate) fn count(&self) -> usize {
        self.handles.len()
    }
}
