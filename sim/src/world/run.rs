//! A world, and one run in it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use beamline::backend::Backend;
use beamline::backend::context::{Context, try_current};
use beamline::{ExitReason, Outcome, Pid, SpawnError, seam};
use rustc_hash::FxHashMap;

use super::backend::Sim;
use super::options::RunOptions;
use super::state::Site;
use super::verdict::Verdict;
use crate::choice::{ChoiceId, ChoiceKind, Chooser};
use crate::oracle::Judged;
use crate::seed::RunSeed;
use crate::strategy::Calibration;
use crate::tape::Tape;
use crate::trace::Record;

/// The number of simulated systems in pids.
const NODE: u16 = 1;

/// Notes that another thread has called the waker of a simulated process, which no schedule decides
/// and no replay repeats.
struct Foreign(Arc<AtomicBool>);

impl seam::Remote for Foreign {
    fn ready(&self, _: u32) {
        self.0.store(true, Ordering::SeqCst);
    }
}

type Start = dyn Fn(&Context) -> Result<Pid, SpawnError> + Send + Sync;

/// The program of a scenario: makes the body of a fresh root for every run.
#[derive(Clone)]
pub struct Body(Arc<Start>);

impl Body {
    /// A program. It is called once for each run and must not keep anything between two.
    pub fn new<F, R>(body: F) -> Body
    where
        F: AsyncFn() -> R + Send + Sync + 'static,
        R: Outcome + 'static,
    {
        let body = Arc::new(body);
        Body(Arc::new(move |cx| {
            let body = Arc::clone(&body);
            // SAFETY: a simulated world never leaves its thread while processes live in it.
            unsafe { seam::spawn_watched(cx, || async move { body().await.into_reason() }, false) }
        }))
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Body")
    }
}

/// What a run left behind. Tape and trace stay in the world until the next run.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Finished {
    /// What went wrong, if anything did.
    pub verdict: Option<Verdict>,
    /// The events made.
    pub steps: u64,
    /// The order-insensitive hash of the run.
    pub hash: u64,
    /// The outcome that the program gave itself.
    pub outcome: Option<String>,
    /// Faults injected, by position in [`ChoiceKind::FAULTS`].
    pub injected: [u32; ChoiceKind::FAULTS.len()],
    /// The virtual time at the end, in nanoseconds.
    pub time: u64,
    /// Something was not left to choices: the run was long enough to be scheduled fairly, or so
    /// many deadlines passed at once that they passed in order.
    pub unasked: bool,
}

/// Whether the caller is part of a process, on threads or in a world.
pub(crate) fn inside_process() -> bool {
    try_current().is_some_and(|cx| cx.running().is_some())
}

/// A simulated system that is used for one run after another.
pub(crate) struct World {
    // Dropped first: it points at the simulation behind it.
    cx: Rc<Context>,
    sim: Box<Sim>,
    trace: Vec<Record>,
    sites: Vec<Site>,
    tape: Tape,
}

impl World {
    pub(crate) fn new() -> World {
        seam::install_panic_hook();
        let sim = Box::<Sim>::default();
        let backend = std::ptr::from_ref::<Sim>(&sim) as *const dyn Backend;
        let system = Arc::new(seam::Shared::new(NODE, u32::MAX));
        let foreign = Arc::new(AtomicBool::new(false));
        system.set_remote(Box::new(Foreign(Arc::clone(&foreign))));
        sim.state.borrow_mut().foreign = foreign;
        // SAFETY: the simulation stays in its box and is dropped after the context.
        let cx = unsafe { Context::new(system, backend) };
        cx.carries.set(true);
        cx.pauses.set(true);
        cx.run_next.set(seam::OCCUPIED);
        World {
            cx: Rc::new(cx),
            sim,
            trace: Vec::new(),
            sites: Vec::new(),
            tape: Tape::new(),
        }
    }

    /// Goes by what a calibration has learnt from now on.
    pub(crate) fn learn(
        &mut self,
        calibration: Arc<Calibration>,
        senders: Arc<FxHashMap<u128, u32>>,
    ) {
        self.sim.state.borrow_mut().lore.learn(calibration, senders);
    }

    /// The choices of the last run.
    pub(crate) fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The trace of the last run, if it was to be kept.
    pub(crate) fn take_trace(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.trace)
    }

    /// How often each oracle judged since this was last asked.
    pub(crate) fn take_judged(&mut self) -> Judged {
        self.sim.state.borrow_mut().oracles.take_judged()
    }

    /// The properties that the last run looked at.
    pub(crate) fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Makes one run.
    pub(crate) fn run(
        &mut self,
        body: &Body,
        chooser: &mut dyn Chooser,
        seed: &RunSeed,
        options: &RunOptions,
    ) -> Finished {
        let cx = Rc::clone(&self.cx);
        let _entered = cx.enter();
        chooser.begin(seed);
        self.cx.observes.set(options.trace || !options.unjudged);
        let mut state = self.sim.state.borrow_mut();
        state.begin(options);
        // SAFETY: the lifetime is cut off below, before the chooser's borrow ends.
        state.chooser = Some(unsafe {
            std::mem::transmute::<NonNull<dyn Chooser + '_>, NonNull<dyn Chooser + 'static>>(
                NonNull::from(chooser),
            )
        });
        drop(state);
        match (body.0)(&self.cx) {
            Ok(root) => {
                self.sim.state.borrow_mut().root = Some(root);
                self.sim.drive(&self.cx);
            }
            Err(error) => {
                let verdict = Verdict::new("exit spawn", error.to_string());
                self.sim.state.borrow_mut().verdict = Some(verdict);
            }
        }
        let finished = self.collect();
        self.clear();
        finished
    }

    /// Takes over what the run left.
    fn collect(&mut self) -> Finished {
        let mut state = self.sim.state.borrow_mut();
        state.chooser = None;
        if state.verdict.is_none() {
            state.verdict = state.root_end.as_ref().and_then(Verdict::of_root);
        }
        if state.verdict.is_none() && state.root_end.is_some() {
            state.verdict = state.broken_promise();
        }
        let finished = Finished {
            verdict: state.verdict.clone(),
            steps: state.steps,
            hash: state.hash(),
            outcome: state.outcome.clone(),
            injected: state.injected,
            time: state.clock.now,
            unasked: state.was_fair || state.clock.left_ties_out,
        };
        std::mem::swap(&mut self.tape, &mut state.tape);
        std::mem::swap(&mut self.sites, &mut state.sites);
        self.trace = state.trace.take().unwrap_or_default();
        finished
    }

    /// Drops everything that lived in the run. Destructors are user code: they may call in here and
    /// may panic, and neither is anybody's concern any more.
    fn clear(&mut self) {
        self.cx.observes.set(false);
        self.sim.state.borrow_mut().closing = true;
        loop {
            // SAFETY: no process is being run, and there is no other thread.
            unsafe { seam::end_all(&self.cx, &ExitReason::Killed) };
            let left = self.sim.state.borrow_mut().reset();
            if left.is_empty() {
                break;
            }
            for node in left {
                let _ = catch_unwind(AssertUnwindSafe(|| drop(node)));
            }
        }
        self.cx.shared().reset();
        self.cx.reset();
        self.cx.run_next.set(seam::OCCUPIED);
    }

    /// The labels of the ids that this world has met.
    pub(crate) fn labels(&self) -> BTreeMap<ChoiceId, String> {
        self.sim.state.borrow().lore.labels()
    }

    /// The queues of the last run that was measured: their ids, how many deliveries each made, and
    /// the keys of their receivers. For calibration.
    pub(crate) fn measured(&self) -> Vec<(ChoiceId, u32, u128)> {
        let mut state = self.sim.state.borrow_mut();
        let mut measured: Vec<_> = state
            .measured
            .drain()
            .map(|(id, (n, to))| (id, n, to))
            .collect();
        measured.sort_unstable();
        measured
    }
}
