//! The database: what survives every crash.
//!
//! It stands for a machine of its own, so it is no process and no fault reaches it. A write is one
//! step: a writer that is killed meanwhile has written or has not, and whoever waits for the writer
//! cannot know which. The two yields are where that kill may strike.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beamline::prelude::*;

use super::ledger::Payment;
use super::order::{Order, OrderId, Receipt};
use super::queue::Job;
use super::stock::Piece;

/// A table of rows by key. Copies are the same table.
pub struct Table<K, V>(Arc<Mutex<BTreeMap<K, V>>>);

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The row of a key.
    pub async fn get(&self, key: &K) -> Option<V> {
        yield_now().await;
        self.rows().get(key).cloned()
    }

    /// All rows.
    pub async fn all(&self) -> BTreeMap<K, V> {
        yield_now().await;
        self.rows().clone()
    }

    /// Writes a row, over the one that is there.
    pub async fn put(&self, key: K, row: V) {
        yield_now().await;
        self.rows().insert(key, row);
        yield_now().await;
    }

    /// Removes a row.
    pub async fn remove(&self, key: &K) {
        yield_now().await;
        self.rows().remove(key);
        yield_now().await;
    }
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Table(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Table(Arc::default())
    }
}

impl<K, V> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Table")
    }
}

/// All tables. Of each but the first two, one process at a time is the writer.
#[derive(Debug, Clone, Default)]
pub struct Database {
    /// Orders that were accepted and have not come to their end.
    pub open: Table<OrderId, Order>,
    /// How orders ended. Several may write the same receipt, since the ledger decides it.
    pub closed: Table<OrderId, Receipt>,
    /// What was paid (the ledger's).
    pub payments: Table<OrderId, Payment>,
    /// What was reserved (the stock's).
    pub pieces: Table<OrderId, Piece>,
    /// What is to be done (the queue's).
    pub jobs: Table<OrderId, Job>,
}
