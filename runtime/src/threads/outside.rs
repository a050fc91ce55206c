//! The backend of a thread that is no worker: it can send and spawn, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;
use super::worker::seed;
use crate::backend::context::Context;
use crate::backend::record::Record;
use crate::backend::{
    Backend, Job, Nanos, Origin, Point, Property, Timer, TimerMessage, TimerTarget, Wait,
};
use crate::kernel::node::Node;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::seam;

pub(super) struct Outside {
    shared: Arc<Shared>,
    /// The system is being shut down: what destructors ask for is accepted and comes to nothing.
    closing: bool,
}

/// Runs `act` with a context of the system, unless it is closed.
pub(super) fn visit<T>(shared: &Arc<Shared>, act: impl FnOnce(&Context) -> T) -> Option<T> {
    let _visit = shared.visit()?;
    let outside = Outside {
        shared: Arc::clone(shared),
        closing: false,
    };
    Some(outside.enter(act))
}

/// Runs `act` with a context of a system that is closed.
pub(super) fn clear_up<T>(shared: &Arc<Shared>, act: impl FnOnce(&Context) -> T) -> T {
    let outside = Outside {
        shared: Arc::clone(shared),
        closing: true,
    };
    outside.enter(act)
}

impl Outside {
    fn enter<T>(&self, act: impl FnOnce(&Context) -> T) -> T {
        let backend = std::ptr::from_ref(self) as *const dyn Backend;
        // SAFETY: the context ends before `self`.
        let cx = unsafe { Context::new(Arc::clone(&self.shared.system), backend) };
        // There is no loop here that would look at the run-next slot.
        cx.run_next.set(seam::OCCUPIED);
        cx.observes.set(
            self.shared
                .observer
                .as_ref()
                .is_some_and(|o| o.wants_records()),
        );
        let _entered = cx.enter();
        act(&cx)
    }
}

/// # Panics
/// Unless the system is being shut down.
fn only_inside(outside: &Outside, what: &str) {
    assert!(
        outside.closing,
        "called outside a process: {what} works only inside one"
    );
}

/// The identity of a timer that was not started.
const NEVER_STARTED: Timer = Timer {
    wheel: u32::MAX,
    entry: 0,
    generation: 0,
};

impl Backend for Outside {
    fn ended(&self, pid: Pid, reason: &ExitReason) {
        self.shared.ended(pid, reason);
    }

    fn hold_end(&self, _: u32, _: bool) -> bool {
        false
    }

    fn ready(&self, slot: u32) {
        let level = self.shared.system.table.slot(slot).priority() as usize;
        self.shared.inject(slot, level);
    }

    fn spawned(&self, _: Pid, _: Option<Pid>) {}

    fn carry(&self, _: Origin, _: Pid, _: Node) {
        unreachable!("THR: a foreign thread carries no signals itself")
    }

    fn now(&self) -> Nanos {
        self.shared.clock.now()
    }

    fn arm(&self, _: u32, _: Nanos) -> Wait {
        only_inside(self, "waiting");
        0
    }

    fn disarm(&self, _: u32, _: Wait) {}

    fn due(&self, _: u32, _: Wait, deadline: Nanos) -> bool {
        self.now() >= deadline
    }

    fn start_timer(&self, _: TimerTarget, _: TimerMessage, _: Nanos) -> Timer {
        only_inside(self, "starting a timer");
        NEVER_STARTED
    }

    fn cancel_timer(&self, _: Timer) -> Option<Duration> {
        only_inside(self, "cancelling a timer");
        None
    }

    fn read_timer(&self, _: Timer) -> Option<Duration> {
        only_inside(self, "reading a timer");
        None
    }

    fn entropy(&self) -> u64 {
        seed(usize::MAX)
    }

    fn choose(&self, n: u64) -> u64 {
        ((u128::from(self.entropy()) * u128::from(n)) >> 64) as u64
    }

    fn pause(&self, _: Point<'_>) -> bool {
        false
    }

    fn refuse_spawn(&self) -> bool {
        false
    }

    fn block(&self, job: Job) {
        self.shared.pool.run(job);
    }

    fn observe(&self, record: &Record<'_>) {
        if let Some(observer) = &self.shared.observer {
            observer.observe(record);
        }
    }

    fn property(&self, property: Property<'_>) {
        if let Some(observer) = &self.shared.observer {
            observer.property(property);
        }
    }

    fn outcome(&self, text: String) {
        if let Some(observer) = &self.shared.observer {
            observer.outcome(text);
        }
    }
}
