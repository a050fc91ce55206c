//! Depth-first search visits every tape once, and says when it did.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::strategy::Canonical;
use crate::toy::{Kernel, Known, Tree, any_run, kernels};

/// How many runs a complete search makes, and how many of them fail.
fn search(kernel: Kernel) -> (u64, u64) {
    let mut search = DepthFirst::new(Kinds::NONE, 100_000);
    let mut failures = 0;
    loop {
        let ran = kernel.run(&Known::default(), &any_run(), &mut search);
        assert_eq!(search.divergence(), None);
        failures += u64::from(ran.verdict.is_some());
        if !search.advance() {
            assert!(search.is_complete());
            return (search.runs(), failures);
        }
    }
}

#[test]
fn the_number_of_runs_is_the_number_of_interleavings() {
    assert_eq!(search(kernels::reversed::<4>()), (24, 1));
    assert_eq!(search(kernels::reversed::<6>()), (720, 1));
    assert_eq!(search(kernels::one_order()), (12, 1));
    // Three events of each of two clients: 6! / (3! 3!). Only one client after the other counts
    // right, and there are two orders of that.
    assert_eq!(search(kernels::lost_update()), (20, 18));
    // The early message at each of the 43 places in the other chain.
    assert_eq!(search(kernels::overtaken()), (43, 1));
}

#[test]
fn a_bound_leaves_the_search_incomplete() {
    let mut search = DepthFirst::new(Kinds::NONE, 23);
    let kernel = kernels::reversed::<4>();
    let mut more = true;
    while more {
        kernel.run(&Known::default(), &any_run(), &mut search);
        more = search.advance();
    }
    assert_eq!((search.runs(), search.is_complete()), (23, false));
}

#[test]
fn a_program_that_changes_under_the_search_is_found_out() {
    let tree = |seed| Tree {
        seed,
        depth: 6,
        n_max: 4,
    };
    let seed = (0..).find(|&seed| tree(seed).tapes() > 50).unwrap();
    let mut search = DepthFirst::new(Kinds::ALL, u64::MAX);
    tree(seed).run(&mut search);
    assert!(search.advance());
    tree(seed + 1).run(&mut search);
    let divergence = search.divergence().expect("another tree has other ids");
    assert_eq!(divergence.index, 0);
    assert!(
        divergence
            .to_string()
            .starts_with("diverged at choice 0: expected ")
    );
}

proptest! {
    #[test]
    fn every_tape_is_run_once_in_order(seed: u64, depth in 0..6_u32) {
        let tree = Tree { seed, depth, n_max: 3 };
        let mut search = DepthFirst::new(Kinds::ALL, u64::MAX);
        let mut seen = BTreeSet::new();
        let mut last = None;
        loop {
            let tape = tree.run(&mut search);
            prop_assert_eq!(search.divergence(), None);
            let ranks: Vec<_> = tape.choices().map(|choice| choice.rank).collect();
            prop_assert!(last < Some(ranks.clone()));
            last = Some(ranks.clone());
            prop_assert!(seen.insert(ranks));
            if !search.advance() {
                break;
            }
        }
        prop_assert!(search.is_complete());
        prop_assert_eq!(search.runs(), tree.tapes());
    }

    /// A kind that is not enabled stays canonical.
    #[test]
    fn only_enabled_kinds_branch(seed: u64) {
        let tree = Tree { seed, depth: 6, n_max: 3 };
        let mut search = DepthFirst::new(Kinds::NONE.with(ChoiceKind::User), u64::MAX);
        let mut first = None;
        loop {
            let tape = tree.run(&mut search);
            let disabled = |choice: &Choice| {
                !matches!(choice.kind, ChoiceKind::Event | ChoiceKind::User)
            };
            prop_assert!(tape.choices().filter(disabled).all(|choice| choice.rank == 0));
            let more = search.advance();
            first.get_or_insert(tape);
            if !more {
                break;
            }
        }
        prop_assert_eq!(first, Some(tree.run(&mut Canonical)));
    }
}
