//! Beamline's simulator: the same process code on one thread, where every decision is a choice
//! that can be drawn from a seed, searched, shrunk and replayed.

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
