//! Signals on their way, and which of them it is that arrives.
//!
//! Records do not number signals. Those of one pair of processes arrive in the order in which they
//! were sent (SIG-1), so the first that fits is the one.

use crate::choice::ChoiceId;
use crate::trace::{Sender, Signal};
use crate::world::Path;

/// A signal on its way, or in a mailbox.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    pub(super) from: Sender,
    pub(super) signal: &'a Signal,
    pub(super) segment: u32,
}

pub(super) fn same_sort(a: &Signal, b: &Signal) -> bool {
    match (a, b) {
        (Signal::Message { .. }, Signal::Message { .. })
        | (Signal::Call { .. }, Signal::Call { .. })
        | (Signal::Reply { .. }, Signal::Reply { .. }) => true,
        (Signal::Runtime { kind: a, .. }, Signal::Runtime { kind: b, .. }) => a == b,
        _ => false,
    }
}

/// Signals of the runtime arrive without their sender: it is the one whose queue the event is of,
/// or else the first that sent such a signal.
pub(super) fn coming_from_outside(
    coming: &[Sent<'_>],
    to: Path,
    signal: &Signal,
    chain: Option<ChoiceId>,
) -> Option<usize> {
    let mut fitting = coming
        .iter()
        .enumerate()
        .filter(|(_, sent)| match (sent.signal, signal) {
            (Signal::Message { .. }, Signal::Message { .. }) => true,
            (sent, signal) => sent == signal,
        })
        .map(|(at, sent)| (at, sent.from));
    let first = fitting.next()?;
    let of_chain = |from: Sender| match from {
        Sender::Process(from) => chain == Some(queue_id(from, to)),
        Sender::Timer(_) | Sender::Outside => false,
    };
    match fitting.next() {
        None => Some(first.0),
        Some(_) if of_chain(first.1) => Some(first.0),
        Some(second) => {
            let mut others = std::iter::once(second).chain(fitting);
            let found = others.find(|(_, from)| of_chain(*from));
            Some(found.unwrap_or(first).0)
        }
    }
}

/// The id of the queue between two processes.
fn queue_id(from: Path, to: Path) -> ChoiceId {
    ChoiceId::of(&format!("{from}>{to}"))
}

/// The signal that became a message of this text.
pub(super) fn kind_of(text: &str) -> &'static str {
    if text.starts_with("Down {") {
        "down"
    } else if text.starts_with("Exit {") {
        "exit"
    } else {
        "alias-message"
    }
}
