//! Where chains are lowered, and what priority a timer gets.

use super::*;
use crate::choice::ChoiceId;

const CHOICES: u64 = 10;

fn alternative(chain: u32, kind: EventKind) -> Alternative {
    Alternative {
        id: ChoiceId(1),
        chain,
        remaining: 1,
        kind,
        races: true,
    }
}

/// The chains taken in one run of four chains that always have something to do.
fn run(pct: &mut Pct, depth: u8, seed: u64, alternatives: &[Alternative]) -> Vec<u32> {
    let mut draws = Draws::new(seed);
    let timers = TimerWeight::draw(&mut draws);
    pct.begin(depth, &mut draws, CHOICES);
    (0..2 * CHOICES)
        .map(|_| pct.event(&mut draws, timers, alternatives))
        .collect()
}

/// Where a run goes from one chain to another.
fn changes(ranks: &[u32]) -> Vec<usize> {
    (1..ranks.len())
        .filter(|&at| ranks[at] != ranks[at - 1])
        .collect()
}

#[test]
fn the_highest_chain_is_lowered_at_places_drawn_evenly() {
    let four = [0, 1, 2, 3].map(|chain| alternative(chain, EventKind::Deliver));
    let mut pct = Pct::default();
    let mut firsts = [0_u32; 4];
    let mut at = [0_u32; 2 * CHOICES as usize];
    for seed in 0..10_000 {
        let constant = run(&mut pct, 1, seed, &four);
        assert!(changes(&constant).is_empty());
        firsts[constant[0] as usize] += 1;

        let once = run(&mut pct, 2, seed, &four);
        // A place at the very first choice does not show as a change.
        let change = changes(&once).first().copied().unwrap_or(0);
        assert!(changes(&once).len() <= 1);
        at[change] += 1;
    }
    assert!(
        firsts.iter().all(|count| (2_300..2_700).contains(count)),
        "{firsts:?}"
    );
    let (inside, after) = at.split_at(CHOICES as usize);
    assert!(
        inside.iter().all(|count| (850..1_150).contains(count)),
        "{at:?}"
    );
    assert_eq!(after.iter().sum::<u32>(), 0);
}

/// Each place takes effect where it is, whatever the order in which they were drawn, and lowers
/// below all chains that were not.
#[test]
fn several_places_lower_one_chain_each() {
    let four = [0, 1, 2, 3].map(|chain| alternative(chain, EventKind::Deliver));
    let mut pct = Pct::default();
    let mut apart = 0;
    for seed in 0..1_000 {
        let ranks = run(&mut pct, 3, seed, &four);
        let mut visited = ranks.clone();
        visited.dedup();
        let changes = changes(&ranks).len();
        let different = visited
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len();
        assert_eq!(different, changes + 1, "no chain comes back: {ranks:?}");
        apart += u32::from(changes == 2);
    }
    // Two places that are neither equal nor at the first choice: 0.9 * 0.8 of the runs.
    assert!((670..770).contains(&apart), "{apart} of 1,000");
}

/// Above the other chain in half of the runs that admit it: 1/8 of a quarter of the runs, and all
/// of the others.
#[test]
fn a_timer_is_at_the_bottom_unless_its_weight_admits_it() {
    let pair = [
        alternative(0, EventKind::Timer),
        alternative(1, EventKind::Deliver),
    ];
    let mut pct = Pct::default();
    let early = (0..10_000)
        .filter(|&seed| run(&mut pct, 1, seed, &pair)[0] == 0)
        .count();
    assert!((3_750..4_060).contains(&early), "{early} of 10,000");
    // Lowered chains are below timers all the same: then somebody gives up.
    let late = (0..1_000).filter(|&seed| run(&mut pct, 2, seed, &pair).last() == Some(&0));
    assert!(late.count() > 500);
}
