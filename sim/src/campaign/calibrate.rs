//! Making single runs of a campaign, after learning what its scenario is like.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Campaign;
use crate::choice::{Alternative, ChoiceId, ChoiceKind, Chooser};
use crate::mode::Granularity;
use crate::seed::{RunSeed, RunSeeds};
use crate::strategy::{Bytes, Calibration, Sampler, Strategy, TolerantReplay};
use crate::tape::Deviations;
use crate::world::{Finished, RunOptions, World};

/// What a calibration has found out. The same for every campaign over a scenario with the same
/// faults, so a bare seed reproduces (contract C12).
#[derive(Clone, Debug, Default)]
pub(crate) struct Lessons {
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

    fn event(&mut self, alternatives: &[Alternative]) -> u32 {
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
    /// Makes the runs of a calibration.
    pub(crate) fn learn(campaign: &Campaign) -> Lessons {
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
        Lessons {
            calibration: Arc::new(calibration),
            senders,
        }
    }
}

/// Makes runs of one campaign on one thread.
pub(crate) struct Runner<'a> {
    campaign: &'a Campaign,
    world: World,
    chooser: Box<dyn Chooser>,
    replay: TolerantReplay,
    seeds: RunSeeds,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(campaign: &'a Campaign, lessons: &Lessons) -> Self {
        let settings = &campaign.settings;
        let mut world = World::new();
        world.learn(Arc::clone(&lessons.calibration), &lessons.senders);
        let sampler = Sampler::new(
            settings.strategy.clone(),
            settings.granularity,
            settings.faults.clone(),
            Arc::clone(&lessons.calibration),
        );
        let chooser: Box<dyn Chooser> = match (sampler, &settings.strategy) {
            (Some(sampler), _) => Box::new(sampler),
            (None, Strategy::Bytes(bytes)) => Box::new(Bytes::new(bytes.clone())),
            // An exhaustive search has a loop of its own; a single run of it is the canonical one.
            (None, _) => Box::new(crate::strategy::Canonical),
        };
        let seeds = RunSeeds::new(settings.seed, &campaign.name);
        Runner {
            campaign,
            world,
            chooser,
            replay: TolerantReplay::default(),
            seeds,
        }
    }

    /// Makes run `index`.
    pub(crate) fn run(&mut self, index: u64, trace: bool) -> Finished {
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
