//! Planted failures are found again, small, and as themselves.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use super::*;
use crate::choice::{ChoiceId, ChoiceKind};
use crate::faults::Faults;
use crate::strategy::{Bytes, Strategy, TolerantReplay};
use crate::toy::{Kernel, Ran, Tree, kernels};

fn execution(ran: &Ran) -> Execution {
    Execution {
        verdict: ran.verdict.map(str::to_owned),
        deviations: ran.tape.deviations(),
        choices: ran.tape.len() as u64,
        story_len: ran.events + ran.switches,
    }
}

fn shrink(kernel: &Kernel, found: &Execution) -> Shrunk {
    let mut replay = TolerantReplay::default();
    let execute = |candidate: &Deviations| execution(&kernel.replay(&mut replay, candidate));
    let verdict = found.verdict.as_deref().expect("a failure");
    Shrink::new(verdict)
        .run(&found.deviations, execute)
        .expect("the failure repeats")
}

/// Shrinks the first failure of each of a hundred campaigns.
fn shrink_hundred(kernel: Kernel) -> Vec<(Execution, Shrunk)> {
    let known = kernel.known();
    let mut sampler = kernel.sampler(Strategy::portfolio(), Faults::none().crashes(2), &known);
    let shrunk = (0..100).map(|seed| {
        let found = kernel.first_failure(&known, &mut sampler, seed, 10_000);
        let found = execution(&found.expect("the portfolio finds it").1);
        let shrunk = shrink(&kernel, &found);
        assert_eq!(shrunk.execution.verdict, found.verdict);
        assert!(shrunk.execution.cost() <= found.cost());
        assert_eq!(shrunk.stop, Stop::Minimal);
        (found, shrunk)
    });
    shrunk.collect()
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

/// Every failure comes down to as many deviations as it needs, in some tens of executions.
#[test]
fn kernels_shrink_to_what_they_need() {
    let needs = [
        (kernels::reversed::<4>(), 3, 15),
        (kernels::reversed::<6>(), 5, 30),
        (kernels::one_order(), 3, 12),
        (kernels::lost_update(), 1, 8),
        (kernels::late_reply(), 1, 11),
        (kernels::mutual_call(), 1, 11),
        (kernels::all_overtaken(), 5, 100),
        (kernels::killed_holding(), 1, 30),
        (kernels::overtaken(), 21, 200),
    ];
    for (kernel, deviations, executions) in needs {
        let shrunk = shrink_hundred(kernel);
        let size = |shrunk: &Shrunk| shrunk.execution.deviations.len() as u64;
        let sizes = shrunk
            .iter()
            .map(|(_, shrunk)| size(shrunk))
            .collect::<Vec<_>>();
        assert_eq!(
            median(sizes.clone()),
            deviations,
            "{}: {sizes:?}",
            kernel.name
        );
        let worst = sizes.iter().max().copied();
        assert!(worst <= Some(deviations + 1), "{}: {sizes:?}", kernel.name);
        let effort = median(
            shrunk
                .iter()
                .map(|(_, shrunk)| shrunk.executions())
                .collect(),
        );
        assert!(effort <= executions, "{}: {effort} executions", kernel.name);
    }
}

#[test]
fn a_failure_stays_itself_and_others_are_kept() {
    let shrunk = shrink_hundred(kernels::two_bugs());
    let of = |verdict: &'static str| {
        shrunk
            .iter()
            .filter(move |(found, _)| found.verdict.as_deref() == Some(verdict))
    };
    for (_, shrunk) in of("always small") {
        let [drawn] = shrunk.execution.deviations.as_slice() else {
            panic!("{shrunk:?}")
        };
        assert_eq!((drawn.kind, drawn.rank), (ChoiceKind::User, 700));
    }
    for (_, shrunk) in of("always order") {
        let [first] = shrunk.execution.deviations.as_slice() else {
            panic!("{shrunk:?}")
        };
        assert_eq!(
            (first.kind, first.index, first.rank),
            (ChoiceKind::Event, 0, 3)
        );
    }
    assert!(of("always small").count() > 20 && of("always order").count() > 5);
    let slips: Vec<_> = shrunk
        .iter()
        .flat_map(|(_, shrunk)| &shrunk.slips)
        .collect();
    assert!(!slips.is_empty());
    for slip in slips {
        let again = execution(
            &kernels::two_bugs().replay(&mut TolerantReplay::default(), &slip.deviations),
        );
        assert_eq!(&again, slip);
    }
}

fn deviation(index: u64, kind: ChoiceKind, rank: u32) -> Deviation {
    Deviation {
        index,
        kind,
        n: 1_000,
        rank,
        id: ChoiceId::UNKNOWN,
    }
}

/// A program in which nothing depends on anything: it does what it is asked, and fails if told so.
fn obedient(asked: &Deviations, fails: bool) -> Execution {
    let last = asked.iter().last().map_or(0, |last| last.index);
    Execution {
        verdict: fails.then(|| "always".to_owned()),
        deviations: asked.clone(),
        choices: last + 5,
        story_len: last + 5,
    }
}

#[test]
fn a_failure_that_needs_no_fault_is_told_without_one() {
    let crash = |asked: &Deviations| asked.iter().any(|d| d.kind == ChoiceKind::Crash);
    let order = |asked: &Deviations| {
        asked
            .iter()
            .filter(|d| d.kind == ChoiceKind::Event && d.index % 7 == 6)
            .count()
            == 3
    };
    let found = [
        deviation(6, ChoiceKind::Event, 1),
        deviation(8, ChoiceKind::Crash, 1),
        deviation(13, ChoiceKind::Event, 1),
        deviation(15, ChoiceKind::TimeMode, 1),
        deviation(20, ChoiceKind::Event, 1),
    ];
    let shrunk = Shrink::new("always").run(&found.into_iter().collect(), |asked| {
        obedient(asked, crash(asked) || order(asked))
    });
    let kinds: Vec<_> = shrunk
        .unwrap()
        .execution
        .deviations
        .iter()
        .map(|d| d.kind)
        .collect();
    assert_eq!(kinds, [ChoiceKind::Event; 3]);
}

#[test]
fn a_program_that_always_fails_needs_no_deviation() {
    let found = (0..40)
        .map(|index| deviation(index, ChoiceKind::Event, 9))
        .collect();
    let shrunk = Shrink::new("always")
        .run(&found, |asked| obedient(asked, true))
        .unwrap();
    assert!(shrunk.execution.deviations.is_empty());
    assert_eq!(shrunk.executions(), 3);
    assert_eq!(
        shrunk.passes[Pass::Canonical as usize],
        PassCount {
            executions: 1,
            accepted: 1
        }
    );
    assert_eq!((shrunk.accepted(), shrunk.stop), (1, Stop::Minimal));
}

#[test]
fn a_failure_that_does_not_repeat_is_refused() {
    let found = [deviation(1, ChoiceKind::Event, 1)].into_iter().collect();
    let error = Shrink::new("always")
        .run(&found, |asked| obedient(asked, false))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "replaying the failure `always` gave no failure"
    );
    let error = Shrink::new("never")
        .run(&found, |asked| obedient(asked, true))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "replaying the failure `never` gave `always`"
    );

    let mut runs = 0;
    let flaky = |asked: &Deviations| {
        runs += 1;
        obedient(asked, runs == 1)
    };
    let error = Shrink::new("always").run(&found, flaky).unwrap_err();
    assert_eq!(
        error.to_string(),
        "two replays of the failure `always` differ: 1 deviations and `always`, then 1 deviations \
         and no failure"
    );
}

#[test]
fn the_budget_and_the_check_hold() {
    let found: Deviations = (0..60)
        .map(|at| deviation(10 * at, ChoiceKind::Event, 9))
        .collect();
    let needed = |asked: &Deviations| asked.iter().filter(|d| d.index % 20 == 0).count() >= 20;
    for budget in [0, 1, 7, 50] {
        let execute = |asked: &Deviations| obedient(asked, needed(asked));
        let shrunk = Shrink::new("always")
            .executions_max(budget)
            .run(&found, execute)
            .unwrap();
        assert_eq!(
            (shrunk.executions(), shrunk.stop),
            (budget + 2, Stop::Budget)
        );
        assert!(needed(&shrunk.execution.deviations));
    }
    let mut left = 9;
    let mut check = || {
        left -= 1;
        left > 0
    };
    let execute = |asked: &Deviations| obedient(asked, needed(asked));
    let shrunk = Shrink::new("always")
        .while_true(&mut check)
        .run(&found, execute)
        .unwrap();
    assert_eq!((shrunk.executions(), shrunk.stop), (10, Stop::Asked));
}

/// A failure that only asks for some deviation at a multiple of five is told at the first.
#[test]
fn a_deviation_moves_to_the_earliest_place() {
    let found = [deviation(435, ChoiceKind::Event, 3)].into_iter().collect();
    let fifth = |asked: &Deviations| asked.iter().any(|d| d.index % 5 == 0);
    let shrunk = Shrink::new("always")
        .run(&found, |asked| obedient(asked, fifth(asked)))
        .unwrap();
    let [left] = shrunk.execution.deviations.as_slice() else {
        panic!("{shrunk:?}")
    };
    assert_eq!((left.index, left.rank), (0, 1));
    // Five at a time, without stopping where a wider step would fit.
    assert!(shrunk.passes[Pass::Earlier as usize].accepted > 80);
}

/// Where several runs slip to the same other failure, the smallest of them is kept.
#[test]
fn the_smallest_slip_is_kept() {
    let found: Deviations = (0..16)
        .map(|at| deviation(9 * at, ChoiceKind::Event, 1))
        .collect();
    let execute = |asked: &Deviations| {
        let all = asked.len() == 16;
        let verdict = if all { "always" } else { "never" };
        Execution {
            verdict: Some(verdict.to_owned()),
            ..obedient(asked, true)
        }
    };
    let shrunk = Shrink::new("always").run(&found, execute).unwrap();
    assert_eq!(shrunk.execution.deviations.len(), 16);
    let [slip] = &shrunk.slips[..] else {
        panic!("{:?}", shrunk.slips)
    };
    assert_eq!(
        (slip.verdict.as_deref(), slip.deviations.len()),
        (Some("never"), 0)
    );
    assert!(shrunk.executions() > 20);
}

fn any_deviations() -> impl proptest::strategy::Strategy<Value = Deviations> {
    let one = (0..4_u64, 0..9_u8, 1..20_u32);
    proptest::collection::vec(one, 1..40).prop_map(|steps| {
        let mut index = 0;
        let place = |(gap, kind, rank)| {
            index += gap + 1;
            deviation(index, ChoiceKind::from_number(kind).expect("a kind"), rank)
        };
        steps.into_iter().map(place).collect()
    })
}

proptest! {
    /// Of a planted set of deviations exactly that set is left, at the lowest ranks that fail.
    #[test]
    fn a_planted_set_is_found(
        found in any_deviations(), planted in any::<u64>(), floor in 1..5_u32,
    ) {
        let needed: BTreeSet<_> = (0..)
            .zip(&found)
            .filter(|(at, deviation)| planted >> (at % 64) & 1 == 1 && deviation.rank >= floor)
            .map(|(_, deviation)| (deviation.index, deviation.kind))
            .collect();
        let (mut executed, mut runs) = (BTreeSet::new(), 0);
        let execute = |asked: &Deviations| {
            let strong = asked.iter().filter(|deviation| deviation.rank >= floor);
            let has: BTreeSet<_> = strong.map(|d| (d.index, d.kind)).collect();
            runs += 1;
            assert!(executed.insert(asked.clone()) || runs == 2, "executed twice: {asked:?}");
            obedient(asked, needed.is_subset(&has))
        };
        let shrunk = Shrink::new("always").run(&found, execute).unwrap();
        let left = &shrunk.execution.deviations;
        prop_assert_eq!(left.iter().map(|d| (d.index, d.kind)).collect::<BTreeSet<_>>(), needed);
        prop_assert!(left.iter().all(|deviation| deviation.rank == floor));
        prop_assert_eq!(shrunk.stop, Stop::Minimal);
    }

    /// Whatever the program, what comes out fails alike when it is run, is no larger, and cannot do
    /// without any of its deviations.
    #[test]
    fn what_is_left_is_needed(
        seed: u64,
        pairs in proptest::collection::vec((0..4_u8, 1..255_u8), 1..15),
        modulus in 1..6_u64,
    ) {
        let tree = Tree::deep(seed, 5);
        let run = |candidate: &Deviations| {
            let tape = tree.run(&mut TolerantReplay::new(candidate.clone()));
            let last = tape.choices().last().map_or(0, |choice| choice.id.0);
            Execution {
                verdict: Some(format!("verdict {}", last % modulus)),
                deviations: tape.deviations(),
                choices: tape.len() as u64,
                story_len: last % 50,
            }
        };
        let bytes = pairs.iter().flat_map(|&(gap, rank)| [gap, rank]).collect();
        let found = run(&tree.run(&mut Bytes::new(bytes)).deviations());
        let verdict = found.verdict.as_deref().expect("every run has one");
        let shrunk = Shrink::new(verdict).run(&found.deviations, run).unwrap();
        prop_assert_eq!(&run(&shrunk.execution.deviations), &shrunk.execution);
        prop_assert_eq!(&shrunk.execution.verdict, &found.verdict);
        prop_assert!(shrunk.execution.cost() <= found.cost());
        prop_assert_eq!(shrunk.stop, Stop::Minimal);
        let list = shrunk.execution.deviations.as_slice();
        for without in 0..list.len() {
            let kept = list.iter().enumerate().filter(|(at, _)| *at != without);
            let execution = run(&kept.map(|(_, deviation)| *deviation).collect());
            prop_assert!(execution.verdict != found.verdict);
        }
        for slip in &shrunk.slips {
            prop_assert_ne!(&slip.verdict, &found.verdict);
            prop_assert_eq!(&run(&slip.deviations), slip);
        }
    }
}
