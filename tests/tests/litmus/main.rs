//! Litmus programs: two operations that race, and everything that may come of it.
//!
//! Each program declares the exact set of its outcomes. An exhaustive search of the simulator
//! has to reach every one of them and no other, whatever the granularity; neither immediate
//! delivery nor the threaded backend may ever leave the set.
//!
//! The pairs of operations are those of the litmus tests that accompany the Concuerror model
//! checker (`aronisstav/erlang-concurrency-litmus-tests`), less those that need group leaders
//! or tables, in whose place `sig_exit_now` of the signals and `exit_suspend`, `exit_info` and
//! `exit_alive` of the processes stand. Where OTP may preempt a process between two calls that do
//! not await here, the program yields between them.

mod deaths;
mod link;
mod machine;
mod mailbox;
mod names;
mod process;
mod program;
mod registry;
mod server;
mod signal;
mod supervisor;
mod timer;
