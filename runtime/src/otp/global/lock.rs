//! Locks, as their users see them.
//!
//! # Semantics
//! REG-22 to REG-26.

use std::time::Duration;

use super::names::Global;
use super::server::{Names, Request, Told};
use crate::kernel::pid::{Pid, Ref};
use crate::otp::Server;
use crate::otp::registry::RegistryKey;
use crate::process::{make_ref, me, sleep};

/// The first wait between two attempts; each is twice the one before. OTP's longest first wait.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait between two attempts: OTP's.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// What is locked, and in whose name.
///
/// Processes that ask for a resource in the name of one requester share the lock (REG-23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockId<K> {
    pub(super) resource: K,
    pub(super) requester: Pid,
}

impl<K> LockId<K> {
    /// A resource, locked in the name of the caller: shared with nobody.
    pub fn new(resource: impl Into<K>) -> Self {
        LockId {
            resource: resource.into(),
            requester: me(),
        }
    }

    /// In the name of another process; whether that holds the lock itself does not matter.
    pub fn requester(mut self, requester: Pid) -> Self {
        self.requester = requester;
        self
    }
}

/// How often to try again for a lock that others hold (REG-24). A number converts into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    /// So often after the first attempt, with waits of a quarter second up to eight seconds
    /// between them.
    Times(u32),
    /// As long as it takes: waits in a queue, first come first served.
    #[doc(alias = "infinity")]
    Forever,
}

impl From<u32> for Retries {
    fn from(times: u32) -> Self {
        Retries::Times(times)
    }
}

/// Others held the lock of a transaction, which therefore did not run (REG-26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lock of the transaction was not obtained")]
#[doc(alias = "aborted")]
pub struct Aborted;

impl<K: RegistryKey> Global<K> {
    /// Takes a lock for this process; whether it was obtained (REG-24).
    ///
    /// It is held until [`del_lock`](Self::del_lock) or the end of the process (REG-25). A process
    /// that holds it already holds it no more than before: one `del_lock` gives it back (REG-22).
    /// Dropped while it waits, this asks no longer.
    #[doc(alias = "global:set_lock")]
    pub async fn set_lock(&self, id: &LockId<K>, retries: impl Into<Retries>) -> bool {
        let times = match retries.into() {
            Retries::Forever => return self.attempt(id, true).await,
            Retries::Times(times) => times,
        };
        let mut wait = FIRST_WAIT;
        for _ in 0..times {
            if self.attempt(id, false).await {
                return true;
            }
            sleep(wait).await;
            wait = LONGEST_WAIT.min(wait * 2);
        }
        self.attempt(id, false).await
    }

    async fn attempt(&self, id: &LockId<K>, waits: bool) -> bool {
        let ask = make_ref();
        let mut asking = Asking {
            server: self.server(),
            asked: Some((id.resource.clone(), ask)),
        };
        let request = |caller| Request::SetLock {
            id: id.clone(),
            ask,
            waits,
            caller,
        };
        let obtained = self.ask(request).await;
        asking.asked = None;
        obtained
    }

    /// Gives back what this process holds in the name of the requester; nothing happens if it holds
    /// nothing (REG-22). When this is over, the next attempt of another process finds it so.
    #[doc(alias = "global:del_lock")]
    pub async fn del_lock(&self, id: &LockId<K>) {
        let request = |caller| Request::DelLock(id.clone(), caller);
        self.ask(request).await;
    }

    /// Runs `body` under a lock, and gives that back however `body` ends: by its value, by a panic,
    /// or by being dropped (REG-26).
    ///
    /// # Errors
    /// If the lock was not obtained; `body` did not run.
    #[doc(alias = "trans")]
    #[doc(alias = "global:trans")]
    pub async fn transaction<R>(
        &self,
        id: &LockId<K>,
        retries: impl Into<Retries>,
        body: impl Future<Output = R>,
    ) -> Result<R, Aborted> {
        if !self.set_lock(id, retries).await {
            return Err(Aborted);
        }
        let mut held = Held {
            server: self.server(),
            by: me(),
            id: Some(id.clone()),
        };
        let result = body.await;
        held.id = None;
        self.del_lock(id).await;
        Ok(result)
    }
}

/// A lock that is asked for. Dropped unanswered, it is asked for no longer.
struct Asking<K: RegistryKey> {
    server: Server<Names<K>>,
    asked: Option<(K, Ref)>,
}

impl<K: RegistryKey> Drop for Asking<K> {
    fn drop(&mut self) {
        if let Some((resource, ask)) = self.asked.take() {
            self.server.cast(Told::Withdraw(resource, ask));
        }
    }
}

/// The lock of a transaction. Dropped before the transaction is over, it is given back.
struct Held<K: RegistryKey> {
    server: Server<Names<K>>,
    by: Pid,
    id: Option<LockId<K>>,
}

impl<K: RegistryKey> Drop for Held<K> {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            self.server.cast(Told::DelLock(id, self.by));
        }
    }
}
