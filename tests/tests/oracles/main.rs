//! Oracles are alive (contract C9): each is silent on the runtime as it is, has something to judge,
//! and finds the mutant of the runtime that breaks what it says. `docs/oracles.md` is made of what
//! is seen here.
//!
//! Needs the feature `mutants`: `.ci/run oracles`.

use std::future::Future;
use std::pin::Pin;

use beamline::mutant::{Mutant, with};
use beamline_sim::{Check, Report};

mod applications;
mod clerks;
mod machines;
mod matrix;
mod plans;
mod processes;
mod servers;
mod supervisors;

/// The future of a program.
pub(crate) type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs of a program, with a mutant and without.
const RUNS: u64 = 400;

/// A program, and what it shows.
pub(crate) struct Case {
    pub(crate) oracle: &'static str,
    pub(crate) mutant: Mutant,
    pub(crate) program: fn() -> Body,
    /// The program's.
    pub(crate) name: &'static str,
}

macro_rules! case {
    ($oracle:literal, $mutant:expr, $program:path $(,)?) => {
        Case {
            oracle: $oracle,
            mutant: $mutant,
            program: $program,
            name: stringify!($program),
        }
    };
}

/// One case or more for each oracle.
pub(crate) const CASES: &[Case] = &[
    case!("INV-X02", Mutant::Overtake, processes::messages),
    case!("A4", Mutant::LoseMessages, processes::letters),
    case!("A3", Mutant::LoseWakes, processes::links),
    case!("A2", Mutant::PrependMessages, processes::letters),
    case!("A2-timeout", Mutant::HastyTimeout, processes::patience),
    case!("INV-X01", Mutant::SkipExits, processes::links),
    case!("INV-X01", Mutant::SkipDowns, processes::monitors),
    case!("A6-symmetry", Mutant::HalfLinks, processes::links),
    case!("INV-X04", Mutant::NormalKills, processes::links),
    case!("A6", Mutant::SwallowExits, processes::links),
    case!("A5", Mutant::KeepMonitors, processes::monitors),
    case!("A5-dead", Mutant::LoseDowns, processes::monitors),
    case!("INV-X03", Mutant::KeepNames, processes::names),
    case!("A7", Mutant::FindNobody, processes::names),
    case!("A12", Mutant::EarlyTimers, processes::timers),
    case!("INV-X06", Mutant::ClockBack, processes::links),
    case!("A9", Mutant::FalseEnds, servers::calls),
    case!("A9-late", Mutant::DropAnswers, servers::calls),
    case!("A9-told", Mutant::SilentDead, servers::calls),
    case!("A19", Mutant::KeepAliases, servers::tasks),
    case!("A19-owner", Mutant::UnlinkedTasks, servers::tasks),
    case!("A8-unique", Mutant::ShareKeys, servers::keys),
    case!("A8-unique", Mutant::ShareNames, servers::globals),
    case!("A8", Mutant::LoseKeys, servers::keys),
    case!("A8", Mutant::KeepGlobals, servers::globals),
    case!("A8-route", Mutant::RouteAnywhere, servers::partitions),
    case!("INV-G02", Mutant::RepeatNumbers, machines::work),
    case!("INV-G04", Mutant::QueueLater, machines::work),
    case!("INV-G05", Mutant::ZeroFirst, machines::work),
    case!("INV-G07", Mutant::AppendInserted, machines::work),
    case!("INV-G08", Mutant::LosePostponed, machines::work),
    case!("INV-G09", Mutant::RetryBackwards, machines::work),
    case!("INV-G10", Mutant::RetryAlways, machines::work),
    case!("INV-G14", Mutant::SkipEnter, machines::work),
    case!("INV-G16", Mutant::LoseState, machines::work),
    case!("INV-G18", Mutant::KeepReplaced, machines::work),
    case!("INV-G19", Mutant::StaleTimeouts, machines::work),
    case!("INV-G21", Mutant::EarlyTimeouts, machines::work),
    case!("INV-G22", Mutant::KeepStateTimeout, machines::work),
    case!("INV-G24", Mutant::KeepEventTimeout, machines::work),
    case!("INV-G29", Mutant::ZeroBackwards, machines::work),
    case!("INV-G30", Mutant::ZeroNever, machines::work),
    case!("INV-G35", Mutant::SkipTerminate, machines::work),
    case!("INV-G01", Mutant::SkipEvents, machines::work),
    case!("INV-G03", Mutant::PassOver, machines::work),
    case!("INV-G06", Mutant::RetryFirst, machines::work),
    case!("INV-G11", Mutant::SlipBack, machines::work),
    case!("INV-G13", Mutant::AlwaysChange, clerks::errands),
    case!("INV-G15", Mutant::EnterLate, machines::work),
    case!("INV-G20", Mutant::RepeatTimeouts, machines::work),
    case!("INV-G23", Mutant::OutliveState, clerks::errands),
    case!("INV-G25", Mutant::OutliveEvents, clerks::errands),
    case!("INV-G26", Mutant::EndTimers, machines::work),
    case!("INV-G27", Mutant::UpdateRestarts, clerks::errands),
    case!("INV-G28", Mutant::FirstTimeoutCounts, clerks::errands),
    case!("INV-G31", Mutant::AnswerBackwards, clerks::questions),
    case!("INV-G32", Mutant::AnswerTwice, clerks::questions),
    case!("INV-G34", Mutant::MisstateEnds, clerks::ends),
    case!("INV-G36", Mutant::EndNormally, clerks::ends),
    case!("INV-G37", Mutant::LeaveStarts, clerks::failed_starts),
    case!("INV-G38", Mutant::TellLate, machines::work),
    case!("INV-G39", Mutant::WorkSuspended, clerks::changes),
    case!("INV-G40", Mutant::EnterChanged, clerks::changes),
    case!("INV-G41", Mutant::IgnoreParent, clerks::families),
    case!("INV-G42", Mutant::TerminateAlways, clerks::ends),
    case!("INV-G44", Mutant::EnterForEver, machines::work),
    case!("INV-G45", Mutant::PostponeMuch, machines::work),
    case!("INV-G46", Mutant::HibernateEarly, clerks::errands),
    case!("INV-G47", Mutant::NeverFire, clerks::errands),
    case!("INV-G48", Mutant::DropSilently, clerks::questions),
    case!("INV-G50", Mutant::MissChanges, clerks::errands),
    case!("A20", Mutant::StartEarly, applications::early),
    case!("A20", Mutant::StopEldest, applications::early),
    case!("A20-ends", Mutant::SurvivePermanent, applications::fatal),
    case!("INV-X05", Mutant::Orphans, processes::links),
    case!("INV-X07", Mutant::CallSelf, servers::itself),
    case!("INV-S01", Mutant::AllowTwins, supervisors::requests),
    case!("INV-S02", Mutant::YoungestFirst, supervisors::one_for_one),
    case!("INV-S03", Mutant::EnterTwice, supervisors::dynamic),
    case!("INV-S04", Mutant::MistakePid, supervisors::one_for_one),
    case!("INV-S05", Mutant::ForgetExits, supervisors::two_ends),
    case!("INV-S06", Mutant::LeaveChildren, supervisors::stops),
    case!("INV-S07", Mutant::UnlinkChildren, supervisors::killed),
    case!("INV-S08", Mutant::InitBackwards, supervisors::one_for_one),
    case!("INV-S09", Mutant::InitGoesOn, supervisors::no_start),
    case!("INV-S10", Mutant::StopTogether, supervisors::stops),
    case!("INV-S11", Mutant::HastyKills, supervisors::stops),
    case!("INV-S12", Mutant::ImpatientStops, supervisors::patience),
    case!("INV-S13", Mutant::AskFirst, supervisors::stops),
    case!("INV-S14", Mutant::StopForward, supervisors::stops),
    case!("INV-S15", Mutant::SilentStops, supervisors::stops),
    case!("INV-S16", Mutant::NeverExpire, supervisors::spaced),
    case!("INV-S17", Mutant::OneMore, supervisors::too_many),
    case!("INV-S17", Mutant::FixedWindow, supervisors::sliding),
    case!("INV-S18", Mutant::CountNothing, supervisors::one_for_one),
    case!("INV-S19", Mutant::GiveUpLate, supervisors::too_many),
    case!("INV-S20", Mutant::EndForNothing, supervisors::one_for_one),
    case!("INV-S21", Mutant::ActOnStrangers, supervisors::stranger),
    case!("INV-S22", Mutant::ForgetPermanent, supervisors::two_ends),
    case!("INV-S23", Mutant::RestartAlways, supervisors::significant),
    case!("INV-S24", Mutant::SilentEnds, supervisors::one_for_one),
    case!("INV-S25", Mutant::KeepTemporary, supervisors::one_for_one),
    case!("INV-S26", Mutant::OneMeansAll, supervisors::one_for_one),
    case!("INV-S27", Mutant::AllMeansRest, supervisors::one_for_all),
    case!("INV-S28", Mutant::RestMeansAll, supervisors::rest_for_one),
    case!("INV-S29", Mutant::MislaySiblings, supervisors::one_for_all),
    case!("INV-S30", Mutant::ForgetRetry, supervisors::retried),
    case!(
        "INV-S31",
        Mutant::RetryStopped,
        supervisors::retried_in_vain,
    ),
    case!("INV-S32", Mutant::TryTwice, supervisors::hopeless),
    case!("INV-S34", Mutant::DeleteRunning, supervisors::requests),
    case!("INV-S35", Mutant::Miscount, supervisors::requests),
    case!("INV-S36", Mutant::ForgetAnswers, supervisors::requests),
    case!(
        "INV-S38",
        Mutant::IgnoreSignificant,
        supervisors::significant,
    ),
    case!("INV-S39", Mutant::EndOnRequest, supervisors::significant),
    case!("INV-S40", Mutant::LeaveExits, supervisors::stops),
    case!("INV-S41", Mutant::UnlinkFirst, supervisors::stops),
    case!("INV-S42", Mutant::NormalWithParent, supervisors::stops),
    case!("INV-S43", Mutant::OneTooMany, supervisors::dynamic),
    case!("INV-S44", Mutant::OneByOne, supervisors::dynamic),
    case!("INV-S47", Mutant::CountTwice, supervisors::one_for_one),
    case!("INV-S48", Mutant::Deaf, supervisors::two_ends),
    case!("INV-S49", Mutant::DropRetries, supervisors::retried),
    case!("INV-S50", Mutant::WaitForEver, supervisors::stops),
];

/// Simulates a case's program. It goes on after its root, until nothing more can happen.
pub(crate) fn simulate(case: &Case, mutant: Option<Mutant>) -> Report {
    let check = Check::new(format!("oracles::{}", case.oracle))
        .runs(RUNS)
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
