//! A small ordered map for what a process keeps of others: links, monitors, aliases.
//!
//! Nearly every process has at most a handful, a supervisor may have a million. Both are ordered
//! by key, so that no hash order ever reaches behaviour.

use std::collections::BTreeMap;
use std::mem;

/// Above this many entries a tree is faster than moving a vector's tail.
const FEW: usize = 32;

#[derive(Debug)]
pub(crate) enum Roster<K, V> {
    Few(Vec<(K, V)>),
    Many(BTreeMap<K, V>),
}

impl<K, V> Default for Roster<K, V> {
    fn default() -> Self {
        Roster::Few(Vec::new())
    }
}

impl<K: Ord + Copy, V> Roster<K, V> {
    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        match self {
            Roster::Few(few) => {
                let at = few.binary_search_by_key(&key, |entry| entry.0).ok()?;
                Some(&mut few[at].1)
            }
            Roster::Many(many) => many.get_mut(&key),
        }
    }

    /// Puts an entry in and returns the one it replaces.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self {
            Roster::Few(few) => match few.binary_search_by_key(&key, |entry| entry.0) {
                Ok(at) => Some(mem::replace(&mut few[at].1, value)),
                Err(at) if few.len() < FEW => {
                    few.insert(at, (key, value));
                    None
                }
                Err(_) => {
                    let mut many: BTreeMap<K, V> = mem::take(few).into_iter().collect();
                    many.insert(key, value);
                    *self = Roster::Many(many);
                    None
                }
            },
            Roster::Many(many) => many.insert(key, value),
        }
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        match self {
            Roster::Few(few) => {
                let at = few.binary_search_by_key(&key, |entry| entry.0).ok()?;
                Some(few.remove(at).1)
            }
            Roster::Many(many) => many.remove(&key),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        let (few, many) = match self {
            Roster::Few(few) => (Some(few), None),
            Roster::Many(many) => (None, Some(many)),
        };
        let few = few.into_iter().flatten().map(|(key, value)| (*key, value));
        few.chain(many.into_iter().flatten().map(|(key, value)| (*key, value)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Roster::Few(few) => few.is_empty(),
            Roster::Many(many) => many.is_empty(),
        }
    }

    /// Takes everything out, in the order of the keys.
    pub(crate) fn drain(&mut self) -> Vec<(K, V)> {
        match mem::take(self) {
            Roster::Few(few) => few,
            Roster::Many(many) => many.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_into_a_tree_and_keeps_order() {
        let mut roster = Roster::default();
        for key in (0..100u32).rev() {
            assert_eq!(roster.insert(key, key * 2), None);
        }
        assert_eq!(roster.insert(50, 1), Some(100));
        assert_eq!(roster.remove(0), Some(0));
        assert_eq!(roster.remove(0), None);
        assert_eq!(roster.get_mut(50), Some(&mut 1));
        assert!(roster.iter().map(|(key, _)| key).eq(1..100));
        assert_eq!(roster.drain().len(), 99);
        assert!(roster.is_empty());
    }
}
