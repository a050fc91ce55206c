//! Starting and stopping a threaded system.
#![expect(
    clippy::disallowed_methods,
    reason = "the threaded backend is where real threads come from"
)]

use std::future::Future;
use std::io;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use crossbeam_deque::Worker as Deque;

use super::handle::Handle;
use super::hooks::Hooks;
use super::outside;
use super::shared::{FromOutside, LEVELS, Observer, Shared};
use super::worker::Worker;
use crate::kernel::panics;
use crate::kernel::reason::{ExitReason, Outcome};
use crate::kernel::report::CrashReport;
use crate::kernel::run::reason_of_panic;
use crate::kernel::seam;
use crate::kernel::system::System as Kernel;
use crate::otp::report::Report;
use crate::process::Mailbox;

/// Workers that a runtime can have: one bit each in the word of sleeping workers.
const WORKERS_MAX: usize = 32;

/// What becomes of the text of a panic inside a process. The panic is the exit reason either way.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum PanicPolicy {
    /// It goes to the panic hook, which prints it to standard error. The default, because a crash
    /// that nobody monitors would otherwise leave no trace.
    #[default]
    Print,
    /// Nothing is printed.
    Silent,
}

/// Why a runtime could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The operating system gave no thread.
    #[error("cannot start worker {worker} of {workers}")]
    Thread {
        /// Which worker.
        worker: usize,
        /// How many were asked for.
        workers: usize,
        /// What the operating system says.
        source: io::Error,
    },
}

/// The threaded backend: a builder, and what runs a program on it.
///
/// ```
/// use beamline::prelude::*;
///
/// let reason = Runtime::new().workers(2).run(async {
///     send(me(), 1u32);
/// });
/// assert!(reason.is_normal());
/// ```
#[derive(Clone)]
pub struct Runtime {
    workers: usize,
    name: String,
    policy: PanicPolicy,
    limit: u32,
    observer: Option<Arc<dyn Observer>>,
    hooks: Hooks,
}

impl Default for Runtime {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Runtime");
        shown
            .field("workers", &self.workers)
            .field("thread_name", &self.name);
        shown
            .field("on_panic", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Runtime {
    /// A runtime with as many workers as the machine has processors, at most 32.
    pub fn new() -> Self {
        let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Runtime {
            workers: processors.min(WORKERS_MAX),
            name: "beamline".into(),
            policy: PanicPolicy::default(),
            limit: u32::MAX,
            observer: None,
            hooks: Hooks::default(),
        }
    }

    /// How many workers run processes.
    ///
    /// # Panics
    /// Unless it is from 1 to 32.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        assert!(
            (1..=WORKERS_MAX).contains(&workers),
            "Runtime::workers: expected 1 to {WORKERS_MAX}, got {workers}"
        );
        self.workers = workers;
        self
    }

    /// What the threads are called: `NAME-0`, `NAME-1`, … and `NAME-blocking`. `beamline` by
    /// default.
    #[must_use]
    pub fn thread_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// What becomes of the text of panics.
    #[must_use]
    pub fn on_panic(mut self, policy: PanicPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Is told of each process that crashes, by the process itself in its last step: keep it
    /// short. A panic of the hook goes no further. Without one, only processes that subscribe to
    /// reports learn of crashes ([`report::subscribe`](crate::report::subscribe)).
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # use std::sync::mpsc;
    /// let (crashes, seen) = mpsc::channel();
    /// let runtime = Runtime::new().on_panic(PanicPolicy::Silent);
    /// runtime
    ///     .on_crash(move |report| drop(crashes.send(report.to_string())))
    ///     .run(async { panic!("oops") });
    /// assert!(seen.recv().is_ok_and(|report| report.contains("panicked: oops")));
    /// ```
    #[must_use]
    pub fn on_crash(mut self, hook: impl Fn(&CrashReport) + Send + Sync + 'static) -> Self {
        self.hooks.on_crash = Some(Arc::new(hook));
        self
    }

    /// Is told of everything that is reported: crashes, what happens to the children of
    /// supervisors, and messages that nobody handles. As [`on_crash`](Self::on_crash), it is
    /// called by the process that reports: keep it short. A panic of the hook goes no further.
    ///
    /// With the cargo feature `tracing` every report is an event of `tracing` as well, with the
    /// targets `beamline::crash`, `beamline::supervisor` and `beamline::unhandled`, and fields
    /// named as those of the reports. Simulated runs make no such events: they are too many.
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # use beamline::Report;
    /// # use std::sync::mpsc;
    /// let (reports, seen) = mpsc::channel();
    /// let started = move |report: &Report<'_>| {
    ///     if let Report::Supervisor(report) = report {
    ///         drop(reports.send(report.to_string()));
    ///     }
    /// };
    /// Runtime::new().on_report(started).run(async {
    ///     let agent = Agent::child(|| 1);
    ///     Supervisor::start_link([agent]).await?.stop().await?;
    ///     Ok::<(), ExitReason>(())
    /// });
    /// assert!(seen.recv().is_ok_and(|report| report.ends_with("was started")));
    /// ```
    #[must_use]
    pub fn on_report(mut self, hook: impl Fn(&Report<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.on_report = Some(Arc::new(hook));
        self
    }

    /// How many processes may live at once; unlimited by default. Beyond it spawning fails with
    /// [`SpawnError::SystemLimit`](crate::SpawnError::SystemLimit).
    #[must_use]
    pub fn process_limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Runs a program: its root process is `root`. Returns the root's exit reason when it has
    /// ended; by then every other process has been killed and every thread joined.
    ///
    /// # Panics
    /// If the operating system gives no threads, and inside a process.
    pub fn run<F>(self, root: F) -> ExitReason
    where
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        self.run_root(move || root, false)
    }

    /// As [`run`](Self::run), for a root that is handed its mailbox.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn run_with<B, F>(self, root: B) -> ExitReason
    where
        B: FnOnce(Mailbox) -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        self.run_root(move || root(Mailbox::new()), true)
    }

    fn run_root<F>(self, make: impl FnOnce() -> F, mailbox_out: bool) -> ExitReason
    where
        F: Future + Send + 'static,
        F::Output: Outcome,
    {
        let system = match self.start() {
            Ok(system) => system,
            Err(error) => panic!("{error}"),
        };
        let spawned = outside::visit(&system.shared, |cx| {
            // SAFETY: the future is `Send`.
            unsafe { seam::spawn_watched(cx, make, mailbox_out) }
        });
        let reason = match spawned {
            None => unreachable!("THR4: a system was closed before its end"),
            Some(Ok(pid)) => {
                let (sender, ended) = mpsc::channel();
                let tell = Box::new(move |reason| {
                    let _ = sender.send(reason);
                });
                system.shared.wait_for(pid, tell);
                ended.recv().unwrap_or(ExitReason::Killed)
            }
            Some(Err(error)) => error.into(),
        };
        system.shutdown();
        reason
    }

    /// Starts a system without a root, to be called into through its [`Handle`].
    ///
    /// # Errors
    /// If the operating system gives no threads.
    ///
    /// # Panics
    /// Inside a process.
    pub fn start(self) -> Result<System, RuntimeError> {
        assert!(
            crate::backend::context::try_current().is_none(),
            "a runtime cannot be started inside a process"
        );
        panics::install();
        let deques: Vec<[Deque<u32>; LEVELS]> = (0..self.workers)
            .map(|_| [(); LEVELS].map(|()| Deque::new_fifo()))
            .collect();
        let stealers = deques
            .iter()
            .map(|levels| [0, 1, 2].map(|level| levels[level].stealer()))
            .collect();
        let kernel = Arc::new(Kernel::new(next_node(), self.limit));
        let loud = self.policy == PanicPolicy::Print;
        if let Some(hook) = self.hooks.joined() {
            kernel.reporting.set_hook(hook);
        }
        let shared = Arc::new(Shared::new(
            Arc::clone(&kernel),
            stealers,
            &self.name,
            loud,
            self.observer,
        ));
        kernel.set_remote(Box::new(FromOutside(Arc::downgrade(&shared))));
        let mut system = System {
            shared,
            threads: Vec::new(),
            finished: Arc::default(),
        };
        for (worker, deques) in deques.into_iter().enumerate() {
            let (shared, finished) = (Arc::clone(&system.shared), Arc::clone(&system.finished));
            let body = move || finish(worker, shared, deques, &finished);
            let builder = thread::Builder::new().name(format!("{}-{worker}", self.name));
            match builder.spawn(body) {
                Ok(thread) => system.threads.push(thread),
                Err(source) => {
                    let workers = self.workers;
                    return Err(RuntimeError::Thread {
                        worker,
                        workers,
                        source,
                    });
                }
            }
        }
        Ok(system)
    }
}

/// A worker's thread, from its first instruction to its last.
fn finish(
    index: usize,
    shared: Arc<Shared>,
    deques: [Deque<u32>; LEVELS],
    finished: &Mutex<Vec<Finished>>,
) {
    let worker = Box::new(Worker::new(index, shared, deques));
    // SAFETY: the context is dropped before the worker, which stays in its box.
    let cx = unsafe { worker.context() };
    let work = AssertUnwindSafe(|| worker.work(&cx));
    if let Err(panic) = catch_unwind(work) {
        // What user code does is contained in its process, so an invariant is broken: nothing
        // that this worker has held can be trusted, and others may wait for it in vain.
        eprintln!("beamline: worker {index}: {}", reason_of_panic(panic));
        std::process::abort();
    }
    drop(cx);
    finished
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Finished(worker));
}

/// A worker that has stopped; its timers are dropped with the last processes.
struct Finished(Box<Worker>);

// SAFETY: the worker's thread has let go of it; whoever holds the box is its only user.
unsafe impl Send for Finished {}

impl std::fmt::Debug for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Finished")
    }
}

/// Numbers of systems, so that a pid of one is not taken for one of another.
fn next_node() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // 1 is the node of simulated systems; after 4,094 systems numbers are used again.
    NEXT.fetch_add(1, Ordering::Relaxed) % 4094 + 2
}

/// A running system. Dropping it shuts it down.
#[derive(Debug)]
pub struct System {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    finished: Arc<Mutex<Vec<Finished>>>,
}

impl System {
    /// A way in.
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(&self.shared))
    }

    /// Stops the workers, kills every process, joins every thread.
    ///
    /// A process that computes without awaiting holds this up until it awaits, and so does
    /// blocking work that has begun. Called by one of the system's own processes, it returns at
    /// once, and the end comes when that process awaits.
    pub fn shutdown(self) {}
}

impl Drop for System {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for thread in &self.threads {
            thread.thread().unpark();
        }
        let here = thread::current().id();
        if self
            .threads
            .iter()
            .any(|thread| thread.thread().id() == here)
        {
            return self.end_elsewhere();
        }
        for thread in self.threads.drain(..) {
            // A worker never ends by a panic: it would have taken the OS process with it.
            let _ = thread.join();
        }
        self.shared.close();
        outside::clear_up(&self.shared, |cx| {
            seam::print_panics(self.shared.loud);
            self.shared.pool.close();
            // SAFETY: all workers are joined, so nobody else runs a process; nor is any made
            // elsewhere (THR4).
            unsafe { seam::end_all(cx, &ExitReason::Killed) };
            // Only now, since blocking work may wait for a process that had to be ended.
            self.shared.pool.join();
            let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
            for Finished(worker) in finished.drain(..) {
                worker.drop_timers();
            }
            // Destructors of timers' messages may have spawned.
            // SAFETY: as above.
            unsafe { seam::end_all(cx, &ExitReason::Killed) };
            seam::print_panics(false);
        });
    }
}

impl System {
    /// Goes on with the end on a thread of its own: a worker cannot wait for itself.
    fn end_elsewhere(&mut self) {
        let rest = ManuallyDrop::new(System {
            shared: Arc::clone(&self.shared),
            threads: std::mem::take(&mut self.threads),
            finished: Arc::clone(&self.finished),
        });
        let builder = thread::Builder::new().name("beamline-end".into());
        // Without a thread to be had, the processes stay where they are, and never run again.
        let _ = builder.spawn(move || drop(ManuallyDrop::into_inner(rest)));
    }
}
