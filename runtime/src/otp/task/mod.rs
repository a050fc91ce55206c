//! Tasks: processes that compute one value for the process that started them.
//!
//! ```
//! # use beamline::prelude::*;
//! # use std::time::Duration;
//! # beamline::Runtime::new().workers(1).run(async {
//! let task = Task::spawn(async { 6 * 7 });
//! // … other work …
//! assert_eq!(task.join(Duration::from_secs(5)).await?, 42);
//! # Ok::<(), ExitReason>(())
//! # });
//! ```
//!
//! A [`Task`] is linked to its owner and monitored by it: when it crashes, so does the owner,
//! unless that traps exits; when the owner crashes, so does the task. [`TaskSupervisor`] starts
//! tasks that outlive or do not endanger their owner. [`Task::stream`] applies a function to many
//! items, so many at a time.
//!
//! # Semantics
//! TASK-1 to TASK-74, TSUP-1 to TSUP-23.
//!
//! # Differences from OTP
//! - `await` and `yield` are words of Rust, hence [`Task::join`] and [`Task::yield_for`].
//! - A join that fails is an error value instead of an exit; `?` makes it one.
//! - A task whose outcome was taken is gone or says so, so nothing waits for it in vain.
//! - A task that is dropped takes nothing into the mailbox any more.
//!
//! # When not to use it
//! For one computation in sequence, which an `async` block does; for state that lasts, which a
//! process of its own should hold.

mod collect;
mod hub;
mod hub_side;
mod join;
mod keeper;
mod life;
mod outcome;
mod shutdown;
mod start;
mod stream;
mod stream_start;
mod supervised;
mod supervisor;
mod yields;

pub use hub::StreamError;
pub use join::{JOIN_TIMEOUT, Join, JoinError};
pub use keeper::NotFound;
pub(crate) use keeper::is_task_supervisor;
pub use outcome::{Task, TaskReply};
pub use stream::{OnTimeout, TaskStream, ZippedStream};
pub use supervised::{CallerDown, StartTaskError};
pub use supervisor::{StartTaskSupervisor, TaskSupervisor};
pub use yields::{OnYieldTimeout, YieldMany};
