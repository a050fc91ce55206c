//! How the choices of a run are made: the strategies and what they share.
//!
//! A [`Strategy`] is a description: a value to write on a command line or into a file. The choosers
//! that carry it out:
//!
//! | strategy | chooser | picks the next event |
//! |---|---|---|
//! | `learnt` | [`Sampler`] | at random, each chain by the events it still has to make |
//! | `random` | [`Sampler`] | at random, each alternative alike |
//! | `pct:D` | [`Sampler`] | the chain of the highest random priority, lowered `D - 1` times |
//! | `round-robin` | [`Sampler`] | each chain in turn, in an order drawn per run |
//! | `portfolio` | [`Sampler`] | as one of the above, by the index of the run |
//! | `exhaustive` | [`DepthFirst`] | every way there is, depth first |
//! | `bytes` | [`Bytes`] | as the bytes of a fuzzer say |
//! | | [`Canonical`] | rank 0, always |
//! | | [`StrictReplay`], [`TolerantReplay`] | as recorded |
//!
//! No strategy dominates: the uniform walk never finds the one early message held back behind a
//! long exchange, which PCT finds at once, and PCT is poor where the walk is good. Hence the
//! portfolio, which is the default.

use std::fmt;
use std::str::FromStr;

mod bytes;
mod depth_first;
mod fault_plan;
mod learnt;
mod pct;
mod portfolio;
mod replay;
mod round_robin;
mod sampler;
mod walk;

pub use bytes::Bytes;
pub use depth_first::DepthFirst;
pub use learnt::{Calibration, Learnt};
pub use portfolio::Policy;
pub use replay::{Canonical, StrictReplay, TolerantReplay};
pub use sampler::Sampler;

/// The description of a strategy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// A mix of the sampling strategies, by the index of the run. The default.
    #[default]
    Portfolio,
    /// The walk weighted by what each chain still has to do.
    Learnt,
    /// The plain random walk.
    Random,
    /// Random priorities, lowered at `depth - 1` random places.
    Pct {
        /// How many ordering constraints the bug needs, from 1 to [`Strategy::PCT_DEPTH_MAX`].
        depth: u8,
    },
    /// Each chain in turn.
    RoundRobin,
    /// Every schedule, depth first.
    Exhaustive,
    /// The schedule that a fuzzer's bytes describe; none for the canonical run.
    Bytes(Vec<u8>),
}

impl Strategy {
    /// The deepest PCT. Deep runs demote so many chains that they become a poor random walk: in
    /// measurements depth 5 already loses what depth 2 finds thirty times as often.
    pub const PCT_DEPTH_MAX: u8 = 16;

    /// A mix of the sampling strategies, by the index of the run.
    pub const fn portfolio() -> Strategy {
        Strategy::Portfolio
    }

    /// The walk weighted by what each chain still has to do.
    pub const fn learnt() -> Strategy {
        Strategy::Learnt
    }

    /// The plain random walk.
    pub const fn random() -> Strategy {
        Strategy::Random
    }

    /// Random priorities, lowered at `depth - 1` random places. A depth outside 1 to
    /// [`PCT_DEPTH_MAX`](Strategy::PCT_DEPTH_MAX) is brought to the nearer end.
    pub const fn pct(depth: u8) -> Strategy {
        let depth = if depth > Self::PCT_DEPTH_MAX {
            Self::PCT_DEPTH_MAX
        } else {
            depth
        };
        Strategy::Pct {
            depth: if depth == 0 { 1 } else { depth },
        }
    }

    /// Each chain in turn.
    pub const fn round_robin() -> Strategy {
        Strategy::RoundRobin
    }

    /// Every schedule, depth first.
    pub const fn exhaustive() -> Strategy {
        Strategy::Exhaustive
    }

    /// The schedule that a fuzzer's bytes describe.
    pub const fn bytes(bytes: Vec<u8>) -> Strategy {
        Strategy::Bytes(bytes)
    }

    /// What run `index` of a campaign does, for the strategies that draw each run from its seed;
    /// none for `exhaustive` and `bytes`.
    pub const fn policy(&self, index: u64) -> Option<Policy> {
        match self {
            Strategy::Portfolio => Some(Policy::of_run(index)),
            Strategy::Learnt => Some(Policy::Learnt),
            Strategy::Random => Some(Policy::Random),
            Strategy::Pct { depth } => Some(Policy::Pct(*depth)),
            Strategy::RoundRobin => Some(Policy::RoundRobin),
            Strategy::Exhaustive | Strategy::Bytes(_) => None,
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Strategy::Portfolio => f.pad("portfolio"),
            Strategy::Exhaustive => f.pad("exhaustive"),
            Strategy::Bytes(bytes) if bytes.is_empty() => f.pad("bytes"),
            Strategy::Bytes(bytes) => {
                f.write_str("bytes:")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Strategy::Learnt => Policy::Learnt.fmt(f),
            Strategy::Random => Policy::Random.fmt(f),
            Strategy::Pct { depth } => Policy::Pct(*depth).fmt(f),
            Strategy::RoundRobin => Policy::RoundRobin.fmt(f),
        }
    }
}

/// A text that describes no [`Strategy`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no strategy; expected portfolio, learnt, random, pct:D (D from 1 to {max}), \
     round-robin, exhaustive, bytes or bytes:HEX",
    max = Strategy::PCT_DEPTH_MAX
)]
pub struct UnknownStrategy(pub String);

impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = match text {
            "portfolio" => Some(Strategy::Portfolio),
            "learnt" => Some(Strategy::Learnt),
            "random" => Some(Strategy::Random),
            "round-robin" => Some(Strategy::RoundRobin),
            "exhaustive" => Some(Strategy::Exhaustive),
            "bytes" => Some(Strategy::Bytes(Vec::new())),
            _ => match text.split_once(':') {
                Some(("pct", depth)) => parse_depth(depth).map(|depth| Strategy::Pct { depth }),
                Some(("bytes", hex)) => parse_hex(hex).map(Strategy::Bytes),
                _ => None,
            },
        };
        parsed.ok_or_else(|| UnknownStrategy(text.to_owned()))
    }
}

fn parse_depth(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let depth = text.parse().ok().filter(|_| digits)?;
    (1..=Strategy::PCT_DEPTH_MAX)
        .contains(&depth)
        .then_some(depth)
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?))
        .collect()
}

#[cfg(test)]
mod tests;
