//! Looking at a running tree: who supervises whom, what everybody waits for, what is left.
//!
//! [`take`] asks every process of a tree, and gives a value that can be searched, printed and,
//! with the feature `json`, written as JSON; [`audit`] goes through the checklist for programs in
//! production.
//!
//! # Costs
//! A few messages for each process, which are handled between its callbacks. A process that does
//! not answer in time is shown without its state.
//!
//! # Differences from OTP
//! What `observer`, `supervisor:which_children` and `sys:get_status` tell is here in one value.
//! The processes are asked one after another, so the whole is no moment in time: a child may have
//! ended when its turn comes.

mod audit;
#[cfg(feature = "json")]
mod json;
mod take;
mod text;
mod view;

pub use audit::{Check, Finding, audit};
pub use take::{take, take_within};
pub use view::{Answer, ChildView, ProcessView, Snapshot};
