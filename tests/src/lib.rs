//! What the conformance tests share: running one body on both backends, and stock processes.
//!
//! A rule of OTP holds on every backend or it does not hold. [`both`] therefore runs a body as
//! the root process of many simulated runs and of many threaded ones. A body asserts in the root
//! only: a panic elsewhere is just some process's exit reason.

mod backends;
mod players;

pub use backends::{both, on_sim, on_threads, outcomes};
pub use players::{Ask, Reply, Stop, down, echo, expect_nothing, idle, settle};
