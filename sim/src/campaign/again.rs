//! Shrinking a failure that was saved.

use super::Campaign;
use super::calibrate::{Lessons, Runner};
use super::finding::{self, Finding};
use super::replay::options_of;
use crate::artefact::Artefact;
use crate::world::RunOptions;

/// Makes a saved run again, as closely as the program allows, and shrinks it. None if nothing is
/// violated any more.
pub(crate) fn shrink_again(campaign: &Campaign, artefact: &Artefact) -> Option<Finding> {
    let header = &artefact.header;
    let mut campaign = campaign.clone();
    campaign.settings.seed = header.seed;
    campaign.settings.regressions = None;
    if let Ok(strategy) = header.strategy.parse() {
        campaign.settings.strategy = strategy;
    }
    let options = RunOptions {
        trace: false,
        ..options_of(artefact)
    };
    let lessons = Lessons::default();
    let mut runner = Runner::new(&campaign, &lessons);
    let verdict = runner.follow(&artefact.deviations(), &options).verdict?;
    let tape = runner.world().tape();
    let (found, choices) = (tape.deviations(), tape.len() as u64);
    let mut finding = finding::examine_known(
        &campaign,
        &mut runner,
        &options,
        header.run,
        verdict,
        found,
        choices,
    );
    finding.artefact = finding.artefact.in_place_of(artefact);
    Some(finding)
}
