//! Threads for work that blocks.
//!
//! Threads are started as they are needed and end after ten idle seconds.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the threaded backend is where real threads come from"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::backend::Job;
use crate::kernel::panics;

/// Threads at once. Blocking work waits for devices rather than for processors, so this is far
/// above any number of cores, and low enough to fit a container's limit.
const THREADS_MAX: usize = 512;
/// How long a thread waits for more work before it ends.
const IDLE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Pool {
    inner: Arc<Inner>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    name: String,
    loud: bool,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    idle: usize,
    running: usize,
    closed: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} jobs, {} of {} threads idle",
            self.jobs.len(),
            self.idle,
            self.running
        )
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, loud: bool) {
        panics::set_loud(loud);
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                // A panic of the work is caught inside the job and handed to its process; if that
                // has gone, the value is dropped here, and its destructor may panic.
                panics::contain(job);
                state = self.lock();
                continue;
            }
            if state.closed {
                break;
            }
            state.idle += 1;
            let waited = self
                .work
                .wait_timeout(state, IDLE)
                .unwrap_or_else(PoisonError::into_inner);
            state = waited.0;
            state.idle -= 1;
            if waited.1.timed_out() && state.jobs.is_empty() {
                break;
            }
        }
        state.running -= 1;
    }
}

impl Pool {
    /// `loud`: panics inside the work are printed.
    pub(super) fn new(name: &str, loud: bool) -> Self {
        Pool {
            inner: Arc::default(),
            threads: Mutex::default(),
            name: format!("{name}-blocking"),
            loud,
        }
    }

    pub(super) fn run(&self, job: Job) {
        let mut state = self.inner.lock();
        if state.closed {
            return;
        }
        state.jobs.push_back(job);
        if state.idle >= state.jobs.len() || state.running == THREADS_MAX {
            self.inner.work.notify_one();
            return;
        }
        state.running += 1;
        drop(state);
        let (inner, loud) = (Arc::clone(&self.inner), self.loud);
        let builder = thread::Builder::new().name(self.name.clone());
        match builder.spawn(move || inner.work(loud)) {
            Ok(thread) => {
                let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
                threads.retain(|thread| !thread.is_finished());
                threads.push(thread);
            }
            Err(_) => self.without_thread(),
        }
    }

    /// No thread was to be had: jobs wait for those that run already. If there are none, they are
    /// done here, since holding up a worker is better than waiting for ever.
    #[cold]
    fn without_thread(&self) {
        let jobs = {
            let mut state = self.inner.lock();
            state.running -= 1;
            match state.running {
                0 => std::mem::take(&mut state.jobs),
                _ => VecDeque::new(),
            }
        };
        jobs.into_iter().for_each(panics::contain);
    }

    /// Drops what has not begun and takes nothing more.
    pub(super) fn close(&self) {
        let jobs = {
            let mut state = self.inner.lock();
            state.closed = true;
            std::mem::take(&mut state.jobs)
        };
        for job in jobs {
            panics::contain(|| drop(job));
        }
        self.inner.work.notify_all();
    }

    /// Waits for what had begun when the pool was closed.
    pub(super) fn join(&self) {
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // The system may be dropped by blocking work, whose thread cannot wait for itself.
            if thread.thread().id() != thread::current().id() {
                // Jobs are contained, so a thread never ends by a panic.
                let _ = thread.join();
            }
        }
    }
}
