//! Single runs whose choices somebody else makes: a fuzzer, or a search of one's own.

use std::fmt;

use super::Campaign;
use super::calibrate::{Lessons, Runner};
use super::finding::{self, Finding};
use crate::choice::Chooser;
use crate::seed::{RunSeed, RunSeeds};
use crate::tape::{Deviations, Tape};
use crate::trace::Record;
use crate::world::{Finished, RunOptions, World};

/// Makes run after run of one campaign in one world, with choosers of the caller's.
///
/// Nothing is learnt, drawn or made twice here, and nothing is kept: what a run does is decided by
/// its chooser alone. Options are those of the campaign's run 0, so a mixed granularity is fused.
///
/// ```
/// use beamline::prelude::*;
/// use beamline_sim::Check;
/// use beamline_sim::campaign::Rig;
/// use beamline_sim::strategy::Bytes;
///
/// let mut rig = Rig::new(Check::new("draw").campaign(async || { random_range(0..3); }));
/// let run = rig.run(&mut Bytes::new(vec![0, 2]));
/// assert!(run.verdict.is_none());
/// assert_eq!(rig.tape().choices().next().map(|choice| choice.rank), Some(2));
/// ```
pub struct Rig {
    campaign: Campaign,
    world: World,
    options: RunOptions,
    seed: RunSeed,
}

impl Rig {
    /// A rig for a campaign's program.
    pub fn new(campaign: Campaign) -> Rig {
        let options = campaign.settings.options(0);
        let seed = RunSeeds::new(campaign.settings.seed, &campaign.name).run(0);
        Rig {
            campaign,
            world: World::new(),
            options,
            seed,
        }
    }

    /// The campaign.
    pub fn campaign(&self) -> &Campaign {
        &self.campaign
    }

    /// Makes a run.
    pub fn run(&mut self, chooser: &mut dyn Chooser) -> Finished {
        self.world
            .run(&self.campaign.body, chooser, &self.seed, &self.options)
    }

    /// Makes a run and keeps its records, which takes several times as long.
    pub fn run_traced(&mut self, chooser: &mut dyn Chooser) -> (Finished, Vec<Record>) {
        let options = RunOptions {
            trace: true,
            ..self.options.clone()
        };
        let run = self
            .world
            .run(&self.campaign.body, chooser, &self.seed, &options);
        (run, self.world.take_trace())
    }

    /// The choices of the last run.
    pub fn tape(&self) -> &Tape {
        self.world.tape()
    }

    /// Makes the run of these deviations, and tells it as it is. None if nothing is violated.
    pub fn finding(&self, deviations: &Deviations) -> Option<Finding> {
        let lessons = Lessons::default();
        let mut runner = Runner::new(&self.campaign, &lessons);
        let verdict = runner.follow(deviations, &self.options).verdict?;
        let found = runner.world().tape().deviations();
        let (campaign, options) = (&self.campaign, &self.options);
        Some(finding::finish(
            campaign,
            &mut runner,
            options,
            0,
            verdict,
            found,
            None,
        ))
    }

    /// Makes the run of these deviations, and shrinks it as campaigns do. None if nothing is
    /// violated.
    pub fn shrunk_finding(&self, deviations: &Deviations) -> Option<Finding> {
        let lessons = Lessons::default();
        let mut runner = Runner::new(&self.campaign, &lessons);
        let verdict = runner.follow(deviations, &self.options).verdict?;
        let (found, choices) = (
            runner.world().tape().deviations(),
            runner.world().tape().len(),
        );
        let (campaign, options) = (&self.campaign, &self.options);
        Some(finding::examine_known(
            campaign,
            &mut runner,
            options,
            0,
            verdict,
            found,
            choices as u64,
        ))
    }
}

impl fmt::Debug for Rig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rig")
            .field("campaign", &self.campaign)
            .finish_non_exhaustive()
    }
}
