//! Locks by key: one process at a time, in the order of their asking.
//!
//! # Semantics
//! RGY-42, RGY-43. The partition of the key hands the lock out; it monitors whoever holds it or
//! waits for it.

use std::collections::VecDeque;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::handle::{Key, Registry, Value};
use crate::kernel::pid::{Pid, Ref};
use crate::otp::Caller;
use crate::process::request::{End, Open};
use crate::process::{demonitor_flush, monitor, send};

/// Asks for a lock. The answer is that it is held.
#[derive(Debug)]
pub(super) struct LockRequest<K> {
    key: K,
    caller: Caller<Ref>,
}

/// Gives a lock back.
#[derive(Debug)]
pub(super) struct Unlock<K> {
    pub(super) key: K,
    pub(super) reference: Ref,
}

/// Who holds and who waits, of one partition.
#[derive(Debug)]
pub(super) struct Locks<K> {
    queues: HashMap<K, VecDeque<Turn>, FxBuildHasher>,
    keys: HashMap<Ref, K, FxBuildHasher>,
}

/// One process in a queue; the first holds the lock and has been told so.
#[derive(Debug)]
struct Turn {
    reference: Ref,
    caller: Option<Caller<Ref>>,
}

impl<K> Default for Locks<K> {
    fn default() -> Self {
        Locks {
            queues: HashMap::default(),
            keys: HashMap::default(),
        }
    }
}

impl<K: Key> Locks<K> {
    pub(super) fn ask(&mut self, request: LockRequest<K>) {
        let LockRequest { key, caller } = request;
        let reference = monitor(caller.pid());
        self.keys.insert(reference, key.clone());
        let caller = Some(caller);
        let queue = self.queues.entry(key).or_default();
        queue.push_back(Turn { reference, caller });
        grant(queue);
    }

    /// The lock is given back, or nobody waits for it any more.
    pub(super) fn release(&mut self, key: &K, reference: Ref) {
        demonitor_flush(reference);
        self.leave(key, reference);
    }

    /// A process has ended that held a lock or waited for one.
    pub(super) fn forget(&mut self, reference: Ref) {
        if let Some(key) = self.keys.get(&reference).cloned() {
            self.leave(&key, reference);
        }
    }

    fn leave(&mut self, key: &K, reference: Ref) {
        self.keys.remove(&reference);
        let Some(queue) = self.queues.get_mut(key) else {
            return;
        };
        queue.retain(|turn| turn.reference != reference);
        if queue.is_empty() {
            self.queues.remove(key);
        } else {
            grant(queue);
        }
    }
}

/// Tells the first of a queue that it holds the lock, once.
fn grant(queue: &mut VecDeque<Turn>) {
    if let Some(first) = queue.front_mut()
        && let Some(caller) = first.caller.take()
    {
        caller.reply(first.reference);
    }
}

/// A lock that is held. Dropping it gives it back.
struct Held<K: Key> {
    owner: Pid,
    key: Option<K>,
    reference: Ref,
}

impl<K: Key> Drop for Held<K> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            let reference = self.reference;
            send(self.owner, Unlock { key, reference });
        }
    }
}

impl<K: Key, V: Value> Registry<K, V> {
    /// Runs `body` while this process alone holds the lock of a key: first come, first served
    /// (RGY-42). Other keys do not matter (RGY-43), nor whether anything is registered under this
    /// one. The lock is given back when `body` is over or dropped, and when the process ends.
    ///
    /// A process that asks for a lock it holds waits for ever.
    ///
    /// # Panics
    /// If the registry is not running, or ends while the lock is waited for.
    pub async fn lock<R>(&self, key: K, body: impl Future<Output = R>) -> R {
        self.shared.point("asks for a lock", false).await;
        let owner = self.shared.owner(self.shared.lock_place(&key));
        let request = |reference| LockRequest {
            key: key.clone(),
            caller: Caller::new(reference, owner),
        };
        let mut open = Open::ask(owner, request);
        let Some(End::Answer(reference)) = open.wait(None).await else {
            panic!(
                "the registry {:?} ended while a lock was waited for",
                self.name()
            );
        };
        let _held = Held {
            owner,
            key: Some(key),
            reference,
        };
        body.await
    }
}
