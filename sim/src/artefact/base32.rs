//! Bytes as text that survives being read out, typed and pasted.
//!
//! Crockford's alphabet in lower case: digits and letters without `i`, `l`, `o` and `u`. Reading
//! takes capitals too, `o` for 0, and `i` and `l` for 1.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many characters a number of bytes takes.
pub(super) const fn length(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

/// Five bits a character, the last one filled up with zeros.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(length(bytes.len()));
    let (mut bits, mut held) = (0_u32, 0);
    for &byte in bytes {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(ALPHABET[(bits >> held & 31) as usize]));
        }
    }
    if held > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - held) & 31) as usize]));
    }
    text
}

/// The value of a character.
pub(super) fn digit(character: char) -> Option<u8> {
    let character = match character.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    let found = ALPHABET
        .iter()
        .position(|&letter| char::from(letter) == character);
    found.map(|value| value as u8)
}

/// The bytes of characters by value; bits that fill no byte are dropped.
pub(super) fn decode(digits: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(digits.len() * 5 / 8);
    let (mut bits, mut held) = (0_u32, 0);
    for &digit in digits {
        bits = bits << 5 | u32::from(digit & 31);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_easily_mistaken_is_the_same() {
        assert_eq!(encode(b"hello"), "d1jprv3f");
        for (likely, meant) in [('O', '0'), ('o', '0'), ('I', '1'), ('l', '1'), ('Z', 'z')] {
            assert_eq!(digit(likely), digit(meant));
        }
        assert_eq!([digit('u'), digit('-'), digit('ß')], [None; 3]);
    }

    proptest! {
        #[test]
        fn bytes_survive_their_text(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), length(bytes.len()));
            let digits: Option<Vec<_>> = text.chars().map(digit).collect();
            prop_assert_eq!(decode(&digits.unwrap()), bytes);
        }
    }
}
