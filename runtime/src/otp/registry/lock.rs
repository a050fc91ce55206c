//! Locks by key: one process at a time, in the order of their asking.
//!
//! # Semantics
//! RGY-42, RGY-43. The partition of the key hands the lock out.

use super::handle::{Key, Registry, Value};
use crate::kernel::pid::{Pid, Ref};
use crate::otp::Caller;
use crate::otp::locks::Ask;
use crate::process::request::{End, Open};
use crate::process::{make_ref, send};

/// Asks for a lock. The answer is that it is held.
#[derive(Debug)]
pub(super) struct LockRequest<K> {
    pub(super) key: K,
    id: Ref,
    caller: Caller<bool>,
}

impl<K> LockRequest<K> {
    /// The key, and who asks: every request is a requester of its own, so nobody shares.
    pub(super) fn into_parts(self) -> (K, Ask<Ref>) {
        let ask = Ask {
            id: self.id,
            requester: self.id,
            caller: self.caller,
        };
        (self.key, ask)
    }
}

/// Gives a lock back, or gives up asking for it.
#[derive(Debug)]
pub(super) struct Unlock<K> {
    pub(super) key: K,
    pub(super) id: Ref,
}

/// A lock that is asked for or held. Dropping it gives it back.
struct Held<K: Key> {
    owner: Pid,
    key: Option<K>,
    id: Ref,
}

impl<K: Key> Drop for Held<K> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            send(self.owner, Unlock { key, id: self.id });
        }
    }
}

impl<K: Key, V: Value> Registry<K, V> {
    /// Runs `body` while this process alone holds the lock of a key: first come, first served
    /// (RGY-42). Other keys do not matter (RGY-43), nor whether anything is registered under this
    /// one. The lock is given back when `body` is over or this is dropped, waiting or not, and when
    /// the process ends.
    ///
    /// A process that asks for a lock it holds waits for ever.
    ///
    /// # Panics
    /// If the registry is not running, or ends while the lock is waited for.
    pub async fn lock<R>(&self, key: K, body: impl Future<Output = R>) -> R {
        self.shared.point("asks for a lock", false).await;
        let owner = self.shared.owner(self.shared.lock_place(&key));
        let id = make_ref();
        let mut open = Open::ask(owner, |reference| LockRequest {
            key: key.clone(),
            id,
            caller: Caller::new(reference, owner),
        });
        let _held = Held {
            owner,
            key: Some(key),
            id,
        };
        let Some(End::Answer(true)) = open.wait(None).await else {
            panic!(
                "the registry {:?} ended while a lock was waited for",
                self.name()
            );
        };
        body.await
    }
}
