//! What processes are called at some point of a trace.

use std::fmt;

use rustc_hash::FxHashMap;

use crate::trace::{Record, What};
use crate::world::Path;

/// The names known so far.
#[derive(Debug)]
pub(super) struct Names<'a> {
    trace: &'a [Record],
    read: usize,
    called: FxHashMap<Path, &'a str>,
    registered: FxHashMap<&'a str, Path>,
}

impl<'a> Names<'a> {
    pub(super) fn new(trace: &'a [Record]) -> Names<'a> {
        Names {
            trace,
            read: 0,
            called: FxHashMap::default(),
            registered: FxHashMap::default(),
        }
    }

    /// Reads on up to a record. A name wins over a label, and a label over a function; the dead
    /// keep what they were called.
    pub(super) fn read_to(&mut self, end: usize) {
        let news = self.trace.get(self.read..end).unwrap_or_default();
        for record in news {
            match &record.what {
                // The root runs the test itself, whose function says nothing.
                What::Spawn {
                    process,
                    label,
                    function,
                    parent: Some(_),
                } => {
                    if let Some(name) = label.as_ref().or(function.as_ref()) {
                        self.called.insert(*process, name);
                    }
                }
                What::Labelled { process, label } => {
                    let named = self
                        .called
                        .get(process)
                        .and_then(|name| self.registered.get(name));
                    if named != Some(process) {
                        self.called.insert(*process, label);
                    }
                }
                What::Registered { name, process } => {
                    self.called.insert(*process, name);
                    self.registered.insert(name, *process);
                }
                What::Unregistered { name, .. } => {
                    self.registered.remove(name.as_str());
                }
                _ => {}
            }
        }
        self.read = self.read.max(end);
    }

    /// Who has a name.
    pub(super) fn holder(&self, name: &str) -> Option<Path> {
        self.registered.get(name).copied()
    }

    /// A process by name and path.
    pub(super) fn of(&self, process: Path) -> Called<'a> {
        Called {
            name: self.called.get(&process).copied(),
            process,
        }
    }
}

/// A process as a story calls it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called<'a> {
    name: Option<&'a str>,
    process: Path,
}

impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => write!(f, "{name} ({})", self.process),
            None if self.process == Path::ROOT => f.write_str("0 (root)"),
            None => write!(f, "{}", self.process),
        }
    }
}
