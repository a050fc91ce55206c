//! How choices are written on a tape.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the kind, and in bit 4 whether the rank is above 0 |
//! | 1 to 5 | `n` |
//! | 1 to 5 | the rank, if it is above 0 |
//! | 8 | the id, if the rank is above 0 |
//!
//! Numbers are written seven bits at a time, the lowest first; the upper bit says that more follow.

use super::Choice;
use crate::choice::{ChoiceId, ChoiceKind};

const DEVIATES: u8 = 1 << 4;
const MORE: u8 = 1 << 7;
/// The most that one choice takes.
const LONGEST: usize = 1 + 5 + 5 + 8;

#[inline]
pub(super) fn write(bytes: &mut Vec<u8>, choice: Choice) {
    let Choice { id, n, rank, kind } = choice;
    let mut entry = [0; LONGEST];
    entry[0] = kind as u8 | if rank > 0 { DEVIATES } else { 0 };
    let mut end = number(&mut entry, 1, n);
    if rank > 0 {
        end = number(&mut entry, end, rank);
        entry[end..end + 8].copy_from_slice(&id.0.to_le_bytes());
        end += 8;
    }
    // The length of what is copied is constant, which is why it is copied whole.
    let start = bytes.len();
    bytes.extend_from_slice(&entry);
    bytes.truncate(start + end);
}

/// Writes a number at a place and returns where it ends.
#[inline]
fn number(entry: &mut [u8; LONGEST], mut at: usize, mut number: u32) -> usize {
    while number >= u32::from(MORE) {
        entry[at] = number as u8 | MORE;
        number >>= 7;
        at += 1;
    }
    entry[at] = number as u8;
    at + 1
}

/// The choices of a tape, in order.
#[derive(Clone, Debug)]
pub struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Choices { bytes }
    }

    fn number(&mut self) -> Option<u32> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u32::from(byte & !MORE) << shift;
            if byte & MORE == 0 {
                return Some(number);
            }
            shift += 7;
        }
    }
}

impl Iterator for Choices<'_> {
    type Item = Choice;

    fn next(&mut self) -> Option<Choice> {
        let (&head, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        let kind = ChoiceKind::from_number(head & !DEVIATES)?;
        let n = self.number()?;
        if head & DEVIATES == 0 {
            let (id, rank) = (ChoiceId::UNKNOWN, 0);
            return Some(Choice { id, n, rank, kind });
        }
        let rank = self.number()?;
        let (id, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        let id = ChoiceId(u64::from_le_bytes(*id));
        Some(Choice { id, n, rank, kind })
    }
}
