//! From inputs of the fuzzer to failure files and back.
//!
//! Both say the same: the choices in which a run differs from the canonical one. So a crash found
//! by libFuzzer is replayed, shrunk and kept like any other failure, and a failure found by a
//! campaign can be where a fuzzer begins.

use std::fmt;

use beamline_sim::artefact::Artefact;
use beamline_sim::campaign::Finding;
use beamline_sim::strategy::Bytes;
use beamline_sim::tape::Deviation;

use super::{Schedule, SetupError};

/// The furthest deviation that is turned into bytes: a pair of bytes passes at most 256 choices, so
/// this one needs 32 KiB, and fuzzers make nothing of longer inputs.
const INDEX_MAX: u64 = 1 << 22;

/// Why an input or a failure file cannot be turned into the other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConvertError {
    /// There is no such scenario.
    Setup(SetupError),
    /// The run of the input violates nothing.
    Sound,
    /// A deviation is too far from the beginning, or its rank is above 255.
    Unsayable {
        /// Its index.
        index: u64,
        /// Its rank.
        rank: u32,
    },
    /// The run of the bytes is not the recorded one: the program has changed, or the file was made
    /// with other faults or limits, or by an exhaustive search.
    Differs {
        /// The verdict that the file has.
        recorded: String,
        /// The one that the bytes give, if any.
        got: Option<String>,
    },
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConvertError::Setup(error) => error.fmt(f),
            ConvertError::Sound => f.write_str("nothing is violated, so there is no failure"),
            ConvertError::Unsayable { index, rank } => write!(
                f,
                "bytes cannot say rank {rank} at choice {index}: ranks go up to 255, choices to \
                 {INDEX_MAX}"
            ),
            ConvertError::Differs { recorded, got } => write!(
                f,
                "the bytes of it make another run: recorded was {recorded}, they give {}; has the \
                 program changed, or was the file made with other faults or limits, or by an \
                 exhaustive search?",
                got.as_deref().unwrap_or("no failure")
            ),
        }
    }
}

impl std::error::Error for ConvertError {}

impl Schedule {
    /// The run of an input as a failure, choice for choice.
    ///
    /// # Errors
    /// If it violates nothing.
    pub fn failure(&mut self, bytes: &[u8]) -> Result<Finding, ConvertError> {
        self.run(bytes);
        let found = self.rig.finding(&self.tape().deviations());
        found.ok_or(ConvertError::Sound)
    }

    /// The run of an input as a failure, shrunk.
    ///
    /// # Errors
    /// If it violates nothing.
    pub fn shrunk_failure(&mut self, bytes: &[u8]) -> Result<Finding, ConvertError> {
        self.run(bytes);
        let found = self.rig.shrunk_finding(&self.tape().deviations());
        found.ok_or(ConvertError::Sound)
    }
}

/// The input that makes the run of a failure file, with its scenario.
///
/// # Errors
/// If bytes cannot say it, or if the run is no longer what it was.
pub fn bytes_of_failure(artefact: &Artefact) -> Result<(Schedule, Vec<u8>), ConvertError> {
    let header = &artefact.header;
    let mut schedule =
        Schedule::new(&header.scenario, header.granularity).map_err(ConvertError::Setup)?;
    let recorded = artefact.deviations();
    let unsayable = |deviation: &&Deviation| deviation.index > INDEX_MAX || deviation.rank > 255;
    if let Some(&Deviation { index, rank, .. }) = recorded.iter().find(unsayable) {
        return Err(ConvertError::Unsayable { index, rank });
    }
    // All ranks were looked at, so there is nothing else that bytes could not say.
    let bytes = Bytes::encode(&recorded).unwrap_or_default();
    let got = schedule.run(&bytes).map(|verdict| verdict.id);
    let made = schedule.tape().deviations();
    if got.as_ref() == Some(&header.verdict) && made == recorded {
        return Ok((schedule, bytes));
    }
    let recorded = header.verdict.clone();
    Err(ConvertError::Differs { recorded, got })
}
