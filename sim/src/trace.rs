//! What happened in a run, as typed records (contract C7).
//!
//! Hashes, stories, diffs and oracles read records and nothing else. Processes are named by their
//! spawn paths; messages are their `Debug` text, cut at [`TEXT_MAX`] bytes, in which a pid shows as
//! the path of its process: `Get(<0.1>)`. So records do not depend on which slots were free.

mod machine;

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

pub use self::machine::{
    EventSource, EventType, MachineEvent, ReturnKind, TimeoutEnd, TimeoutSlot,
};
use crate::choice::{ChoiceId, ChoiceKind};
use crate::world::Path;

/// Bytes of a message's text that a record keeps.
pub const TEXT_MAX: usize = 200;

/// One transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The event of the run that it belongs to, from 1; 0 before the first.
    pub step: u64,
    /// Virtual nanoseconds since the run began.
    pub time: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// Who sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// A process.
    Process(Path),
    /// A timer that this process had set.
    Timer(Option<Path>),
    /// Nobody inside the run.
    Outside,
}

/// A signal as records show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// A message and its text.
    Message {
        /// Its `Debug` text.
        text: String,
    },
    /// A request that is waited for.
    Call {
        /// Its `Debug` text, without what answers go to.
        text: String,
    },
    /// The answer to a call.
    Reply {
        /// Its `Debug` text.
        text: String,
    },
    /// A signal of the runtime.
    Runtime {
        /// Its kind: `exit`, `link`, `down` and so on.
        kind: &'static str,
        /// The exit reason, for those that carry one.
        reason: Option<String>,
    },
}

/// A transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "k", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the names of the fields say what the documentation of each would"
)]
pub enum What {
    /// An event begins: what the schedule chose.
    Event {
        chain: ChoiceIdText,
        of: u32,
        rank: u32,
    },
    /// A process was spawned: its label, and the function that it runs if it is not a closure.
    Spawn {
        process: Path,
        parent: Option<Path>,
        #[serde(skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        function: Option<String>,
    },
    /// A process ended.
    Exit {
        process: Path,
        reason: String,
        normal: bool,
    },
    /// A signal was sent.
    Send {
        from: Sender,
        to: Path,
        signal: Signal,
    },
    /// A signal arrived.
    Deliver {
        from: Sender,
        to: Path,
        signal: Signal,
    },
    /// A process took a message out of its mailbox.
    Receive {
        process: Path,
        from: Sender,
        text: String,
    },
    /// A receive gave up.
    ReceiveTimeout { process: Path },
    /// A call came to nothing: the other has ended for this reason, or the time is up.
    CallFailed {
        process: Path,
        to: Path,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// An answer came that nobody waits for any more.
    LateReply { process: Path, text: String },
    /// A process linked itself to another.
    Linked { process: Path, to: Path },
    /// A process removed a link.
    Unlinked { process: Path, from: Path },
    /// A process set a monitor.
    Monitored { process: Path, target: Option<Path> },
    /// A process removed a monitor.
    Demonitored { process: Path },
    /// A name was bound.
    Registered { name: String, process: Path },
    /// A name was freed.
    Unregistered { name: String, process: Path },
    /// A process goes on at a choice point, and what it looks at there, such as a name.
    Step {
        process: Path,
        at: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        on: Option<String>,
    },
    /// A timer was started.
    TimerSet {
        by: Option<Path>,
        after: u64,
        text: String,
    },
    /// A deadline has passed: of a waiting process, or of a timer.
    TimerFired { by: Option<Path>, wait: bool },
    /// A timer was cancelled; nothing is left if it had fired.
    TimerCancelled { by: Option<Path>, left: Option<u64> },
    /// A process changed whether it traps exits.
    TrapExit { process: Path, on: bool },
    /// A process gave itself a label.
    Labelled { process: Path, label: String },
    /// A fault was injected.
    Fault {
        kind: ChoiceKindText,
        process: Option<Path>,
    },
    /// The program drew a random number.
    Drawn {
        process: Option<Path>,
        of: u64,
        value: u64,
    },
    /// A property was looked at.
    Property {
        process: Option<Path>,
        id: String,
        held: bool,
        detail: Option<String>,
    },
    /// A state machine does something.
    Machine { process: Path, event: MachineEvent },
    /// A note of the program's.
    Note { process: Option<Path>, text: String },
    /// The outcome that the program gave itself.
    Outcome { text: String },
}

/// A choice id that serialises as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChoiceIdText(pub ChoiceId);

impl Serialize for ChoiceIdText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A choice kind that serialises as its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChoiceKindText(pub ChoiceKind);

impl Serialize for ChoiceKindText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The function whose future has this type, if it is not that of a closure.
pub(crate) fn function_of(type_name: &str) -> Option<&str> {
    let function = type_name.strip_suffix("::{{closure}}")?;
    let function = function.split('<').next().unwrap_or(function);
    let name = function.rsplit("::").next()?;
    let is_name = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
    is_name.then_some(name)
}

/// The text with the slot and generation of each pid, `<slot.generation>`, replaced by its path.
pub(crate) fn with_paths(text: String, path_of: impl Fn(u32, u32) -> Option<Path>) -> String {
    if !text.contains('<') {
        return text;
    }
    let mut named = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        named.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let parts = rest.split_once('>').and_then(|(inside, behind)| {
            let (slot, generation) = inside.split_once('.')?;
            let path = path_of(slot.parse().ok()?, generation.parse().ok()?)?;
            Some((path, behind))
        });
        if let Some((path, behind)) = parts {
            let _ = write!(named, "{path}>");
            rest = behind;
        }
    }
    named.push_str(rest);
    named
}

/// The text of a value, whole. A `Debug` that panics must not: values are looked at in some runs
/// only, and looking changes nothing.
pub(crate) fn words_of(value: &dyn std::fmt::Debug) -> String {
    let write = AssertUnwindSafe(|| format!("{value:?}"));
    catch_unwind(write).unwrap_or_else(|_| "(its Debug panics)".to_string())
}

/// The text of a value, cut at [`TEXT_MAX`] bytes without splitting a character.
pub(crate) fn text_of(value: &dyn std::fmt::Debug) -> String {
    let mut text = words_of(value);
    if text.len() > TEXT_MAX {
        let end = (0..=TEXT_MAX)
            .rev()
            .find(|&end| text.is_char_boundary(end))
            .unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_names_and_closures_have_none() {
        assert_eq!(function_of("app::pool::serve::{{closure}}"), Some("serve"));
        assert_eq!(
            function_of("app::work<app::Job>::{{closure}}"),
            Some("work")
        );
        assert_eq!(function_of("app::run::{{closure}}::{{closure}}"), None);
        assert_eq!(function_of("app::Timer"), None);
    }

    #[test]
    fn pids_in_texts_show_as_paths() {
        let path_of = |slot, generation| match (slot, generation) {
            (0, 1) => Some(Path::ROOT),
            (3, 2) => Some(Path::ROOT.child(4)),
            _ => None,
        };
        let named = |text: &str| with_paths(text.to_string(), path_of);
        assert_eq!(named("Get(<3.2>, #ref<0.1>.7)"), "Get(<0.4>, #ref<0>.7)");
        assert_eq!(named("<9.9> < <3.2>, <-1.2>"), "<9.9> < <0.4>, <-1.2>");
        assert_eq!(named("no pid, <"), "no pid, <");
    }
}
