//! What tells schedules of one program apart: in which order things reached each process.
//!
//! A feature is a pair of neighbours: of two messages, signals or timeouts that a process met one
//! after the other, or of two visits to one name. A message counts by its sender and the name of
//! its type, not by its content. An ordering bug needs some pair that the usual run does not have,
//! and a program has few pairs compared with its schedules, so this leads on where the mere number
//! of different runs would lead nowhere.

use std::collections::BTreeMap;

use beamline_sim::choice::LabelHash;
use beamline_sim::trace::{Record, Sender, Signal, What};
use beamline_sim::world::Path;

/// Hands on the features of a run, one at a time.
pub(super) fn of(trace: &[Record], mut each: impl FnMut(u64)) {
    let mut last = BTreeMap::new();
    for record in trace {
        if let Some((place, visit)) = visit(&record.what) {
            let before = last.insert(place, visit).unwrap_or_default();
            each(mixed(&[place, before, visit]));
        }
    }
}

/// What was visited, and by what: both as hashes.
fn visit(what: &What) -> Option<(u64, u64)> {
    Some(match what {
        What::Receive {
            process,
            from,
            text,
        } => (path(process), mixed(&[name_of(text), sender(from)])),
        What::Deliver {
            to,
            from,
            signal: Signal::Runtime { kind, .. },
        } => (path(to), mixed(&[text(kind), sender(from)])),
        What::ReceiveTimeout { process } => (path(process), text("timeout")),
        What::Step {
            process,
            at,
            on: Some(on),
        } => (text(on), mixed(&[text(at), path(process)])),
        _ => return None,
    })
}

fn sender(from: &Sender) -> u64 {
    match from {
        Sender::Process(process) => path(process),
        Sender::Timer(_) => 1,
        Sender::Outside => 0,
    }
}

/// The name with which the text of a message begins; numbers are all called the same.
fn name_of(message: &str) -> u64 {
    let end = message.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &message[..end.unwrap_or(message.len())];
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return text("number");
    }
    text(name)
}

fn path(path: &Path) -> u64 {
    hash(&path.key().to_le_bytes())
}

fn text(text: &str) -> u64 {
    hash(text.as_bytes())
}

fn mixed<const N: usize>(parts: &[u64; N]) -> u64 {
    let mut hash = LabelHash::new();
    parts
        .iter()
        .for_each(|part| hash.bytes(&part.to_le_bytes()));
    hash.finish()
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hash = LabelHash::new();
    hash.bytes(bytes);
    hash.finish()
}
