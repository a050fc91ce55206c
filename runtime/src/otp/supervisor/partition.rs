//! A supervisor of equal children, each of which serves a part of all keys.
//!
//! # Semantics
//! PSUP-1 to PSUP-19.
//!
//! # Differences from OTP
//! - It is a value, and whoever holds it routes by it; there is no `{:via, PartitionSupervisor, _}`
//!   under which something could be registered by mistake (PSUP-12).
//! - Every key is hashed, integers too; [`PartitionSupervisor::at`] takes a number as it is.
//! - There are four partitions unless told otherwise, on every machine: by the number of processors
//!   a simulation would differ from one to the next.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::hash::{BuildHasher, Hash};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use rustc_hash::FxBuildHasher;

use super::call::{ChildInfo, Counts, SupervisorError};
use super::handle::Supervisor;
use super::options::{Strategy, SupervisorOptions};
use super::spec::{ChildSpec, ChildType};
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::otp::address::{AnyAddress, IntoAddress, Reach, To};
use crate::otp::call::CallError;
use crate::otp::start::StartError;
use crate::process::observe::{Registration, tell_registration};
use crate::process::{at_table, me};

/// Partitions unless told otherwise.
const PARTITIONS: usize = 4;

/// Who serves which partition.
#[derive(Debug)]
struct Routes {
    /// What stories call the table.
    name: Name,
    table: RwLock<Table>,
}

#[derive(Debug)]
struct Table {
    /// The supervisor, from when all partitions have started until it ends.
    supervisor: Option<Pid>,
    /// How many partitions are in use.
    count: usize,
    /// Who served each partition last.
    pids: Vec<Option<Pid>>,
}

impl Routes {
    fn new(name: Name, partitions: usize) -> Self {
        let table = RwLock::new(Table {
            supervisor: None,
            count: partitions,
            pids: vec![None; partitions],
        });
        Routes { name, table }
    }

    /// A partition runs; noted inside the supervisor.
    async fn note(&self, partition: usize, pid: Pid) {
        at_table("opens a partition", &self.name, true).await;
        let mut table = self.write();
        table.pids[partition] = Some(pid);
        if table.pids.iter().all(Option::is_some) {
            table.supervisor = Some(me());
        }
    }

    async fn publish(&self, count: usize) {
        at_table("changes the number of partitions", &self.name, true).await;
        self.write().count = count;
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the table of a supervisor that runs; gives its pid as well.
    ///
    /// # Panics
    /// If it does not run (PSUP-11).
    #[track_caller]
    fn read<R>(&self, look: impl FnOnce(&Table) -> R) -> (Pid, R) {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        match table.supervisor {
            Some(supervisor) => (supervisor, look(&table)),
            None => {
                drop(table);
                panic!(
                    "partition supervisor {:?} is not running; start it before it is used",
                    self.name
                )
            }
        }
    }
}

/// The routes are open as long as the supervisor keeps this.
struct Open(Arc<Routes>);

impl Drop for Open {
    fn drop(&mut self) {
        let mut table = self.0.write();
        table.supervisor = None;
        table.count = table.pids.len();
        table.pids.fill(None);
    }
}

/// A partition supervisor that is to be started: by awaiting this, linked to the caller.
#[must_use = "a supervisor is not started until this is awaited"]
pub struct PartitionSupervisorOptions {
    make: Box<dyn Fn(usize) -> ChildSpec + Send>,
    partitions: usize,
    address: Option<AnyAddress>,
    options: SupervisorOptions,
}

impl PartitionSupervisorOptions {
    /// How many partitions there are; four unless told otherwise.
    ///
    /// # Panics
    /// If it is none (PSUP-3).
    #[track_caller]
    pub fn partitions(mut self, partitions: usize) -> Self {
        assert!(
            partitions > 0,
            "a partition supervisor has one partition at least, got 0"
        );
        self.partitions = partitions;
        self
    }

    /// The name or address that the supervisor is started under (PSUP-5).
    pub fn name(mut self, name: impl IntoAddress) -> Self {
        self.address = Some(name.into_address());
        self
    }

    /// As [`SupervisorOptions::strategy`] (PSUP-16).
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.options = self.options.strategy(strategy);
        self
    }

    /// As [`SupervisorOptions::max_restarts`]; all partitions share the budget (PSUP-15).
    pub fn max_restarts(mut self, restarts: usize, within: Duration) -> Self {
        self.options = self.options.max_restarts(restarts, within);
        self
    }

    /// The partition supervisor, and the child specification by which another supervisor runs it;
    /// its id is the name (PSUP-5). Used before the child runs, and while it is being restarted,
    /// the partition supervisor panics.
    #[doc(alias = "child_spec")]
    pub fn child(self) -> (PartitionSupervisor, ChildSpec) {
        let (routes, options) = self.options();
        let (id, address) = (routes.name.clone(), self.address);
        let own = Arc::clone(&routes);
        let spec = ChildSpec::starting(id, ChildType::Supervisor, move |address| {
            let open = Arc::new(Open(Arc::clone(&own)));
            let supervisor = options.clone().keeping(open).child().addressed(address);
            Box::pin(async move { supervisor.run().await })
        });
        (PartitionSupervisor { routes }, spec.addressed(address))
    }

    async fn start(self) -> Result<PartitionSupervisor, StartError> {
        let (partitions, child) = self.child();
        child.run().await?;
        Ok(partitions)
    }

    /// The routes, and the supervisor whose children note themselves there.
    fn options(&self) -> (Arc<Routes>, SupervisorOptions) {
        let shown = self.address.as_ref().map(ToString::to_string);
        let name = Name::from(shown.unwrap_or_else(|| "partitions".into()));
        let routes = Arc::new(Routes::new(name, self.partitions));
        let children = (0..self.partitions).map(|partition| {
            let routes = Arc::clone(&routes);
            let note = move |pid| -> Pin<Box<dyn Future<Output = ()> + Send>> {
                let routes = Arc::clone(&routes);
                Box::pin(async move { routes.note(partition, pid).await })
            };
            (self.make)(partition)
                .id(partition.to_string())
                .noting(note)
        });
        let mut options = self.options.clone();
        options.children = children.collect();
        (routes, options)
    }
}

impl IntoFuture for PartitionSupervisorOptions {
    type Output = Result<PartitionSupervisor, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}

impl fmt::Debug for PartitionSupervisorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartitionSupervisorOptions")
            .field("partitions", &self.partitions)
            .field("name", &self.address)
            .finish_non_exhaustive()
    }
}

/// Equal children, each of which serves the keys that fall to it: for work that one process would
/// be a bottleneck for.
///
/// ```
/// # use beamline::prelude::*;
/// # use beamline::PartitionSupervisor;
/// # beamline::Runtime::new().workers(1).run(async {
/// let sessions = PartitionSupervisor::start_link(DynamicSupervisor::child()).await?;
/// let supervisor = DynamicSupervisor::of(sessions.route("ada").await);
/// let session = ChildSpec::new("session", || async {
///     Ok::<_, StartError>(spawn_link(async |mut mailbox: Mailbox| {
///         mailbox.receive_any().await;
///     }))
/// });
/// supervisor.start_child(session).await.expect("it starts");
/// # Ok::<(), ExitReason>(())
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct PartitionSupervisor {
    routes: Arc<Routes>,
}

impl PartitionSupervisor {
    /// So many copies of one child, to be started linked to the caller.
    pub fn start_link(child: ChildSpec) -> PartitionSupervisorOptions {
        Self::start_link_with(move |_| child.clone())
    }

    /// A child for each partition, made of the partition's number (PSUP-6). Ids are the numbers
    /// (PSUP-7).
    #[doc(alias = "with_arguments")]
    pub fn start_link_with<F>(make: F) -> PartitionSupervisorOptions
    where
        F: Fn(usize) -> ChildSpec + Send + 'static,
    {
        PartitionSupervisorOptions {
            make: Box::new(make),
            partitions: PARTITIONS,
            address: None,
            options: Supervisor::start_link([]),
        }
    }

    /// Who serves a key: the same partition as long as their number is the same, whatever becomes
    /// of its process (PSUP-8, PSUP-9). It may have ended and not be restarted (PSUP-10).
    ///
    /// # Panics
    /// If the supervisor does not run (PSUP-11), or if there are no partitions at present
    /// (PSUP-18).
    pub async fn route<K: Hash + ?Sized>(&self, key: &K) -> Pid {
        self.at(FxBuildHasher.hash_one(key)).await
    }

    /// Who serves a number, counted round and round the partitions (PSUP-8).
    ///
    /// # Panics
    /// As for [`route`](Self::route).
    pub async fn at(&self, number: u64) -> Pid {
        at_table("looks up a partition", &self.routes.name, false).await;
        let (_, served) = self.routes.read(|table| {
            assert!(
                table.count > 0,
                "partition supervisor {} has zero partitions",
                self.routes.name
            );
            let drift = match mutant!(RouteAnywhere) {
                true => crate::process::random_range(0..2),
                false => 0,
            };
            let partition = (number.wrapping_add(drift) % table.count as u64) as usize;
            tell_registration(|| Registration::Routed {
                supervisor: &self.routes.name,
                number,
                partitions: table.count,
                partition,
            });
            table.pids[partition]
        });
        match served {
            Some(pid) => pid,
            None => unreachable!("PSUP-1: a partition that was never started"),
        }
    }

    /// How many partitions are in use (PSUP-13).
    ///
    /// # Panics
    /// If the supervisor does not run.
    pub async fn partitions(&self) -> usize {
        at_table("counts the partitions", &self.routes.name, false).await;
        self.routes.read(|table| table.count).1
    }

    /// The supervisor's process.
    ///
    /// # Errors
    /// If it does not run.
    async fn running(&self) -> Result<Supervisor, CallError> {
        at_table("looks up the supervisor", &self.routes.name, false).await;
        let table = self.routes.table.read();
        let table = table.unwrap_or_else(PoisonError::into_inner);
        table
            .supervisor
            .map(Supervisor::of)
            .ok_or(CallError::NoProc)
    }

    /// Changes how many partitions are in use, up to the number that it was started with; the
    /// number before. Those that are no longer used are stopped, after nobody is routed to them any
    /// more; those that are used again are routed to when they run (PSUP-17, PSUP-19).
    ///
    /// # Errors
    /// If a partition could not be started or stopped.
    ///
    /// # Panics
    /// If that is more than it was started with, or if the supervisor does not run.
    pub async fn resize(&self, partitions: usize) -> Result<usize, SupervisorError> {
        at_table("counts the partitions", &self.routes.name, false).await;
        let look = |table: &Table| (table.count, table.pids.len());
        let (supervisor, (before, most)) = self.routes.read(look);
        let supervisor = Supervisor::of(supervisor);
        assert!(
            partitions <= most,
            "the number of partitions must be a number between 0 and {most}, got {partitions}"
        );
        if partitions < before {
            self.routes.publish(partitions).await;
        }
        for partition in partitions..before {
            supervisor.terminate_child(partition.to_string()).await?;
        }
        for partition in before..partitions {
            supervisor.restart_child(partition.to_string()).await?;
        }
        if partitions > before {
            self.routes.publish(partitions).await;
        }
        Ok(before)
    }

    /// As [`Supervisor::which_children`].
    ///
    /// # Errors
    /// If the supervisor does not exist.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.running().await?.which_children().await
    }

    /// As [`Supervisor::count_children`].
    ///
    /// # Errors
    /// If the supervisor does not exist.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.running().await?.count_children().await
    }

    /// Stops all partitions and ends normally; they are dead when this is over (PSUP-14).
    ///
    /// # Errors
    /// As for [`stop`](crate::stop).
    pub async fn stop(&self) -> Result<(), CallError> {
        self.running().await?.stop().await
    }
}

impl Reach for PartitionSupervisor {
    fn reach(&self) -> To {
        let this = self.clone();
        To::Search(Box::pin(async move {
            this.running().await.ok()?.whereis().await
        }))
    }
}
