//! Running the same program on the threaded backend.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beamline::backend::record::Record;
use beamline::backend::{Property, PropertyKind};
use beamline::seam::Observer;
use beamline::{ExitReason, Outcome, PanicPolicy, Runtime};

/// What came of a run on threads.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ThreadsRun {
    /// The root's exit reason.
    pub reason: ExitReason,
    /// Properties that were broken: id and detail.
    pub violations: Vec<(String, String)>,
    /// The outcome that the program gave itself.
    pub outcome: Option<String>,
}

impl ThreadsRun {
    /// Whether nothing was violated and the root ended in order.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && !self.reason.is_abnormal()
    }
}

/// Runs a program on so many workers.
pub fn on_threads<F, Fut, R>(workers: usize, body: F) -> ThreadsRun
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    Program::new(body).run(workers)
}

type Root = Pin<Box<dyn Future<Output = ExitReason> + Send>>;

/// A program that can be run on threads.
#[derive(Clone)]
pub(crate) struct Program(Arc<dyn Fn() -> Root + Send + Sync>);

impl Program {
    pub(crate) fn new<F, Fut, R>(body: F) -> Program
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
        R: Outcome + 'static,
    {
        Program(Arc::new(move || {
            let root = body();
            Box::pin(async move { root.await.into_reason() })
        }))
    }

    pub(crate) fn run(&self, workers: usize) -> ThreadsRun {
        let seen = Arc::new(Seen::default());
        let runtime = Runtime::new()
            .workers(workers)
            .on_panic(PanicPolicy::Silent);
        let observer: Arc<dyn Observer> = Arc::<Seen>::clone(&seen);
        let reason = runtime.observer(observer).run((self.0)());
        let (violations, outcome) = {
            let mut notes = seen.lock();
            (std::mem::take(&mut notes.violations), notes.outcome.take())
        };
        ThreadsRun {
            reason,
            violations,
            outcome,
        }
    }
}

/// What a run says about itself.
#[derive(Default)]
struct Seen(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    violations: Vec<(String, String)>,
    outcome: Option<String>,
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Seen {
    fn observe(&self, _: &Record<'_>) {}

    fn property(&self, property: Property<'_>) {
        let broken = match property.kind {
            PropertyKind::Always => !property.held,
            PropertyKind::Unreachable => true,
            // What must hold in the end is judged where the schedule is known to have ended.
            PropertyKind::Sometimes | PropertyKind::Reachable | PropertyKind::Eventually => false,
        };
        if broken {
            let detail = property.detail.unwrap_or_default();
            self.lock()
                .violations
                .push((property.id.to_string(), detail));
        }
    }

    fn outcome(&self, text: String) {
        let mut notes = self.lock();
        match &mut notes.outcome {
            Some(outcome) => {
                outcome.push_str(", ");
                outcome.push_str(&text);
            }
            None => notes.outcome = Some(text),
        }
    }

    fn wants_records(&self) -> bool {
        false
    }
}
