//! Group `names`: finding processes by what they are called.

use beamline_sim::Scenario;

mod global;
mod local;
mod registry;
mod sessions;
mod topics;

/// The scenarios of this group.
pub fn scenarios() -> Vec<Scenario> {
    [
        local::scenarios(),
        global::scenarios(),
        sessions::scenarios(),
        registry::scenarios(),
        topics::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
