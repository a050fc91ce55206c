//! The children of a supervisor, in the order in which they are started.
//!
//! # Invariants
//! - CHT1: a key is given once; keys rise in the order of starting (SUP-312), and a restart keeps
//!   a child's key (SUP-313).
//! - CHT2: a pid leads to a child exactly if that runs as the pid, or is being restarted after it.

use std::collections::BTreeMap;
use std::ops::RangeBounds;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::observe::{self, tell};
use super::spec::ChildSpec;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::process::observe::supervisor::Supervision;

/// Where a child stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildState {
    /// It runs, as far as its supervisor knows.
    Running(Pid),
    /// It does not.
    Stopped,
    /// It could not be started again, and another attempt is to come; who it was, if that is known.
    Restarting(Option<Pid>),
}

impl ChildState {
    /// The process, if it runs.
    pub fn pid(self) -> Option<Pid> {
        match self {
            ChildState::Running(pid) => Some(pid),
            ChildState::Stopped | ChildState::Restarting(_) => None,
        }
    }

    /// Who is or was the child.
    fn known(self) -> Option<Pid> {
        match self {
            ChildState::Running(pid) => Some(pid),
            ChildState::Stopped => None,
            ChildState::Restarting(pid) => pid,
        }
    }
}

/// Of a child, and its place in the order of starting.
pub(super) type Key = u64;

/// A child.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) spec: ChildSpec,
    state: ChildState,
}

impl Child {
    pub(super) fn state(&self) -> ChildState {
        self.state
    }
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Children {
    list: BTreeMap<Key, Child>,
    by_pid: HashMap<Pid, Key, FxBuildHasher>,
    /// Empty in a supervisor whose children have no ids.
    by_id: HashMap<Name, Key, FxBuildHasher>,
    last: Key,
}

impl Children {
    /// Appends a child.
    pub(super) fn push(&mut self, spec: ChildSpec, with_id: bool) -> Key {
        self.last += 1;
        let key = match mutant!(YoungestFirst) {
            true => Key::MAX - self.last,
            false => self.last,
        };
        if with_id {
            self.by_id.insert(spec.id.clone(), key);
        }
        tell(|| Supervision::Added {
            key,
            child: observe::child(&spec),
        });
        let state = ChildState::Stopped;
        self.list.insert(key, Child { spec, state });
        key
    }

    /// Notes where a child stands.
    pub(super) fn set(&mut self, key: Key, state: ChildState) {
        let Some(child) = self.list.get_mut(&key) else {
            return;
        };
        if let Some(old) = child.state.known() {
            self.by_pid.remove(&old);
        }
        child.state = state;
        tell(|| Supervision::Stands {
            key,
            place: observe::place(state),
        });
        if let Some(new) = state.known() {
            self.by_pid.insert(new, key);
        }
    }

    /// Forgets a child.
    pub(super) fn remove(&mut self, key: Key) {
        self.set(key, ChildState::Stopped);
        let removed = self.list.remove(&key);
        tell(|| Supervision::Removed { key });
        if let Some(child) = removed
            && self.by_id.get(&child.spec.id) == Some(&key)
        {
            self.by_id.remove(&child.spec.id);
        }
    }

    pub(super) fn get(&self, key: Key) -> Option<&Child> {
        self.list.get(&key)
    }

    pub(super) fn of_pid(&self, pid: Pid) -> Option<Key> {
        self.by_pid.get(&pid).copied()
    }

    pub(super) fn of_id(&self, id: &str) -> Option<Key> {
        self.by_id.get(id).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The children in the order of starting.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Child> {
        self.list.values()
    }

    /// The keys of a range, in the order of starting.
    pub(super) fn keys(&self, range: impl RangeBounds<Key>) -> Vec<Key> {
        self.list.range(range).map(|(key, _)| *key).collect()
    }
}
