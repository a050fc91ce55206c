//! Group `process`: the programs with which processes are taught.
//!
//! Each reads like its Elixir original and is correct: it holds on threads and under every
//! schedule. A client function with a timeout therefore takes only the answer to its own request,
//! which most textbooks leave out; [`broken::late_reply`](mod@crate::broken) shows why.

use beamline_sim::Scenario;

mod calculator;
mod counter;
mod crash;
mod echo;
mod greeting;
mod identity;
mod invoice;
mod key_value;
mod links;
mod monitors;
mod names;
mod parallel_map;
mod ping_pong;
mod queue;
mod spawning;
mod worker_pool;

/// The scenarios of this group.
pub fn scenarios() -> Vec<Scenario> {
    [
        spawning::scenarios(),
        identity::scenarios(),
        greeting::scenarios(),
        echo::scenarios(),
        calculator::scenarios(),
        counter::scenarios(),
        key_value::scenarios(),
        ping_pong::scenarios(),
        queue::scenarios(),
        crash::scenarios(),
        links::scenarios(),
        monitors::scenarios(),
        names::scenarios(),
        invoice::scenarios(),
        parallel_map::scenarios(),
        worker_pool::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
