//! Starts that have failed: nothing is left of them. And which messages tell of whose end.

use beamline::Pid;
use rustc_hash::FxHashMap;

use super::book::Book;
use super::catalogue::Id;
use super::names::Names;
use super::people::People;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Starts {
    /// Messages that tell of an end, by node: in whose mailbox, and of whose.
    exits: FxHashMap<usize, (Pid, Pid)>,
}

impl Starts {
    pub(super) fn clear(&mut self) {
        self.exits.clear();
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.exits.is_empty()
    }

    pub(super) fn exit_waits(&mut self, pid: Pid, from: Pid, node: usize) {
        self.exits.insert(node, (pid, from));
    }

    /// A message has left its mailbox; of whose end it tells.
    pub(super) fn taken(&mut self, node: usize) -> Option<Pid> {
        self.exits.remove(&node).map(|(_, from)| from)
    }

    /// A process goes on without what it has tried to start.
    pub(super) fn failed(
        &self,
        book: &mut Book,
        people: &People,
        names: &Names,
        (pid, of): (Pid, Pid),
    ) {
        let lives = people.is_alive(of);
        let name = names.of(of);
        let told = self.exits.values().any(|exit| *exit == (pid, of));
        book.judge(Id::G37, !lives && name.is_none() && !told, || {
            let left = match (lives, name) {
                (true, _) => "lives".to_string(),
                (_, Some(name)) => format!("has the name {name:?}"),
                _ => "has left a message of its end".to_string(),
            };
            format!("{pid} could not start {of}, which {left}")
        });
    }
}
