//! The set against a sorted list.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Numbers in their own order, many of which share a digest.
#[derive(Default)]
struct Numbers {
    ranked: Ranked,
    model: BTreeSet<u32>,
    /// By how much digests are coarser than numbers.
    shift: u32,
}

impl Numbers {
    fn member(&self, number: u32) -> Member {
        Member {
            digest: u64::from(number) >> self.shift,
            number,
        }
    }

    /// Puts a number in, or takes it out if it is a member.
    fn toggle(&mut self, number: u32) {
        let member = self.member(number);
        if self.model.remove(&number) {
            self.ranked.remove(member, |a, b| a > b);
        } else {
            self.model.insert(number);
            self.ranked.insert(member, |a, b| a > b);
        }
    }

    fn check(&self) {
        assert_eq!(self.ranked.len(), self.model.len());
        let mut all = Vec::new();
        self.ranked.each(|number| all.push(number));
        assert!(all.iter().eq(&self.model), "{all:?}, not {:?}", self.model);
        for (rank, number) in all.into_iter().enumerate() {
            let member = self.member(number);
            assert_eq!(self.ranked.at(rank), number);
            assert_eq!(self.ranked.rank(member, |a, b| a > b), rank);
        }
    }
}

proptest! {
    /// While it grows to three levels, shrinks, and is used again.
    #[test]
    fn it_is_an_ordered_set_with_ranks(
        seasons in proptest::collection::vec(
            (any::<bool>(), proptest::collection::vec(any::<u32>(), 0..1_500)), 1..6,
        ),
        range in prop_oneof![Just(40_u32), Just(2_000), Just(u32::MAX)],
        shift in prop_oneof![Just(0_u32), Just(3), Just(40)],
    ) {
        let mut numbers = Numbers { shift, ..Numbers::default() };
        for (cleared, season) in seasons {
            for drawn in season {
                // A third of them takes out whatever has that rank.
                let rank = drawn as usize % 1_000;
                let number = match drawn % 3 == 0 && rank < numbers.ranked.len() {
                    true => numbers.ranked.at(rank),
                    false => drawn % range,
                };
                numbers.toggle(number);
            }
            numbers.check();
            if cleared {
                numbers.ranked.clear();
                numbers.model.clear();
            }
        }
    }
}

#[test]
fn it_grows_and_shrinks_in_any_order() {
    let orders: [fn(u32) -> u32; 3] = [|n| n, |n| 10_006 - n, |n| n * 7_919 % 10_007];
    for order in orders {
        let mut numbers = Numbers::default();
        (0..10_007).map(order).for_each(|n| numbers.toggle(n));
        numbers.check();
        assert!(numbers.ranked.height >= 2);
        (0..10_000).map(order).for_each(|n| numbers.toggle(n));
        numbers.check();
        (10_000..10_007).map(order).for_each(|n| numbers.toggle(n));
        assert_eq!((numbers.ranked.len(), numbers.ranked.height), (0, 0));
        let nodes = numbers.ranked.nodes.len();
        assert_eq!(
            numbers.ranked.free.len() + 1,
            nodes,
            "all but the root are free"
        );
    }
}

/// Chains are sorted by their keys, and one that is put in again may have another key by then.
#[test]
fn what_a_member_was_sorted_by_may_change_while_it_is_out() {
    const NUMBERS: u32 = 100;
    let mut keys: Vec<u32> = (0..NUMBERS).map(|number| number * 100).collect();
    let mut ranked = Ranked::default();
    let mut model = BTreeSet::new();
    let member = |number| Member { digest: 7, number };
    let after = |keys: &[u32], a: u32, b: u32| (keys[a as usize], a) > (keys[b as usize], b);
    for number in 0..NUMBERS {
        ranked.insert(member(number), |a, b| after(&keys, a, b));
        model.insert((keys[number as usize], number));
    }
    for round in 0..10_000_u32 {
        let number = round * 37 % NUMBERS;
        ranked.remove(member(number), |a, b| after(&keys, a, b));
        model.remove(&(keys[number as usize], number));
        keys[number as usize] = round * 7_919 % 10_007;
        ranked.insert(member(number), |a, b| after(&keys, a, b));
        model.insert((keys[number as usize], number));
        let mut all = Vec::new();
        ranked.each(|number| all.push(number));
        assert!(
            all.iter().eq(model.iter().map(|(_, number)| number)),
            "round {round}"
        );
    }
}
