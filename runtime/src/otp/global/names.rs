//! The operations on names, as users see them.

use std::fmt;
use std::sync::Arc;

use super::server::{Names, Over, Registered, Request, Table};
use crate::kernel::name::{Name, NotRegistered};
use crate::kernel::pid::Pid;
use crate::kernel::term::Term;
use crate::otp::registry::RegistryKey;
use crate::otp::{Caller, Server};
use crate::process::alive;

/// Why a process is not registered (REG-13, REG-14). Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameRefused<K: fmt::Debug> {
    /// A live process has the name.
    #[error("the name is taken by {by}")]
    Taken {
        /// Which; possibly the very process that was to be registered.
        by: Pid,
    },
    /// The process has another name, and the service allows but one.
    #[error("the process has the name {name:?} already")]
    HasName {
        /// Its name.
        name: K,
    },
}

/// Names for processes, and locks, shared by all who hold this handle.
///
/// Unlike in a [`Registry`](crate::Registry), any process may be registered by any other, a name
/// can be given to another process, and nobody is linked to the service.
///
/// Every operation panics if the service is not running: it has ended, or its supervisor has not
/// started it yet.
///
/// ```
/// # use beamline::prelude::*;
/// # use beamline::Global;
/// # beamline::Runtime::new().workers(1).run_with(async |mut mailbox: Mailbox| {
/// let names = Global::<(&str, u32)>::start_link().await?;
/// names.register_name(("shard", 7), me()).await?;
/// names.send(&("shard", 7), "compact").await?;
/// assert_eq!(mailbox.receive::<&str>().await, "compact");
/// # Ok::<(), ExitReason>(())
/// # });
/// ```
#[doc(alias = "global")]
pub struct Global<K: RegistryKey = Name> {
    pub(super) table: Arc<Table<K>>,
}

impl<K: RegistryKey> Global<K> {
    /// The name of the service.
    pub fn name(&self) -> &Name {
        &self.table.name
    }

    /// Gives a name to a process. Of several attempts at one name at once, one succeeds.
    ///
    /// A process that has ended is registered as well, for a moment (REG-16). The name of one that
    /// has ended is never in the way, whether the service has noticed or not.
    ///
    /// # Errors
    /// If a live process has the name, be it the same (REG-13), or if the process has another name
    /// and [several](super::GlobalOptions::several_names) are not allowed (REG-14).
    #[doc(alias = "global:register_name")]
    pub async fn register_name(&self, name: K, pid: Pid) -> Result<(), NameRefused<K>> {
        let mut over = Over::Nobody;
        loop {
            match self.register(name.clone(), pid, over).await {
                Registered::Yes => return Ok(()),
                Registered::HasName(name) => return Err(NameRefused::HasName { name }),
                Registered::Taken { by, .. } if alive(by).await => {
                    return Err(NameRefused::Taken { by });
                }
                Registered::Taken { serial, .. } => over = Over::Dead(serial),
            }
        }
    }

    /// Gives a name to a process, whoever had it and whatever other names the process has (REG-17).
    #[doc(alias = "global:re_register_name")]
    pub async fn re_register_name(&self, name: K, pid: Pid) {
        self.register(name, pid, Over::Anybody).await;
    }

    async fn register(&self, name: K, pid: Pid, over: Over) -> Registered<K> {
        let request = |caller| Request::Register {
            name,
            pid,
            over,
            caller,
        };
        self.ask(request).await
    }

    /// Frees a name; nothing happens if nobody has it (REG-18). Any process may do so.
    #[doc(alias = "global:unregister_name")]
    pub async fn unregister_name(&self, name: &K) {
        let request = |caller| Request::Unregister(name.clone(), caller);
        self.ask(request).await;
    }

    /// The live process that has a name (REG-19).
    #[doc(alias = "global:whereis_name")]
    pub async fn whereis_name(&self, name: &K) -> Option<Pid> {
        self.table.whereis(name).await
    }

    /// Sends to the live process that has a name; the process (REG-20).
    ///
    /// # Errors
    /// If nobody has it.
    #[doc(alias = "global:send")]
    pub async fn send<T: Term>(&self, name: &K, message: T) -> Result<Pid, NotRegistered> {
        self.table.send(name, message).await
    }

    /// All names, in the order of their registration. That of a process that has just ended may
    /// still be among them (REG-21).
    #[doc(alias = "global:registered_names")]
    pub async fn registered_names(&self) -> Vec<K> {
        self.table.point("lists the names", false).await;
        self.table.must_run();
        let all = self.table.partitions[0].keys().all();
        all.into_iter().map(|(_, name, _)| name).collect()
    }

    /// The process of the service.
    #[track_caller]
    pub(super) fn server(&self) -> Server<Names<K>> {
        Server::of(self.table.owner(0))
    }

    /// Asks the service, and waits as long as it takes.
    pub(super) async fn ask<T: Term>(&self, make: impl FnOnce(Caller<T>) -> Request<K>) -> T {
        match self.server().call(make).no_timeout().await {
            Ok(answer) => answer,
            Err(_) => self.table.refuse(),
        }
    }
}

impl<K: RegistryKey> Clone for Global<K> {
    fn clone(&self) -> Self {
        let table = Arc::clone(&self.table);
        Global { table }
    }
}

impl<K: RegistryKey> fmt::Debug for Global<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Global({:?})", self.table.name)
    }
}
