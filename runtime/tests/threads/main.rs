//! The threaded backend through the public API.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests call in from real threads and wait for real time"
)]

mod basics;
mod containment;
mod scheduling;
mod shutdown;
mod waiting;
mod watchdog;
