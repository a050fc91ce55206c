//! Bytes to runs and back.

use proptest::prelude::*;

use super::*;
use crate::choice::ChoiceKind;
use crate::strategy::Canonical;
use crate::tape::Deviation;
use crate::toy::Tree;

#[test]
fn nothing_and_zeros_are_the_canonical_run() {
    let tree = Tree::deep(0, 9);
    let canonical = tree.run(&mut Canonical);
    for bytes in [vec![], vec![7], vec![0; 2], vec![0; 100], vec![200, 9]] {
        assert_eq!(tree.run(&mut Bytes::new(bytes)), canonical);
    }
}

#[test]
fn a_pair_is_a_gap_and_a_rank() {
    let mut chooser = Bytes::new(vec![2, 1, 0, 4, 1, 255]);
    let mut plain = |n| chooser.plain(ChoiceKind::User, n, &|_| ChoiceId::UNKNOWN);
    let ranks: Vec<_> = [9, 9, 9, 3, 9, 4, 9].map(&mut plain).into();
    // Rank 4 of three alternatives comes round to 2, and 255 of four to 1 + 254 mod 3.
    assert_eq!(ranks, [0, 0, 1, 2, 0, 3, 0]);
}

#[test]
fn far_deviations_take_more_pairs() {
    let deviation = |index, rank| Deviation {
        index,
        kind: ChoiceKind::Event,
        n: 1_000,
        rank,
        id: ChoiceId::UNKNOWN,
    };
    let encode = |list: &[Deviation]| Bytes::encode(&list.iter().copied().collect());
    assert_eq!(encode(&[deviation(255, 1)]), Some(vec![255, 1]));
    assert_eq!(encode(&[deviation(256, 1)]), Some(vec![255, 0, 0, 1]));
    let far = encode(&[deviation(3, 255), deviation(700, 2)]);
    assert_eq!(far, Some(vec![3, 255, 255, 0, 255, 0, 184, 2]));
    assert_eq!(encode(&[deviation(3, 256)]), None);

    let mut chooser = Bytes::new(far.unwrap());
    let ranks = (0..800).map(|_| chooser.plain(ChoiceKind::Event, 1_000, &|_| ChoiceId::UNKNOWN));
    let deviating: Vec<_> = ranks.enumerate().filter(|&(_, rank)| rank > 0).collect();
    assert_eq!(deviating, [(3, 255), (700, 2)]);
}

proptest! {
    /// What bytes did can be written as bytes that do it again.
    #[test]
    fn a_run_survives_its_bytes(seed: u64, bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let tree = Tree::deep(seed, 9);
        let mut chooser = Bytes::new(bytes);
        let tape = tree.run(&mut chooser);
        let encoded = Bytes::encode(&tape.deviations()).expect("bytes gave the ranks");
        let mut again = Bytes::new(encoded.clone());
        prop_assert_eq!(&tree.run(&mut again), &tape);
        chooser.load(&encoded);
        prop_assert_eq!(tree.run(&mut chooser), tape);
    }

    /// A pair more or less changes at most what comes after it.
    #[test]
    fn what_comes_before_a_pair_stays(
        seed: u64, bytes in proptest::collection::vec(any::<u8>(), 2..40), cut in 0..20_usize,
    ) {
        let cut = 2 * (cut % (bytes.len() / 2));
        let tree = Tree::deep(seed, 9);
        let whole = tree.run(&mut Bytes::new(bytes.clone()));
        let part = tree.run(&mut Bytes::new(bytes[..cut].to_vec()));
        let reach: usize = bytes[..cut].chunks(2).map(|pair| usize::from(pair[0]) + 1).sum();
        let shared = reach.min(whole.len()).min(part.len());
        prop_assert!(whole.choices().take(shared).eq(part.choices().take(shared)));
    }
}
