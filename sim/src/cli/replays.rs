//! `beamline replay`.

use std::path::Path;

use super::args::{Replay, TraceForm};
use super::error::CliError;
use super::output::{BOLD, GREEN, Output, RED, YELLOW, styled};
use super::programs::Programs;
use super::told;
use crate::artefact::{Artefact, Header, Token};
use crate::campaign::{self, Replayed, Settings};
use crate::choice::LabelHash;
use crate::exit_code;
use crate::scenario::Scenario;
use crate::tape::Fidelity;
use crate::trace::Record;
use crate::trace_diff;

pub(super) fn replay(
    args: &Replay,
    programs: &Programs,
    output: &mut Output,
) -> Result<u8, CliError> {
    let (name, replayed) = match programs.get(&args.what) {
        Some(scenario) => (scenario.name(), of_scenario(args, scenario)?),
        None if looks_like_a_file(&args.what) => of_file(Path::new(&args.what), programs)?,
        // The error names the neighbours.
        None => {
            return Err(programs
                .named(&args.what)
                .err()
                .unwrap_or_else(|| nothing(args)));
        }
    };
    show(name, &replayed, args, output)?;
    Ok(code(&replayed))
}

fn nothing(args: &Replay) -> CliError {
    CliError::NothingRan(format!("there is no {}", args.what))
}

/// Whether an argument is meant as a file rather than as a scenario.
pub(super) fn looks_like_a_file(text: &str) -> bool {
    let path = Path::new(text);
    path.exists() || text.contains(std::path::MAIN_SEPARATOR) || text.ends_with(".jsonl")
}

/// Replays a file, after finding out of which scenario it is.
pub(super) fn of_file<'a>(
    file: &Path,
    programs: &'a Programs,
) -> Result<(&'a str, Replayed), CliError> {
    let (scenario, _) = read(file, programs)?;
    let campaign = scenario.campaign(scenario.settings().clone());
    let replayed = campaign::replay(&campaign, file);
    let replayed = replayed.map_err(|error| CliError::Usage(error.to_string()))?;
    Ok((scenario.name(), replayed))
}

/// Reads a failure file and finds its scenario.
pub(super) fn read<'a>(
    file: &Path,
    programs: &'a Programs,
) -> Result<(&'a Scenario, Artefact), CliError> {
    let (artefact, _) = Artefact::read(file).map_err(|error| {
        let shown = file.display().to_string();
        let text = error.to_string();
        // An error of the file system names the file itself.
        let text = if text.starts_with(&shown) {
            text
        } else {
            format!("{shown}: {text}")
        };
        CliError::Usage(text)
    })?;
    let scenario = programs
        .named(&artefact.header.scenario)
        .map_err(|error| match error {
            CliError::NothingRan(text) => {
                CliError::NothingRan(format!("{}: {text}", file.display()))
            }
            other => other,
        })?;
    Ok((scenario, artefact))
}

fn of_scenario(args: &Replay, scenario: &Scenario) -> Result<Replayed, CliError> {
    let mut settings = scenario.settings().clone();
    if let Some(token) = &args.token {
        return of_token(token, scenario, settings);
    }
    settings.seed = args.seed.unwrap_or(settings.seed);
    if let Some(strategy) = &args.strategy {
        settings.strategy = strategy.clone();
    }
    Ok(campaign::replay_seed(
        &scenario.campaign(settings),
        args.run,
    ))
}

fn of_token(text: &str, scenario: &Scenario, settings: Settings) -> Result<Replayed, CliError> {
    let token = Token::decode(text).map_err(|error| CliError::Usage(error.to_string()))?;
    if !token.belongs_to(scenario.name(), &settings.faults) {
        let name = scenario.name();
        return Err(CliError::Usage(format!(
            "the token is not of {name}, or {name} has other faults now"
        )));
    }
    let header = Header {
        scenario: scenario.name().to_string(),
        granularity: token.granularity,
        delivery: token.delivery,
        faults: settings.faults.clone(),
        limits: campaign::limits_of(&settings.options(0)),
        ..Header::default()
    };
    let artefact = Artefact::new(header, &token.deviations, &|_| None);
    Ok(campaign::replay_artefact(
        &scenario.campaign(settings),
        &artefact,
    ))
}

fn show(
    name: &str,
    replayed: &Replayed,
    args: &Replay,
    output: &mut Output,
) -> Result<(), CliError> {
    for warning in &replayed.warnings {
        output.talk(styled(YELLOW, format_args!("warning: {warning}")));
    }
    if args.trace == Some(TraceForm::Json) {
        output.raw(trace_diff::json_lines(&replayed.trace).as_bytes())?;
        return Ok(());
    }
    if args.trace == Some(TraceForm::Text) {
        output.raw(trace_diff::text(&replayed.trace).as_bytes())?;
    }
    output.line(format_args!(
        "{}  {}",
        styled(BOLD, name),
        outcome(replayed)
    ))?;
    if let Some(divergence) = &replayed.divergence {
        output.line(format_args!("     the program has changed: {divergence}"))?;
    }
    told::story(output, &replayed.story)?;
    if let Some(verdict) = &replayed.verdict {
        told::verdict(output, verdict)?;
    }
    output.line(format_args!(
        "     trace {:016x} of {} records",
        fingerprint(&replayed.trace),
        replayed.trace.len()
    ))?;
    Ok(())
}

/// What came of it, in words.
fn outcome(replayed: &Replayed) -> String {
    let Replayed {
        verdict,
        recorded,
        fidelity,
        ..
    } = replayed;
    match verdict {
        Some(verdict) if recorded.is_empty() || verdict.id == *recorded => {
            format!("{}  {} ({fidelity})", styled(RED, "FAIL"), verdict.id)
        }
        Some(verdict) => {
            let fails = styled(RED, "FAIL");
            format!(
                "{fails}  {} ({fidelity}), and recorded was {recorded}",
                verdict.id
            )
        }
        None if recorded.is_empty() => styled(GREEN, "nothing was violated"),
        None => {
            let silent = styled(GREEN, "nothing was violated");
            format!("{silent} ({fidelity}), and recorded was {recorded}")
        }
    }
}

/// A failure that happens again has the code of its verdict. One that does not is good news if the
/// record was followed, and says nothing if it was not.
fn code(replayed: &Replayed) -> u8 {
    match &replayed.verdict {
        Some(verdict) => exit_code::of_verdict(&verdict.id),
        None if replayed.recorded.is_empty() || replayed.fidelity == Fidelity::Exact => {
            exit_code::HELD
        }
        None => exit_code::NOT_REPLAYED,
    }
}

/// A hash of all records: equal on every machine for the same program, compiler and run.
pub(super) fn fingerprint(trace: &[Record]) -> u64 {
    let mut hash = LabelHash::new();
    hash.bytes(trace_diff::json_lines(trace).as_bytes());
    hash.finish()
}
