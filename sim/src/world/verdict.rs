//! How a run ended.

use std::fmt;

use beamline::ExitReason;
use serde::Serialize;

use crate::trace::words_of;

/// Something that must not happen, and did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What tells this failure from others: `always pool.returned`, `panic src/pool.rs:12`,
    /// `deadlock` and so on. It holds no number that a schedule decides.
    pub id: String,
    /// What there is to say about it in this run.
    pub detail: String,
    /// Where in the source it showed, `file:line`.
    pub location: Option<String>,
}

impl Verdict {
    pub(crate) fn new(id: impl Into<String>, detail: impl Into<String>) -> Verdict {
        Verdict {
            id: id.into(),
            detail: detail.into(),
            location: None,
        }
    }

    pub(crate) fn at(mut self, location: impl Into<String>) -> Verdict {
        self.location = Some(location.into());
        self
    }

    /// What the root's exit reason says, if it is no normal or orderly end.
    pub(crate) fn of_root(reason: &ExitReason) -> Option<Verdict> {
        match reason {
            reason if !reason.is_abnormal() => None,
            ExitReason::Panicked(info) => {
                let place = info.location.as_deref().unwrap_or("unknown place");
                // The column says nothing that the line does not.
                let line = place.rsplit_once(':').map_or(place, |(line, _)| line);
                Some(Verdict::new(format!("panic {line}"), info.message.clone()).at(line))
            }
            reason => {
                let text = words_of(reason);
                Some(Verdict::new(
                    format!("exit {}", stable(&text)),
                    format!("the root ended: {text}"),
                ))
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

/// A text without the numbers that a schedule may decide: each run of digits becomes `#`.
fn stable(text: &str) -> String {
    let mut stable = String::new();
    for character in text.chars().take(80) {
        match character.is_ascii_digit() {
            true if stable.ends_with('#') => {}
            true => stable.push('#'),
            false => stable.push(character),
        }
    }
    stable
}
