//! Making single runs of a campaign, and learning what its scenario is like before the first run
//! that asks for it.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::{Campaign, Settings};
use crate::choice::{Alternatives, ChoiceId, ChoiceKind, Chooser, Kinds};
use crate::mode::Granularity;
use crate::seed::{RunSeed, RunSeeds};
use crate::strategy::{Bytes, Calibration, Canonical, Policy, Sampler, Strategy, TolerantReplay};
use crate::tape::Deviations;
use crate::world::{Finished, RunOptions, World};

/// The lessons of a campaign, learnt when a run first needs them, by whichever job makes it.
///
/// A run that needs none is the same with and without them (WLD3), so it does not matter which runs
/// were made before: not even whether there were any (contract C12).
#[derive(Debug, Default)]
pub(crate) struct Lessons(OnceLock<Known>);

/// What a calibration has found out. The same for every campaign over a scenario with the same
/// faults, so a bare seed reproduces (contract C12).
#[derive(Clone, Debug, Default)]
struct Known {
    calibration: Arc<Calibration>,
    senders: Arc<FxHashMap<u128, u32>>,
}

/// Draws events, and never strikes with a fault: so that the opportunities for faults are counted
/// but what is learnt is of undisturbed runs.
struct Undisturbed(Sampler);

impl Chooser for Undisturbed {
    fn begin(&mut self, run: &RunSeed) {
        self.0.begin(run);
    }

    fn event(&mut self, alternatives: &mut dyn Alternatives) -> u32 {
        self.0.event(alternatives)
    }

    fn plain(&mut self, kind: ChoiceKind, n: u32, id_of: &dyn Fn(u32) -> ChoiceId) -> u32 {
        if kind.is_fault() {
            0
        } else {
            self.0.plain(kind, n, id_of)
        }
    }
}

impl Lessons {
    /// Whether run `index` goes by what was learnt: the strategy weighs chains or counts choices,
    /// or faults are drawn over the opportunities there are.
    fn are_needed(settings: &Settings, index: u64) -> bool {
        match settings.strategy.policy(index) {
            Some(Policy::Learnt | Policy::Pct(_)) => true,
            Some(Policy::Random | Policy::RoundRobin) => settings.faults.kinds() != Kinds::NONE,
            None => false,
        }
    }

    fn get(&self, campaign: &Campaign) -> &Known {
        self.0.get_or_init(|| Known::of(campaign))
    }
}

impl Known {
    /// Makes the runs of a calibration.
    fn of(campaign: &Campaign) -> Known {
        let mut calibration = Calibration::default();
        let mut senders = FxHashMap::<u128, std::collections::BTreeSet<ChoiceId>>::default();
        let mut world = World::new();
        let faults = campaign.settings.faults.clone();
        let nothing = Arc::new(Calibration::default());
        let mut seeds = RunSeeds::new(Calibration::SEED, &campaign.name);
        for granularity in [Granularity::Fused, Granularity::Fine] {
            let sampler = Sampler::new(
                Strategy::Random,
                granularity,
                faults.clone(),
                Arc::clone(&nothing),
            );
            let Some(sampler) = sampler else { continue };
            let mut chooser = Undisturbed(sampler);
            for index in 0..Calibration::RUNS {
                let options = RunOptions {
                    granularity,
                    measure: true,
                    ..campaign.settings.options(index)
                };
                world.run(&campaign.body, &mut chooser, &seeds.run(index), &options);
                let measured = world.measured();
                let chains = measured.iter().map(|(id, events, _)| (*id, *events));
                calibration
                    .of_mut(granularity)
                    .observe(world.tape(), chains);
                for (id, _, to) in measured {
                    senders.entry(to).or_default().insert(id);
                }
            }
        }
        let count =
            |(to, ids): (u128, std::collections::BTreeSet<ChoiceId>)| (to, ids.len() as u32);
        let senders = Arc::new(senders.into_iter().map(count).collect());
        Known {
            calibration: Arc::new(calibration),
            senders,
        }
    }
}

/// The chooser of a campaign's own runs.
fn chooser(settings: &Settings, calibration: Arc<Calibration>) -> Box<dyn Chooser> {
    let Settings {
        strategy,
        granularity,
        faults,
        ..
    } = settings;
    let sampler = Sampler::new(strategy.clone(), *granularity, faults.clone(), calibration);
    match (sampler, strategy) {
        (Some(sampler), _) => Box::new(sampler),
        (None, Strategy::Bytes(bytes)) => Box::new(Bytes::new(bytes.clone())),
        // An exhaustive search has a loop of its own; a single run of it is the canonical one.
        (None, _) => Box::new(Canonical),
    }
}

/// Makes runs of one campaign on one thread.
pub(crate) struct Runner<'a> {
    campaign: &'a Campaign,
    lessons: &'a Lessons,
    /// The lessons have been taken in.
    taught: bool,
    world: World,
    chooser: Box<dyn Chooser>,
    replay: TolerantReplay,
    seeds: RunSeeds,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(campaign: &'a Campaign, lessons: &'a Lessons) -> Self {
        let settings = &campaign.settings;
        Runner {
            campaign,
            lessons,
            taught: false,
            world: World::new(),
            chooser: chooser(settings, Arc::default()),
            replay: TolerantReplay::default(),
            seeds: RunSeeds::new(settings.seed, &campaign.name),
        }
    }

    /// Takes in the lessons, which are learnt now if nobody needed them before.
    fn teach(&mut self) {
        let Known {
            calibration,
            senders,
        } = self.lessons.get(self.campaign);
        self.world
            .learn(Arc::clone(calibration), Arc::clone(senders));
        self.chooser = chooser(&self.campaign.settings, Arc::clone(calibration));
        self.taught = true;
    }

    /// Makes run `index`.
    pub(crate) fn run(&mut self, index: u64, trace: bool) -> Finished {
        if !self.taught && Lessons::are_needed(&self.campaign.settings, index) {
            self.teach();
        }
        let mut options = self.campaign.settings.options(index);
        options.trace = trace;
        let seed = self.seeds.run(index);
        self.world
            .run(&self.campaign.body, &mut *self.chooser, &seed, &options)
    }

    /// Repeats what `deviations` say, as closely as the program allows.
    pub(crate) fn follow(&mut self, deviations: &Deviations, options: &RunOptions) -> Finished {
        self.replay.load(deviations);
        let seed = self.seeds.run(0);
        self.world
            .run(&self.campaign.body, &mut self.replay, &seed, options)
    }

    /// Makes a run with a chooser of the caller's.
    pub(crate) fn run_with(&mut self, chooser: &mut dyn Chooser, options: &RunOptions) -> Finished {
        let seed = self.seeds.run(0);
        self.world.run(&self.campaign.body, chooser, &seed, options)
    }

    pub(crate) fn world(&mut self) -> &mut World {
        &mut self.world
    }

    pub(crate) fn fidelity(&self) -> crate::tape::Fidelity {
        self.replay.fidelity()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use beamline::prelude::*;

    use super::*;
    use crate::check::Check;
    use crate::faults::Faults;

    /// Four clients that send twice to one server; how often that was started.
    fn campaign(check: Check) -> (Campaign, Arc<AtomicU64>) {
        let started = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&started);
        let body = async move || {
            count.fetch_add(1, Ordering::Relaxed);
            let home = me();
            for _ in 0..4 {
                spawn(async move |_| {
                    send(home, ());
                    send(home, ());
                });
            }
            let mut mailbox = mailbox();
            for _ in 0..8 {
                mailbox.receive::<()>().await;
            }
        };
        (check.campaign(body), started)
    }

    #[test]
    fn what_learns_nothing_is_not_calibrated() {
        let both = 2 * Calibration::RUNS;
        for (strategy, faults, calibration) in [
            (Strategy::random(), Faults::none(), 0),
            (Strategy::RoundRobin, Faults::none(), 0),
            (Strategy::random(), Faults::none().crashes(1), both),
            (Strategy::learnt(), Faults::none(), both),
            (Strategy::pct(1), Faults::none(), both),
        ] {
            let check = Check::new("calibrated").faults(faults).strategy(strategy);
            let (campaign, started) = campaign(check.runs(3).double_runs(0.0));
            campaign.run();
            assert_eq!(started.load(Ordering::Relaxed), 3 + calibration);
        }
    }

    /// Whichever runs were made before it.
    #[test]
    fn a_run_of_a_portfolio_is_the_same_whenever_the_lessons_came() {
        let (campaign, _) = campaign(Check::new("portfolio").faults(Faults::none()));
        let all = Lessons::default();
        let mut used = Runner::new(&campaign, &all);
        for index in (0..40).rev().chain(0..40) {
            let alone = Lessons::default();
            let mut fresh = Runner::new(&campaign, &alone);
            let (a, b) = (used.run(index, false), fresh.run(index, false));
            assert_eq!((a.hash, a.steps), (b.hash, b.steps), "run {index}");
            assert_eq!(used.world().tape(), fresh.world().tape(), "run {index}");
        }
    }
}
