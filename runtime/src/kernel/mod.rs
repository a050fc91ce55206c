//! The kernel: processes, signals, mailboxes, links, monitors and names, without clock, thread,
//! entropy or I/O. Both backends drive this one implementation (contract C1).

pub(crate) mod birth;
pub(crate) mod body;
pub(crate) mod calls;
pub(crate) mod death;
pub(crate) mod deliver;
mod describe;
pub(crate) mod extra;
pub(crate) mod handle;
pub(crate) mod inbox;
pub(crate) mod info;
pub(crate) mod links;
#[cfg(all(test, loom))]
mod loom_tests;
pub(crate) mod memory;
pub(crate) mod monitors;
pub(crate) mod name;
pub(crate) mod node;
pub(crate) mod panics;
pub(crate) mod pid;
pub(crate) mod queue;
pub(crate) mod reason;
pub(crate) mod report;
mod roster;
pub(crate) mod run;
pub(crate) mod seam;
pub(crate) mod signal;
pub(crate) mod slot;
pub(crate) mod system;
pub(crate) mod table;
pub(crate) mod term;
mod waker;
