//! Locks by key, as the process that hands them out keeps them.
//!
//! # Semantics
//! RGY-42, RGY-43, REG-22, REG-23, REG-25. A lock is held by the processes of one requester; the
//! others wait in the order of their asking. Whoever holds or waits is monitored.
//!
//! # Invariants
//! - LCK1: the holders of a lock share one requester, and nobody waits for a lock without holders.

use std::collections::VecDeque;
use std::mem;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::caller::Caller;
use super::registry::RegistryKey;
use crate::kernel::pid::{Pid, Ref};
use crate::process::{demonitor_flush, monitor};

/// One process that asks for a lock.
#[derive(Debug)]
pub(super) struct Ask<R> {
    /// What the asking process knows this request by.
    pub(super) id: Ref,
    /// In whose name it asks.
    pub(super) requester: R,
    /// Told whether it holds the lock.
    pub(super) caller: Caller<bool>,
}

/// A process that holds a lock or waits for it.
#[derive(Debug)]
struct Turn<R> {
    id: Ref,
    pid: Pid,
    requester: R,
    monitor: Ref,
}

/// One lock.
#[derive(Debug)]
struct Lock<R> {
    holders: Vec<Turn<R>>,
    waiting: VecDeque<(Turn<R>, Caller<bool>)>,
}

/// All locks.
#[derive(Debug)]
pub(super) struct Locks<K, R> {
    locks: HashMap<K, Lock<R>, FxBuildHasher>,
    /// Of which lock a monitor tells.
    monitors: HashMap<Ref, K, FxBuildHasher>,
}

impl<K, R> Default for Locks<K, R> {
    fn default() -> Self {
        Locks {
            locks: HashMap::default(),
            monitors: HashMap::default(),
        }
    }
}

impl<K: RegistryKey, R: PartialEq> Locks<K, R> {
    /// Gives the lock or puts the process into the queue.
    pub(super) fn ask(&mut self, key: K, ask: Ask<R>) {
        if let Some((ask, caller)) = self.give(&key, ask) {
            let turn = self.watch(&key, ask.0, ask.1, caller.pid());
            if let Some(lock) = self.locks.get_mut(&key) {
                lock.waiting.push_back((turn, caller));
            }
        }
    }

    /// Gives the lock or refuses it at once.
    pub(super) fn attempt(&mut self, key: K, ask: Ask<R>) {
        if let Some((_, caller)) = self.give(&key, ask) {
            caller.reply(false);
        }
    }

    /// Gives the lock if it is free or held by the same requester. Who holds it already holds it
    /// no more than before (REG-22).
    fn give(&mut self, key: &K, ask: Ask<R>) -> Option<((Ref, R), Caller<bool>)> {
        let Ask {
            id,
            requester,
            caller,
        } = ask;
        let pid = caller.pid();
        if let Some(lock) = self.locks.get(key) {
            if lock.holders.iter().any(|held| held.requester != requester) {
                return Some(((id, requester), caller));
            }
            if lock.holders.iter().any(|held| held.pid == pid) {
                caller.reply(true);
                return None;
            }
        }
        let turn = self.watch(key, id, requester, pid);
        let lock = self.locks.entry(key.clone()).or_insert_with(|| Lock {
            holders: Vec::new(),
            waiting: VecDeque::new(),
        });
        lock.holders.push(turn);
        caller.reply(true);
        None
    }

    fn watch(&mut self, key: &K, id: Ref, requester: R, pid: Pid) -> Turn<R> {
        let monitor = monitor(pid);
        self.monitors.insert(monitor, key.clone());
        Turn {
            id,
            pid,
            requester,
            monitor,
        }
    }

    /// A request is over: the lock that it got is given back, or nobody waits for it any more.
    pub(super) fn withdraw(&mut self, key: &K, id: Ref) {
        self.leave(key, |turn, _| turn.id == id);
    }

    /// A process gives back what it holds in the name of a requester.
    pub(super) fn release(&mut self, key: &K, requester: &R, pid: Pid) {
        self.leave(key, |turn, holds| {
            holds && turn.pid == pid && turn.requester == *requester
        });
    }

    /// A process has ended that held a lock or waited for one (REG-25).
    pub(super) fn forget(&mut self, monitor: Ref) {
        if let Some(key) = self.monitors.get(&monitor).cloned() {
            self.leave(&key, |turn, _| turn.monitor == monitor);
        }
    }

    /// Ends turns, told with whether they hold the lock.
    fn leave(&mut self, key: &K, is_over: impl Fn(&Turn<R>, bool) -> bool) {
        let Some(lock) = self.locks.get_mut(key) else {
            return;
        };
        let monitors = &mut self.monitors;
        let mut stays = |turn: &Turn<R>, holds| {
            let over = is_over(turn, holds);
            if over {
                monitors.remove(&turn.monitor);
                demonitor_flush(turn.monitor);
            }
            !over
        };
        lock.holders.retain(|turn| stays(turn, true));
        lock.waiting.retain(|(turn, _)| stays(turn, false));
        if lock.holders.is_empty() {
            lock.pass_on();
        }
        if lock.holders.is_empty() {
            self.locks.remove(key);
        }
    }
}

impl<R: PartialEq> Lock<R> {
    /// Gives the lock to the first who waits, and to all that share it (LCK1).
    fn pass_on(&mut self) {
        for (turn, caller) in mem::take(&mut self.waiting) {
            let first = self.holders.first();
            if first.is_none_or(|holder| holder.requester == turn.requester) {
                self.holders.push(turn);
                caller.reply(true);
            } else {
                self.waiting.push_back((turn, caller));
            }
        }
    }
}
