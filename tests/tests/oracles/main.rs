//! Oracles are alive (contract C9): each is silent on the runtime as it is, has something to judge,
//! and finds the mutant of the runtime that breaks what it says. `docs/oracles.md` is made of what
//! is seen here.
//!
//! Needs the feature `mutants`: `.ci/run oracles`.

use std::future::Future;
use std::pin::Pin;

use beamline::mutant::{Mutant, with};
use beamline_sim::{Check, Faults, Report};

mod machines;
mod processes;
mod servers;

/// The future of a program.
pub(crate) type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs of a program, with a mutant and without.
const RUNS: u64 = 400;

/// A program, and what it shows.
pub(crate) struct Case {
    pub(crate) oracle: &'static str,
    pub(crate) mutant: Mutant,
    pub(crate) program: fn() -> Body,
    pub(crate) faults: fn() -> Faults,
}

const fn case(oracle: &'static str, mutant: Mutant, program: fn() -> Body) -> Case {
    Case {
        oracle,
        mutant,
        program,
        faults: Faults::none,
    }
}

/// One case or more for each oracle.
pub(crate) const CASES: &[Case] = &[
    case("INV-X02", Mutant::Overtake, processes::messages),
    case("A4", Mutant::LoseMessages, processes::messages),
    case("A3", Mutant::LoseWakes, processes::links),
    case("A2", Mutant::PrependMessages, processes::messages),
    case("A2-timeout", Mutant::HastyTimeout, processes::patience),
    case("INV-X01", Mutant::SkipExits, processes::links),
    case("INV-X01", Mutant::SkipDowns, processes::monitors),
    case("A6-symmetry", Mutant::HalfLinks, processes::links),
    case("INV-X04", Mutant::NormalKills, processes::links),
    case("A6", Mutant::SwallowExits, processes::links),
    case("A5", Mutant::KeepMonitors, processes::monitors),
    case("A5-dead", Mutant::LoseDowns, processes::monitors),
    case("INV-X03", Mutant::KeepNames, processes::names),
    case("A7", Mutant::FindNobody, processes::names),
    case("A12", Mutant::EarlyTimers, processes::timers),
    case("INV-X06", Mutant::ClockBack, processes::patience),
    case("A9", Mutant::FalseEnds, servers::calls),
    case("A9-late", Mutant::DropAnswers, servers::calls),
    case("A9-told", Mutant::SilentDead, servers::calls),
    case("INV-G02", Mutant::RepeatNumbers, machines::work),
    case("INV-G04", Mutant::QueueLater, machines::work),
    case("INV-G05", Mutant::ZeroFirst, machines::work),
    case("INV-G07", Mutant::AppendInserted, machines::work),
    case("INV-G08", Mutant::LosePostponed, machines::work),
    case("INV-G09", Mutant::RetryBackwards, machines::work),
    case("INV-G10", Mutant::RetryAlways, machines::work),
    case("INV-G14", Mutant::SkipEnter, machines::work),
    case("INV-G16", Mutant::LoseState, machines::work),
    case("INV-G18", Mutant::KeepReplaced, machines::work),
    case("INV-G19", Mutant::StaleTimeouts, machines::work),
    case("INV-G21", Mutant::EarlyTimeouts, machines::work),
    case("INV-G22", Mutant::KeepStateTimeout, machines::work),
    case("INV-G24", Mutant::KeepEventTimeout, machines::work),
    case("INV-G29", Mutant::ZeroBackwards, machines::work),
    case("INV-G30", Mutant::ZeroNever, machines::work),
    case("INV-G35", Mutant::SkipTerminate, machines::work),
    case("INV-X05", Mutant::Orphans, processes::links),
    case("INV-X07", Mutant::CallSelf, servers::itself),
];

/// Simulates a case's program. It goes on after its root, until nothing more can happen.
pub(crate) fn simulate(case: &Case, mutant: Option<Mutant>) -> Report {
    let check = Check::new(format!("oracles::{}", case.oracle))
        .runs(RUNS)
        .faults((case.faults)())
        .settles()
        .regressions(None);
    let program = case.program;
    with(mutant, || check.report(program))
}

#[test]
fn oracles_are_silent_on_the_runtime_as_it_is() {
    for case in CASES {
        let report = simulate(case, None);
        let found = report.findings.first();
        assert!(
            found.is_none(),
            "{}: {}\n{:#?}",
            case.oracle,
            found.map_or("", |found| &found.verdict.id),
            found.map(|found| (&found.verdict, found.story.events_text()))
        );
        assert!(
            report.oracles.of(case.oracle) > Some(0),
            "{} has nothing to judge in its own program",
            case.oracle
        );
    }
}

#[test]
fn each_oracle_kills_its_mutant() {
    let mut missed = Vec::new();
    for case in CASES {
        let report = simulate(case, Some(case.mutant));
        let found = report.findings.first();
        let id = found.map_or("nothing", |found| &found.verdict.id);
        if id != format!("oracle {}", case.oracle) {
            missed.push(format!("{} found {id} in {:?}", case.oracle, case.mutant));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
