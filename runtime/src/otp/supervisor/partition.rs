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
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustc_hash::FxBuildHasher;

use super::call::{ChildInfo, Counts, SupervisorError};
use super::handle::Supervisor;
use super::options::{Strategy, SupervisorOptions};
use super::spec::ChildSpec;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::otp::address::{IntoAddress, Reach, To};
use crate::otp::call::CallError;
use crate::otp::start::StartError;
use crate::process::at_table;

/// Partitions unless told otherwise.
const PARTITIONS: usize = 4;

/// Who serves which partition.
#[derive(Debug)]
struct Routes {
    /// What stories call the table.
    name: Name,
    /// How many are in use, and who served each partition last.
    table: RwLock<(usize, Vec<Option<Pid>>)>,
}

impl Routes {
    async fn note(&self, partition: usize, pid: Pid) {
        at_table("opens a partition", &self.name, true).await;
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.1[partition] = Some(pid);
    }

    async fn publish(&self, count: usize) {
        at_table("changes the number of partitions", &self.name, true).await;
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        table.0 = count;
    }

    async fn count(&self) -> usize {
        at_table("counts the partitions", &self.name, false).await;
        self.read(|count, _| count)
    }

    fn read<R>(&self, look: impl FnOnce(usize, &[Option<Pid>]) -> R) -> R {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        look(table.0, &table.1)
    }
}

/// A partition supervisor that is to be started: by awaiting this, linked to the caller.
#[must_use = "a supervisor is not started until this is awaited"]
pub struct PartitionSupervisorOptions {
    make: Box<dyn Fn(usize) -> ChildSpec + Send>,
    partitions: usize,
    name: Option<Name>,
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

    /// A local name for the supervisor.
    pub fn name(mut self, name: impl Into<Name>) -> Self {
        self.name = Some(name.into());
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

    async fn start(self) -> Result<PartitionSupervisor, StartError> {
        let name = self.name.clone().unwrap_or_else(|| "partitions".into());
        let routes = Arc::new(Routes {
            name,
            table: RwLock::new((self.partitions, vec![None; self.partitions])),
        });
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
        let mut options = self.options;
        options.children = children.collect();
        if let Some(name) = self.name {
            options = options.name(name.into_address());
        }
        let supervisor = options.await?;
        Ok(PartitionSupervisor { supervisor, routes })
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
            .field("name", &self.name)
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
    supervisor: Supervisor,
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
            name: None,
            options: Supervisor::start_link([]),
        }
    }

    /// Who serves a key: the same partition as long as their number is the same, whatever becomes
    /// of its process (PSUP-8, PSUP-9). It may have ended and not be restarted (PSUP-10).
    ///
    /// # Panics
    /// If there are no partitions at present (PSUP-18).
    pub async fn route<K: Hash + ?Sized>(&self, key: &K) -> Pid {
        self.at(FxBuildHasher.hash_one(key)).await
    }

    /// Who serves a number, counted round and round the partitions (PSUP-8).
    ///
    /// # Panics
    /// As for [`route`](Self::route).
    pub async fn at(&self, number: u64) -> Pid {
        at_table("looks up a partition", &self.routes.name, false).await;
        self.routes.read(|count, table| {
            assert!(
                count > 0,
                "partition supervisor {} has zero partitions",
                self.routes.name
            );
            let partition = (number % count as u64) as usize;
            match table[partition] {
                Some(pid) => pid,
                None => panic!("partition {partition} of {} never ran", self.routes.name),
            }
        })
    }

    /// How many partitions are in use (PSUP-13).
    pub async fn partitions(&self) -> usize {
        self.routes.count().await
    }

    /// Changes how many partitions are in use, up to the number that it was started with; the
    /// number before. Those that are no longer used are stopped, after nobody is routed to them any
    /// more; those that are used again are routed to when they run (PSUP-17, PSUP-19).
    ///
    /// # Errors
    /// If a partition could not be started or stopped.
    ///
    /// # Panics
    /// If that is more than it was started with.
    pub async fn resize(&self, partitions: usize) -> Result<usize, SupervisorError> {
        let (before, most) = self.routes.read(|count, table| (count, table.len()));
        assert!(
            partitions <= most,
            "the number of partitions must be a number between 0 and {most}, got {partitions}"
        );
        if partitions < before {
            self.routes.publish(partitions).await;
        }
        for partition in partitions..before {
            self.supervisor
                .terminate_child(partition.to_string())
                .await?;
        }
        for partition in before..partitions {
            self.supervisor.restart_child(partition.to_string()).await?;
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
        self.supervisor.which_children().await
    }

    /// As [`Supervisor::count_children`].
    ///
    /// # Errors
    /// If the supervisor does not exist.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.supervisor.count_children().await
    }

    /// Stops all partitions and ends normally; they are dead when this is over (PSUP-14).
    ///
    /// # Errors
    /// As for [`stop`](crate::stop).
    pub async fn stop(&self) -> Result<(), CallError> {
        self.supervisor.stop().await
    }
}

impl Reach for PartitionSupervisor {
    fn reach(&self) -> To {
        self.supervisor.reach()
    }
}
