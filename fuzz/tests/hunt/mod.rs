//! A fuzzer of a few lines, for tests: random bytes, and nothing learnt from any of them.

use beamline_fuzz::schedule::Schedule;
use beamline_sim::Verdict;
use beamline_sim::rng::Draws;

/// Pairs of an input at the most.
const PAIRS: u64 = 12;
/// Gaps and ranks stay below these, since runs are short and alternatives few.
const GAP: u64 = 16;
const RANK: u64 = 6;

/// Tries random inputs until one violates something: the input, and what it violates.
pub(crate) fn hunt(schedule: &mut Schedule, seed: u64, inputs: u64) -> Option<(Vec<u8>, Verdict)> {
    let mut draws = Draws::new(seed);
    (0..inputs).find_map(|_| {
        let pairs = draws.below(PAIRS + 1);
        let pair = |_| [draws.below(GAP) as u8, draws.below(RANK) as u8];
        let bytes: Vec<u8> = (0..pairs).flat_map(pair).collect();
        let verdict = schedule.run(&bytes)?;
        Some((bytes, verdict))
    })
}
