//! Runs every scenario: sound ones must stay silent, broken ones must be found.
//!
//! Debug builds make few runs, so that `cargo test` is quick; `BEAMLINE_SCENARIO_RUNS` sets how
//! many. The mended twins are meant to stay silent for 100,000.

use beamline_sim::campaign::{Progress, Watch};
use beamline_sim::{Expectation, Exploration, Report, Scenario, Seed, Strategy};

use crate::catalogue;

/// Runs of a campaign in a test: the rarest planted bug takes some hundred.
const RUNS: u64 = 4_000;

fn runs() -> u64 {
    std::env::var("BEAMLINE_SCENARIO_RUNS").map_or(RUNS, |runs| {
        runs.parse()
            .expect("BEAMLINE_SCENARIO_RUNS is a number of runs")
    })
}

fn report(scenario: &Scenario, runs: u64) -> Report {
    let mut settings = scenario.settings().clone();
    // The large program takes some ten times as long as the others.
    settings.runs = if scenario.group() == "orders" {
        runs / 10
    } else {
        runs
    };
    scenario.campaign(settings).run()
}

/// Collects what is wrong with each scenario, so that one failure does not hide the others.
fn judge(fault: impl Fn(&Scenario) -> Option<String>) {
    let catalogue = catalogue();
    let faults = catalogue.iter().filter_map(|scenario| {
        fault(scenario).map(|fault| format!("{}: {fault}", scenario.name()))
    });
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn sound_scenarios_stay_silent_and_reach_what_they_expect() {
    judge(|scenario| {
        if *scenario.expectation() != Expectation::Sound {
            return None;
        }
        let report = report(scenario, runs());
        if let Some(finding) = report.findings.first() {
            let story = finding.story.events_text().join("\n  ");
            return Some(format!(
                "{} in run {}\n  {story}",
                finding.verdict.id, finding.run
            ));
        }
        let unseen = report.never_seen();
        (!unseen.is_empty()).then(|| format!("never seen in {} runs: {unseen:?}", report.runs))
    });
}

#[test]
fn broken_scenarios_are_found_and_their_stories_are_short() {
    judge(|scenario| {
        let Expectation::Broken {
            verdict,
            story_max,
            canary,
            ..
        } = scenario.expectation()
        else {
            return None;
        };
        let report = report(scenario, canary.unwrap_or(RUNS));
        let Some(finding) = report.findings.first() else {
            return Some(format!("not found in {} runs", report.runs));
        };
        let id = &finding.verdict.id;
        if !id.starts_with(verdict.as_str()) {
            return Some(format!("found {id}, expected {verdict}"));
        }
        let events = finding.story.events.len();
        let story = finding.story.events_text().join("\n  ");
        (events > *story_max).then(|| format!("{events} events, not {story_max}:\n  {story}"))
    });
}

#[test]
fn broken_scenarios_have_mended_twins_that_are_sound() {
    let catalogue = catalogue();
    judge(|scenario| {
        let Expectation::Broken { mended, .. } = scenario.expectation() else {
            return None;
        };
        match (scenario.group(), mended) {
            ("kernel", None) => None,
            ("kernel", Some(_)) => Some("a kernel has no twin".into()),
            (_, None) => Some("it has no mended twin".into()),
            (_, Some(twin)) => match catalogue.get(twin).map(Scenario::expectation) {
                Some(Expectation::Sound) => None,
                other => Some(format!("its twin {twin} is {other:?}")),
            },
        }
    });
}

#[test]
fn sound_scenarios_hold_on_threads() {
    judge(|scenario| {
        if *scenario.expectation() != Expectation::Sound {
            return None;
        }
        (0..10).flat_map(|_| [1, 2]).find_map(|workers| {
            let run = scenario.run_on_threads(workers);
            (!run.is_clean()).then(|| format!("{workers} workers: {run:?}"))
        })
    });
}

struct Unwatched;

impl Watch for Unwatched {
    fn go_on(&mut self, _: &Progress) -> bool {
        true
    }
}

fn explore(scenario: &Scenario, early_firings: u32) -> Exploration {
    let mut settings = scenario.settings().clone();
    settings.runs = 10_000;
    scenario
        .campaign(settings)
        .explore(early_firings, &mut Unwatched)
}

/// By exhaustive search, but for the last kernel, which has tests of its own for that.
#[test]
fn kernels_have_the_classes_that_they_declare() {
    let catalogue = catalogue();
    let kernels = catalogue
        .iter()
        .filter(|scenario| scenario.group() == "kernel");
    let mut searched = 0;
    for kernel in kernels.filter(|kernel| kernel.name() != "kernel::g_five_servers") {
        // In the late reply a timeout races; the pause of the restart is not to.
        let early_firings = u32::from(kernel.name() == "kernel::e_late_reply");
        let found = explore(kernel, early_firings);
        assert!(found.complete, "{}: {found}", kernel.name());
        let classes = (found.failing_traces, found.traces);
        assert_eq!(
            Some(classes),
            kernel.class_counts(),
            "{}: {found}",
            kernel.name()
        );
        searched += 1;
    }
    assert_eq!(searched, 7);
}

/// How many runs each of 200 campaigns makes up to its first failure; in order.
fn runs_to_failure(kernel: &Scenario, strategy: &Strategy) -> Vec<u64> {
    let campaign = |seed| {
        let mut settings = kernel.settings().clone();
        settings.seed = Seed(seed);
        settings.strategy = strategy.clone();
        settings.runs = 2_000;
        settings.double_runs = 0.0;
        settings.shrink_executions = 0;
        settings.regressions = None;
        let report = kernel.campaign(settings).run();
        let first = report.findings.first();
        first.map_or(u64::MAX, |finding| finding.run + 1)
    };
    let mut runs: Vec<u64> = (0..200).map(campaign).collect();
    runs.sort_unstable();
    runs
}

/// What drawing every class of schedules equally often would need, in the median.
fn ideal(failing: u64, all: u64) -> u64 {
    let (mut runs, mut missed) = (0, 1.0);
    while missed > 0.5 {
        missed *= 1.0 - failing as f64 / all as f64;
        runs += 1;
    }
    runs
}

/// The seeds are fixed, so this is no matter of luck until something changes what they mean.
#[test]
fn kernels_fail_about_as_soon_as_drawing_classes_evenly_would_make_them() {
    for kernel in crate::kernels::scenarios() {
        let (failing, all) = kernel.class_counts().expect("declared");
        let ideal = ideal(failing, all);
        let bound = (ideal * 3 / 2).max(ideal + 2);
        for strategy in [Strategy::portfolio(), Strategy::learnt()] {
            let runs = runs_to_failure(&kernel, &strategy);
            let (median, most) = (runs[99], runs[199]);
            let name = kernel.name();
            assert!(
                median <= bound,
                "{name} {strategy}: {median}, ideal {ideal}"
            );
            assert!(most < u64::MAX, "{name} {strategy}: not always found");
        }
    }
}
