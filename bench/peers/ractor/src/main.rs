//! The workloads on ractor: actors with unbounded mailboxes, addressed by `ActorRef`.

mod collector;
#[path = "../../../src/measure.rs"]
mod measure;
mod messages;
#[path = "../../../src/shape.rs"]
mod shape;
mod spawns;
mod timers;

use measure::{Figures, Request};
use std::pin::Pin;
use std::process::ExitCode;
use tokio::runtime::Builder;

type Driver = Pin<Box<dyn Future<Output = Figures> + Send>>;

fn main() -> ExitCode {
    measure::answer("ractor", run)
}

fn run(request: &Request) -> Option<Figures> {
    let n = request.n;
    let driver: Driver = match request.workload.as_str() {
        "W1" => Box::pin(spawns::short_lives(n)),
        "W2" => Box::pin(spawns::idle_servers(n)),
        "W3" => Box::pin(messages::ping_pong(n)),
        "W4" => Box::pin(messages::call_a_server(n)),
        "W5" => Box::pin(messages::fan_in(n)),
        "W6" => Box::pin(messages::fan_out(n)),
        "W7A" => Box::pin(messages::ring(n, 1)),
        "W7P" => Box::pin(messages::ring(n, shape::TOKENS)),
        "W8" => Box::pin(spawns::skynet(n)),
        "W9A" => Box::pin(timers::fire(n)),
        "W9B" => Box::pin(timers::cancel_in_groups(n)),
        "W9C" => Box::pin(timers::cancel_all(n)),
        _ => return None,
    };
    let mut builder = match request.threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = builder
        .worker_threads(request.threads)
        .enable_all()
        .build()
        .expect("a runtime");
    // The driver is a task like the others, not the future that the main thread blocks on.
    Some(runtime.block_on(async { tokio::spawn(driver).await.expect("the driver ends") }))
}
