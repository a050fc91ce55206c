//! Looking through a registry: all entries, or those under one key that a filter takes.
//!
//! # Differences from OTP
//! A match specification is a closure here. It runs after the tables have been read, on a copy.

use super::handle::{Key, Registry, Value, shown};
use super::table::Entry;
use crate::kernel::pid::Pid;

impl<K: Key, V: Value> Registry<K, V> {
    /// The processes under a key whose value `matches` (RGY-22).
    #[doc(alias = "match")]
    pub async fn matching(&self, key: &K, mut matches: impl FnMut(&V) -> bool) -> Vec<(Pid, V)> {
        self.shared.point("looks up a key", false).await;
        self.shared.must_run();
        let under = self.shared.under(key).concat();
        let found = under.iter().filter(|entry| matches(&entry.value));
        found.map(shown).collect()
    }

    /// How many entries under a key have a value that `matches` (RGY-21).
    pub async fn count_match(&self, key: &K, mut matches: impl FnMut(&V) -> bool) -> usize {
        self.shared.point("looks up a key", false).await;
        self.shared.must_run();
        let under = self.shared.under(key).concat();
        under.iter().filter(|entry| matches(&entry.value)).count()
    }

    /// What `pick` makes of every entry that it has an answer for (RGY-23), in the order of their
    /// registration within a partition.
    pub async fn select<R>(&self, mut pick: impl FnMut(&K, Pid, &V) -> Option<R>) -> Vec<R> {
        let all = self.everything().await;
        let picked = all.iter().filter_map(|(key, e)| pick(key, e.pid, &e.value));
        picked.collect()
    }

    /// How many entries `matches` (RGY-21).
    pub async fn count_select(&self, mut matches: impl FnMut(&K, Pid, &V) -> bool) -> usize {
        let all = self.everything().await;
        let matching = all.iter().filter(|(key, e)| matches(key, e.pid, &e.value));
        matching.count()
    }

    /// How many entries there are (RGY-21).
    pub async fn count(&self) -> usize {
        self.shared.point("counts the entries", false).await;
        self.shared.must_run();
        let partitions = self.shared.partitions.iter();
        partitions.map(|partition| partition.keys().len()).sum()
    }

    async fn everything(&self) -> Vec<(K, Entry<V>)> {
        self.shared.point("lists the entries", false).await;
        self.shared.must_run();
        let partitions = self.shared.partitions.iter();
        let all = partitions.flat_map(|partition| partition.keys().all());
        all.map(|(_, key, entry)| (key, entry)).collect()
    }
}
