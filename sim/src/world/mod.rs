//! The simulated world: the event loop that drives the kernel, one choice at a time.
//!
//! An *event* is a process that runs from one await to the next, the delivery of the oldest signal
//! of a pair of processes, or a deadline that passes. Everything between two events is decided by
//! the program, so a run is a function of the program and of the choices on its tape.
//!
//! # Invariants
//! - WLD1: between events no process runs and every process is parked in the kernel's sense.
//! - WLD2: nothing here looks at a wall clock, an address, a hash order or another thread.
//! - WLD3: what is asked of the chooser depends on the run so far, never on what was learnt, so a
//!   tape means the same with and without a calibration.

mod backend;
mod clock;
mod drive;
mod enabled;
mod faults;
mod lore;
mod options;
mod path;
mod quiescence;
mod ranked;
mod records;
mod run;
mod schedule;
mod state;
mod transit;
mod verdict;

#[cfg(test)]
mod tests;

pub use options::{Limits, RunOptions};
pub use path::Path;
pub use run::{Body, Finished};
pub(crate) use run::{World, inside_process};
pub(crate) use state::Site;
pub use verdict::Verdict;
