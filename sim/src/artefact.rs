//! The failure file: a run that failed, saved so that it can be replayed.
//!
//! JSON lines, made to be read, compared and kept beside a program:
//!
//! ```text
//! {"format":"beamline replay","version":"1.0","scenario":"pool::lease",…,"story":12}
//! {"index":3,"kind":"event","n":2,"rank":1,"id":"0.1>0.2"}
//! {"index":9,"kind":"crash","n":2,"rank":1,"id":"0.2"}
//! {"end":2,"checksum":"8c1d0b52e7f7a90e"}
//! ```
//!
//! The header says what ran and what went wrong; each line after it is a deviation from the
//! canonical run, its alternative named by label, so that it is still found when the program
//! changes; the last line tells a whole file from one that was cut.
//!
//! # Invariants
//!
//! 1. What is written is read back equal, unknown fields of a later minor version included.
//! 2. No bytes make the reader panic. What it does not understand it refuses with the line, the
//!    field, and what it expected; what it may ignore it warns of.
//! 3. A file is written whole or not at all: into a temporary file first, which is then renamed.
//!
//! For pasting into a message there is the shorter [`Token`].

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::choice::ChoiceId;
use crate::faults::Faults;
use crate::mode::{Delivery, Granularity};
use crate::seed::Seed;
use crate::tape::{Deviation, Deviations};

mod base32;
mod fields;
mod header;
mod read;
mod token;
mod write;

pub use fields::Warning;
pub use read::ReadError;
pub use token::{Token, TokenError};

/// What the first field of the first line says.
const FORMAT: &str = "beamline replay";
/// The version of the format: a reader understands any minor version of its own major one.
const VERSION: (u64, u64) = (1, 0);

/// What ran, and what went wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// The name of the scenario.
    pub scenario: String,
    /// The version of Beamline that wrote the file.
    pub beamline: String,
    /// The compiler, where known.
    pub rustc: Option<String>,
    /// The target, where known.
    pub target: Option<String>,
    /// The granularity of the run: fused or fine.
    pub granularity: Granularity,
    /// How signals were delivered.
    pub delivery: Delivery,
    /// The strategy that found the run, as text: for information.
    pub strategy: String,
    /// The seed of the campaign.
    pub seed: Seed,
    /// The index of the run in its campaign.
    pub run: u64,
    /// The faults that the run could have. They decide which choices there are.
    pub faults: Faults,
    /// The limits of the run by name, in the unit of the name.
    pub limits: BTreeMap<String, u64>,
    /// The id of what was violated.
    pub verdict: String,
    /// Where it was violated, where known: file and line.
    pub location: Option<String>,
    /// How many records the story of the run shows.
    pub story: u64,
    /// Fields of a later version, kept as they were read.
    pub extra: Map<String, Value>,
}

/// One deviation with the label of its alternative.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The deviation.
    pub deviation: Deviation,
    /// What its id stands for, or the id itself as text where that is not known.
    pub label: String,
    /// Fields of a later version, kept as they were read.
    pub extra: Map<String, Value>,
}

/// A saved failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Artefact {
    /// What ran, and what went wrong.
    pub header: Header,
    /// The deviations; their indices rise.
    steps: Vec<Step>,
    /// Fields of the last line of a later version, kept as they were read.
    trailer: Map<String, Value>,
}

impl Artefact {
    /// A run to save. `label_of` gives the label of an id; a label that does not hash to its id
    /// would not be found again, so the id is written instead. A mixed granularity becomes that of
    /// the run.
    pub fn new(
        mut header: Header,
        deviations: &Deviations,
        label_of: &dyn Fn(ChoiceId) -> Option<String>,
    ) -> Artefact {
        header.granularity = header.granularity.of_run(header.run);
        let steps = deviations.iter().map(|&deviation| {
            let id = deviation.id;
            let label = label_of(id).filter(|label| ChoiceId::from_text(label) == id);
            Step {
                deviation,
                label: label.unwrap_or_else(|| id.to_string()),
                extra: Map::new(),
            }
        });
        Artefact {
            header,
            steps: steps.collect(),
            trailer: Map::new(),
        }
    }

    /// Keeps what a later version wrote into the file that this one takes the place of.
    #[cfg(feature = "cli")]
    pub(crate) fn in_place_of(mut self, old: &Artefact) -> Artefact {
        self.header.extra.clone_from(&old.header.extra);
        self.trailer.clone_from(&old.trailer);
        self
    }

    /// The deviations with their labels.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The deviations to replay.
    pub fn deviations(&self) -> Deviations {
        self.steps.iter().map(|step| step.deviation).collect()
    }

    /// The label of an id that a deviation has.
    pub fn label_of(&self, id: ChoiceId) -> Option<&str> {
        let step = self.steps.iter().find(|step| step.deviation.id == id);
        step.map(|step| step.label.as_str())
    }
}

#[cfg(test)]
mod tests;
