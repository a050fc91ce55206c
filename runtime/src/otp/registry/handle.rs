//! The operations of a registry, as its users see them.

use std::fmt::{self, Debug};
use std::hash::Hash;
use std::sync::Arc;

use super::events::RegistryEvent;
use super::shared::{Kind, Shared};
use super::table::Entry;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::process::observe::{Registration, tell_registration};
use crate::process::{alive, link, me, send, unlink};

/// What can be a key: equality decides, strictly (RGY-14, RGY-15).
pub trait Key: Eq + Hash + Clone + Debug + Send + Sync + 'static {}
impl<K: Eq + Hash + Clone + Debug + Send + Sync + 'static> Key for K {}

/// What can stand beside a key.
pub trait Value: Clone + Debug + Send + Sync + 'static {}
impl<V: Clone + Debug + Send + Sync + 'static> Value for V {}

/// The key is taken (RGY-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key is registered already, by {pid}")]
#[doc(alias = "already_registered")]
pub struct AlreadyRegistered {
    /// By whom; possibly the caller itself.
    pub pid: Pid,
}

/// A table of processes by key, shared by all who hold this handle.
///
/// Started by [`unique`](Self::unique) or [`duplicate`](Self::duplicate).
pub struct Registry<K, V = ()> {
    pub(super) shared: Arc<Shared<K, V>>,
}

impl<K, V> Clone for Registry<K, V> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        Registry { shared }
    }
}

impl<K, V> Debug for Registry<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl<K: Key, V: Value> Registry<K, V> {
    /// The name of the registry.
    pub fn name(&self) -> &Name {
        &self.shared.name
    }

    /// Registers the calling process under a key (RGY-5); the process of the registry that now
    /// watches over it, to which it is linked (RGY-10).
    ///
    /// Of several that register one key of a unique registry at once, one succeeds (RGY-8). The
    /// entry of a process that has ended is never in the way, cleaned up or not (RGY-7).
    ///
    /// # Errors
    /// If the registry is unique and a live process has the key, be it the caller (RGY-6). Nothing
    /// is changed then (RGY-11).
    ///
    /// # Panics
    /// If the registry is not running (RGY-32), like every operation here.
    pub async fn register(&self, key: K, value: V) -> Result<Pid, AlreadyRegistered> {
        let (shared, me) = (&*self.shared, me());
        let (at, own) = shared.places(&key, me);
        let entry = (key.clone(), value.clone());
        shared.point("registers a key", true).await;
        let owner = shared.owner(own);
        let serial = loop {
            let holder = {
                let mut keys = shared.partitions[at].keys_mut();
                let only = keys.only(&key);
                match only.filter(|_| shared.kind == Kind::Unique && !mutant!(ShareKeys)) {
                    None => break keys.add(entry.0, me, entry.1),
                    Some(holder) => holder,
                }
            };
            let (serial, Entry { pid, .. }) = holder;
            if alive(pid).await {
                return Err(AlreadyRegistered { pid });
            }
            let gone = shared.partitions[at].keys_mut().remove(&key, serial);
            shared.tell_of_removal(&key, serial);
            drop(gone);
        };
        tell_registration(|| Registration::Entered {
            registry: shared.number(),
            holder: me,
            unique: shared.kind == Kind::Unique,
            key: shared.hash(&key),
            serial,
        });
        let noted = key.clone();
        shared.partitions[own].note(me, at, serial, noted);
        link(owner);
        self.tell(|registry| RegistryEvent::Registered {
            registry,
            key: key.clone(),
            pid: me,
            value: value.clone(),
        })
        .await;
        Ok(owner)
    }

    /// Removes all entries of the caller under a key, if any (RGY-12).
    pub async fn unregister(&self, key: &K) {
        self.shared.point("unregisters a key", true).await;
        self.remove_own(key, |_| true);
        self.tell_of_removal(key).await;
    }

    /// Removes those entries of the caller under a key whose value `matches` (RGY-13). Listeners
    /// hear of it when none is left (RGY-36).
    pub async fn unregister_match(&self, key: &K, matches: impl FnMut(&V) -> bool) {
        self.shared.point("unregisters a key", true).await;
        if self.remove_own(key, matches) == 0 {
            self.tell_of_removal(key).await;
        }
    }

    /// Removes some of the caller's entries under a key; how many are left.
    fn remove_own(&self, key: &K, mut matches: impl FnMut(&V) -> bool) -> usize {
        let (shared, me) = (&*self.shared, me());
        let (at, own) = shared.places(key, me);
        let owner = shared.owner(own);
        let mut left = 0;
        let serials = shared.partitions[own].pids().under(me, at, key);
        for serial in serials {
            let found = shared.partitions[at].keys().get(key, serial);
            if !found.is_none_or(|entry| matches(&entry.value)) {
                left += 1;
                continue;
            }
            let gone = shared.partitions[at].keys_mut().remove(key, serial);
            shared.tell_of_removal(key, serial);
            let none_left = shared.partitions[own].pids_mut().remove(me, at, serial);
            drop(gone);
            if none_left {
                unlink(owner);
            }
        }
        left
    }

    /// The processes under a key with their values, or nothing (RGY-16). One that has just ended
    /// may still be among them (RGY-17).
    pub async fn lookup(&self, key: &K) -> Vec<(Pid, V)> {
        self.shared.point("looks up a key", false).await;
        self.shared.must_run();
        self.shared.under(key).concat().iter().map(shown).collect()
    }

    /// The live process under a key of a unique registry (RGY-17).
    ///
    /// # Panics
    /// If the registry is not unique (RGY-38).
    #[doc(alias = "whereis_name")]
    pub async fn whereis(&self, key: &K) -> Option<Pid> {
        self.must_be_unique("whereis");
        self.shared.whereis(key).await
    }

    #[track_caller]
    pub(super) fn must_be_unique(&self, what: &str) {
        assert!(
            self.shared.kind == Kind::Unique,
            "{what} is not supported for duplicate registries, and {:?} is one",
            self.shared.name
        );
    }

    /// The keys of a process, once for each entry (RGY-19).
    pub async fn keys(&self, pid: Pid) -> Vec<K> {
        self.shared
            .point("lists the keys of a process", false)
            .await;
        self.shared.must_run();
        let mut keys = Vec::new();
        for at in self.shared.of_pid(pid) {
            let own = self.shared.partitions[at].pids().of(pid);
            keys.extend(own.into_iter().map(|(_, _, key)| key));
        }
        keys
    }

    /// The values of a process under a key (RGY-20).
    pub async fn values(&self, key: &K, pid: Pid) -> Vec<V> {
        self.shared.point("looks up a key", false).await;
        self.shared.must_run();
        let under = self.shared.under(key).concat();
        let own = under.iter().filter(|entry| entry.pid == pid);
        own.map(|entry| (*entry.value).clone()).collect()
    }

    /// Replaces the caller's value under a key by what `update` makes of it; the new value and the
    /// old one, or `None` if the caller is not registered there (RGY-24). If `update` panics the
    /// value stays (RGY-25).
    ///
    /// # Panics
    /// If the registry is not unique.
    pub async fn update_value(&self, key: &K, update: impl FnOnce(&V) -> V) -> Option<(V, V)> {
        self.must_be_unique("update_value");
        let shared = &*self.shared;
        shared.point("updates a value", true).await;
        shared.must_run();
        let at = shared.of_key(key).start;
        let (serial, entry) = shared.partitions[at].keys().only(key)?;
        if entry.pid != me() {
            return None;
        }
        // Only the caller changes its own entry, so nothing comes between.
        let new = update(&entry.value);
        let old = shared.partitions[at]
            .keys_mut()
            .replace(key, serial, new.clone())?;
        Some((new, (*old).clone()))
    }

    /// Sends every listener the event that `event` makes (RGY-34).
    async fn tell(&self, event: impl Fn(Name) -> RegistryEvent<K, V>) {
        for listener in &self.shared.listeners {
            let event = event(self.shared.name.clone());
            // A listener that is not there hears nothing, as in OTP.
            let _ = send(listener, event).await;
        }
    }

    async fn tell_of_removal(&self, key: &K) {
        self.tell(|registry| RegistryEvent::Unregistered {
            registry,
            key: key.clone(),
            pid: me(),
        })
        .await;
    }
}

pub(super) fn shown<V: Clone>(entry: &Entry<V>) -> (Pid, V) {
    (entry.pid, (*entry.value).clone())
}
