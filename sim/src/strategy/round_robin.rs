//! The fair schedule: each chain in turn.
//!
//! The chains stand in a circle whose order is drawn per run, and the next one after the last that
//! has something to do is taken. Timers wait until nothing else can happen, as they do when
//! durations hold; among timers the circle decides again.

use crate::choice::{Alternative, EventKind};
use crate::rng::{Draws, scramble};

#[derive(Debug, Default)]
pub(super) struct RoundRobin {
    /// Places the chains on the circle.
    order: u64,
    /// The place of the chain taken last.
    last: u64,
}

impl RoundRobin {
    pub(super) fn begin(&mut self, draws: &mut Draws) {
        self.order = draws.bits();
        self.last = draws.bits();
    }

    pub(super) fn event(&mut self, alternatives: &[Alternative]) -> u32 {
        let key = |alternative: &Alternative| {
            let place = scramble(self.order ^ u64::from(alternative.chain));
            // How far round the circle it is from the chain taken last, which comes last itself.
            (
                alternative.kind == EventKind::Timer,
                place.wrapping_sub(self.last).wrapping_sub(1),
            )
        };
        let (mut rank, mut nearest) = (0, key(&alternatives[0]));
        for (other, alternative) in (0..).zip(alternatives).skip(1) {
            let key = key(alternative);
            if key < nearest {
                (rank, nearest) = (other, key);
            }
        }
        self.last = self.last.wrapping_add(nearest.1).wrapping_add(1);
        rank
    }
}
