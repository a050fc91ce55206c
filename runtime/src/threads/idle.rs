//! Which workers sleep, and waking them.
//!
//! # Invariants
//! - IDL1: a worker announces that it sleeps before it looks at the queues for the last time; who
//!   queues work looks at the announcements afterwards. Both are sequentially consistent, so one
//!   of the two sees the other (THR2).
//! - IDL2: a worker that was woken is counted as searching until it has found work or sleeps
//!   again; while somebody searches nobody else is woken.

use crate::sync::{AtomicU32, Ordering, fence};

/// The announcements of all workers.
#[derive(Debug)]
pub(super) struct Idle {
    /// One bit a worker that sleeps.
    asleep: AtomicU32,
    searching: AtomicU32,
}

impl Idle {
    pub(super) fn new() -> Self {
        Idle {
            asleep: AtomicU32::new(0),
            searching: AtomicU32::new(0),
        }
    }

    /// Work was queued: the worker to wake, if any should be. The caller unparks it.
    #[inline]
    pub(super) fn work_queued(&self) -> Option<usize> {
        fence(Ordering::SeqCst);
        if self.asleep.load(Ordering::Relaxed) == 0 || self.searching.load(Ordering::Relaxed) > 0 {
            return None;
        }
        self.choose()
    }

    /// As `work_queued`, whether or not somebody searches already.
    #[cold]
    fn choose(&self) -> Option<usize> {
        let mut asleep = self.asleep.load(Ordering::SeqCst);
        while asleep != 0 {
            let worker = asleep.trailing_zeros();
            let rest = asleep & !(1 << worker);
            match self
                .asleep
                .compare_exchange(asleep, rest, Ordering::SeqCst, Ordering::SeqCst)
            {
                Ok(_) => {
                    self.searching.fetch_add(1, Ordering::SeqCst);
                    return Some(worker as usize);
                }
                Err(now) => asleep = now,
            }
        }
        None
    }

    /// This worker begins to search without having been woken.
    pub(super) fn begin_search(&self) {
        self.searching.fetch_add(1, Ordering::SeqCst);
    }

    /// This worker has found work. True if it was the last that searched: it may be that more work
    /// was queued for which nobody was woken, so the caller looks at the queues and, if there is
    /// some, calls `work_queued`.
    pub(super) fn end_search(&self) -> bool {
        let last = self.searching.fetch_sub(1, Ordering::SeqCst) == 1;
        fence(Ordering::SeqCst);
        last
    }

    /// This worker, which searches, is about to sleep. It must look at the queues once more
    /// afterwards (IDL1).
    pub(super) fn announce(&self, worker: usize) {
        self.asleep.fetch_or(1 << worker, Ordering::SeqCst);
        self.searching.fetch_sub(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// This worker does not sleep after all, or woke by itself; it searches again. False if
    /// somebody has woken it meanwhile and counted it already.
    pub(super) fn withdraw(&self, worker: usize) {
        let bit = 1 << worker;
        if self.asleep.fetch_and(!bit, Ordering::SeqCst) & bit != 0 {
            self.searching.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Whether this worker has been woken since it announced that it sleeps.
    pub(super) fn is_woken(&self, worker: usize) -> bool {
        self.asleep.load(Ordering::SeqCst) & (1 << worker) == 0
    }
}
