//! What the handles of a registry and its processes have in common: the partitions.
//!
//! # Semantics
//! RGY-30: where an entry stands. RGY-32: a registry that has ended refuses everything.
//!
//! # Invariants
//! - RGS1: of the locks here one is held at a time, for one step of a table, and no code of the
//!   program's runs under it but the comparison and hash of keys.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustc_hash::FxBuildHasher;

use super::handle::Key;
use super::table::{Entry, Keys, Pids};
use crate::kernel::name::{Name, NotRegistered};
use crate::kernel::pid::Pid;
use crate::kernel::term::Term;
use crate::process::observe::{Registration, tell_registration};
use crate::process::{alive, at_table, send, spread};

/// How many processes may be registered under one key, and what an entry's partition depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::otp) enum Kind {
    /// One.
    Unique,
    /// Any number; by the process, so that one process's entries lie together (RGY-2).
    DuplicateByPid,
    /// Any number; by the key, so that one key's entries lie together (RGY-2).
    DuplicateByKey,
}

type Meta = Arc<dyn Any + Send + Sync>;

pub(in crate::otp) struct Shared<K, V> {
    pub(in crate::otp) name: Name,
    pub(in crate::otp) kind: Kind,
    pub(in crate::otp) listeners: Box<[Name]>,
    pub(in crate::otp) partitions: Box<[Partition<K, V>]>,
    pub(in crate::otp) meta: RwLock<BTreeMap<Name, Meta>>,
}

pub(in crate::otp) struct Partition<K, V> {
    /// The process that watches over whoever registers; nobody while it is being restarted and
    /// after the end.
    owner: RwLock<Option<Pid>>,
    keys: RwLock<Keys<K, V>>,
    pids: RwLock<Pids<K>>,
}

// A panic under one of the locks can only come from comparing keys, and leaves the tables whole.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl<K, V> Partition<K, V> {
    pub(in crate::otp) fn owner(&self) -> Option<Pid> {
        *read(&self.owner)
    }

    pub(in crate::otp) fn set_owner(&self, owner: Option<Pid>) {
        *write(&self.owner) = owner;
    }

    pub(in crate::otp) fn keys(&self) -> RwLockReadGuard<'_, Keys<K, V>> {
        read(&self.keys)
    }

    pub(in crate::otp) fn keys_mut(&self) -> RwLockWriteGuard<'_, Keys<K, V>> {
        write(&self.keys)
    }

    pub(in crate::otp) fn pids(&self) -> RwLockReadGuard<'_, Pids<K>> {
        read(&self.pids)
    }

    pub(in crate::otp) fn pids_mut(&self) -> RwLockWriteGuard<'_, Pids<K>> {
        write(&self.pids)
    }

    /// Notes an entry of a process.
    pub(in crate::otp) fn note(&self, pid: Pid, at: usize, serial: u64, key: K)
    where
        K: Eq + Clone,
    {
        self.pids_mut().add(pid, at, serial, key);
    }

    /// Loses every entry (RGY-40).
    pub(in crate::otp) fn clear(&self) {
        // Dropped after the locks: values are the program's own.
        let _keys = std::mem::take(&mut *self.keys_mut());
        let _pids = std::mem::take(&mut *self.pids_mut());
    }
}

impl<K, V> Shared<K, V> {
    pub(in crate::otp) fn new(
        name: Name,
        kind: Kind,
        partitions: usize,
        listeners: Box<[Name]>,
    ) -> Self {
        let partition = |_| Partition {
            owner: RwLock::default(),
            keys: RwLock::default(),
            pids: RwLock::default(),
        };
        Shared {
            name,
            kind,
            listeners,
            partitions: (0..partitions).map(partition).collect(),
            meta: RwLock::default(),
        }
    }

    /// What tells it from other registries in records, and nothing else.
    pub(in crate::otp) fn number(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Loses every entry of a partition (RGY-40).
    pub(in crate::otp) fn clear(&self, at: usize) {
        let partition = &self.partitions[at];
        if !partition.keys().is_empty() {
            let registry = self.number();
            tell_registration(|| Registration::Cleared { registry });
        }
        partition.clear();
    }

    /// The choice point of every operation.
    pub(in crate::otp) async fn point(&self, op: &'static str, write: bool) {
        at_table(op, &self.name, write).await;
    }

    /// The process that owns a partition.
    #[track_caller]
    pub(in crate::otp) fn owner(&self, partition: usize) -> Pid {
        match self.partitions[partition].owner() {
            Some(owner) => owner,
            None => self.refuse(),
        }
    }

    /// Refuses to answer for a registry that is not running (RGY-32). A partition that is being
    /// restarted is as good as empty.
    #[track_caller]
    pub(in crate::otp) fn must_run(&self) {
        if self.partitions.iter().all(|part| part.owner().is_none()) {
            self.refuse();
        }
    }

    #[track_caller]
    pub(in crate::otp) fn refuse(&self) -> ! {
        panic!(
            "unknown registry: {:?} is not running; start it before it is used, under a supervisor \
             of its own or above whoever uses it",
            self.name
        )
    }

    fn by_pid(&self, pid: Pid) -> usize {
        match self.partitions.len() {
            1 => 0,
            n => (spread(pid) % n as u64) as usize,
        }
    }
}

impl<K: Eq + Hash + Clone, V> Shared<K, V> {
    /// A key as records show it.
    pub(in crate::otp) fn hash(&self, key: &K) -> u64 {
        FxBuildHasher.hash_one(key)
    }

    pub(in crate::otp) fn tell_of_removal(&self, key: &K, serial: u64) {
        tell_registration(|| Registration::Removed {
            registry: self.number(),
            key: self.hash(key),
            serial,
        });
    }

    fn by_key(&self, key: &K) -> usize {
        match self.partitions.len() {
            1 => 0,
            n => (FxBuildHasher.hash_one(key) % n as u64) as usize,
        }
    }

    /// The partitions that hold the entry of a process under a key: in its table of keys, and in
    /// its table of processes (RGY-30).
    pub(in crate::otp) fn places(&self, key: &K, pid: Pid) -> (usize, usize) {
        match self.kind {
            Kind::Unique => (self.by_key(key), self.by_pid(pid)),
            Kind::DuplicateByPid => (self.by_pid(pid), self.by_pid(pid)),
            Kind::DuplicateByKey => (self.by_key(key), self.by_key(key)),
        }
    }

    /// The partition that hands out the lock of a key.
    pub(in crate::otp) fn lock_place(&self, key: &K) -> usize {
        self.by_key(key)
    }

    /// The partitions that may have entries of a process.
    pub(in crate::otp) fn of_pid(&self, pid: Pid) -> std::ops::Range<usize> {
        match self.kind {
            Kind::DuplicateByKey => 0..self.partitions.len(),
            Kind::Unique | Kind::DuplicateByPid => {
                let at = self.by_pid(pid);
                at..at + 1
            }
        }
    }

    /// The partitions that may have entries under a key.
    pub(in crate::otp) fn of_key(&self, key: &K) -> std::ops::Range<usize> {
        match self.kind {
            Kind::DuplicateByPid => 0..self.partitions.len(),
            Kind::Unique | Kind::DuplicateByKey => {
                let at = self.by_key(key);
                at..at + 1
            }
        }
    }

    /// The entries under a key, partition by partition.
    pub(in crate::otp) fn under(&self, key: &K) -> Vec<Vec<Entry<V>>> {
        self.of_key(key)
            .map(|at| {
                let found = self.partitions[at].keys().of(key);
                found.into_iter().map(|(_, entry)| entry).collect()
            })
            .collect()
    }

    /// The live process under a key of a unique registry (RGY-17).
    pub(in crate::otp) async fn whereis(&self, key: &K) -> Option<Pid> {
        self.point("looks up a key", false).await;
        self.must_run();
        let at = self.of_key(key).start;
        let only = self.partitions[at].keys().only(key);
        let found = only.map(|(_, entry)| entry.pid);
        let pid = found.filter(|_| !mutant!(LoseKeys));
        tell_registration(|| Registration::Found {
            registry: self.number(),
            key: self.hash(key),
            pid,
        });
        let pid = pid?;
        alive(pid).await.then_some(pid)
    }

    /// Removes all entries of a process that has ended (RGY-33), of those that partition `owner`
    /// watches over.
    pub(in crate::otp) fn forget(&self, owner: usize, pid: Pid) {
        let own = self.partitions[owner].pids_mut().take(pid);
        for (at, serial, key) in own {
            let gone = self.partitions[at].keys_mut().remove(&key, serial);
            self.tell_of_removal(&key, serial);
            drop(gone);
        }
    }
}

impl<K: Key, V> Shared<K, V> {
    /// Sends to the live process under a key; the process (RGY-39, REG-20).
    pub(in crate::otp) async fn send<T: Term>(
        &self,
        key: &K,
        message: T,
    ) -> Result<Pid, NotRegistered> {
        match self.whereis(key).await {
            Some(pid) => {
                send(pid, message);
                Ok(pid)
            }
            None => {
                let name = Name::from(self.address(key));
                Err(NotRegistered { name })
            }
        }
    }
}

impl<K: fmt::Debug, V> Shared<K, V> {
    /// How a key is shown as an address.
    pub(in crate::otp) fn address(&self, key: &K) -> String {
        format!("{}/{key:?}", self.name)
    }
}

impl<K, V> fmt::Debug for Shared<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("partitions", &self.partitions.len())
            .finish_non_exhaustive()
    }
}
