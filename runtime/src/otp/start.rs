//! The start protocol: whoever starts a process learns that it is ready, or why it is not.
//!
//! # Semantics
//! PL-1 to PL-19, GS-1 to GS-16. The new process takes its name, initialises itself, and says that
//! it is ready; only then does the start return. When a start fails, the process has ended by the
//! time that the starter is told: its name is free, and no exit or down message is left.
//!
//! # Differences from OTP
//! - A start that is dropped before it is over kills the process, so that nothing is left of it.
//! - A monitor asked for leaves no down message when the start fails (PL-19; OTP's own behaviours
//!   take it out as well).

use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::address::Address;
use super::caller::Caller;
use super::report::{self, Crash};
use crate::kernel::birth::SpawnError;
use crate::kernel::info::Priority;
use crate::kernel::monitors::MonitorOptions;
use crate::kernel::name::Name;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
use crate::kernel::report::CrashPhase;
use crate::kernel::term::Term;
use crate::process::in_place::Becoming;
use crate::process::observe::tell_start_failed;
use crate::process::request::{End, Open, ended, goes_on, settling};
use crate::process::{
    Lineage, Mailbox, SpawnOptions, announce, catch_exit, demonitor_flush, exit, me, sleep, spawn,
    traps_exits, unlink_flush, yield_now,
};

/// Why a start failed. The process that was to be started has ended.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// It decided not to run, which is no failure (GS-3). It ended normally.
    #[error("the process decided not to run (ignore)")]
    Ignore,
    /// The name is taken; by this process, if that is known (GS-13). Nothing was initialised.
    ///
    /// A start function of a [`ChildSpec`](crate::ChildSpec) that is content with whoever has the
    /// name turns this into [`Ignore`](Self::Ignore): after an error the supervisor tries again
    /// until it gives up.
    #[error("the name is taken{}", .0.map(|pid| format!(" by {pid}")).unwrap_or_default())]
    AlreadyStarted(Option<Pid>),
    /// It was not ready in time, and was killed (GS-12).
    #[error("the process was not ready in time")]
    Timeout,
    /// It failed to initialise itself, and ended with this reason (GS-4, GS-6).
    #[error("the process failed to start: {0}")]
    Failed(ExitReason),
    /// It gave this as the reason not to run, and ended normally (GS-5).
    #[error("the process did not start: {0}")]
    Declined(ExitReason),
    /// It could not be spawned.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
}

/// How to start a process; what is not asked for is off.
#[derive(Debug)]
pub struct StartOptions<A = Name> {
    pub(crate) link: bool,
    pub(crate) monitor: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) spawn: SpawnOptions,
    pub(crate) address: Option<A>,
}

impl<A> Default for StartOptions<A> {
    fn default() -> Self {
        StartOptions {
            link: false,
            monitor: false,
            timeout: None,
            spawn: SpawnOptions::new(),
            address: None,
        }
    }
}

impl StartOptions {
    /// A plain start.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<A: Address> StartOptions<A> {
    /// Links the new process to the starter, from its first moment.
    pub fn link(mut self) -> Self {
        self.link = true;
        self
    }

    /// Monitors it, from its first moment.
    pub fn monitor(mut self) -> Self {
        self.monitor = true;
        self
    }

    /// Kills it if it is not ready by then (GS-12). The default is to wait as long as it takes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The priority that it begins with.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.spawn = self.spawn.priority(priority);
        self
    }

    /// A label, which reports show.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.spawn = self.spawn.label(label);
        self
    }

    /// Gives it an address, before it initialises itself.
    pub fn address<B: Address>(self, address: B) -> StartOptions<B> {
        self.addressed(Some(address))
    }

    /// Gives it this address or none.
    pub(crate) fn addressed<B: Address>(self, address: Option<B>) -> StartOptions<B> {
        StartOptions {
            link: self.link,
            monitor: self.monitor,
            timeout: self.timeout,
            spawn: self.spawn,
            address,
        }
    }
}

/// A process that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started<T = ()> {
    /// The process.
    pub pid: Pid,
    /// The monitor on it, if one was asked for.
    pub monitor: Option<Ref>,
    /// What it said when it was ready.
    pub value: T,
}

/// What an initialisation that does not end in a running process comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Unready {
    /// What the starter is told.
    pub error: StartError,
    /// What the process ends with.
    pub reason: ExitReason,
}

impl Unready {
    fn normal(error: StartError) -> Self {
        let reason = ExitReason::Normal;
        Unready { error, reason }
    }

    /// It does not want to run (GS-3).
    pub fn ignore() -> Self {
        Unready::normal(StartError::Ignore)
    }

    /// It cannot run, and that is no crash (GS-5).
    pub fn decline(why: ExitReason) -> Self {
        Unready::normal(StartError::Declined(why))
    }

    /// It ends with a reason (GS-4).
    pub fn stop(reason: ExitReason) -> Self {
        let error = StartError::Failed(reason.clone());
        Unready { error, reason }
    }
}

/// Starts a process and waits until it is ready.
///
/// `init` initialises it, inside the new process. It gives a value for the starter, and the future
/// that the process goes on with, whose output is the exit reason.
///
/// Its end is reported if it is a crash (PL-2, PL-3).
///
/// # Errors
/// When the process is not ready, for whatever reason.
pub async fn start<T, A, F, I, L>(
    options: StartOptions<A>,
    initial_call: &'static str,
    init: F,
) -> Result<Started<T>, StartError>
where
    T: Term,
    A: Address,
    F: FnOnce(Mailbox) -> I + Send + 'static,
    I: Future<Output = Result<(T, L), Unready>> + Send + 'static,
    L: Future<Output = ExitReason> + Send + 'static,
{
    start_behaviour(options, initial_call, move |mailbox| async move {
        let (value, life) = init(mailbox).await?;
        // Apart, so that it is moved no more.
        Ok((value, reported(initial_call, Box::pin(life))))
    })
    .await
}

async fn reported(
    initial_call: &'static str,
    life: impl Future<Output = ExitReason>,
) -> ExitReason {
    let reason = catch_exit(life).await.unwrap_or_else(|reason| reason);
    report::crashed(Crash {
        behaviour: initial_call,
        phase: CrashPhase::Running,
        reason: &reason,
        last_message: None,
        state: None,
    });
    reason
}

/// As [`start`], for what reports its own crashes.
pub(crate) async fn start_behaviour<T, A, F, I, L>(
    options: StartOptions<A>,
    initial_call: &'static str,
    init: F,
) -> Result<Started<T>, StartError>
where
    T: Term,
    A: Address,
    F: FnOnce(Mailbox) -> I + Send + 'static,
    I: Future<Output = Result<(T, L), Unready>> + Send + 'static,
    L: Future<Output = ExitReason> + Send + 'static,
{
    let StartOptions {
        link,
        monitor,
        timeout,
        mut spawn,
        address,
    } = options;
    if link {
        spawn = spawn.link();
    }
    if monitor {
        spawn = spawn.monitor_with(MonitorOptions::new());
    }
    let (lineage, labelled) = (Lineage::of_child(initial_call), spawn.has_label());
    let (spawned, open) = Open::spawn(spawn, move |mailbox, reference| {
        settling(Becoming::new(async move {
            lineage.take_on();
            let starter = Caller::mine(reference);
            begin(starter, address, init(mailbox), initial_call).await
        }))
    })?;
    // A label of its own says more than what it runs.
    if !labelled {
        announce(spawned.pid, initial_call);
    }
    let pending = Pending {
        open: Some(open),
        pid: spawned.pid,
        monitor: spawned.monitor,
        link,
    };
    pending.settle(timeout).await
}

/// What the new process does first; the life that it goes on with, or its exit reason.
async fn begin<T, A, I, L>(
    starter: Caller<Result<T, StartError>>,
    address: Option<A>,
    init: I,
    initial_call: &'static str,
) -> Result<L, ExitReason>
where
    T: Term,
    A: Address,
    I: Future<Output = Result<(T, L), Unready>>,
    L: Future<Output = ExitReason>,
{
    if let Some(address) = &address
        && let Err(holder) = address.claim().await
    {
        starter.reply(Err(StartError::AlreadyStarted(holder)));
        return Err(ExitReason::Normal);
    }
    let caught = catch_exit(init).await;
    let Unready { error, reason } = match caught {
        Ok(Ok((value, life))) => {
            drop(address);
            match mutant!(TellLate) {
                true => tell_late(starter, value),
                false => starter.reply(Ok(value)),
            }
            return Ok(life);
        }
        Ok(Err(unready)) => unready,
        Err(reason) => Unready::stop(reason),
    };
    if let Some(address) = &address {
        address.free().await;
    }
    report::unready(initial_call, &reason);
    starter.reply(Err(error));
    Err(reason)
}

/// The mutant of telling the starter in time: another process does so, later.
#[cold]
fn tell_late<T: Term>(starter: Caller<Result<T, StartError>>, value: T) {
    spawn(async move |_| {
        sleep(Duration::from_millis(5)).await;
        starter.reply(Ok(value));
    });
}

/// A start that is not over.
struct Pending<T: Term> {
    open: Option<Open<Result<T, StartError>>>,
    pid: Pid,
    monitor: Option<Ref>,
    link: bool,
}

impl<T: Term> Pending<T> {
    async fn settle(mut self, timeout: Option<Duration>) -> Result<Started<T>, StartError> {
        let end = match &mut self.open {
            Some(open) => open.wait(timeout).await,
            None => None,
        };
        let error = match end {
            Some(End::Answer(Ok(value))) => {
                self.open = None;
                let (pid, monitor) = (self.pid, self.monitor);
                return Ok(Started {
                    pid,
                    monitor,
                    value,
                });
            }
            Some(End::Answer(Err(error))) => error,
            Some(End::Down(reason)) => return Err(self.over(StartError::Failed(reason)).await),
            Some(End::NoReply) => unreachable!("PL-10: a start that is neither ready nor failed"),
            None => {
                // Unlinked first, so that the kill does not come back (PL-13).
                self.abandon();
                ended(self.pid).await;
                tell_start_failed(self.pid);
                return Err(StartError::Timeout);
            }
        };
        let reason = match (ended(self.pid).await, &error) {
            (ExitReason::NoProc, StartError::Failed(reason)) => reason.clone(),
            (ExitReason::NoProc, _) => ExitReason::Normal,
            (reason, _) => reason,
        };
        self.take_along(reason).await;
        tell_start_failed(self.pid);
        Err(error)
    }

    /// The process has ended before it said anything.
    async fn over(mut self, error: StartError) -> StartError {
        if let StartError::Failed(reason) = &error {
            self.take_along(reason.clone()).await;
        }
        tell_start_failed(self.pid);
        error
    }

    /// The process has ended. What that does to a starter that is linked to it happens here and
    /// now, whatever way the link's signal is (PL-14, PL-15, GS-10).
    async fn take_along(&mut self, reason: ExitReason) {
        self.open = None;
        if let Some(monitor) = self.monitor {
            demonitor_flush(monitor);
        }
        if !self.link {
            return;
        }
        if !mutant!(LeaveStarts) {
            unlink_flush(self.pid);
        }
        if !traps_exits() && !reason.is_normal() {
            exit(me(), reason);
            yield_now().await;
        }
    }

    fn abandon(&mut self) {
        self.open = None;
        if self.link {
            unlink_flush(self.pid);
        }
        if let Some(monitor) = self.monitor {
            demonitor_flush(monitor);
        }
        exit(self.pid, ExitReason::Kill);
    }
}

impl<T: Term> Drop for Pending<T> {
    fn drop(&mut self) {
        // The starter's own end is told to a process that is linked to it; any other lives on.
        if self.open.is_some() && goes_on() {
            self.abandon();
        }
    }
}

impl<T: Term> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({})", self.pid)
    }
}
