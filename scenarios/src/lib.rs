//! The catalogue of programs that Beamline is judged by.
//!
//! Every program is a *scenario*: a body as a user would write it, with the properties that must
//! hold in every order of events. Twelve groups, each a module and a prefix of the names:
//!
//! - [`process`](mod@process): the programs with which processes are taught (spawn, send and
//!   receive, server loops, links, monitors, names, parallel map, worker pool), sound under every
//!   schedule, and runnable on threads as they stand.
//! - [`gen_server`]: the servers with which behaviours are taught, as sound and as runnable.
//! - [`gen_state_machine`]: the state machines of the source document, mended, and one program for
//!   each thing that machines can do.
//! - [`task`](mod@task): computations on the side: joined, streamed, supervised, taken as messages.
//! - [`agent`](mod@agent): values that a process holds for others: counters, caches.
//! - [`names`]: finding processes: local and global names, keys and topics of registries.
//! - [`supervisor`](mod@supervisor): trees of processes, what ends in them, and who is restarted.
//! - [`application`](mod@application): trees that are started and stopped as wholes, and their
//!   settings.
//! - [`checklist`](mod@checklist): the checklist for production, read off running trees.
//! - [`orders`](mod@orders): a larger program that uses everything at once: an order-processing
//!   service with money that must not be lost, orders that must come to one end, and crashes.
//! - [`broken`](mod@broken): programs with one planted bug each, most of them bugs that once were
//!   in published software. A scenario `broken::x` declares the verdict that it must be given and
//!   how long the story of it may be once shrunk; its mended twin `mended::x`, in the same file,
//!   must stay silent.
//! - [`kernels`]: the smallest programs with a race of a known shape and a known number of
//!   equivalence classes of schedules, with which search strategies are measured.
//!
//! The binary `beamline` runs them: `beamline_sim::cli::main(catalogue())`. A catalogue of one's
//! own is a binary of the same three lines.

use beamline_sim::Catalogue;

pub mod agent;
pub mod application;
pub mod broken;
pub mod checklist;
pub mod gen_server;
pub mod gen_state_machine;
pub mod kernels;
pub mod names;
pub mod orders;
pub mod process;
pub mod supervisor;
pub mod task;

/// All scenarios of this package, in the order in which lists show them.
pub fn catalogue() -> Catalogue {
    let scenarios = [
        process::scenarios(),
        gen_server::scenarios(),
        gen_state_machine::scenarios(),
        task::scenarios(),
        agent::scenarios(),
        names::scenarios(),
        supervisor::scenarios(),
        application::scenarios(),
        checklist::scenarios(),
        orders::scenarios(),
        broken::scenarios(),
        kernels::scenarios(),
    ];
    scenarios
        .into_iter()
        .flatten()
        .fold(Catalogue::new(), Catalogue::with)
}

#[cfg(test)]
mod tests;
