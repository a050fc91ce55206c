//! Agents: processes that hold a value for others.
//!
//! ```
//! # use beamline::prelude::*;
//! # beamline::Runtime::new().workers(1).run(async {
//! let counter = Agent::start_link(|| 0).await?;
//! counter.update(|n| *n += 1).await?;
//! assert_eq!(counter.get(|n| *n).await?, 1);
//! let before = counter.get_and_update(|n| std::mem::replace(n, 10)).await?;
//! assert_eq!(before, 1);
//! # counter.stop().await?;
//! # Ok::<(), ExitReason>(())
//! # });
//! ```
//!
//! What is read by one call and written by another may have changed in between: whatever depends
//! on the value belongs into one function.
//!
//! # Semantics
//! AGT-1 to AGT-16.
//!
//! # Differences from OTP
//! - Functions are given the value by reference, and change it in place.
//! - An agent knows the type of its value, so a function for another type does not compile.
//! - Failed calls are [`CallError`](crate::CallError)s instead of exits; `?` makes them exits.
//!
//! # When not to use it
//! An agent runs the functions of all its callers one after the other, and cannot wait for
//! anything in between. A [`GenServer`](crate::GenServer) keeps the decisions with the data, takes
//! other messages and has timeouts; a value that is only read belongs into the closure that uses
//! it.

mod handle;
mod start;
mod state;

pub use handle::Agent;
pub use start::StartAgent;
pub use state::{Act, Change};
