//! Group `agent`: values that a process holds for others.

use beamline_sim::Scenario;

mod basics;
mod cache;
mod counter;

/// The scenarios of this group, and those of `broken` and `mended` that are about agents.
pub fn scenarios() -> Vec<Scenario> {
    [
        basics::scenarios(),
        counter::scenarios(),
        cache::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
