//! Stable names of alternatives, as numbers.

use std::fmt;

use crate::rng::scramble;

/// The stable id of an alternative: the hash of a label such as `0.1>0.2` (the queue from process
/// `0.1` to process `0.2`). The world keeps the table from ids back to labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChoiceId(pub u64);

impl ChoiceId {
    /// Stands for an id that was not recorded; replay then goes by rank. No label hashes to it.
    pub const UNKNOWN: ChoiceId = ChoiceId(0);

    /// The id of a label.
    pub fn of(label: &str) -> ChoiceId {
        let mut hash = LabelHash::new();
        hash.bytes(label.as_bytes());
        hash.id()
    }

    /// The id that a text stands for: `#` and 16 hexadecimal digits are the id itself (how ids
    /// whose label is not known are written), anything else is a label.
    pub fn from_text(text: &str) -> ChoiceId {
        text.strip_prefix('#')
            .filter(|digits| digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .map_or_else(|| ChoiceId::of(text), ChoiceId)
    }
}

impl fmt::Display for ChoiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:016x}", self.0)
    }
}

/// Hashes a label piece by piece, so that the id of a queue between two known paths needs no text
/// in memory: `write!(hash, "{from}>{to}")` gives the id of that text.
///
/// FNV-1a with a final mix: one multiplication a byte, no state beyond the word, and the same on
/// every target. Not for hostile input; a label comes from the program under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelHash(u64);

impl LabelHash {
    /// The hash of no text yet.
    pub const fn new() -> LabelHash {
        LabelHash(0xcbf2_9ce4_8422_2325)
    }

    /// Appends bytes.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Appends a number as it is written.
    #[inline]
    pub fn decimal(&mut self, mut number: u32) {
        let mut digits = [0; 10];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.bytes(&digits[first..]);
    }

    /// The finished hash, every bit of which depends on every byte.
    #[inline]
    pub const fn finish(self) -> u64 {
        scramble(self.0)
    }

    /// The id of the text so far; never [`ChoiceId::UNKNOWN`].
    #[inline]
    pub const fn id(self) -> ChoiceId {
        match self.finish() {
            0 => ChoiceId(1),
            hash => ChoiceId(hash),
        }
    }
}

impl Default for LabelHash {
    fn default() -> Self {
        LabelHash::new()
    }
}

impl fmt::Write for LabelHash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// The published vectors of FNV-1a, and our own ids as they stand in saved files.
    #[test]
    fn label_hashes_are_pinned() {
        let raw = |text: &str| {
            let mut hash = LabelHash::new();
            hash.bytes(text.as_bytes());
            hash.0
        };
        assert_eq!(raw(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(raw("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(raw("foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(ChoiceId::of("0.1>0.2").to_string(), "#48f2cd913de3dfc0");
        assert_eq!(ChoiceId::of("0").to_string(), "#c1e42af088ff1b2c");
    }

    #[test]
    fn a_label_hashed_in_pieces_is_the_same_label() {
        let mut hash = LabelHash::new();
        let (from, to) = ("0.1", "0.2");
        write!(hash, "{from}>{to}").unwrap();
        assert_eq!(hash.id(), ChoiceId::of("0.1>0.2"));
    }

    #[test]
    fn an_id_survives_its_text() {
        let id = ChoiceId::of("0.1>0.2");
        assert_eq!(ChoiceId::from_text(&id.to_string()), id);
        assert_eq!(ChoiceId::from_text("0.1>0.2"), id);
        assert_eq!(ChoiceId::from_text("#12"), ChoiceId::of("#12"));
        assert_eq!(
            ChoiceId::from_text("#+123456789abcdef"),
            ChoiceId::of("#+123456789abcdef")
        );
    }
}
