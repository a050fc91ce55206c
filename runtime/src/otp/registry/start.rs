//! Starting a registry, and the process that keeps its partitions running.
//!
//! # Semantics
//! RGY-1 to RGY-3, RGY-40, RGY-41, RGY-44.

use std::sync::Arc;

use super::handle::{Key, Registry, Value};
use super::partition;
use super::shared::{Kind, Shared};
use crate::kernel::handle::Exit;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::otp::start::{StartError, StartOptions, Unready, start};
use crate::otp::supervisor::{ChildSpec, ChildType, Limit, Window};
use crate::process::observe::{Registration, tell_registration};
use crate::process::request::ended;
use crate::process::{Mailbox, exit, me, trap_exit};

/// A registry that is to be started.
#[derive(Debug)]
#[must_use = "a registry is not started until `start_link` is awaited"]
pub struct RegistryOptions<K, V> {
    kind: Kind,
    name: Option<Name>,
    partitions: usize,
    listeners: Vec<Name>,
    _of: std::marker::PhantomData<fn() -> (K, V)>,
}

impl<K: Key, V: Value> Registry<K, V> {
    /// A registry in which each key belongs to one process at most.
    pub fn unique() -> RegistryOptions<K, V> {
        RegistryOptions::new(Kind::Unique)
    }

    /// A registry in which any number of processes may be under one key, and one process several
    /// times (RGY-9).
    pub fn duplicate() -> RegistryOptions<K, V> {
        RegistryOptions::new(Kind::DuplicateByPid)
    }
}

impl<K: Key, V: Value> RegistryOptions<K, V> {
    fn new(kind: Kind) -> Self {
        RegistryOptions {
            kind,
            name: None,
            partitions: 1,
            listeners: Vec::new(),
            _of: std::marker::PhantomData,
        }
    }

    /// The name of its process, shown by addresses too. Without one it is known by its handle
    /// alone.
    pub fn name(mut self, name: impl Into<Name>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many tables to divide the entries into, 1 by default: as many as there are workers, if
    /// many processes register at once.
    ///
    /// # Panics
    /// If it is none (RGY-3).
    #[track_caller]
    pub fn partitions(mut self, partitions: usize) -> Self {
        assert!(
            partitions > 0,
            "a registry has one partition at least, got 0"
        );
        self.partitions = partitions;
        self
    }

    /// Divides the entries of a duplicate registry by key instead of by process (RGY-2): better for
    /// many keys with few processes each.
    ///
    /// # Panics
    /// For a unique registry, whose entries always are.
    #[track_caller]
    pub fn by_key(mut self) -> Self {
        assert!(
            self.kind != Kind::Unique,
            "by_key is for duplicate registries; a unique one is always divided by key"
        );
        self.kind = Kind::DuplicateByKey;
        self
    }

    /// A named process that hears of each registration (RGY-34).
    pub fn listener(mut self, name: impl Into<Name>) -> Self {
        self.listeners.push(name.into());
        self
    }

    /// Starts it, linked to the caller.
    ///
    /// # Errors
    /// If the name is taken (RGY-44).
    pub async fn start_link(self) -> Result<Registry<K, V>, StartError> {
        let (registry, child) = self.child();
        child.run().await?;
        Ok(registry)
    }

    /// The registry, and the child specification by which a supervisor runs it; its id is the name
    /// (RGY-1). Used before the child runs, and while it is being restarted, the registry panics;
    /// restarted, it is empty.
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # beamline::Runtime::new().workers(1).run(async {
    /// let (sessions, child) = Registry::<String>::unique().name("sessions").child();
    /// let _supervisor = Supervisor::start_link([child]).await?;
    /// sessions.register("ada".into(), ()).await?;
    /// # Ok::<(), ExitReason>(())
    /// # });
    /// ```
    #[doc(alias = "child_spec")]
    pub fn child(self) -> (Registry<K, V>, ChildSpec) {
        let shown = self.name.clone().unwrap_or_else(|| "registry".into());
        let listeners = self.listeners.into_boxed_slice();
        let shared = Shared::new(shown.clone(), self.kind, self.partitions, listeners);
        let (shared, named) = (Arc::new(shared), self.name.is_some());
        let registry = shared.number();
        tell_registration(|| Registration::Begun { registry });
        let own = Arc::clone(&shared);
        let spec = ChildSpec::starting(shown, ChildType::Supervisor, move |address| {
            let (shared, parent) = (Arc::clone(&own), me());
            let root = Root { shared, named };
            let options = StartOptions::new().link().addressed(address);
            let init = move |mailbox| root.begin(mailbox, parent);
            Box::pin(async move { Ok(start(options, "Registry", init).await?.pid) })
        });
        let spec = match self.name {
            Some(name) => spec.name(name),
            None => spec,
        };
        (Registry { shared }, spec)
    }
}

/// What the process above the partitions has.
struct Root<K, V> {
    shared: Arc<Shared<K, V>>,
    named: bool,
}

impl<K: Key, V: Value> Root<K, V> {
    async fn begin(
        self,
        mailbox: Mailbox,
        parent: Pid,
    ) -> Result<((), impl Future<Output = ExitReason>), Unready> {
        trap_exit(true);
        let mut owners = Vec::new();
        for at in 0..self.shared.partitions.len() {
            match self.open(at).await {
                Ok(owner) => owners.push(owner),
                Err(error) => {
                    close(&owners).await;
                    return Err(Unready::stop(error.into()));
                }
            }
        }
        Ok(((), self.keep(mailbox, parent, owners)))
    }

    /// Starts the process of a partition.
    async fn open(&self, at: usize) -> Result<Pid, StartError> {
        let (shared, root) = (Arc::clone(&self.shared), me());
        let options = StartOptions::new().link();
        let init = move |mailbox| partition::begin(mailbox, shared, at, root);
        let name = self
            .named
            .then(|| format!("{}.PIDPartition{at}", self.shared.name));
        let options = options.addressed(name.map(Name::from));
        let started = start(options, "Registry.Partition", init).await?;
        Ok(started.pid)
    }

    /// Restarts what ends, until told to end itself or too much does.
    async fn keep(self, mut mailbox: Mailbox, parent: Pid, mut owners: Vec<Pid>) -> ExitReason {
        let mut restarts = Window::default();
        loop {
            let Exit { from, reason } = mailbox.receive().await;
            if from == parent {
                close(&owners).await;
                return reason;
            }
            let Some(at) = owners.iter().position(|owner| *owner == from) else {
                continue;
            };
            if !restarts.allows(&Limit::exact()) || self.restart(&mut owners, at).await.is_err() {
                close(&owners).await;
                return ExitReason::Shutdown;
            }
        }
    }

    /// All partitions of a unique registry, or the one that ended of a duplicate one (RGY-40).
    async fn restart(&self, owners: &mut [Pid], at: usize) -> Result<(), StartError> {
        let all = self.shared.kind == Kind::Unique;
        let which = if all { 0..owners.len() } else { at..at + 1 };
        close(&owners[which.clone()]).await;
        for at in which {
            owners[at] = self.open(at).await?;
        }
        Ok(())
    }
}

/// Ends partitions, the youngest first, and waits until they have ended.
async fn close(owners: &[Pid]) {
    for owner in owners.iter().rev() {
        exit(*owner, ExitReason::Shutdown);
        ended(*owner).await;
    }
}
