//! What all workers of a runtime share.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, Thread};

use crossbeam_deque::{Injector, Stealer};

use super::clock::Clock;
use super::idle::Idle;
use super::pool::Pool;
use super::timers::Ledger;
use crate::backend::Property;
use crate::backend::record::Record;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::system::{Remote, System};

/// Levels of priority, as indices of queues.
pub(super) const LEVELS: usize = 3;

/// Sees what happens on a threaded system; it is called on the workers and should be quick.
#[doc(hidden)]
pub trait Observer: Send + Sync {
    /// A transition was made.
    fn observe(&self, record: &Record<'_>);
    /// The program looked at one of its properties.
    fn property(&self, property: Property<'_>);
    /// The outcome of the program as it sees it.
    fn outcome(&self, text: String);
    /// Whether transitions are wanted; properties and outcomes always are.
    fn wants_records(&self) -> bool;
}

/// Called with the exit reason of a root.
type Waiter = Box<dyn FnOnce(ExitReason) + Send>;

pub(super) struct Shared {
    pub(super) system: Arc<System>,
    pub(super) clock: Clock,
    pub(super) injectors: [Injector<u32>; LEVELS],
    pub(super) stealers: Vec<[Stealer<u32>; LEVELS]>,
    pub(super) ledgers: Vec<Arc<Ledger>>,
    pub(super) threads: Vec<OnceLock<Thread>>,
    pub(super) idle: Idle,
    pub(super) stopping: AtomicBool,
    pub(super) pool: Pool,
    pub(super) observer: Option<Arc<dyn Observer>>,
    pub(super) loud: bool,
    /// Foreign threads that are inside at the moment.
    visitors: AtomicUsize,
    closed: AtomicBool,
    waiters: Mutex<BTreeMap<Pid, Root>>,
}

/// A root: awaited, or ended before anybody awaited it.
enum Root {
    Awaited(Waiter),
    Ended(ExitReason),
}

impl Shared {
    pub(super) fn new(
        system: Arc<System>,
        stealers: Vec<[Stealer<u32>; LEVELS]>,
        name: &str,
        loud: bool,
        observer: Option<Arc<dyn Observer>>,
    ) -> Self {
        let workers = stealers.len();
        Shared {
            system,
            clock: Clock::start(),
            injectors: [(); LEVELS].map(|()| Injector::new()),
            stealers,
            ledgers: (0..workers).map(|_| Arc::default()).collect(),
            threads: (0..workers).map(|_| OnceLock::new()).collect(),
            idle: Idle::new(),
            stopping: AtomicBool::new(false),
            pool: Pool::new(name, loud),
            observer,
            loud,
            visitors: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            waiters: Mutex::default(),
        }
    }

    /// Queues a process from a thread that is no worker, or for whoever has time.
    pub(super) fn inject(&self, slot: u32, level: usize) {
        self.injectors[level].push(slot);
        self.work_queued();
    }

    /// Wakes a worker if one sleeps and nobody searches.
    #[inline]
    pub(super) fn work_queued(&self) {
        if let Some(worker) = self.idle.work_queued() {
            self.unpark(worker);
        }
    }

    pub(super) fn unpark(&self, worker: usize) {
        if let Some(thread) = self.threads[worker].get() {
            thread.unpark();
        }
    }

    /// Lets a foreign thread in, unless the system is closed (THR4).
    pub(super) fn visit(&self) -> Option<Visit<'_>> {
        self.visitors.fetch_add(1, Ordering::SeqCst);
        let visit = Visit(self);
        (!self.closed.load(Ordering::SeqCst)).then_some(visit)
    }

    /// Lets no foreign thread in any more and waits for those inside, which do not stay long.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        while self.visitors.load(Ordering::SeqCst) > 0 {
            thread::yield_now();
        }
    }

    /// Calls `waiter` with the exit reason of a root, at once if it has ended already.
    pub(super) fn wait_for(&self, pid: Pid, waiter: Waiter) {
        let mut waiters = self.waiters();
        match waiters.remove(&pid) {
            Some(Root::Ended(reason)) => {
                drop(waiters);
                waiter(reason);
            }
            _ => {
                waiters.insert(pid, Root::Awaited(waiter));
            }
        }
    }

    pub(super) fn ended(&self, pid: Pid, reason: &ExitReason) {
        let mut waiters = self.waiters();
        match waiters.remove(&pid) {
            Some(Root::Awaited(waiter)) => {
                drop(waiters);
                waiter(reason.clone());
            }
            _ => {
                waiters.insert(pid, Root::Ended(reason.clone()));
            }
        }
    }

    fn waiters(&self) -> MutexGuard<'_, BTreeMap<Pid, Root>> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stay of a foreign thread.
pub(super) struct Visit<'a>(&'a Shared);

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0.visitors.fetch_sub(1, Ordering::SeqCst);
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("workers", &self.threads.len())
            .finish_non_exhaustive()
    }
}

/// How wakers on foreign threads reach the workers. Holds nothing alive, since wakers may outlive
/// the runtime.
pub(super) struct FromOutside(pub(super) std::sync::Weak<Shared>);

impl Remote for FromOutside {
    fn ready(&self, slot: u32) {
        if let Some(shared) = self.0.upgrade() {
            let level = shared.system.table.slot(slot).priority() as usize;
            shared.inject(slot, level);
        }
    }
}
