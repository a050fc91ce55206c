//! Spawn paths: who a process is, whatever the schedule (contract C5).
//!
//! The root is `0`, the k-th child of a process is its path with `.k`. A path is one number that
//! orders like the path itself, so that comparing two costs a comparison of integers.
//!
//! # Costs
//! Ordinals below 240 take a byte, sixteen bytes are there: deeper or wider paths keep their
//! beginning and end in a hash, which still is the same in every run.

use std::fmt::{self, Write};

use crate::choice::LabelHash;
use crate::rng::scramble;

/// The path of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(u128);

const BYTES: u32 = 16;
/// Ordinals below this take one byte, as their value plus one; zero ends a path.
const SHORT: u32 = 240;
/// The first byte of an ordinal that takes two more bytes.
const LONG: u8 = 241;
/// The first byte of an ordinal that takes four more bytes.
const LONGER: u8 = 242;
/// Marks a path whose rest is a hash of eight bytes.
const HASHED: u8 = 255;

impl Path {
    /// The root of a run.
    pub const ROOT: Path = Path((1u128) << 120);

    /// The path of a child.
    pub fn child(self, ordinal: u32) -> Path {
        let used = self.used();
        let (bytes, len): ([u8; 5], u32) = if ordinal < SHORT {
            ([ordinal as u8 + 1, 0, 0, 0, 0], 1)
        } else if ordinal <= u32::from(u16::MAX) {
            let [a, b] = (ordinal as u16).to_be_bytes();
            ([LONG, a, b, 0, 0], 3)
        } else {
            let [a, b, c, d] = ordinal.to_be_bytes();
            ([LONGER, a, b, c, d], 5)
        };
        // Byte 7 is kept free for the mark of a hashed path, so that it fits behind any prefix.
        if self.is_hashed() || used + len > BYTES {
            return self.hashed(ordinal);
        }
        let mut path = self.0;
        for (offset, byte) in (0..len).zip(bytes) {
            path |= u128::from(byte) << (8 * (BYTES - 1 - used - offset));
        }
        Path(path)
    }

    /// A number that depends on nothing but the path.
    pub(super) fn spread(self) -> u64 {
        scramble((self.0 as u64) ^ scramble((self.0 >> 64) as u64))
    }

    fn hashed(self, ordinal: u32) -> Path {
        let kept = self.0 >> 72 << 72;
        let rest = scramble((self.0 as u64) ^ ((self.0 >> 64) as u64).rotate_left(17));
        let hash = scramble(rest ^ u64::from(ordinal).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Path(kept | u128::from(HASHED) << 64 | u128::from(hash))
    }

    fn is_hashed(self) -> bool {
        (self.0 >> 64) as u8 == HASHED && self.0 as u64 != 0 && self.0 as u8 != 0
    }

    /// How many bytes are taken.
    fn used(self) -> u32 {
        let bytes = self.0.to_be_bytes();
        let mut at = 0;
        while at < bytes.len() && bytes[at] != 0 {
            at += match bytes[at] {
                LONG => 3,
                LONGER => 5,
                _ => 1,
            };
        }
        at as u32
    }

    /// The ordinals up to where a hash begins.
    fn ordinals(self) -> impl Iterator<Item = u32> {
        let bytes = self.0.to_be_bytes();
        let end = if self.is_hashed() { 7 } else { bytes.len() };
        let mut at = 0;
        std::iter::from_fn(move || {
            let byte = *bytes[..end].get(at).filter(|byte| **byte != 0)?;
            let (ordinal, len) = match byte {
                LONG if at + 2 < end => (
                    u32::from(u16::from_be_bytes([bytes[at + 1], bytes[at + 2]])),
                    3,
                ),
                LONGER if at + 4 < end => {
                    let [a, b, c, d] = [1, 2, 3, 4].map(|offset| bytes[at + offset]);
                    (u32::from_be_bytes([a, b, c, d]), 5)
                }
                byte => (u32::from(byte) - 1, 1),
            };
            at += len;
            Some(ordinal)
        })
    }

    /// Hashes the text of the path.
    pub(super) fn hash(self, label: &mut LabelHash) {
        if self.is_hashed() {
            // Rare, and hashing cannot fail.
            let _ = write!(label, "{self}");
            return;
        }
        let mut dot: &[u8] = b"";
        for ordinal in self.ordinals() {
            label.bytes(dot);
            label.decimal(ordinal);
            dot = b".";
        }
    }

    /// The number, for use as a key.
    pub fn key(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut dot = "";
        for ordinal in self.ordinals() {
            write!(f, "{dot}{ordinal}")?;
            dot = ".";
        }
        if self.is_hashed() {
            write!(f, "~{:016x}", self.0 as u64)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_order_and_read_like_their_ordinals() {
        let root = Path::ROOT;
        assert_eq!(root.to_string(), "0");
        assert_eq!(root.child(0).child(1).to_string(), "0.0.1");
        assert_eq!(root.child(300).child(70_000).to_string(), "0.300.70000");
        let ordered = [0, 1, 239, 240, 241, 65_535, 65_536, 1_000_000];
        for pair in ordered.windows(2) {
            assert!(root.child(pair[0]) < root.child(pair[1]), "{pair:?}");
        }
        assert!(root < root.child(0));
        assert!(root.child(0).child(9) < root.child(1));
    }

    #[test]
    fn deep_paths_stay_apart() {
        let mut seen = std::collections::BTreeSet::new();
        let mut path = Path::ROOT;
        for depth in 0..100 {
            for ordinal in 0..5 {
                assert!(seen.insert(path.child(ordinal)), "depth {depth}");
            }
            path = path.child(2);
        }
        assert!(path.to_string().starts_with("0.2.2.2.2.2.2~"));
    }
}
