//! Group `gen_state_machine`: the machines with which state machines are taught.
//!
//! The two of the source document, mended, in both styles: one function for all states
//! (`agent`), and one for each (`workflow`); and one program each for entering states, for the
//! three timeouts, for actions, for a machine under a supervisor, and for one that is serviced,
//! stopped or left alone. The document's own versions are in [`broken`](mod@crate::broken).

use beamline_sim::Scenario;

mod actions;
mod agent;
mod entering;
mod supervised;
mod timeouts;
mod vending;
mod workflow;

/// The scenarios of this group.
pub fn scenarios() -> Vec<Scenario> {
    [
        agent::scenarios(),
        workflow::scenarios(),
        entering::scenarios(),
        timeouts::scenarios(),
        actions::scenarios(),
        supervised::scenarios(),
        vending::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
