//! `beamline shrink`.

use super::args::Shrink;
use super::error::CliError;
use super::output::{BOLD, Output, styled};
use super::programs::Programs;
use super::replays::read;
use super::told;
use crate::campaign;
use crate::exit_code;

pub(super) fn shrink(
    args: &Shrink,
    programs: &Programs,
    output: &mut Output,
) -> Result<u8, CliError> {
    let (scenario, artefact) = read(&args.file, programs)?;
    let campaign = scenario.campaign(scenario.settings().clone());
    let Some(finding) = campaign::shrink_again(&campaign, &artefact) else {
        output.line(format_args!(
            "{}  nothing was violated, and recorded was {}",
            styled(BOLD, scenario.name()),
            artefact.header.verdict
        ))?;
        return Ok(exit_code::NOT_REPLAYED);
    };
    output.line(format_args!(
        "{}  {}",
        styled(BOLD, scenario.name()),
        finding.verdict.id
    ))?;
    match &finding.shrinking {
        Some(shrinking) => output.line(format_args!("     {shrinking}"))?,
        None => output.line(format_args!(
            "     it does not repeat, so it cannot be shrunk"
        ))?,
    }
    told::story(output, &finding.story)?;
    let recorded = &artefact.header.verdict;
    if finding.verdict.id != *recorded && args.output.is_none() {
        // The only record of the other failure is not written over.
        output.line(format_args!(
            "     recorded was {recorded}: the file stays as it was (see --output)"
        ))?;
        return Ok(exit_code::NOT_REPLAYED);
    }
    let (before, after) = (artefact.steps().len(), finding.artefact.steps().len());
    let changed = finding.artefact.steps() != artefact.steps();
    let file = args.output.as_ref().unwrap_or(&args.file);
    if after < before || (after == before && changed) || args.output.is_some() {
        let written = finding.artefact.write(file);
        written.map_err(|error| {
            CliError::Usage(format!("cannot write {}: {error}", file.display()))
        })?;
        output.line(format_args!("     written to {}", campaign::shown(file)))?;
    } else {
        output.line(format_args!(
            "     it cannot be made smaller, and stays as it was"
        ))?;
    }
    Ok(exit_code::HELD)
}
