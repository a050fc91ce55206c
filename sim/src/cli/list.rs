//! `beamline list`.

use serde::Serialize;

use super::args::List;
use super::error::CliError;
use super::output::{BOLD, DIM, Output, styled};
use super::programs::Programs;
use crate::choice::ChoiceKind;
use crate::exit_code;
use crate::scenario::{Expectation, Scenario};

/// A scenario as JSON.
#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    group: &'a str,
    about: &'a str,
    expects: &'static str,
    verdict: Option<&'a str>,
    story_max: Option<usize>,
    mended: Option<&'a str>,
    canary: Option<u64>,
    faults: Vec<&'static str>,
    sometimes: &'a [String],
}

pub(super) fn list(args: &List, programs: &Programs, output: &mut Output) -> Result<u8, CliError> {
    let everything = ["*".to_string()];
    let all_listed = args.scenarios.is_empty();
    let patterns = if all_listed {
        &everything[..]
    } else {
        &args.scenarios
    };
    let selected = if all_listed && programs.listed().next().is_none() {
        Vec::new()
    } else {
        programs.select(patterns)?
    };
    let width = selected
        .iter()
        .map(|scenario| scenario.name().len())
        .max()
        .unwrap_or(0);
    for scenario in selected {
        if args.json {
            let entry = serde_json::to_string(&entry(scenario)).map_err(std::io::Error::other)?;
            output.line(format_args!("{entry}"))?;
        } else {
            let name = styled(BOLD, format_args!("{:width$}", scenario.name()));
            let expectation = match scenario.expectation() {
                Expectation::Sound => String::new(),
                Expectation::Broken { verdict, .. } => styled(DIM, format_args!("  ({verdict})")),
            };
            output.line(format_args!(
                "{name}  {}{expectation}",
                scenario.about_text()
            ))?;
        }
    }
    Ok(exit_code::HELD)
}

fn entry(scenario: &Scenario) -> Entry<'_> {
    let faults = &scenario.settings().faults;
    let offered = ChoiceKind::FAULTS
        .into_iter()
        .filter(|kind| faults.budget(*kind) > 0);
    let sound = Entry {
        name: scenario.name(),
        group: scenario.group(),
        about: scenario.about_text(),
        expects: "sound",
        verdict: None,
        story_max: None,
        mended: None,
        canary: None,
        faults: offered.map(ChoiceKind::name).collect(),
        sometimes: &scenario.settings().declares,
    };
    match scenario.expectation() {
        Expectation::Sound => sound,
        Expectation::Broken {
            verdict,
            story_max,
            mended,
            canary,
        } => Entry {
            expects: "broken",
            verdict: Some(verdict),
            story_max: Some(*story_max),
            mended: mended.as_deref(),
            canary: *canary,
            ..sound
        },
    }
}
