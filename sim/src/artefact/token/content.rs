//! The bytes between the length of a token and its checksum: modes, hashes and deviations.

use super::Token;
use crate::choice::{ChoiceId, ChoiceKind};
use crate::mode::{Delivery, Granularity};
use crate::tape::{Deviation, Deviations};

/// The deviation as a gap, its kind and rank, and the alternatives above its rank: three bytes as a
/// rule.
pub(super) fn push_deviation(deviation: &Deviation, free: u64, bytes: &mut Vec<u8>) {
    push_number(deviation.index - free, bytes);
    let small = (deviation.rank - 1).min(15);
    bytes.push((deviation.kind as u8) << 4 | small as u8);
    if small == 15 {
        push_number(u64::from(deviation.rank - 16), bytes);
    }
    push_number(u64::from(deviation.n - deviation.rank - 1), bytes);
}

impl Token {
    /// The token that a content stands for, if it stands for one.
    pub(super) fn from_content(bytes: &[u8]) -> Option<Token> {
        let (head, mut rest) = bytes.split_first_chunk::<6>()?;
        let [flags, c0, c1, c2, i0, i1] = *head;
        let mut deviations = Deviations::new();
        let mut free = Some(0_u64);
        while !rest.is_empty() {
            let index = free?.checked_add(take_number(&mut rest)?)?;
            let (&packed, after) = rest.split_first()?;
            rest = after;
            let kind = ChoiceKind::from_number(packed >> 4)?;
            let more = if packed & 15 == 15 {
                take_number(&mut rest)?
            } else {
                0
            };
            let rank = more.checked_add(u64::from(packed & 15) + 1)?;
            let n = take_number(&mut rest)?.checked_add(rank)?.checked_add(1)?;
            let (n, rank) = (u32::try_from(n).ok()?, u32::try_from(rank).ok()?);
            deviations.push(Deviation {
                index,
                kind,
                n,
                rank,
                id: ChoiceId::UNKNOWN,
            });
            free = index.checked_add(1);
        }
        let fine = flags & 1 != 0;
        let immediate = flags & 2 != 0;
        (flags < 4).then(|| Token {
            granularity: if fine {
                Granularity::Fine
            } else {
                Granularity::Fused
            },
            delivery: if immediate {
                Delivery::Immediate
            } else {
                Delivery::Pairwise
            },
            deviations,
            context: u32::from_le_bytes([c0, c1, c2, 0]),
            ids: u16::from_le_bytes([i0, i1]),
        })
    }
}

/// Seven bits a byte, the lowest first.
fn push_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number > 127 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 127);
        let placed = bits << shift;
        if placed >> shift != bits {
            return None;
        }
        number |= placed;
        if byte < 128 {
            return Some(number);
        }
    }
    None
}
