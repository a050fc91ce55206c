//! The threaded backend: work stealing over the fused process cells.
//!
//! # Invariants
//! - THR1: a ready process is on exactly one queue, or being run by one worker.
//! - THR2: no wake-up is lost: who queues a process sees every worker that had gone to sleep
//!   before, or that worker sees the queue (`idle`).
//! - THR3: when `run` returns, every process has ended, every thread is joined.
//! - THR4: once the last processes are being ended, no foreign thread makes another.

mod clock;
#[cfg(feature = "tracing")]
mod events;
mod handle;
mod hooks;
mod idle;
#[cfg(all(test, loom))]
mod loom_tests;
mod outside;
mod pool;
mod runtime;
mod shared;
#[cfg(all(test, not(loom)))]
mod tests;
mod timers;
mod wheel;
mod worker;

pub use handle::Handle;
pub use runtime::{PanicPolicy, Runtime, RuntimeError, System};
pub use shared::Observer;
