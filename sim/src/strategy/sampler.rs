//! Draws a run from its seed, by any of the sampling strategies.

use std::sync::Arc;

use super::fault_plan::FaultPlan;
use super::pct::Pct;
use super::round_robin::RoundRobin;
use super::walk::{self, TimerWeight};
use super::{Calibration, Policy, Strategy};
use crate::choice::{Alternatives, ChoiceId, ChoiceKind, Chooser};
use crate::faults::Faults;
use crate::mode::Granularity;
use crate::rng::Draws;
use crate::seed::{RunSeed, Stream};

/// The chooser of every strategy that draws each run from its seed.
///
/// Events go by the strategy, faults by a plan drawn per run, the time mode and the program's own
/// draws by streams of their own: each is independent of the others.
#[derive(Debug)]
pub struct Sampler {
    strategy: Strategy,
    granularity: Granularity,
    faults: Faults,
    calibration: Arc<Calibration>,
    policy: Policy,
    schedule: Draws,
    timers: Draws,
    user: Draws,
    timer_weight: TimerWeight,
    pct: Pct,
    round_robin: RoundRobin,
    plan: FaultPlan,
}

impl Sampler {
    /// A sampler of a strategy. None for `exhaustive` and `bytes`, which draw nothing and have
    /// choosers of their own.
    ///
    /// `granularity` says which part of the calibration a run goes by; a mixed one is resolved per
    /// run as [`Granularity::of_run`] does, and so must the world.
    pub fn new(
        strategy: Strategy,
        granularity: Granularity,
        faults: Faults,
        calibration: Arc<Calibration>,
    ) -> Option<Sampler> {
        let policy = strategy.policy(0)?;
        Some(Sampler {
            strategy,
            granularity,
            faults,
            calibration,
            policy,
            schedule: Draws::new(0),
            timers: Draws::new(0),
            user: Draws::new(0),
            timer_weight: TimerWeight::draw(&mut Draws::new(0)),
            pct: Pct::default(),
            round_robin: RoundRobin::default(),
            plan: FaultPlan::new(),
        })
    }

    /// What the current run does.
    pub fn policy(&self) -> Policy {
        self.policy
    }
}

impl Chooser for Sampler {
    fn begin(&mut self, run: &RunSeed) {
        let granularity = self.granularity.of_run(run.index());
        let learnt = self.calibration.of(granularity);
        self.policy = self.strategy.policy(run.index()).unwrap_or(self.policy);
        self.schedule = run.draws(Stream::Schedule);
        self.timers = run.draws(Stream::Timers);
        self.user = run.draws(Stream::User);
        self.timer_weight = TimerWeight::draw(&mut self.timers);
        self.plan
            .begin(run.draws(Stream::Faults), &self.faults, learnt);
        match self.policy {
            Policy::Pct(depth) => {
                self.pct
                    .begin(depth, &mut self.schedule, learnt.choices(ChoiceKind::Event));
            }
            Policy::RoundRobin => self.round_robin.begin(&mut self.schedule),
            Policy::Learnt | Policy::Random => {}
        }
    }

    #[inline]
    fn event(&mut self, alternatives: &mut dyn Alternatives) -> u32 {
        let Sampler {
            schedule,
            timer_weight,
            ..
        } = self;
        match self.policy {
            Policy::Learnt => walk::learnt(schedule, *timer_weight, alternatives.all()),
            Policy::Random => walk::random(schedule, *timer_weight, alternatives),
            Policy::Pct(_) => self.pct.event(schedule, *timer_weight, alternatives.all()),
            Policy::RoundRobin => self.round_robin.event(alternatives.all()),
        }
    }

    #[inline]
    fn plain(&mut self, kind: ChoiceKind, n: u32, _: &dyn Fn(u32) -> ChoiceId) -> u32 {
        match kind {
            ChoiceKind::Event => self.schedule.rank(n),
            ChoiceKind::TimeMode => time_mode(&mut self.timers, n),
            ChoiceKind::User => self.user.rank(n),
            fault => self.plan.decide(fault, n),
        }
    }
}

/// Timers race in two runs of three. In the third durations hold, which some bugs need: those that
/// an early timeout would hide.
fn time_mode(draws: &mut Draws, n: u32) -> u32 {
    draws.rank(3).min(n - 1)
}
