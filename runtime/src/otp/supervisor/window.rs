//! The restarts that count: more than so many within so long, and a supervisor gives up.
//!
//! # Semantics
//! SUP-601 to SUP-613. Stamps are whole seconds, rounded down, and a stamp that lies the period
//! back still counts. So whether two restarts count together may depend on where the seconds begin.
//!
//! # Invariants
//! - WIN1: no more stamps are kept than restarts are allowed, and one.

use std::collections::VecDeque;
use std::time::Duration;

use crate::process::{now, random_range};

const SECOND: u64 = 1_000_000_000;
/// Places within a second at which the grid of whole seconds may begin.
const OFFSETS: u64 = 4;

/// How many restarts within which time are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) restarts: usize,
    pub(crate) period: Duration,
    /// Compares times as they are, instead of whole seconds.
    pub(super) exact: bool,
}

impl Default for Limit {
    /// Elixir's: three within five seconds (SUP-1501).
    fn default() -> Self {
        Limit {
            restarts: 3,
            period: Duration::from_secs(5),
            exact: false,
        }
    }
}

impl Limit {
    pub(super) fn is_exact(&self) -> bool {
        self.exact
    }

    /// The default, with times compared as they are.
    pub(crate) fn exact() -> Self {
        Limit {
            exact: true,
            ..Limit::default()
        }
    }
}

/// The restarts that still count.
#[derive(Debug, Default)]
pub(crate) struct Window {
    stamps: VecDeque<u64>,
    /// Nanoseconds by which the grid of whole seconds is ahead of the clock, once it mattered.
    offset: Option<u64>,
}

impl Window {
    /// Notes one more restart; whether it is allowed (SUP-604).
    pub(crate) fn allows(&mut self, limit: &Limit) -> bool {
        self.allows_at(now().nanos(), limit, || {
            random_range(0..OFFSETS) * (SECOND / OFFSETS)
        })
    }

    /// How many more restarts are allowed now. Those that may still count do.
    pub(crate) fn left(&self, limit: &Limit) -> usize {
        let now = now().nanos();
        let counting = (self.stamps.iter()).filter(|stamp| match limit.exact {
            true => Duration::from_nanos(now - **stamp) <= limit.period,
            false => (now - **stamp) / SECOND <= whole_seconds(limit.period),
        });
        limit.restarts.saturating_sub(counting.count())
    }

    fn allows_at(&mut self, now: u64, limit: &Limit, draw: impl FnOnce() -> u64) -> bool {
        let mut offset = (self.offset, Some(draw));
        // The oldest go first, and one that counts is followed by others that do.
        while let Some(&stamp) = self.stamps.front() {
            let counts = match limit.exact {
                true => Duration::from_nanos(now - stamp) <= limit.period,
                false => counts(stamp, now, limit, || match &mut offset {
                    (Some(known), _) => *known,
                    (unknown, draw) => *unknown.insert(draw.take().map_or(0, |draw| draw())),
                }),
            };
            if mutant!(FixedWindow) && !counts {
                self.stamps.clear();
                break;
            }
            if counts || mutant!(NeverExpire) {
                break;
            }
            self.stamps.pop_front();
        }
        self.offset = offset.0;
        self.stamps.push_back(now);
        let allowed =
            self.stamps.len() <= limit.restarts.saturating_add(usize::from(mutant!(OneMore)));
        // WIN1
        let kept = limit
            .restarts
            .saturating_add(1 + usize::from(mutant!(OneMore)));
        while self.stamps.len() > kept {
            self.stamps.pop_front();
        }
        allowed
    }
}

/// Whether a restart still counts (SUP-603). Asks for the grid only where it decides: what is
/// drawn there is a choice of the simulator's.
fn counts(stamp: u64, now: u64, limit: &Limit, offset: impl FnOnce() -> u64) -> bool {
    let period = whole_seconds(limit.period);
    match (now - stamp) / SECOND {
        // Of two times so many whole seconds apart, the stamps differ by as many or one more.
        apart if apart < period => true,
        apart if apart > period => false,
        _ => {
            let offset = offset();
            (now + offset) / SECOND - (stamp + offset) / SECOND <= period
        }
    }
}

/// A period in whole seconds, rounded up.
fn whole_seconds(period: Duration) -> u64 {
    let rest = u64::from(period.subsec_nanos() > 0);
    period.as_secs().saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(restarts: usize, seconds: u64) -> Limit {
        Limit {
            restarts,
            period: Duration::from_secs(seconds),
            exact: false,
        }
    }

    fn decide(times: &[u64], limit: &Limit, offset: u64) -> Vec<bool> {
        let mut window = Window::default();
        times
            .iter()
            .map(|time| window.allows_at(*time, limit, || offset))
            .collect()
    }

    /// What the rules say, word for word: a list of all stamps in whole seconds.
    fn model(times: &[u64], limit: &Limit, offset: u64) -> Vec<bool> {
        let mut stamps: Vec<u64> = Vec::new();
        times
            .iter()
            .map(|time| {
                let now = (time + offset) / SECOND;
                stamps.retain(|stamp| stamp + limit.period.as_secs() >= now);
                stamps.push(now);
                stamps.len() <= limit.restarts
            })
            .collect()
    }

    #[test]
    fn the_boundary_counts_and_depends_on_the_grid() {
        let two = limit(1, 2);
        // SUP-606: a difference of two seconds and 900 ms stops a supervisor if they lie well.
        assert_eq!(decide(&[0, 2_900_000_000], &two, 0), [true, false]);
        assert_eq!(decide(&[0, 2_900_000_000], &two, SECOND / 2), [true, true]);
        assert_eq!(decide(&[0, 3 * SECOND], &two, 0), [true, true]);
        assert_eq!(decide(&[0, 0], &limit(0, 1), 0), [false, false]);
        assert_eq!(decide(&[0, 0], &limit(usize::MAX, 1), 0), [true, true]);
    }

    #[test]
    fn an_exact_window_is_as_long_as_it_says() {
        let exact = Limit {
            exact: true,
            ..limit(1, 2)
        };
        assert_eq!(decide(&[0, 2 * SECOND], &exact, 0), [true, false]);
        assert_eq!(decide(&[0, 2 * SECOND + 1], &exact, 0), [true, true]);
    }

    /// Numbers without a pattern, from a counter (splitmix64).
    struct Draw(u64);

    impl Draw {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % bound
        }

        /// The time between two restarts: none, any, whole seconds, or nearly so.
        fn gap(&mut self) -> u64 {
            let seconds = self.below(5) * SECOND;
            match self.below(5) {
                0 => 0,
                1 => self.below(SECOND),
                2 => seconds,
                3 => seconds + self.below(SECOND),
                _ => seconds + SECOND - 1 - self.below(2),
            }
        }
    }

    /// SUP-601 to SUP-607: as many sequences as are named, all decided as the rules say.
    #[test]
    fn a_million_sequences_are_decided_as_by_the_model() {
        let mut draw = Draw(0);
        for sequence in 0..1_000_000 {
            let limit = limit(draw.below(6) as usize, 1 + draw.below(7));
            let offset = draw.below(OFFSETS) * (SECOND / OFFSETS);
            let mut time = draw.below(SECOND);
            let times: Vec<u64> = (0..1 + draw.below(16))
                .map(|_| {
                    time += draw.gap();
                    time
                })
                .collect();
            let (decided, expected) = (
                decide(&times, &limit, offset),
                model(&times, &limit, offset),
            );
            assert_eq!(
                decided, expected,
                "sequence {sequence}: {times:?}, grid at {offset}, {limit:?}"
            );
        }
    }
}
