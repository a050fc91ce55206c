//! Supervisors: processes that start others, restart them when they end, and stop them in order.
//!
//! # Semantics
//! SUP-101 to SUP-1508, DSUP-01 to DSUP-39.
//!
//! # Differences from OTP
//! - Children are given when the supervisor is started, not by a callback. Code change, tuples as
//!   specifications and `simple_one_for_one` (SUP-9xx) are not offered; use [`DynamicSupervisor`].
//! - What OTP answers with `{ok, undefined}`, a child that decided not to run, is the error
//!   `Start(Ignore)`.
//!
//! # When not to use
//! A supervisor restarts what fails by itself. A task that is to be done once belongs to whoever
//! waits for it.

mod call;
mod core;
mod handle;
mod inspect;
mod library;
mod observe;
mod options;
mod partition;
mod report;
mod requests;
mod spec;
pub(crate) mod stop;
mod table;
mod window;

pub use self::core::FailedToStart;
pub use call::{ChildInfo, Counts, SupervisorError};
pub use handle::{DynamicSupervisor, Supervisor};
pub use inspect::Supervision;
pub(crate) use inspect::{is_supervisor, look};
pub use options::{DynamicSupervisorOptions, Strategy, SupervisorOptions};
pub use partition::{PartitionSupervisor, PartitionSupervisorOptions};
pub use report::{SupervisedChild, SupervisorEvent, SupervisorReport};
pub use spec::{AutoShutdown, ChildSpec, ChildType, Restart, Shutdown, SpecError};
pub use table::ChildState;
pub(crate) use window::{Limit, Window};
