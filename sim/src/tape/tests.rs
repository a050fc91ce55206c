//! Tapes, their deviations and their differences.

use proptest::prelude::*;

use super::*;

fn event(n: u32, rank: u32, label: &str) -> Choice {
    Choice {
        id: ChoiceId::of(label),
        n,
        rank,
        kind: ChoiceKind::Event,
    }
}

fn tape_of(choices: &[Choice]) -> Tape {
    let mut tape = Tape::new();
    choices.iter().for_each(|&choice| tape.push(choice));
    tape
}

/// Any choice that may stand on a tape.
pub(crate) fn any_choice() -> impl Strategy<Value = Choice> {
    (0..9_u8, 2..100_u32, any::<u32>(), any::<u64>()).prop_map(|(kind, n, rank, id)| Choice {
        id: ChoiceId(id),
        n,
        rank: rank % n,
        kind: ChoiceKind::from_number(kind).expect("a number below nine is a kind"),
    })
}

#[test]
fn a_canonical_choice_takes_two_bytes() {
    let tape = tape_of(&[event(127, 0, "a"), event(2, 0, "b")]);
    assert_eq!(tape.bytes.len(), 4);
}

#[test]
fn deviations_are_the_choices_above_rank_zero() {
    let tape = tape_of(&[
        event(2, 0, "a"),
        event(3, 2, "b"),
        event(2, 0, "c"),
        event(4, 1, "d"),
    ]);
    let deviations = tape.deviations();
    let found: Vec<_> = deviations.iter().map(|d| (d.index, d.n, d.rank)).collect();
    assert_eq!(found, [(1, 3, 2), (3, 4, 1)]);
    assert_eq!(deviations.as_slice()[0].id, ChoiceId::of("b"));
    assert_eq!(tape.count(ChoiceKind::Event), 4);
    assert_eq!(tape.count(ChoiceKind::User), 0);
}

#[test]
fn a_divergence_reads_as_a_sentence() {
    let recorded = tape_of(&[event(2, 0, "a"), event(3, 2, "b")]);
    let other = tape_of(&[event(2, 0, "a"), event(3, 1, "c")]);
    let shorter = tape_of(&[event(2, 0, "a")]);

    let labels = |id| ["a", "b", "c"].into_iter().find(|l| ChoiceId::of(l) == id);
    let text = |divergence: Divergence| divergence.describe(&|id| labels(id).map(str::to_owned));
    assert_eq!(
        text(recorded.first_difference(&other).unwrap()),
        "diverged at choice 1: expected event `b`, rank 2 of 3; got event `c`, rank 1 of 3",
    );
    assert_eq!(
        text(recorded.first_difference(&shorter).unwrap()),
        "diverged at choice 1: expected event `b`, rank 2 of 3; got the end of the run",
    );
    assert_eq!(
        text(shorter.first_difference(&recorded).unwrap()),
        "diverged at choice 1: expected the end of the run; got event `b`, rank 2 of 3",
    );
    assert_eq!(recorded.first_difference(&recorded.clone()), None);
    let bare = recorded.first_difference(&other).unwrap().to_string();
    assert!(bare.contains(&format!("`{}`", ChoiceId::of("b"))), "{bare}");
}

#[test]
#[should_panic(expected = "deviations rise")]
fn a_deviation_out_of_order_is_refused() {
    let deviation = Deviation::new(4, event(2, 1, "a"));
    let _ = Deviations::from_iter([deviation, deviation]);
}

#[test]
#[should_panic(expected = "above 0 and below n")]
fn a_canonical_choice_is_no_deviation() {
    Deviations::new().push(Deviation::new(4, event(2, 0, "a")));
}

proptest! {
    /// A tape gives back what was put on it, but for the ids of canonical choices.
    #[test]
    fn choices_are_read_as_they_were_written(
        choices in proptest::collection::vec((any_choice(), 2..=u32::MAX), 0..60),
    ) {
        let small_and_large = |(choice, n): (Choice, u32)| {
            let large = Choice { n, rank: choice.id.0 as u32 % n, ..choice };
            [choice, large]
        };
        let choices: Vec<_> = choices.into_iter().flat_map(small_and_large).collect();
        let tape = tape_of(&choices);
        let kept = choices.iter().map(|choice| match choice.rank {
            0 => Choice { id: ChoiceId::UNKNOWN, ..*choice },
            _ => *choice,
        });
        prop_assert_eq!(tape.choices().collect::<Vec<_>>(), kept.collect::<Vec<_>>());
        prop_assert_eq!(tape.len(), choices.len());
        let events = choices.iter().filter(|choice| choice.kind == ChoiceKind::Event);
        prop_assert_eq!(tape.count(ChoiceKind::Event), events.count() as u64);
    }

    /// Laying the deviations over rank 0 gives the ranks of the tape back.
    #[test]
    fn deviations_lose_nothing_but_rank_zero(
        choices in proptest::collection::vec(any_choice(), 0..60),
    ) {
        let tape = tape_of(&choices);
        let mut ranks = vec![0; tape.len()];
        let mut reused = Deviations::from_iter([Deviation::new(9, event(2, 1, "old"))]);
        tape.deviations_into(&mut reused);
        prop_assert_eq!(&reused, &tape.deviations());
        for deviation in &reused {
            ranks[deviation.index as usize] = deviation.rank;
            prop_assert_eq!(deviation.choice(), choices[deviation.index as usize]);
        }
        prop_assert_eq!(ranks, choices.iter().map(|choice| choice.rank).collect::<Vec<_>>());
    }
}
