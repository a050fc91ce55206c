//! The process that changes names and hands out locks.
//!
//! # Invariants
//! - GLB1: a process is monitored as long as it has a name, by one monitor.

use std::fmt;
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::lock::LockId;
use crate::kernel::info::Monitored;
use crate::kernel::monitors::Down;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::otp::locks::{Ask, Locks};
use crate::otp::registry::RegistryKey;
use crate::otp::registry::shared::{Partition, Shared};
use crate::otp::{Caller, Flow, GenServer, Init, Never, Next, Refusal};
use crate::process::observe::{Registration, tell_registration};
use crate::process::{demonitor_flush, me, monitor, trap_exit};

/// The names: a table with one partition.
pub(super) type Table<K> = Shared<K, ()>;

/// Whose entry a registration may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Nobody's.
    Nobody,
    /// The one with this serial, whose process has ended.
    Dead(u64),
    /// Anybody's.
    Anybody,
}

/// What a registration comes to.
#[derive(Debug)]
pub(super) enum Registered<K> {
    Yes,
    Taken { serial: u64, by: Pid },
    HasName(K),
}

#[derive(Debug)]
pub(super) enum Request<K: RegistryKey> {
    Register {
        name: K,
        pid: Pid,
        over: Over,
        caller: Caller<Registered<K>>,
    },
    Unregister(K, Caller<()>),
    SetLock {
        id: LockId<K>,
        /// What this request is withdrawn by.
        ask: Ref,
        waits: bool,
        caller: Caller<bool>,
    },
    DelLock(LockId<K>, Caller<()>),
}

/// What is told without waiting, by who is being dropped.
#[derive(Debug)]
pub(super) enum Told<K> {
    /// A lock is no longer asked for; if the request got it, it is given back.
    Withdraw(K, Ref),
    /// A process gives back a lock.
    DelLock(LockId<K>, Pid),
}

/// The server's state. The names exist as long as this does.
pub(super) struct Names<K: RegistryKey> {
    table: Arc<Table<K>>,
    several: bool,
    monitors: HashMap<Pid, Ref, FxBuildHasher>,
    locks: Locks<K, Pid>,
}

impl<K: RegistryKey> GenServer for Names<K> {
    /// The table, and whether a process may have several names.
    type Args = (Arc<Table<K>>, bool);
    type Call = Request<K>;
    type Cast = Told<K>;
    type Info = Message;
    type Continue = Never;

    async fn init((table, several): Self::Args) -> Init<Self> {
        trap_exit(true);
        table.point("opens the table", true).await;
        if let Some(owner) = table.partitions[0].owner() {
            let why = format!("{:?} is running already, as {owner}", table.name);
            return Err(Refusal::Stop(ExitReason::other(why)));
        }
        table.partitions[0].set_owner(Some(me()));
        let registry = table.number();
        tell_registration(|| Registration::Begun { registry });
        let names = Names {
            table,
            several,
            monitors: HashMap::default(),
            locks: Locks::default(),
        };
        Ok(names.into())
    }

    async fn handle_call(&mut self, request: Request<K>) -> Flow<Self> {
        match request {
            Request::Register {
                name,
                pid,
                over,
                caller,
            } => {
                self.table.point("registers a name", true).await;
                caller.reply(self.register(name, pid, over));
            }
            Request::Unregister(name, caller) => {
                self.table.point("unregisters a name", true).await;
                self.remove(&name);
                caller.reply(());
            }
            Request::SetLock {
                id,
                ask,
                waits,
                caller,
            } => {
                let ask = Ask {
                    id: ask,
                    requester: id.requester,
                    caller,
                };
                match waits {
                    true => self.locks.ask(id.resource, ask),
                    false => self.locks.attempt(id.resource, ask),
                }
            }
            Request::DelLock(id, caller) => {
                let pid = caller.pid();
                self.locks.release(&id.resource, &id.requester, pid);
                caller.reply(());
            }
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, told: Told<K>) -> Flow<Self> {
        match told {
            Told::Withdraw(resource, ask) => self.locks.withdraw(&resource, ask),
            Told::DelLock(id, pid) => self.locks.release(&id.resource, &id.requester, pid),
        }
        Ok(Next::Wait)
    }

    /// Any message but the end of a process is of no concern.
    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        if let Ok(down) = message.downcast::<Down>() {
            self.forget(&down).await;
        }
        Ok(Next::Wait)
    }
}

impl<K: RegistryKey> Names<K> {
    fn names(&self) -> &Partition<K, ()> {
        &self.table.partitions[0]
    }

    fn register(&mut self, name: K, pid: Pid, over: Over) -> Registered<K> {
        let holder = match mutant!(ShareNames) {
            true => None,
            false => self.names().keys().only(&name),
        };
        if let Some((serial, holder)) = holder
            && over != Over::Anybody
            && over != Over::Dead(serial)
        {
            let by = holder.pid;
            return Registered::Taken { serial, by };
        }
        // Replacing an owner asks nothing of the new one (REG-17).
        if over != Over::Anybody && !self.several {
            let has = self.names().pids().of(pid);
            let mut names = has.into_iter().map(|(.., other)| other);
            if let Some(other) = names.find(|other| *other != name) {
                return Registered::HasName(other);
            }
        }
        if !mutant!(ShareNames) {
            self.remove(&name);
        }
        self.monitors.entry(pid).or_insert_with(|| monitor(pid));
        let serial = self.names().keys_mut().add(name.clone(), pid, ());
        tell_registration(|| Registration::Entered {
            registry: self.table.number(),
            holder: pid,
            unique: true,
            key: self.table.hash(&name),
            serial,
        });
        self.names().note(pid, 0, serial, name);
        Registered::Yes
    }

    fn remove(&mut self, name: &K) {
        let Some((serial, holder)) = self.names().keys().only(name) else {
            return;
        };
        self.table.tell_of_removal(name, serial);
        if mutant!(KeepGlobals) {
            return;
        }
        let gone = self.names().keys_mut().remove(name, serial);
        drop(gone);
        let none_left = self.names().pids_mut().remove(holder.pid, 0, serial);
        if none_left && let Some(monitor) = self.monitors.remove(&holder.pid) {
            demonitor_flush(monitor);
        }
    }

    /// A process has ended that had a name (REG-21), or a lock.
    async fn forget(&mut self, down: &Down) {
        self.locks.forget(down.reference);
        if let Monitored::Pid(pid) = down.process
            && self.monitors.get(&pid) == Some(&down.reference)
        {
            self.table.point("forgets a process", true).await;
            self.monitors.remove(&pid);
            self.table.forget(0, pid);
        }
    }
}

impl<K: RegistryKey> Drop for Names<K> {
    fn drop(&mut self) {
        self.names().set_owner(None);
        self.table.clear(0);
    }
}

impl<K: RegistryKey> fmt::Debug for Names<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}
