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
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockWriteGuard};
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

/// Who serves which partition: the same value for all runs of one specification.
#[derive(Debug)]
struct Routes {
    /// What stories call the table.
    name: Name,
    table: RwLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// Runs that were begun.
    runs: u64,
    /// The run that is routed to, from when all of its partitions have started until it ends.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    run: u64,
    supervisor: Pid,
    /// How many partitions are in use.
    count: usize,
    /// Who served each partition last.
    pids: Vec<Pid>,
}

impl Routes {
    /// The supervisor is about to be started once more.
    fn begin(self: &Arc<Self>, partitions: usize) -> Arc<Run> {
        let mut table = self.write();
        table.runs += 1;
        Arc::new(Run {
            routes: Arc::clone(self),
            number: table.runs,
            served: Mutex::new(vec![None; partitions]),
        })
    }

    async fn publish(&self, count: usize) {
        at_table("changes the number of partitions", &self.name, true).await;
        if let Some(open) = &mut self.write().open {
            open.count = count;
        }
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the table of a supervisor that runs.
    ///
    /// # Panics
    /// If it does not run (PSUP-11).
    #[track_caller]
    fn read<R>(&self, look: impl FnOnce(&Open) -> R) -> R {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        match &table.open {
            Some(open) => look(open),
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

/// One run of the supervisor. The routes are open to it as long as it keeps this, unless a later
/// run has been opened meanwhile: one that was killed may outlive the start of the next.
#[derive(Debug)]
struct Run {
    routes: Arc<Routes>,
    number: u64,
    served: Mutex<Vec<Option<Pid>>>,
}

impl Run {
    /// A partition runs; noted inside the supervisor.
    async fn note(&self, partition: usize, pid: Pid) {
        at_table("opens a partition", &self.routes.name, true).await;
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served[partition] = Some(pid);
        let Some(pids) = served.iter().copied().collect::<Option<Vec<Pid>>>() else {
            return;
        };
        let mut table = self.routes.write();
        match &mut table.open {
            Some(open) if open.run > self.number => {}
            Some(open) if open.run == self.number => open.pids = pids,
            _ => {
                table.open = Some(Open {
                    run: self.number,
                    supervisor: me(),
                    count: pids.len(),
                    pids,
                });
            }
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let mut table = self.routes.write();
        if (table.open.as_ref()).is_some_and(|open| open.run == self.number) {
            table.open = None;
        }
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
        let shown = self.address.as_ref().map(ToString::to_string);
        let name = Name::from(shown.unwrap_or_else(|| "partitions".into()));
        let routes = Arc::new(Routes {
            name: name.clone(),
            table: RwLock::default(),
        });
        let own = Arc::clone(&routes);
        let children: Vec<ChildSpec> = (0..self.partitions).map(self.make).collect();
        let (options, address) = (self.options, self.address);
        let spec = ChildSpec::starting(name, ChildType::Supervisor, move |address| {
            let run = own.begin(children.len());
            let mut options = options.clone();
            options.children = noted(&children, &run);
            let supervisor = options.keeping(run).child().addressed(address);
            Box::pin(async move { supervisor.run().await })
        });
        (PartitionSupervisor { routes }, spec.addressed(address))
    }

    async fn start(self) -> Result<PartitionSupervisor, StartError> {
        let (partitions, child) = self.child();
        child.run().await?;
        Ok(partitions)
    }
}

/// The children of a run, which note in it who they are. Whoever is given one of these
/// specifications keeps nothing open by it.
fn noted(children: &[ChildSpec], run: &Arc<Run>) -> Vec<ChildSpec> {
    let noted = |(partition, child): (usize, &ChildSpec)| {
        let run = Arc::downgrade(run);
        let note = move |pid| -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let run = run.upgrade();
            Box::pin(async move {
                if let Some(run) = run {
                    run.note(partition, pid).await;
                }
            })
        };
        child.clone().id(partition.to_string()).noting(note)
    };
    children.iter().enumerate().map(noted).collect()
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
        self.routes.read(|open| {
            assert!(
                open.count > 0,
                "partition supervisor {} has zero partitions",
                self.routes.name
            );
            let drift = match mutant!(RouteAnywhere) {
                true => crate::process::random_range(0..2),
                false => 0,
            };
            let partition = (number.wrapping_add(drift) % open.count as u64) as usize;
            tell_registration(|| Registration::Routed {
                supervisor: &self.routes.name,
                number,
                partitions: open.count,
                partition,
            });
            open.pids[partition]
        })
    }

    /// How many partitions are in use (PSUP-13).
    ///
    /// # Panics
    /// If the supervisor does not run.
    pub async fn partitions(&self) -> usize {
        at_table("counts the partitions", &self.routes.name, false).await;
        self.routes.read(|open| open.count)
    }

    /// The supervisor's process.
    ///
    /// # Errors
    /// If it does not run.
    async fn running(&self) -> Result<Supervisor, CallError> {
        at_table("looks up the supervisor", &self.routes.name, false).await;
        let table = self.routes.table.read();
        let table = table.unwrap_or_else(PoisonError::into_inner);
        let open = table.open.as_ref().ok_or(CallError::NoProc)?;
        Ok(Supervisor::of(open.supervisor))
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
        let look = |open: &Open| (open.supervisor, open.count, open.pids.len());
        let (supervisor, before, most) = self.routes.read(look);
        let supervisor = Supervisor::of(supervisor);
        assert!(
            partitions <= most,
            "the number of partitions must be a number between 0 and {most}, got {partitions}"
        );
        if partitions > before {
            for partition in before..partitions {
                // One that is out of use may run: a strategy may have restarted it with others.
                match supervisor.restart_child(partition.to_string()).await {
                    Ok(_) | Err(SupervisorError::Running(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            self.routes.publish(partitions).await;
            return Ok(before);
        }
        self.routes.publish(partitions).await;
        // All that are out of use: whoever resized before may not have come to its end.
        for partition in partitions..most {
            supervisor.terminate_child(partition.to_string()).await?;
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
