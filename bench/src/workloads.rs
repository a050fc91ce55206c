//! The workloads on Beamline.

mod calls;
mod collector;
mod idle;
mod machines;
mod messages;
mod names;
mod ring;
mod simulation;
mod spawns;
mod tasks;
mod timers;
mod trees;

use crate::measure::{Figures, Request};
use crate::shape;
use beamline::prelude::*;
use std::sync::mpsc;

/// Runs the workload that is asked for; `None` if there is none of this name.
pub(crate) fn run(request: &Request) -> Option<Figures> {
    let &Request { n, threads, .. } = request;
    let figures = match request.workload.as_str() {
        "W1" => on_threads(threads, move |mailbox| spawns::short_lives(mailbox, n)),
        "W2" => on_threads(threads, move |mailbox| spawns::idle_servers(mailbox, n)),
        "W3" => on_threads(threads, move |mailbox| messages::ping_pong(mailbox, n)),
        "W3X" if threads == 2 => messages::ping_pong_across(n),
        "W5" => on_threads(threads, move |mailbox| messages::fan_in(mailbox, n)),
        "W5B" => on_threads(threads, move |mailbox| {
            messages::fan_in_by_windows(mailbox, n)
        }),
        "W6" => on_threads(threads, move |mailbox| messages::fan_out(mailbox, n)),
        "W7A" => on_threads(threads, move |mailbox| messages::ring(mailbox, n, 1)),
        "W7P" => on_threads(threads, move |mailbox| {
            messages::ring(mailbox, n, shape::TOKENS)
        }),
        "W8" => on_threads(threads, move |mailbox| spawns::skynet(mailbox, n)),
        "W9A" => on_threads(threads, move |mailbox| timers::fire(mailbox, n)),
        "W9B" => on_threads(threads, move |mailbox| timers::cancel_in_groups(mailbox, n)),
        "W9C" => on_threads(threads, move |mailbox| timers::cancel_all(mailbox, n)),
        "W4" => on_threads(threads, move |mailbox| calls::of_a_server(mailbox, n)),
        "W4C" => on_threads(threads, move |mailbox| calls::casts(mailbox, n)),
        "W11" => on_threads(threads, move |mailbox| calls::through_an_alias(mailbox, n)),
        "W11R" => on_threads(threads, move |mailbox| calls::with_a_reference(mailbox, n)),
        "W12" => on_threads(threads, move |mailbox| machines::calls(mailbox, n)),
        "E4" => on_threads(threads, move |mailbox| tasks::spawn_and_join(mailbox, n)),
        "E5" => on_threads(threads, move |mailbox| tasks::stream(mailbox, n)),
        "E6" => on_threads(threads, move |mailbox| tasks::get_of_an_agent(mailbox, n)),
        "M1" => on_threads(threads, move |mailbox| idle::servers(mailbox, n)),
        "M2" => on_threads(threads, move |mailbox| idle::machines(mailbox, n)),
        "M3" => on_threads(threads, move |mailbox| idle::agents(mailbox, n)),
        "M4" => on_threads(threads, move |mailbox| idle::supervisors(mailbox, n)),
        "M5" => on_threads(threads, move |mailbox| idle::children(mailbox, n)),
        "R1" => on_threads(threads, move |mailbox| names::look_up(mailbox, n)),
        "R2" => on_threads(threads, move |mailbox| names::dispatch(mailbox, n)),
        "W10" => on_threads(threads, move |mailbox| trees::crash_and_restart(mailbox, n)),
        "T1" => on_threads(threads, move |mailbox| trees::tree(mailbox, n)),
        "T2" => on_threads(threads, move |mailbox| trees::start_child(mailbox, n)),
        simulated if threads == 1 => return simulation::run(simulated, n),
        _ => return None,
    };
    Some(figures)
}

/// Runs the driver of a workload as the root process on so many workers.
fn on_threads<F, Fut>(threads: usize, driver: F) -> Figures
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = Figures> + Send + 'static,
{
    let (answer, figures) = mpsc::channel();
    let reason = Runtime::new()
        .workers(threads)
        .run_with(async move |mailbox: Mailbox| {
            answer
                .send(driver(mailbox).await)
                .expect("the answer is awaited");
        });
    assert_eq!(reason, ExitReason::Normal);
    figures.recv().expect("the driver ended normally")
}
