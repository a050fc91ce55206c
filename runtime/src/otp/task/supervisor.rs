//! The task supervisor as its users see it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::keeper::{NotFound, Order, Request, Settings, Starter, TaskKeeper};
use super::life::{Work, task};
use super::supervised::StartTaskError;
use crate::kernel::birth::SpawnError;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::Outcome;
use crate::otp::{Address, CallError, GenServer, Restart, Server, Shutdown, StartError};
use crate::process::{Behalf, SpawnOptions, spawn_with, whereis};

/// A process whose children are tasks (TSUP-1).
///
/// When it ends, all of them are asked to end, at once, and killed when their time is up
/// (TSUP-17). The value is a handle: copies name the same supervisor.
///
/// ```
/// # use beamline::prelude::*;
/// # beamline::Runtime::new().workers(1).run(async {
/// let tasks = TaskSupervisor::start_link().max_children(100).await?;
/// let task = tasks.spawn_nolink(async { "risky".len() }).await?;
/// assert_eq!(task.await?, 5);
/// # tasks.stop().await?;
/// # Ok::<(), ExitReason>(())
/// # });
/// ```
#[doc(alias = "Task.Supervisor")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TaskSupervisor {
    pid: Pid,
    shutdown: Shutdown,
}

impl fmt::Debug for TaskSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskSupervisor({})", self.pid)
    }
}

impl From<Pid> for TaskSupervisor {
    /// The handle of a supervisor whose pid is known.
    fn from(pid: Pid) -> Self {
        TaskSupervisor {
            pid,
            shutdown: Shutdown::default(),
        }
    }
}

/// A supervisor that is about to be started; it is when this is awaited.
///
/// # Errors
/// [`StartError`], if the name is taken.
#[must_use = "nothing is started until this is awaited"]
#[derive(Debug)]
pub struct StartTaskSupervisor<A = Name> {
    settings: Settings,
    address: Option<A>,
}

impl StartTaskSupervisor {
    /// The local name that it is to have.
    pub fn name(self, name: impl Into<Name>) -> Self {
        self.address(name.into())
    }
}

impl<A: Address> StartTaskSupervisor<A> {
    /// The address that it is to have.
    #[doc(alias = "via")]
    pub fn address<B: Address>(self, address: B) -> StartTaskSupervisor<B> {
        self.addressed(Some(address))
    }

    /// Gives it this address or none.
    pub(crate) fn addressed<B: Address>(self, address: Option<B>) -> StartTaskSupervisor<B> {
        StartTaskSupervisor {
            settings: self.settings,
            address,
        }
    }

    /// How many tasks it may have at once; any number unless told otherwise (TSUP-9).
    pub fn max_children(mut self, children: usize) -> Self {
        self.settings.max_children = children;
        self
    }

    /// How many restarts within what time are borne, three in five seconds unless told otherwise;
    /// one more, and the supervisor ends with `Shutdown` (TSUP-13).
    #[doc(alias = "intensity")]
    pub fn max_restarts(mut self, restarts: usize, within: Duration) -> Self {
        self.settings.limit.restarts = restarts;
        self.settings.limit.period = within;
        self
    }
}

impl<A: Address> IntoFuture for StartTaskSupervisor<A> {
    type Output = Result<TaskSupervisor, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let start = TaskKeeper::start_link(self.settings).addressed(self.address);
        Box::pin(async move {
            let keeper = start.await?;
            Ok(keeper.pid().into())
        })
    }
}

impl TaskSupervisor {
    /// A supervisor that is linked to the caller, to be awaited.
    #[doc(alias = "Task.Supervisor.start_link")]
    pub fn start_link() -> StartTaskSupervisor {
        StartTaskSupervisor {
            settings: Settings::default(),
            address: None,
        }
    }

    /// The supervisor of this name, if there is one.
    pub async fn whereis(name: &str) -> Option<TaskSupervisor> {
        whereis(name).await.map(TaskSupervisor::from)
    }

    /// Its process.
    pub fn pid(self) -> Pid {
        self.pid
    }

    /// A handle whose tasks get this time when the supervisor ends them; five seconds unless told
    /// otherwise (TSUP-11).
    #[must_use = "this is another handle"]
    pub fn with_shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.shutdown = shutdown.into();
        self
    }

    /// Starts a task whose result nobody waits for (TSUP-12).
    ///
    /// # Errors
    /// If the supervisor has as many tasks as it may, or does not exist.
    #[doc(alias = "Task.Supervisor.start_child")]
    pub async fn start_child<F>(self, future: F) -> Result<Pid, StartTaskError>
    where
        F: Future<Output: Outcome + 'static> + Send + 'static,
    {
        let mut work = Some(Work::mine(future));
        let starter = Box::new(move || match work.take() {
            Some(work) => start_linked(work),
            None => unreachable!("TSUP-12: a temporary child was started again"),
        });
        self.start(Restart::Temporary, starter).await
    }

    /// As [`start_child`](Self::start_child), with a task that is started again when it ends
    /// (TSUP-13). The function is cloned for each start.
    ///
    /// # Errors
    /// As [`start_child`](Self::start_child).
    pub async fn start_restarting<F, Fut>(
        self,
        restart: Restart,
        work: F,
    ) -> Result<Pid, StartTaskError>
    where
        F: FnOnce() -> Fut + Clone + Send + 'static,
        Fut: Future<Output: Outcome + 'static> + Send + 'static,
    {
        let behalf = Behalf::mine();
        let name = std::any::type_name::<Fut>();
        let starter = Box::new(move || {
            let work = work.clone();
            start_linked(Work::of(name, behalf.clone(), async move { work().await }))
        });
        self.start(restart, starter).await
    }

    /// The tasks that are alive, in the order in which they were started (TSUP-16).
    ///
    /// # Errors
    /// If the supervisor does not exist.
    #[doc(alias = "Task.Supervisor.children")]
    pub async fn children(self) -> Result<Vec<Pid>, CallError> {
        self.keeper().call(Request::Children).no_timeout().await
    }

    /// Ends a task and waits for its end (TSUP-16). It is not started again.
    ///
    /// # Errors
    /// If there is no such child, which is the inner error, or no such supervisor.
    #[doc(alias = "Task.Supervisor.terminate_child")]
    pub async fn terminate_child(self, pid: Pid) -> Result<Result<(), NotFound>, CallError> {
        let request = |caller| Request::Terminate(pid, caller);
        self.keeper().call(request).no_timeout().await
    }

    /// Ends the supervisor and its tasks, normally, and waits for that.
    ///
    /// # Errors
    /// As [`stop`](crate::stop).
    #[doc(alias = "Supervisor.stop")]
    pub async fn stop(self) -> Result<(), CallError> {
        self.keeper().stop().await
    }

    async fn start(self, restart: Restart, starter: Starter) -> Result<Pid, StartTaskError> {
        let order = Order {
            starter,
            restart,
            shutdown: self.shutdown,
            wish: None,
        };
        self.order(order).await
    }

    /// Has a child started.
    pub(super) async fn order(self, order: Order) -> Result<Pid, StartTaskError> {
        let request = |caller| Request::Start(order, caller);
        self.keeper().call(request).no_timeout().await?
    }

    pub(super) fn shutdown(self) -> Shutdown {
        self.shutdown
    }

    pub(super) fn keeper(self) -> Server<TaskKeeper> {
        Server::of(self.pid)
    }
}

fn start_linked<F>(work: Work<F>) -> Result<Pid, SpawnError>
where
    F: Future<Output: Outcome + 'static> + Send + 'static,
{
    let life = work.by_a_child();
    let body = move |mailbox| task(mailbox, life);
    Ok(spawn_with(SpawnOptions::new().link(), body)?.pid)
}
