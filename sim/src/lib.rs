//! Beamline's simulator: the same process code on one thread, where every decision is a choice
//! that can be drawn from a seed, searched, shrunk and replayed.

/// Whether a planted fault is on; never, unless the feature `mutants` is.
#[cfg(feature = "mutants")]
macro_rules! mutant {
    ($mutant:ident) => {
        beamline::mutant::is_on(beamline::mutant::Mutant::$mutant)
    };
}
#[cfg(not(feature = "mutants"))]
macro_rules! mutant {
    ($mutant:ident) => {
        false
    };
}

pub mod artefact;
pub mod campaign;
mod check;
pub mod choice;
#[cfg(feature = "cli")]
pub mod cli;
mod environment;
pub mod exit_code;
pub mod faults;
pub mod mode;
pub mod oracle;
#[doc(hidden)]
pub mod property;
mod render;
pub mod rng;
mod scenario;
pub mod seed;
pub mod shrink;
pub mod story;
pub mod strategy;
pub mod tape;
#[cfg(feature = "threads")]
mod threads;
pub mod trace;
pub mod trace_diff;
pub mod world;

#[cfg(test)]
mod toy;

pub use campaign::{Exploration, Finding, Report};
pub use check::{Check, check};
pub use environment::EnvironmentError;
pub use faults::Faults;
pub use mode::{Delivery, Granularity};
pub use property::{note, outcome};
pub use scenario::{Catalogue, Expectation, Scenario};
pub use seed::Seed;
pub use strategy::Strategy;
#[cfg(feature = "threads")]
pub use threads::{ThreadsRun, on_threads};
pub use world::{Limits, Verdict};
