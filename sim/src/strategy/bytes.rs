//! Schedules from the bytes of a fuzzer.
//!
//! Bytes are read in pairs, straight into deviations: the first byte is the number of choices to
//! pass canonically, the second the rank of the choice after them (0: canonical too). So no bytes,
//! or all zeros, are the canonical run; deleting a pair deletes a deviation; adding to a gap moves
//! everything after it; and two inputs that differ in one byte differ in one place. Nothing is
//! hashed, since that would hide all this from the fuzzer.
//!
//! A rank byte `r` above 0 stands for rank `1 + (r - 1) mod (n - 1)`: every such byte is a
//! deviation whatever the number of alternatives, and ranks up to 255 can be written.

use crate::choice::{Alternatives, ChoiceId, ChoiceKind, Chooser};
use crate::seed::RunSeed;
use crate::tape::Deviations;

/// The chooser that follows bytes.
#[derive(Clone, Debug, Default)]
pub struct Bytes {
    bytes: Vec<u8>,
    /// Where the next pair begins.
    at: usize,
    position: u64,
    /// The index of the choice that takes the rank of the pair at `at`.
    due: u64,
}

impl Bytes {
    /// Follows these bytes. A single byte at the end says nothing.
    pub fn new(bytes: Vec<u8>) -> Bytes {
        let mut chooser = Bytes {
            bytes,
            ..Bytes::default()
        };
        chooser.reset();
        chooser
    }

    /// Follows other bytes from the next run on, in the memory of this chooser.
    pub fn load(&mut self, bytes: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.reset();
    }

    /// The bytes that give these deviations again. None when one has a rank above 255, which bytes
    /// cannot say.
    pub fn encode(deviations: &Deviations) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(2 * deviations.len());
        let mut position = 0;
        for deviation in deviations {
            let mut gap = deviation.index - position;
            while gap > 255 {
                // Passes 255 choices and takes rank 0 at the next.
                bytes.extend([255, 0]);
                gap -= 256;
            }
            bytes.extend([gap as u8, u8::try_from(deviation.rank).ok()?]);
            position = deviation.index + 1;
        }
        Some(bytes)
    }

    fn reset(&mut self) {
        self.at = 0;
        self.position = 0;
        self.due = self.pair().map_or(u64::MAX, |(gap, _)| u64::from(gap));
    }

    fn pair(&self) -> Option<(u8, u8)> {
        Some((*self.bytes.get(self.at)?, *self.bytes.get(self.at + 1)?))
    }

    #[inline]
    fn decide(&mut self, n: u32) -> u32 {
        let position = self.position;
        self.position += 1;
        if position < self.due {
            return 0;
        }
        let Some((_, rank)) = self.pair() else {
            return 0;
        };
        self.at += 2;
        self.due = self
            .pair()
            .map_or(u64::MAX, |(gap, _)| self.position + u64::from(gap));
        if rank == 0 {
            0
        } else {
            1 + (u32::from(rank) - 1) % (n - 1)
        }
    }
}

impl Chooser for Bytes {
    fn begin(&mut self, _: &RunSeed) {
        self.reset();
    }

    #[inline]
    fn event(&mut self, alternatives: &mut dyn Alternatives) -> u32 {
        self.decide(alternatives.count())
    }

    #[inline]
    fn plain(&mut self, _: ChoiceKind, n: u32, _: &dyn Fn(u32) -> ChoiceId) -> u32 {
        self.decide(n)
    }
}

#[cfg(test)]
mod tests;
