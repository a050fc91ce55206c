//! Faults strike as planned.

use proptest::prelude::*;

use super::*;
use crate::choice::ChoiceId;
use crate::tape::{Choice, Tape};

/// A calibration in which a run has this many opportunities of each kind.
fn learnt(opportunities: u32) -> Learnt {
    let mut tape = Tape::new();
    for kind in ChoiceKind::FAULTS {
        let choice = Choice {
            id: ChoiceId(1),
            n: 2,
            rank: 0,
            kind,
        };
        (0..opportunities).for_each(|_| tape.push(choice));
    }
    let mut learnt = Learnt::new();
    learnt.observe(&tape, []);
    learnt
}

/// At which of `offered` opportunities of a kind the plan of a seed strikes.
fn strikes(faults: &Faults, seed: u64, kind: ChoiceKind, known: u32, offered: u32) -> Vec<u32> {
    let mut plan = FaultPlan::new();
    plan.begin(Draws::new(seed), faults, &learnt(known));
    (0..offered).filter(|_| plan.decide(kind, 2) == 1).collect()
}

#[test]
fn half_of_the_runs_have_no_fault_of_a_kind() {
    let faults = Faults::none().crashes(1).panics(1);
    let with = |kind| {
        (0..2_000)
            .filter(|&seed| !strikes(&faults, seed, kind, 10, 10).is_empty())
            .count()
    };
    for kind in [ChoiceKind::Crash, ChoiceKind::Panic] {
        assert!(
            (900..1_100).contains(&with(kind)),
            "{kind}: {} of 2,000",
            with(kind)
        );
    }
    assert_eq!(with(ChoiceKind::Slow), 0);
}

#[test]
fn a_fault_is_as_likely_at_each_opportunity() {
    let faults = Faults::none().crashes(1);
    let mut at = [0_u32; 20];
    for seed in 0..20_000 {
        for opportunity in strikes(&faults, seed, ChoiceKind::Crash, 20, 20) {
            at[opportunity as usize] += 1;
        }
    }
    assert!(at.iter().all(|count| (400..600).contains(count)), "{at:?}");
}

#[test]
fn an_opportunity_that_was_never_counted_is_taken_at_first_sight() {
    let faults = Faults::none().failing_spawns(3);
    let hits = (0..100).map(|seed| strikes(&faults, seed, ChoiceKind::FailSpawn, 0, 5));
    let hits: Vec<_> = hits.filter(|hits| !hits.is_empty()).collect();
    assert!(hits.len() > 30 && hits.iter().all(|hits| hits == &[0]));
}

#[test]
fn every_victim_is_hit() {
    let mut plan = FaultPlan::new();
    let mut hit = [0; 5];
    for seed in 0..1_000 {
        plan.begin(Draws::new(seed), &Faults::none().crashes(1), &learnt(1));
        hit[plan.decide(ChoiceKind::Crash, 5) as usize] += 1;
    }
    assert!(
        hit[0] > 400 && hit[1..].iter().all(|&count| count > 80),
        "{hit:?}"
    );
}

#[test]
fn kinds_strike_apart_from_each_other() {
    let faults = Faults::none().crashes(1).panics(1);
    let hit = |seed, kind| strikes(&faults, seed, kind, 1_000, 1_000);
    let together = |seed: &u64| hit(*seed, ChoiceKind::Crash) == hit(*seed, ChoiceKind::Panic);
    let together = (0..1_000).filter(together).count();
    // Neither of the two in a quarter of the runs, hardly ever both at the same place.
    assert!((200..300).contains(&together), "{together} of 1,000");
}

proptest! {
    #[test]
    fn a_budget_is_never_exceeded(seed: u64, budget in 0..6_u32, known in 0..30_u32) {
        for kind in ChoiceKind::FAULTS {
            let hits = strikes(&Faults::none().with(kind, budget), seed, kind, known, 60);
            prop_assert!(hits.len() <= budget as usize);
            prop_assert!(hits.iter().all(|&hit| hit < known.max(1)));
        }
    }

    /// A budget for one kind does not move the faults of another.
    #[test]
    fn kinds_do_not_disturb_each_other(seed: u64, budget in 1..4_u32) {
        let alone = Faults::none().crashes(budget);
        let all = alone.clone().panics(2).timeouts(3).slow(1);
        let crashes = |faults| strikes(faults, seed, ChoiceKind::Crash, 9, 9);
        prop_assert_eq!(crashes(&alone), crashes(&all));
    }
}

/// It would draw for hours and fill the memory if it drew them all.
#[test]
fn a_budget_without_an_end_is_planned_at_once() {
    let faults = Faults::none().crashes(u32::MAX).timeouts(u32::MAX);
    for seed in 0..10 {
        strikes(&faults, seed, ChoiceKind::Crash, 20, 20);
    }
}
