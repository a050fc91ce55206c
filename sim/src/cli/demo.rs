//! `beamline demo`: what the tool does, shown on a program with a planted race.
#![expect(
    clippy::disallowed_methods,
    reason = "a folder of its own under the one for temporary files needs a name of its own"
)]

use std::io;
use std::path::PathBuf;

use super::args::Demo;
use super::demo_program::{self, NAME};
use super::error::CliError;
use super::numbers::short_time;
use super::output::{BOLD, GREEN, Output, RED, styled};
use super::replays::fingerprint;
use super::told;
use crate::campaign::{self, Finding, Report};
use crate::exit_code;
use crate::trace_diff::json_lines;

/// Events that the shrunk story may have.
const STORY_MAX: usize = 10;
/// The name of its failure file.
const FILE: &str = "demo-account.jsonl";

pub(super) fn demo(args: &Demo, output: &mut Output) -> Result<u8, CliError> {
    let scenario = demo_program::scenario();
    title(
        output,
        "Two cash machines, one account, 50 paid in at each. Is the balance 100?",
    )?;
    let campaign = scenario.campaign(scenario.settings().clone());
    let report = campaign.run();
    let Some(finding) = report.findings.first() else {
        output.complain("the race was not found");
        return Ok(exit_code::MISSED);
    };
    found(&report, finding, output)?;
    let file = save(args, finding)?;
    let replayed = campaign::replay(&campaign, &file);
    let replayed = replayed.map_err(|error| CliError::Usage(error.to_string()))?;
    let same = json_lines(&replayed.trace) == json_lines(&finding.trace);
    let shown = campaign::shown(&file);
    title(output, &format!("Saved as {shown}"))?;
    output.line(format_args!(
        "Replayed from there: {}, {} records, trace {:016x}.",
        match same {
            true => styled(GREEN, "the same bytes"),
            false => styled(RED, "other bytes"),
        },
        replayed.trace.len(),
        fingerprint(&replayed.trace)
    ))?;
    output.line(format_args!(""))?;
    title(output, "Go on with:")?;
    let (command, file) = (told::command(), told::quoted(&shown));
    output.line(format_args!("  {command} replay {file} --trace"))?;
    output.line(format_args!("  {command} explore {NAME}"))?;
    output.line(format_args!("  {command} run"))?;
    let is_short = finding.story.events.len() <= STORY_MAX;
    Ok(match same && is_short {
        true => exit_code::HELD,
        false => exit_code::MISSED,
    })
}

fn title(output: &mut Output, text: &str) -> io::Result<()> {
    output.line(format_args!("{}", styled(BOLD, text)))
}

/// What was found, and its story.
fn found(report: &Report, finding: &Finding, output: &mut Output) -> io::Result<()> {
    let took = match output.is_quiet() {
        true => String::new(),
        false => format!(", which took {}", short_time(report.elapsed)),
    };
    output.line(format_args!(
        "Not always: schedule {} of those drawn from seed {} breaks `{}`{took}.",
        finding.run + 1,
        report.seed,
        finding.verdict.id,
    ))?;
    if let Some(shrinking) = &finding.shrinking {
        output.line(format_args!("It was {shrinking}."))?;
    }
    output.line(format_args!(""))?;
    title(output, "What happens then:")?;
    told::story(output, &finding.story)?;
    output.line(format_args!(""))
}

/// Writes the failure file.
fn save(args: &Demo, finding: &Finding) -> Result<PathBuf, CliError> {
    let of_its_own = || std::env::temp_dir().join(format!("beamline-demo-{}", std::process::id()));
    let folder = args.folder.clone().unwrap_or_else(of_its_own);
    let file = folder.join(FILE);
    let written = std::fs::create_dir_all(&folder).and_then(|()| finding.artefact.write(&file));
    written
        .map_err(|error| CliError::Usage(format!("cannot write {}: {error}", file.display())))?;
    Ok(file)
}
