//! Seeds, and the random streams of a run.
//!
//! A campaign has one [`Seed`]. Run `i` of the campaign over a scenario draws from streams that are
//! a pure function of (seed, scenario name, `i`, stream name), whatever was run before and on
//! however many jobs. Streams are separate, so that a program which draws one more random number
//! does not get another schedule, and switching a fault kind off does not move the others.
//!
//! # How
//!
//! The campaign's key is the seed, the hash of the name and a constant; each stream is a ChaCha8
//! stream under that key, and run `i` takes its 64-bit word number `i` as the seed of a cheap
//! generator ([`Draws`]). ChaCha8 makes 32 such words at a time, so runs in order pay about a
//! thirtieth of a ChaCha8 set-up each. Golden vectors in the tests pin all of it: a change here
//! would change what every printed seed means.

use std::fmt;
use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::choice::LabelHash;
use crate::rng::Draws;

/// The seed of a campaign.
///
/// Read from a decimal number, a hexadecimal one after `0x`, or a commit hash of 40 hexadecimal
/// digits (its first 16 digits count), so that a pipeline can seed each commit differently and
/// still reproducibly. Shown as `0x…`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl From<u64> for Seed {
    fn from(seed: u64) -> Self {
        Seed(seed)
    }
}

/// A text that is no [`Seed`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no seed; expected a decimal number below 2^64, `0x` and up to 16 hexadecimal digits, \
     or a commit hash of 40 hexadecimal digits"
)]
pub struct InvalidSeed(pub String);

impl FromStr for Seed {
    type Err = InvalidSeed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = |digits: &str| {
            let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            all_hex
                .then(|| u64::from_str_radix(digits, 16).ok())
                .flatten()
        };
        let all_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let seed = if let Some(digits) = text.strip_prefix("0x").or(text.strip_prefix("0X")) {
            hex(digits)
        } else if text.len() == 40 && all_hex {
            hex(&text[..16])
        } else {
            // `u64` would also take a leading `+`.
            text.starts_with(|first: char| first.is_ascii_digit())
                .then(|| text.parse().ok())
                .flatten()
        };
        seed.map(Seed).ok_or_else(|| InvalidSeed(text.to_owned()))
    }
}

/// What a random stream decides. The number is the ChaCha8 stream: it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Stream {
    /// Which event happens next.
    Schedule = 0,
    /// Which faults are injected, and where.
    Faults = 1,
    /// The time mode and the weight of timers.
    Timers = 2,
    /// The program's own random draws.
    User = 3,
    /// Options drawn per run, such as sizes of a generated workload.
    Options = 4,
}

impl Stream {
    const ALL: [Stream; 5] = [
        Stream::Schedule,
        Stream::Faults,
        Stream::Timers,
        Stream::User,
        Stream::Options,
    ];
}

/// Everything random about one run: its index in the campaign and a seed per stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSeed {
    index: u64,
    seeds: [u64; Stream::ALL.len()],
}

impl RunSeed {
    /// The index of the run in its campaign, from 0. Portfolios go by it.
    #[inline]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The draws of a stream, from its beginning.
    #[inline]
    pub const fn draws(&self, stream: Stream) -> Draws {
        Draws::new(self.seeds[stream as usize])
    }
}

/// How many runs get their seeds from one refill: the 64-bit words in the four blocks that ChaCha8
/// computes at once.
const CHUNK: u64 = 32;

/// The seeds of the runs of a campaign over one scenario.
#[derive(Clone, Debug)]
pub struct RunSeeds {
    key: [u8; 32],
    /// The chunk held in `words`, if any.
    chunk: Option<u64>,
    words: [[u64; CHUNK as usize]; Stream::ALL.len()],
}

impl RunSeeds {
    /// The runs of the campaign with this seed over the scenario of this name.
    pub fn new(seed: Seed, scenario: &str) -> RunSeeds {
        let mut name = LabelHash::new();
        name.bytes(scenario.as_bytes());
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.0.to_le_bytes());
        key[8..16].copy_from_slice(&name.finish().to_le_bytes());
        key[16..].copy_from_slice(b"beamline seeds 1");
        RunSeeds {
            key,
            chunk: None,
            words: [[0; CHUNK as usize]; Stream::ALL.len()],
        }
    }

    /// The seed of run `index`. Cheapest in rising order.
    #[inline]
    pub fn run(&mut self, index: u64) -> RunSeed {
        let (chunk, offset) = (index / CHUNK, (index % CHUNK) as usize);
        if self.chunk != Some(chunk) {
            self.refill(chunk);
        }
        RunSeed {
            index,
            seeds: std::array::from_fn(|stream| self.words[stream][offset]),
        }
    }

    #[cold]
    fn refill(&mut self, chunk: u64) {
        let mut rng = ChaCha8Rng::from_seed(self.key);
        for stream in Stream::ALL {
            rng.set_stream(stream as u64);
            // Positions count 32-bit words.
            rng.set_word_pos(u128::from(chunk) * u128::from(2 * CHUNK));
            self.words[stream as usize].fill_with(|| rng.next_u64());
        }
        self.chunk = Some(chunk);
    }
}

#[cfg(test)]
mod tests;
