//! A failure as a short word, to paste into a message.
//!
//! `bl1-` and base 32: a length, the modes of the run, what the token belongs to, the deviations,
//! and a checksum. Labels do not fit, so a token replays on the program that made it and not on an
//! edited one; for that there is the file. What it belongs to (scenario and faults) and the ids of
//! its deviations are there as hashes, so that a token for something else is noticed.

use super::base32;
use super::{Artefact, Header};
use crate::choice::{ChoiceId, ChoiceKind, LabelHash};
use crate::faults::Faults;
use crate::mode::{Delivery, Granularity};
use crate::tape::{Deviation, Deviations};

mod content;

/// How a token begins; the digit is the version.
const PREFIX: &str = "bl1-";
/// A token stays below this many characters, or there is none.
const CHARACTERS: usize = 120;
const CHECKSUM_BYTES: usize = 3;

/// A run that fits into a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The granularity of the run: fused or fine.
    pub granularity: Granularity,
    /// How signals are delivered.
    pub delivery: Delivery,
    /// The deviations, with [`ChoiceId::UNKNOWN`] for their ids.
    pub deviations: Deviations,
    /// A hash of what it belongs to, 24 bits.
    context: u32,
    /// A hash of the ids, 16 bits.
    ids: u16,
}

/// Why a text is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It begins otherwise.
    #[error("a token begins with `bl1-`: this is none, or its beginning is missing")]
    NoPrefix,
    /// It is of another version.
    #[error("this is a token of version {0}, and this Beamline reads version 1")]
    Version(String),
    /// A character that no token has.
    #[error("`{character}` at position {position} does not occur in tokens")]
    Character {
        /// The character.
        character: char,
        /// Its position, from 1.
        position: usize,
    },
    /// It is too short.
    #[error("only {got} of {expected} characters are there: the token was clipped")]
    Clipped {
        /// The number of characters.
        got: usize,
        /// How many it should have, as far as it says itself.
        expected: usize,
    },
    /// It is too long.
    #[error("{got} characters where the token has {expected}: something follows it")]
    TooLong {
        /// The number of characters.
        got: usize,
        /// How many it says to have.
        expected: usize,
    },
    /// Its checksum is wrong.
    #[error("the checksum does not fit: a character is wrong")]
    Checksum,
    /// Its checksum fits and its content makes no sense.
    #[error("the token is whole but says nothing that could be replayed")]
    Content,
}

impl Token {
    /// The token of a saved run.
    pub fn of(artefact: &Artefact) -> Token {
        let Header {
            scenario,
            faults,
            granularity,
            delivery,
            ..
        } = &artefact.header;
        let executed = artefact.deviations();
        let anonymous = |deviation: &Deviation| Deviation {
            id: ChoiceId::UNKNOWN,
            ..*deviation
        };
        Token {
            granularity: *granularity,
            delivery: *delivery,
            deviations: executed.iter().map(anonymous).collect(),
            context: context(scenario, faults),
            ids: ids(&executed),
        }
    }

    /// Whether it was made by this scenario with these faults.
    pub fn belongs_to(&self, scenario: &str, faults: &Faults) -> bool {
        self.context == context(scenario, faults)
    }

    /// Whether these executed deviations have the ids of the run that was saved. If not, the
    /// program has changed.
    pub fn has_ids_of(&self, executed: &Deviations) -> bool {
        self.ids == ids(executed)
    }

    /// The token as text; none when it would have 120 characters or more.
    pub fn encode(&self) -> Option<String> {
        let fine = self.granularity == Granularity::Fine;
        let immediate = self.delivery == Delivery::Immediate;
        let mut bytes = vec![0, u8::from(fine) | u8::from(immediate) << 1];
        bytes.extend_from_slice(&self.context.to_le_bytes()[..3]);
        bytes.extend_from_slice(&self.ids.to_le_bytes());
        let mut free = 0;
        for deviation in &self.deviations {
            content::push_deviation(deviation, free, &mut bytes);
            free = deviation.index.saturating_add(1);
            if bytes.len() > CHARACTERS {
                return None;
            }
        }
        bytes[0] = u8::try_from(bytes.len() + CHECKSUM_BYTES).ok()?;
        bytes.extend_from_slice(&checksum(&bytes));
        let text = format!("{PREFIX}{}", base32::encode(&bytes));
        (text.len() < CHARACTERS).then_some(text)
    }

    /// Reads a token. White space anywhere is ignored.
    ///
    /// # Errors
    ///
    /// Which part is missing or wrong.
    pub fn decode(text: &str) -> Result<Token, TokenError> {
        let digits = digits(text)?;
        let bytes = base32::decode(&digits);
        let prefix = PREFIX.len();
        let got = prefix + digits.len();
        let Some(&length) = bytes.first() else {
            let expected = prefix + base32::length(7 + CHECKSUM_BYTES);
            return Err(TokenError::Clipped { got, expected });
        };
        let expected = prefix + base32::length(length.into());
        match got.cmp(&expected) {
            std::cmp::Ordering::Less => return Err(TokenError::Clipped { got, expected }),
            std::cmp::Ordering::Greater => return Err(TokenError::TooLong { got, expected }),
            std::cmp::Ordering::Equal => {}
        }
        let (content, check) = bytes
            .split_last_chunk::<CHECKSUM_BYTES>()
            .ok_or(TokenError::Checksum)?;
        // The bits that only fill up the last character are zero: one text per token.
        let unused = digits.len() * 5 - bytes.len() * 8;
        let filled = digits
            .last()
            .is_some_and(|last| last & ((1 << unused) - 1) != 0);
        if *check != checksum(content) || filled {
            return Err(TokenError::Checksum);
        }
        Token::from_content(&content[1..]).ok_or(TokenError::Content)
    }
}

/// The values of the characters after the prefix.
fn digits(text: &str) -> Result<Vec<u8>, TokenError> {
    let mut characters = text.chars().filter(|character| !character.is_whitespace());
    let prefix: String = characters.by_ref().take(PREFIX.len()).collect();
    let prefix = prefix.to_ascii_lowercase();
    if prefix != PREFIX {
        return Err(
            match prefix
                .strip_prefix("bl")
                .and_then(|rest| rest.strip_suffix('-'))
            {
                Some(version) if version.bytes().all(|byte| byte.is_ascii_digit()) => {
                    TokenError::Version(version.to_owned())
                }
                _ => TokenError::NoPrefix,
            },
        );
    }
    let digit = |(before, character)| {
        let position = PREFIX.len() + before + 1;
        base32::digit(character).ok_or(TokenError::Character {
            character,
            position,
        })
    };
    characters.enumerate().map(digit).collect()
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hash = LabelHash::new();
    hash.bytes(bytes);
    let [a, b, c, ..] = hash.finish().to_le_bytes();
    [a, b, c]
}

/// The scenario and the faults, which decide what the choices of a run are.
fn context(scenario: &str, faults: &Faults) -> u32 {
    let mut hash = LabelHash::new();
    hash.bytes(scenario.as_bytes());
    for kind in ChoiceKind::FAULTS {
        hash.bytes(&faults.budget(kind).to_le_bytes());
    }
    for victim in faults.victim_names() {
        hash.bytes(&[0]);
        hash.bytes(victim.as_bytes());
    }
    hash.finish() as u32 & 0xff_ffff
}

fn ids(deviations: &Deviations) -> u16 {
    let mut hash = LabelHash::new();
    deviations
        .iter()
        .for_each(|deviation| hash.bytes(&deviation.id.0.to_le_bytes()));
    hash.finish() as u16
}

#[cfg(test)]
mod tests;
