//! Strict and tolerant replay.

use proptest::prelude::*;

use super::*;
use crate::strategy::Bytes;
use crate::toy::Tree;

const EVENT: ChoiceKind = ChoiceKind::Event;
const CRASH: ChoiceKind = ChoiceKind::Crash;

fn deviation(index: u64, kind: ChoiceKind, n: u32, rank: u32, label: &str) -> Deviation {
    Deviation {
        index,
        kind,
        n,
        rank,
        id: ChoiceId::of(label),
    }
}

/// Asks a chooser one question after the other: a kind and the labels of its alternatives.
fn ask(chooser: &mut dyn Chooser, questions: &[(ChoiceKind, &[&str])]) -> Vec<u32> {
    let answer = |&(kind, labels): &(ChoiceKind, &[&str])| {
        chooser.plain(kind, labels.len() as u32, &|rank| {
            ChoiceId::of(labels[rank as usize])
        })
    };
    questions.iter().map(answer).collect()
}

fn tolerant(list: &[Deviation], questions: &[(ChoiceKind, &[&str])]) -> (Vec<u32>, Fidelity) {
    let mut replay = TolerantReplay::new(list.iter().copied().collect());
    let ranks = ask(&mut replay, questions);
    (ranks, replay.fidelity())
}

fn strict(list: &[Deviation], questions: &[(ChoiceKind, &[&str])]) -> Result<Vec<u32>, String> {
    let mut replay = StrictReplay::new(list.iter().copied().collect());
    let ranks = ask(&mut replay, questions);
    replay
        .finish()
        .map(|()| ranks)
        .map_err(|divergence| divergence.to_string())
}

#[test]
fn strict_replay_says_where_it_diverged_and_why() {
    let list = [deviation(1, EVENT, 3, 2, "c")];
    let same: [(ChoiceKind, &[&str]); 3] = [
        (EVENT, &["a", "b"]),
        (EVENT, &["a", "b", "c"]),
        (EVENT, &["a", "b"]),
    ];
    assert_eq!(strict(&list, &same), Ok(vec![0, 2, 0]));

    let c = ChoiceId::of("c");
    let expected = format!("diverged at choice 1: expected event `{c}`, rank 2 of 3; got ");
    let diverged = |question: (ChoiceKind, &[&str])| {
        let text = strict(&list, &[same[0], question, same[2]]).unwrap_err();
        text.strip_prefix(&expected)
            .expect("it names what was expected")
            .to_owned()
    };
    let x = ChoiceId::of("x");
    assert_eq!(
        diverged((EVENT, &["a", "b", "x"])),
        format!("event `{x}`, rank 2 of 3")
    );
    assert_eq!(
        diverged((EVENT, &["a", "b", "c", "d"])),
        format!("event `{c}`, rank 2 of 4")
    );
    assert_eq!(
        diverged((CRASH, &["a", "b", "c"])),
        format!("crash `{c}`, rank 2 of 3")
    );
    assert_eq!(
        diverged((EVENT, &["x", "c"])),
        format!("event `{x}`, rank 0 of 2")
    );
    assert_eq!(
        strict(&list, &same[..1]).unwrap_err(),
        format!("{expected}the end of the run")
    );
}

#[test]
fn a_diverged_replay_goes_on_canonically() {
    let list = [
        deviation(0, EVENT, 2, 1, "b"),
        deviation(1, EVENT, 2, 1, "b"),
    ];
    let mut replay = StrictReplay::new(list.into_iter().collect());
    assert_eq!(
        ask(&mut replay, &[(EVENT, &["a", "x"]), (EVENT, &["a", "b"])]),
        [0, 0]
    );
    assert_eq!(
        replay.divergence().map(|divergence| divergence.index),
        Some(0)
    );
}

#[test]
fn an_id_that_was_not_recorded_fits_any() {
    let list = [Deviation {
        id: ChoiceId::UNKNOWN,
        ..deviation(0, EVENT, 2, 1, "")
    }];
    assert_eq!(strict(&list, &[(EVENT, &["a", "b"])]), Ok(vec![1]));
    assert!(strict(&list, &[(EVENT, &["a", "b", "c"])]).is_err());
    assert_eq!(
        tolerant(&list, &[(EVENT, &["a", "b"])]),
        (vec![1], Fidelity::Exact)
    );
    assert_eq!(
        tolerant(&list, &[(EVENT, &["a", "b", "c"])]),
        (vec![1], Fidelity::Drifted)
    );
}

#[test]
fn tolerant_replay_goes_by_id_then_by_rank_then_on() {
    let list = [deviation(0, EVENT, 3, 2, "c")];
    let one = |labels| tolerant(&list, &[(EVENT, labels)]);
    assert_eq!(one(&["a", "b", "c"]), (vec![2], Fidelity::Exact));
    assert_eq!(one(&["a", "c", "b"]), (vec![1], Fidelity::Drifted));
    assert_eq!(one(&["c", "b", "a"]), (vec![0], Fidelity::Drifted));
    assert_eq!(one(&["a", "b", "c", "d"]), (vec![2], Fidelity::Drifted));
    assert_eq!(one(&["a", "b", "d"]), (vec![2], Fidelity::Lost));
    assert_eq!(one(&["a", "b"]), (vec![0], Fidelity::Lost));
    assert_eq!(tolerant(&list, &[]), (vec![], Fidelity::Lost));
}

#[test]
fn a_deviation_waits_for_a_choice_of_its_kind() {
    let list = [
        deviation(1, CRASH, 2, 1, "p"),
        deviation(2, EVENT, 2, 1, "b"),
    ];
    // The crash comes one choice late; the event behind it is not held up.
    let late: [(ChoiceKind, &[&str]); 5] = [
        (EVENT, &["a", "b"]),
        (EVENT, &["a", "b"]),
        (EVENT, &["a", "b"]),
        (CRASH, &["-", "p"]),
        (CRASH, &["-", "p"]),
    ];
    assert_eq!(
        tolerant(&list, &late),
        (vec![0, 0, 1, 1, 0], Fidelity::Drifted)
    );
    // Without any crash choice only the crash is lost.
    assert_eq!(tolerant(&list, &late[..3]), (vec![0, 0, 1], Fidelity::Lost));
}

#[test]
fn a_draw_among_billions_is_not_searched() {
    let wanted = deviation(0, ChoiceKind::User, u32::MAX, 7, "site");
    let mut asked = std::cell::Cell::new(0_u32);
    let mut replay = TolerantReplay::new([wanted].into_iter().collect());
    let rank = replay.plain(ChoiceKind::User, u32::MAX, &|_| {
        asked.set(asked.get() + 1);
        ChoiceId::of("moved")
    });
    assert_eq!((rank, replay.fidelity()), (7, Fidelity::Lost));
    assert!(*asked.get_mut() <= SEARCHED_MAX + 1);
}

proptest! {
    /// Both replays repeat a run from its deviations alone, and may be used again.
    #[test]
    fn deviations_repeat_the_run(
        seed: u64, bytes in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let tree = Tree::deep(seed, 6);
        let tape = tree.run(&mut Bytes::new(bytes));
        let mut strict = StrictReplay::new(tape.deviations());
        let mut tolerant = TolerantReplay::new(Deviations::new());
        tolerant.load(&tape.deviations());
        for _ in 0..2 {
            prop_assert_eq!(&tree.run(&mut strict), &tape);
            prop_assert_eq!(strict.finish(), Ok(()));
            prop_assert_eq!(&tree.run(&mut tolerant), &tape);
            prop_assert_eq!(tolerant.fidelity(), Fidelity::Exact);
        }
    }

    /// On another program a strict replay of a real deviation is caught, and a tolerant one still
    /// gives a run of that program.
    #[test]
    fn another_program_is_noticed(
        seed: u64, pairs in proptest::collection::vec((0..4_u8, 1..255_u8), 1..20),
    ) {
        let bytes = pairs.iter().flat_map(|&(gap, rank)| [gap, rank]).collect();
        let tree = Tree::deep(seed, 6);
        let other = Tree { seed: tree.seed.wrapping_add(1), ..tree };
        let tape = tree.run(&mut Bytes::new(bytes));
        prop_assert!(!tape.deviations().is_empty());
        let mut strict = StrictReplay::new(tape.deviations());
        other.run(&mut strict);
        prop_assert!(strict.finish().is_err());
        let mut tolerant = TolerantReplay::new(tape.deviations());
        let followed = other.run(&mut tolerant);
        prop_assert_eq!(tolerant.fidelity(), Fidelity::Lost);
        prop_assert!(followed.deviations().len() <= tape.deviations().len());
        let mut again = StrictReplay::new(followed.deviations());
        prop_assert_eq!(other.run(&mut again), followed);
        prop_assert_eq!(again.finish(), Ok(()));
    }
}
