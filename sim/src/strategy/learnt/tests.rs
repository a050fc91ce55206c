//! What is learnt, and that it does not depend on the order of learning.

use proptest::prelude::*;

use super::*;
use crate::tape::Choice;

fn observed(events: u32, chains: &[(u64, u32)]) -> Learnt {
    let mut tape = Tape::new();
    let choice = Choice {
        id: ChoiceId(1),
        n: 2,
        rank: 0,
        kind: ChoiceKind::Event,
    };
    (0..events).for_each(|_| tape.push(choice));
    let mut learnt = Learnt::new();
    learnt.observe(&tape, chains.iter().map(|&(id, made)| (ChoiceId(id), made)));
    learnt
}

#[test]
fn means_are_over_the_runs_in_which_a_chain_appears() {
    let mut learnt = observed(10, &[(7, 4), (9, 1)]);
    learnt.merge(&observed(13, &[(7, 7)]));
    assert_eq!(learnt.expected(ChoiceId(7)), 6);
    assert_eq!(learnt.expected(ChoiceId(9)), 1);
    assert_eq!(learnt.expected(ChoiceId(8)), 1);
    assert_eq!(learnt.choices(ChoiceKind::Event), 12);
    assert_eq!(learnt.choices(ChoiceKind::Crash), 0);
    assert_eq!(learnt.runs(), 2);
}

#[test]
fn nothing_learnt_is_no_obstacle() {
    assert_eq!(Learnt::new().expected(ChoiceId(7)), 1);
    assert_eq!(Learnt::new().choices(ChoiceKind::Event), 0);
    assert_eq!(observed(0, &[(7, 0)]).expected(ChoiceId(7)), 1);
}

#[test]
fn each_granularity_has_its_own() {
    let mut calibration = Calibration::default();
    calibration
        .of_mut(Granularity::Fine)
        .merge(&observed(40, &[]));
    calibration
        .of_mut(Granularity::Fused)
        .merge(&observed(9, &[]));
    let length = |granularity| calibration.of(granularity).choices(ChoiceKind::Event);
    assert_eq!(
        (length(Granularity::Fused), length(Granularity::Fine)),
        (9, 40)
    );
}

proptest! {
    #[test]
    fn merging_is_the_same_in_any_order(
        runs in proptest::collection::vec(
            (0..20_u32, proptest::collection::btree_map(0..8_u64, 0..50_u32, 0..6)), 1..8,
        ),
        split in 0..8_usize,
    ) {
        let runs: Vec<_> = runs
            .iter()
            .map(|(events, chains)| {
                observed(*events, &chains.iter().map(|(&id, &made)| (id, made)).collect::<Vec<_>>())
            })
            .collect();
        let sum = |runs: &mut dyn Iterator<Item = &Learnt>| {
            runs.fold(Learnt::new(), |mut sum, run| { sum.merge(run); sum })
        };
        let forwards = sum(&mut runs.iter());
        prop_assert_eq!(&forwards, &sum(&mut runs.iter().rev()));
        let (left, right) = runs.split_at(split.min(runs.len()));
        let mut halves = sum(&mut right.iter());
        halves.merge(&sum(&mut left.iter()));
        prop_assert_eq!(forwards, halves);
    }
}
