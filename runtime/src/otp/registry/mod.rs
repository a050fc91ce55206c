//! A local table of processes by key: of names that are more than text, or of subscribers to
//! topics.
//!
//! # Semantics
//! RGY-1 to RGY-44. A process registers itself; its entries vanish with it. Every operation is one
//! step on a shared table and a choice point.
//!
//! # Differences from OTP
//! - A registry is a typed value, and whoever holds it uses it; there is no lookup by name, so a
//!   registry that is unknown is one that has ended.
//! - Match specifications are closures.
//!
//! # Costs
//! A registration is two entries in hash tables and a link. A lookup reads one table under a lock
//! that other readers share; to know whether the process lives costs a signal to it and back.

mod dispatch;
mod events;
mod handle;
mod lock;
mod meta;
mod partition;
mod search;
pub(super) mod shared;
mod start;
pub(super) mod table;
mod via;

pub use events::RegistryEvent;
pub use handle::{AlreadyRegistered, Key as RegistryKey, Registry, Value as RegistryValue};
pub use start::RegistryOptions;
pub use via::{Via, via};
