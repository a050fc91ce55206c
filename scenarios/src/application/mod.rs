//! Group `application`: trees that are started and stopped as wholes, and their settings.

use beamline_sim::Scenario;

mod environment;
mod my_app;
mod order;
mod phases;
mod start_types;

/// The scenarios of this group.
pub fn scenarios() -> Vec<Scenario> {
    [
        order::scenarios(),
        my_app::scenarios(),
        phases::scenarios(),
        start_types::scenarios(),
        environment::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
