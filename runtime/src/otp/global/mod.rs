//! Names of any type, for any process, and locks: what OTP's `global` is on one node.
//!
//! # Semantics
//! REG-13 to REG-27. Lookups read a table; whatever changes a name or a lock is a request to one
//! process, so that of several at once exactly one succeeds.
//!
//! # Differences from OTP
//! - It is a value that is started, typed by its names, and not one service for a whole node. A
//!   program may have several.
//! - There is one node, so names never clash and there are no resolvers (REG-27).
//! - A lock is asked for in the name of a process, not of any term.
//! - Who waits for a lock as long as it takes waits in a queue, first come first served. OTP tries
//!   again and again, at random times.
//!
//! # Costs
//! A lookup reads one table under a lock that other readers share, and asks the process whether it
//! lives: a signal there and back. Everything else is a request to one process and its answer.

mod address;
mod lock;
mod names;
mod server;
mod start;

pub use address::GlobalName;
pub use lock::{Aborted, LockId, Retries};
pub use names::{Global, NameRefused};
pub use start::GlobalOptions;
