//! What registries and partition supervisors do with their tables.
#![expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]

use crate::kernel::pid::Pid;

/// A step on a table; keys show as their hashes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Registration<'a> {
    /// A registry, or a service of global names, begins, under a number that tells it from others
    /// that live.
    Begun { registry: usize },
    /// It has lost a part of its entries.
    Cleared { registry: usize },
    /// A process was registered under a key, or given a global name.
    Entered {
        registry: usize,
        holder: Pid,
        unique: bool,
        key: u64,
        serial: u64,
    },
    /// An entry was removed.
    Removed {
        registry: usize,
        key: u64,
        serial: u64,
    },
    /// A key of a unique registry was looked up.
    Found {
        registry: usize,
        key: u64,
        pid: Option<Pid>,
    },
    /// A number was routed to one of so many partitions.
    Routed {
        supervisor: &'a str,
        number: u64,
        partitions: usize,
        partition: usize,
    },
}
