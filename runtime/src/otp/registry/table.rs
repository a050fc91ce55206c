//! The tables of one partition of a registry: who is registered under each key, and under which
//! keys each process is registered.
//!
//! # Invariants
//! - RGT1: a serial is given once in a table of keys, so it tells an entry from any other that ever
//!   stood under the same key.
//! - RGT2: lists are in the order of registration, whatever the order of the hash map: no hash
//!   order reaches a program (contract C5).

use std::collections::BTreeMap;
use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::kernel::pid::Pid;

/// A process under a key, with its value. The value is shared, so that a reader copies it (which
/// is the program's own code) after the lock is given back.
#[derive(Debug)]
pub(in crate::otp) struct Entry<V> {
    pub(in crate::otp) pid: Pid,
    pub(in crate::otp) value: Arc<V>,
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        let value = Arc::clone(&self.value);
        Entry {
            pid: self.pid,
            value,
        }
    }
}

/// What stands under one key: nearly always one entry.
#[derive(Debug)]
enum Held<V> {
    One(u64, Entry<V>),
    Many(BTreeMap<u64, Entry<V>>),
}

impl<V> Held<V> {
    fn iter(&self) -> impl Iterator<Item = (u64, &Entry<V>)> {
        let (one, many) = match self {
            Held::One(serial, entry) => (Some((*serial, entry)), None),
            Held::Many(many) => (None, Some(many)),
        };
        let many = many.into_iter().flatten();
        one.into_iter()
            .chain(many.map(|(serial, entry)| (*serial, entry)))
    }

    fn get_mut(&mut self, serial: u64) -> Option<&mut Entry<V>> {
        match self {
            Held::One(own, entry) => (*own == serial).then_some(entry),
            Held::Many(many) => many.get_mut(&serial),
        }
    }

    fn push(self, serial: u64, entry: Entry<V>) -> Self {
        match self {
            Held::One(first, other) => {
                Held::Many(BTreeMap::from([(first, other), (serial, entry)]))
            }
            Held::Many(mut many) => {
                many.insert(serial, entry);
                Held::Many(many)
            }
        }
    }
}

/// Who is registered under each key.
#[derive(Debug)]
pub(in crate::otp) struct Keys<K, V> {
    held: HashMap<K, Held<V>, FxBuildHasher>,
    next: u64,
    len: usize,
}

impl<K, V> Default for Keys<K, V> {
    fn default() -> Self {
        Keys {
            held: HashMap::default(),
            next: 0,
            len: 0,
        }
    }
}

impl<K, V> Keys<K, V> {
    pub(in crate::otp) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<K: Eq + Hash + Clone, V> Keys<K, V> {
    /// Registers beside whoever is there already; the entry's serial.
    pub(in crate::otp) fn add(&mut self, key: K, pid: Pid, value: V) -> u64 {
        let serial = self.next;
        self.next += 1;
        self.len += 1;
        let value = Arc::new(value);
        let entry = Entry { pid, value };
        let held = match self.held.remove(&key) {
            None => Held::One(serial, entry),
            Some(held) => held.push(serial, entry),
        };
        self.held.insert(key, held);
        serial
    }

    /// The only entry of a key that has but one.
    pub(in crate::otp) fn only(&self, key: &K) -> Option<(u64, Entry<V>)> {
        let (serial, entry) = self.held.get(key)?.iter().next()?;
        Some((serial, entry.clone()))
    }

    pub(in crate::otp) fn get(&self, key: &K, serial: u64) -> Option<Entry<V>> {
        match self.held.get(key)? {
            Held::One(own, entry) => (*own == serial).then(|| entry.clone()),
            Held::Many(many) => many.get(&serial).cloned(),
        }
    }

    /// All entries of a key, in order.
    pub(in crate::otp) fn of(&self, key: &K) -> Vec<(u64, Entry<V>)> {
        let held = self.held.get(key).into_iter().flat_map(Held::iter);
        held.map(|(serial, entry)| (serial, entry.clone()))
            .collect()
    }

    /// Every entry with its serial and key, in order.
    pub(in crate::otp) fn all(&self) -> Vec<(u64, K, Entry<V>)> {
        let mut all: Vec<_> = self.held.iter().flat_map(each).collect();
        all.sort_unstable_by_key(|(serial, ..)| *serial);
        all
    }

    pub(in crate::otp) fn len(&self) -> usize {
        self.len
    }

    /// Puts another value into an entry; the old one, unless the entry is gone.
    pub(in crate::otp) fn replace(&mut self, key: &K, serial: u64, value: V) -> Option<Arc<V>> {
        let entry = self.held.get_mut(key)?.get_mut(serial)?;
        Some(std::mem::replace(&mut entry.value, Arc::new(value)))
    }

    /// Removes one entry; it is given back, so that it is dropped outside the lock.
    pub(in crate::otp) fn remove(&mut self, key: &K, serial: u64) -> Option<Entry<V>> {
        let held = self.held.get_mut(key)?;
        let gone = match held {
            Held::Many(many) if many.len() > 1 => many.remove(&serial)?,
            held => {
                held.get_mut(serial)?;
                match self.held.remove(key)? {
                    Held::One(_, entry) => entry,
                    Held::Many(mut many) => many.remove(&serial)?,
                }
            }
        };
        self.len -= 1;
        Some(gone)
    }
}

fn each<'a, K: Clone, V>(
    (key, held): (&'a K, &'a Held<V>),
) -> impl Iterator<Item = (u64, K, Entry<V>)> + 'a {
    held.iter()
        .map(|(serial, entry)| (serial, key.clone(), entry.clone()))
}

/// Under which keys each process is registered, and with which serials.
#[derive(Debug)]
pub(in crate::otp) struct Pids<K> {
    held: HashMap<Pid, BTreeMap<(usize, u64), K>, FxBuildHasher>,
}

impl<K> Default for Pids<K> {
    fn default() -> Self {
        let held = HashMap::default();
        Pids { held }
    }
}

impl<K: Eq + Clone> Pids<K> {
    /// Notes an entry of partition `part`.
    pub(in crate::otp) fn add(&mut self, pid: Pid, part: usize, serial: u64, key: K) {
        let own = self.held.entry(pid).or_default();
        own.insert((part, serial), key);
    }

    /// The entries of a process: partition, serial and key.
    pub(in crate::otp) fn of(&self, pid: Pid) -> Vec<(usize, u64, K)> {
        let own = self.held.get(&pid).into_iter().flatten();
        own.map(|((part, serial), key)| (*part, *serial, key.clone()))
            .collect()
    }

    /// The serials in partition `part` of a process under a key.
    pub(in crate::otp) fn under(&self, pid: Pid, part: usize, key: &K) -> Vec<u64> {
        let Some(own) = self.held.get(&pid) else {
            return Vec::new();
        };
        let there = own.range((part, 0)..=(part, u64::MAX));
        there
            .filter(|(_, other)| *other == key)
            .map(|((_, serial), _)| *serial)
            .collect()
    }

    /// Forgets one entry; whether the process has none left.
    pub(in crate::otp) fn remove(&mut self, pid: Pid, part: usize, serial: u64) -> bool {
        let Some(own) = self.held.get_mut(&pid) else {
            return true;
        };
        own.remove(&(part, serial));
        let none_left = own.is_empty();
        if none_left {
            self.held.remove(&pid);
        }
        none_left
    }

    /// Forgets a process; its entries.
    pub(in crate::otp) fn take(&mut self, pid: Pid) -> Vec<(usize, u64, K)> {
        let own = self.held.remove(&pid).into_iter().flatten();
        own.map(|((part, serial), key)| (part, serial, key))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(slot: u32) -> Pid {
        Pid::from_parts(1, slot, 1)
    }

    #[test]
    fn entries_keep_the_order_of_their_registration() {
        let mut keys = Keys::default();
        let serials = [1, 2, 3].map(|n| keys.add("topic", pid(n), n));
        let pids = |keys: &Keys<&str, u32>| -> Vec<Pid> {
            keys.of(&"topic").iter().map(|(_, e)| e.pid).collect()
        };
        assert_eq!(pids(&keys), [pid(1), pid(2), pid(3)]);
        assert_eq!(keys.remove(&"topic", serials[1]).map(|e| *e.value), Some(2));
        assert!(keys.remove(&"topic", serials[1]).is_none());
        assert_eq!(pids(&keys), [pid(1), pid(3)]);
        for serial in [serials[0], serials[2]] {
            assert!(keys.remove(&"topic", serial).is_some());
        }
        assert_eq!((keys.len(), keys.of(&"topic").len()), (0, 0));
        assert!(keys.held.is_empty(), "an empty key is left behind");
    }

    #[test]
    fn a_serial_is_never_given_again() {
        let mut keys = Keys::default();
        let first = keys.add("name", pid(1), ());
        keys.remove(&"name", first);
        let second = keys.add("name", pid(2), ());
        assert_ne!(first, second);
        assert!(keys.remove(&"name", first).is_none());
        assert_eq!(
            keys.only(&"name").map(|(s, e)| (s, e.pid)),
            Some((second, pid(2)))
        );
    }

    #[test]
    fn a_process_is_forgotten_with_its_last_entry() {
        let mut pids = Pids::default();
        pids.add(pid(1), 0, 7, "a");
        pids.add(pid(1), 0, 8, "b");
        assert_eq!(pids.under(pid(1), 0, &"b"), [8]);
        assert!(!pids.remove(pid(1), 0, 7));
        assert!(pids.remove(pid(1), 0, 8));
        assert!(pids.held.is_empty());
        assert_eq!(pids.take(pid(1)), []);
    }
}
