//! What one run is to be like.

use std::time::Duration;

use crate::faults::Faults;
use crate::mode::{Delivery, Granularity};

/// Bounds of a run; to exceed one is a verdict of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    steps: u64,
    fair_after: u64,
    virtual_time: Duration,
    memory: usize,
}

impl Default for Limits {
    /// 100,000 events, fair after 10,000, a week of virtual time, 256 MiB of messages and
    /// processes: hundreds of times what a test of a protocol needs, and reached within a second
    /// by a program that runs away.
    fn default() -> Self {
        Limits {
            steps: 100_000,
            fair_after: 10_000,
            virtual_time: Duration::from_secs(7 * 24 * 3600),
            memory: 256 << 20,
        }
    }
}

impl Limits {
    /// Events of a run; beyond them its verdict is `steps`.
    #[must_use]
    pub fn steps(mut self, steps: u64) -> Self {
        self.steps = steps;
        self
    }

    /// Events after which a run is scheduled fairly: each chain in turn, without faults, and time
    /// jumps only when nothing else can happen. So a program that still does not end by the bound
    /// on its events is not starved by its schedule.
    #[must_use]
    pub fn fair_after(mut self, steps: u64) -> Self {
        self.fair_after = steps;
        self
    }

    /// Virtual time of a run, less what the schedule jumped ahead; beyond it its verdict is
    /// `virtual-time`.
    #[must_use]
    pub fn virtual_time(mut self, time: Duration) -> Self {
        self.virtual_time = time;
        self
    }

    /// Bytes of messages and bodies alive at once; beyond them the verdict is `memory`.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// The bound on events.
    pub fn steps_max(&self) -> u64 {
        self.steps
    }

    /// The number of events after which the schedule is fair.
    pub fn fair_after_steps(&self) -> u64 {
        self.fair_after
    }

    /// The bound on virtual time.
    pub fn virtual_time_max(&self) -> Duration {
        self.virtual_time
    }

    /// The bound on memory in bytes.
    pub fn memory_max(&self) -> usize {
        self.memory
    }
}

/// Everything about a run but its choices.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Fused or fine; a mixed one counts as fused.
    pub granularity: Granularity,
    /// How signals travel.
    pub delivery: Delivery,
    /// Which faults are offered.
    pub faults: Faults,
    /// What it may use.
    pub limits: Limits,
    /// For exhaustive search: timers may always fire early, but only this often in a run. Otherwise
    /// the run's time mode is a choice of its own.
    pub early_firings: Option<u32>,
    /// A process that is left when the root has ended and nothing more can happen is a verdict.
    pub no_leaks: bool,
    /// Once the root has ended in order, go on without faults until nothing more can happen or
    /// this much virtual time has passed, and judge what must be so by then.
    pub settle: Option<Duration>,
    /// Keep a trace.
    pub trace: bool,
    /// Leave the built-in oracles out, for measuring what they cost.
    pub unjudged: bool,
    /// Keep what a calibration wants to know.
    pub(crate) measure: bool,
}
