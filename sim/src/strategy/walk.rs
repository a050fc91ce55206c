//! The random walks: plain, and weighted by what was learnt.
//!
//! The learnt walk picks a chain by the number of events it still has to make. Were the numbers
//! exact and nothing blocked, that would make every interleaving of the chains equally likely;
//! with learnt numbers it comes close. And it takes at once what races with nothing, which would
//! only dilute the choices that matter.
//!
//! Timers count for less in a quarter of the runs, by a weight drawn per run: as alternatives like
//! any other they make nearly every run one in which somebody gives up. Together with the time
//! mode, in which a third of the runs let no timer race at all, that leaves half of all runs in
//! which next to nobody does.

use crate::choice::{Alternative, Alternatives, EventKind};
use crate::rng::Draws;

/// How likely a timer is against another event, in sixteenths, for one run: 2 in a quarter of the
/// runs, 16 in the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimerWeight(u64);

impl TimerWeight {
    pub(super) const FULL: u64 = 16;

    pub(super) fn draw(draws: &mut Draws) -> TimerWeight {
        TimerWeight([2, Self::FULL, Self::FULL, Self::FULL][draws.rank(4) as usize])
    }

    #[inline]
    fn of(self, kind: EventKind) -> u64 {
        if kind == EventKind::Timer {
            self.0
        } else {
            Self::FULL
        }
    }

    /// Whether this timer is treated like any other event, by lot.
    #[inline]
    pub(super) fn admits(self, draws: &mut Draws) -> bool {
        self.0 == Self::FULL || draws.below(Self::FULL) < self.0
    }
}

/// One step of the plain walk, by drawing until the lot admits the drawn alternative: the same odds
/// as adding up all weights, without looking at all of them.
#[inline]
pub(super) fn random(
    draws: &mut Draws,
    timers: TimerWeight,
    alternatives: &dyn Alternatives,
) -> u32 {
    // Where there are only timers a draw is refused fifteen times in sixteen at worst, so that the
    // bound is reached once in some hundred choices and costs nothing but a little evenness.
    const TRIES: u32 = 64;
    let n = alternatives.count();
    let mut rank = draws.rank(n);
    for _ in 1..TRIES {
        if !alternatives.is_timer(rank) || timers.admits(draws) {
            break;
        }
        rank = draws.rank(n);
    }
    rank
}

/// One step of the learnt walk. Both passes go through all alternatives without a branch: where the
/// walk ends is random, so that leaving early would cost a mispredicted branch per choice.
#[inline]
pub(super) fn learnt(draws: &mut Draws, timers: TimerWeight, alternatives: &[Alternative]) -> u32 {
    let weight = |alternative: &Alternative| alternative.weight() * timers.of(alternative.kind);
    let (mut total, mut all_race) = (0, true);
    for alternative in alternatives {
        all_race &= alternative.races;
        total += weight(alternative);
    }
    if !all_race {
        let free = alternatives
            .iter()
            .position(|alternative| !alternative.races);
        return free.map_or(0, |rank| rank as u32);
    }
    let point = draws.below(total);
    let (mut passed, mut rank) = (0, 0);
    for alternative in alternatives {
        passed += weight(alternative);
        rank += u32::from(passed <= point);
    }
    rank
}
