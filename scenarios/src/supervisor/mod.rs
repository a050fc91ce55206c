//! Group `supervisor`: trees of processes, what ends in them, and what is made of that.

use beamline_sim::Scenario;

mod auto_shutdown;
mod budget;
mod left_running;
mod member;
mod nested;
mod partitions;
mod restart_types;
mod sessions;
mod shutdown;
mod strategies;

/// The scenarios of this group.
pub fn scenarios() -> Vec<Scenario> {
    [
        restart_types::scenarios(),
        budget::scenarios(),
        strategies::scenarios(),
        shutdown::scenarios(),
        nested::scenarios(),
        auto_shutdown::scenarios(),
        sessions::scenarios(),
        partitions::scenarios(),
        left_running::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
