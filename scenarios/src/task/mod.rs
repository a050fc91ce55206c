//! Group `task`: computations on the side, waited for, collected, streamed and supervised.

use beamline_sim::Scenario;

mod basics;
mod fetcher;
mod http;
mod invoices;
mod server;
mod supervised;

/// The scenarios of this group, and those of `broken` and `mended` that are about tasks.
pub fn scenarios() -> Vec<Scenario> {
    [
        basics::scenarios(),
        invoices::scenarios(),
        fetcher::scenarios(),
        supervised::scenarios(),
        server::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
