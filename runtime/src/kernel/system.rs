//! What all workers of one runtime, or one simulated world, share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::name::Names;
use super::report::Reporting;
use super::table::Table;

/// Reference numbers that a context takes at once, so that workers do not meet at a counter.
const REFS_AT_ONCE: u64 = 1024;

/// The shared part of a running system. Wakers hold it alive, so that a stale one is harmless.
pub struct System {
    pub(crate) table: Table,
    pub(crate) names: Names,
    pub(crate) node: u16,
    /// Who is told of crashes.
    pub(crate) reporting: Reporting,
    remote: OnceLock<Box<dyn Remote>>,
    refs: AtomicU64,
}

/// How a thread that runs no process of this system reaches it.
pub trait Remote: Send + Sync {
    /// A process has become ready through a call of its waker on a foreign thread.
    fn ready(&self, slot: u32);
}

impl System {
    /// A system without processes. `limit` is the most that may live at once; `u32::MAX` for no
    /// limit, which also costs nothing to check.
    pub fn new(node: u16, limit: u32) -> Self {
        let (table, names) = (Table::new(limit), Names::default());
        System {
            table,
            names,
            node,
            reporting: Reporting::default(),
            remote: OnceLock::new(),
            refs: AtomicU64::new(1),
        }
    }

    /// Says how foreign threads reach the system; the first call counts.
    pub fn set_remote(&self, remote: Box<dyn Remote>) {
        let _ = self.remote.set(remote);
    }

    pub(crate) fn ready_from_outside(&self, slot: u32) {
        if let Some(remote) = self.remote.get() {
            remote.ready(slot);
        }
    }

    /// A range of reference numbers for one context.
    pub(crate) fn take_refs(&self) -> (u64, u64) {
        let from = self.refs.fetch_add(REFS_AT_ONCE, Ordering::Relaxed);
        (from, from + REFS_AT_ONCE)
    }

    /// Forgets all processes and names, so that the next run has the same pids. No process may
    /// be alive.
    pub fn reset(&self) {
        self.table.reset();
        self.names.clear();
        self.reporting.forget_readers();
        self.refs.store(1, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for System {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("System")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}
