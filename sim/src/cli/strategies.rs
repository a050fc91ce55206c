//! `beamline strategies`: how soon each strategy finds the bugs of a group.
//!
//! A trial is a campaign from a seed of its own; its result is the number of runs up to the first
//! that fails. Beside the medians stands the ideal: what a sampler would need, in the median, that
//! drew every class of schedules equally often, given how many of the classes fail.

use serde::Serialize;

use super::args::Strategies;
use super::error::CliError;
use super::interrupt::Interrupt;
use super::numbers::grouped;
use super::output::{BOLD, Output, styled};
use super::programs::Programs;
use super::ticker::Ticker;
use crate::campaign::{Progress, Settings, Watch};
use crate::exit_code;
use crate::scenario::Scenario;
use crate::seed::Seed;
use crate::strategy::Strategy;

/// The group that is measured unless another is named.
const GROUP: &str = "kernel";
/// Runs of the search that counts classes.
const COUNT_RUNS: u64 = 300_000;
/// Deadlines that may pass early in that search.
const EARLY_FIRINGS: u32 = 1;

/// What a scenario gave.
#[derive(Serialize)]
struct Row {
    r#type: &'static str,
    scenario: String,
    /// Failing classes and all of them, if they could be counted.
    classes: Option<(u64, u64)>,
    ideal: Option<u64>,
    /// Medians by strategy; none where most trials found nothing.
    medians: Vec<(String, Option<u64>)>,
    trials: u64,
}

pub(super) fn strategies(
    args: &Strategies,
    programs: &Programs,
    output: &mut Output,
) -> Result<u8, CliError> {
    let group = [GROUP.to_string()];
    let patterns = if args.scenarios.is_empty() {
        &group[..]
    } else {
        &args.scenarios
    };
    let selected = programs.select(patterns)?;
    let mut ticker = Ticker::new(output.is_quiet() || args.json, Interrupt::listen());
    if !args.json {
        head(&selected, output)?;
    }
    for scenario in &selected {
        let row = measure(scenario, args, &mut ticker);
        ticker.clear();
        if ticker.interrupted() {
            output.talk("stopped by Ctrl-C");
            return Ok(exit_code::INTERRUPTED);
        }
        if args.json {
            let text = serde_json::to_string(&row).map_err(std::io::Error::other)?;
            output.line(format_args!("{text}"))?;
        } else {
            print(&row, width(&selected), output)?;
        }
    }
    output.talk(format_args!(
        "medians of {} trials: runs until the first failure, at most {}; the ideal draws every \
         class of schedules equally often",
        args.trials,
        grouped(args.max_runs)
    ));
    Ok(exit_code::HELD)
}

fn compared() -> [Strategy; 7] {
    [
        Strategy::portfolio(),
        Strategy::learnt(),
        Strategy::random(),
        Strategy::pct(1),
        Strategy::pct(2),
        Strategy::pct(3),
        Strategy::round_robin(),
    ]
}

fn measure(scenario: &Scenario, args: &Strategies, ticker: &mut Ticker) -> Row {
    ticker.next(format!("{} (counting classes)", scenario.name()), None);
    let classes = classes(scenario, ticker);
    let medians = compared().map(|strategy| {
        let name = strategy.to_string();
        let median = median(scenario, &strategy, args, ticker);
        (name, median)
    });
    Row {
        r#type: "strategies",
        scenario: scenario.name().to_string(),
        classes,
        ideal: classes.map(|(failing, all)| ideal(failing, all)),
        medians: medians.into(),
        trials: args.trials,
    }
}

/// The failing classes of schedules and all of them: as declared, or counted if that can be done.
fn classes(scenario: &Scenario, ticker: &mut Ticker) -> Option<(u64, u64)> {
    if let Some(declared) = scenario.class_counts() {
        return Some(declared);
    }
    let mut settings = scenario.settings().clone();
    settings.granularity = crate::mode::Granularity::Fused;
    settings.faults = crate::faults::Faults::none();
    settings.runs = COUNT_RUNS;
    settings.regressions = None;
    let found = scenario.campaign(settings).explore(EARLY_FIRINGS, ticker);
    let counted = found.complete && found.failing_traces > 0;
    counted.then_some((found.failing_traces, found.traces))
}

/// The median number of runs until one of the failing classes is drawn.
fn ideal(failing: u64, all: u64) -> u64 {
    let chance = failing as f64 / all.max(1) as f64;
    if chance >= 1.0 {
        return 1;
    }
    (0.5f64.ln() / (1.0 - chance).ln()).ceil().max(1.0) as u64
}

fn median(
    scenario: &Scenario,
    strategy: &Strategy,
    args: &Strategies,
    ticker: &mut Ticker,
) -> Option<u64> {
    let mut needed = Vec::new();
    for trial in 0..args.trials {
        let settings = Settings {
            runs: args.max_runs,
            seed: Seed(trial),
            jobs: 1,
            strategy: strategy.clone(),
            double_runs: 0.0,
            regressions: None,
            // Only the first failing run counts.
            shrink_executions: 0,
            ..scenario.settings().clone()
        };
        ticker.next(
            format!("{} {strategy} trial {}", scenario.name(), trial + 1),
            None,
        );
        let report = scenario.campaign(settings).run_watched(ticker);
        if !ticker.go_on(&Progress::default()) {
            return None;
        }
        needed.push(
            report
                .findings
                .first()
                .map_or(u64::MAX, |finding| finding.run + 1),
        );
    }
    needed.sort_unstable();
    let middle = needed.get((needed.len().max(1) - 1) / 2).copied();
    middle.filter(|runs| *runs != u64::MAX)
}

const COLUMN: usize = 13;

fn width(selected: &[&Scenario]) -> usize {
    let widest = selected.iter().map(|scenario| scenario.name().len()).max();
    widest.unwrap_or(0).max("scenario".len())
}

fn head(selected: &[&Scenario], output: &mut Output) -> std::io::Result<()> {
    let width = width(selected);
    let names = compared()
        .map(|strategy| format!("{:>COLUMN$}", strategy.to_string()))
        .concat();
    let line = format!(
        "{:width$}{:>16}{:>8}{names}",
        "scenario", "failing / all", "ideal"
    );
    output.line(format_args!("{}", styled(BOLD, line)))
}

fn print(row: &Row, width: usize, output: &mut Output) -> std::io::Result<()> {
    let classes = row.classes.map_or_else(
        || "unknown".to_string(),
        |(failing, all)| format!("{} / {}", grouped(failing), grouped(all)),
    );
    let shown = |runs: &Option<u64>| runs.map_or_else(|| "-".to_string(), grouped);
    let medians: String = row
        .medians
        .iter()
        .map(|(_, median)| format!("{:>COLUMN$}", shown(median)))
        .collect();
    let ideal = shown(&row.ideal);
    output.line(format_args!(
        "{:width$}{classes:>16}{ideal:>8}{medians}",
        row.scenario
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ideal_is_the_median_of_independent_draws() {
        let known = [
            ((4, 6), 1),
            ((1, 6), 4),
            ((1, 12), 8),
            ((1, 3), 2),
            ((72, 90), 1),
        ];
        for ((failing, all), runs) in known {
            assert_eq!(ideal(failing, all), runs, "{failing} of {all}");
        }
        assert_eq!((ideal(3, 11), ideal(120, 3_840), ideal(5, 5)), (3, 22, 1));
    }
}
