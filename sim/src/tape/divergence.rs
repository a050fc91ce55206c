//! How a repeated run differs from its record.

use std::fmt;

use super::Choice;
use crate::choice::ChoiceId;

/// How closely a tolerant replay followed what was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fidelity {
    /// Every deviation met the same choice: same kind, number of alternatives, rank and id.
    #[default]
    Exact,
    /// Every deviation found its alternative by id, but not all at the same place: another number
    /// of alternatives, rank or index.
    Drifted,
    /// At least one deviation found no alternative with its id, and was replaced by one of its rank
    /// or dropped.
    Lost,
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Fidelity::Exact => "exact",
            Fidelity::Drifted => "drifted",
            Fidelity::Lost => "lost",
        })
    }
}

/// The first choice at which a run is not the run it should repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The index of the choice.
    pub index: u64,
    /// What was recorded; none when the recorded run had ended.
    pub expected: Option<Choice>,
    /// What came; none when this run ended first. Where the run offers what was recorded under
    /// another id, the id is the one now found at that rank.
    pub got: Option<Choice>,
}

impl Divergence {
    /// As a sentence, with ids replaced by labels where `label_of` knows them.
    pub fn describe(&self, label_of: &dyn Fn(ChoiceId) -> Option<String>) -> String {
        let side = |choice: Option<Choice>| match choice {
            None => "the end of the run".to_owned(),
            Some(Choice { id, n, rank, kind }) if id == ChoiceId::UNKNOWN => {
                format!("{kind}, rank {rank} of {n}")
            }
            Some(Choice { id, n, rank, kind }) => {
                let label = label_of(id).unwrap_or_else(|| id.to_string());
                format!("{kind} `{label}`, rank {rank} of {n}")
            }
        };
        let (index, expected, got) = (self.index, side(self.expected), side(self.got));
        format!("diverged at choice {index}: expected {expected}; got {got}")
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe(&|_| None))
    }
}

impl std::error::Error for Divergence {}
