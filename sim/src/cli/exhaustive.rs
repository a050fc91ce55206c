//! `beamline explore`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::args::Explore;
use super::error::CliError;
use super::interrupt::Interrupt;
use super::numbers::{count, grouped, short_time};
use super::output::{BOLD, GREEN, Output, RED, YELLOW, styled};
use super::programs::Programs;
use super::ticker::Ticker;
use super::told;
use crate::campaign::Exploration;
use crate::exit_code;
use crate::scenario::{Expectation, Scenario};

pub(super) fn explore(
    args: &Explore,
    programs: &Programs,
    output: &mut Output,
) -> Result<u8, CliError> {
    let selected = programs.select(&args.scenarios)?;
    let mut ticker = Ticker::new(output.is_quiet() || args.json, Interrupt::listen());
    let mut code = exit_code::HELD;
    for scenario in selected {
        if ticker.interrupted() {
            break;
        }
        let mut settings = scenario.settings().clone();
        settings.granularity = args.granularity;
        settings.delivery = args.delivery;
        settings.faults = args
            .faults
            .clone()
            .victims(settings.faults.victim_names().to_vec());
        settings.runs = args.max_runs;
        settings.regressions = None;
        ticker.next(scenario.name(), args.time);
        let found = scenario
            .campaign(settings)
            .explore(args.early_firings, &mut ticker);
        ticker.clear();
        if args.json {
            print_json(&found, output)?;
        } else {
            show(&found, ticker.interrupted(), output)?;
        }
        code = exit_code::graver(code, code_of(scenario, &found, args.strict));
    }
    if ticker.interrupted() {
        code = exit_code::graver(code, exit_code::INTERRUPTED);
    }
    Ok(code)
}

fn code_of(scenario: &Scenario, found: &Exploration, strict: bool) -> u8 {
    if found.divergence.is_some() {
        return exit_code::NONDETERMINISTIC;
    }
    let unfinished = if strict && !found.complete {
        exit_code::MISSED
    } else {
        exit_code::HELD
    };
    let codes = found
        .verdicts
        .keys()
        .map(|id| match scenario.expectation() {
            Expectation::Broken { verdict, .. } if id.starts_with(verdict) => exit_code::HELD,
            _ => exit_code::of_verdict(id),
        });
    codes.fold(unfinished, exit_code::graver)
}

fn show(found: &Exploration, interrupted: bool, output: &mut Output) -> Result<(), CliError> {
    let (style, word) = match (&found.divergence, found.complete) {
        (Some(_), _) => (RED, "not deterministic"),
        (None, true) => (GREEN, "complete"),
        (None, false) => (YELLOW, "incomplete"),
    };
    output.line(format_args!(
        "{}  {}",
        styled(BOLD, &found.name),
        styled(style, word)
    ))?;
    output.line(format_args!(
        "     {}, {} distinct, {} of them failing",
        count(found.runs, "run"),
        grouped(found.traces),
        grouped(found.failing_traces)
    ))?;
    output.line(format_args!("     {}", bounds(found)))?;
    if let Some(divergence) = &found.divergence {
        output.line(format_args!("     {divergence}"))?;
    } else if !found.complete {
        let why = if interrupted {
            "stopped by Ctrl-C"
        } else if found.unasked {
            "runs were too long, or had too many deadlines at once, to be searched throughout"
        } else {
            "the bound on runs or time was hit"
        };
        output.line(format_args!("     {why}: what was not run may fail"))?;
    }
    counts(output, "verdict", &found.verdicts)?;
    counts(output, "outcome", &found.outcomes)?;
    if let Some(finding) = &found.finding {
        output.line(format_args!("     the first failure, shrunk:"))?;
        told::story(output, &finding.story)?;
    }
    output.talk(format_args!("     in {}", short_time(found.elapsed)));
    Ok(())
}

/// Within which bounds the claim holds.
fn bounds(found: &Exploration) -> String {
    let faults = crate::choice::ChoiceKind::FAULTS.into_iter();
    let faults: Vec<&str> = faults
        .filter(|kind| found.faults.contains(*kind))
        .map(|kind| kind.name())
        .collect();
    let faults = if faults.is_empty() {
        "no faults".into()
    } else {
        faults.join(", ")
    };
    format!(
        "bounds: {} granularity, {} delivery, {}, {faults}",
        found.granularity,
        found.delivery,
        count(u64::from(found.early_firings), "early firing"),
    )
}

fn counts(output: &mut Output, word: &str, counts: &BTreeMap<String, u64>) -> std::io::Result<()> {
    for (what, runs) in counts {
        output.line(format_args!("     {word} {what}: {}", count(*runs, "run")))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    scenario: &'a str,
    complete: bool,
    runs: u64,
    traces: u64,
    failing_traces: u64,
    failing_runs: u64,
    granularity: String,
    delivery: String,
    early_firings: u32,
    faults: Vec<&'static str>,
    verdicts: &'a BTreeMap<String, u64>,
    outcomes: &'a BTreeMap<String, u64>,
    divergence: Option<&'a str>,
    story: Option<Vec<String>>,
    elapsed_ms: u64,
}

fn print_json(found: &Exploration, output: &mut Output) -> Result<(), CliError> {
    let faults = crate::choice::ChoiceKind::FAULTS.into_iter();
    let line = Line {
        r#type: "exploration",
        scenario: &found.name,
        complete: found.complete,
        runs: found.runs,
        traces: found.traces,
        failing_traces: found.failing_traces,
        failing_runs: found.failing_runs,
        granularity: found.granularity.to_string(),
        delivery: found.delivery.to_string(),
        early_firings: found.early_firings,
        faults: faults
            .filter(|kind| found.faults.contains(*kind))
            .map(|kind| kind.name())
            .collect(),
        verdicts: &found.verdicts,
        outcomes: &found.outcomes,
        divergence: found.divergence.as_deref(),
        story: found
            .finding
            .as_ref()
            .map(|finding| finding.story.events_text()),
        elapsed_ms: u64::try_from(found.elapsed.as_millis()).unwrap_or(u64::MAX),
    };
    let text = serde_json::to_string(&line).map_err(std::io::Error::other)?;
    output.line(format_args!("{text}"))?;
    Ok(())
}
