//! The process of a task supervisor.
//!
//! # Semantics
//! TSUP-9 to TSUP-17. A server, small on purpose: what supervisors have in common comes to it from
//! below when there are others.

use std::collections::BTreeMap;
use std::fmt;

use super::supervised::StartTaskError;
use crate::kernel::birth::SpawnError;
use crate::kernel::handle::Exit;
use crate::kernel::info::ProcessInfo;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::otp::report;
use crate::otp::supervisor::{Limit, Window};
use crate::otp::{Caller, Flow, GenServer, Init, Never, Next, Restart, Shutdown};
use crate::process::request::Open;
use crate::process::{Instant, exit, now, trap_exit, unlink_flush};

/// Starts a child, linked to the caller.
pub(super) type Starter = Box<dyn FnMut() -> Result<Pid, SpawnError> + Send>;

/// A child that is to be started.
pub(super) struct Order {
    pub(super) starter: Starter,
    pub(super) restart: Restart,
    pub(super) shutdown: Shutdown,
    /// By what the caller may take it back.
    pub(super) wish: Option<Ref>,
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.restart)
    }
}

/// The child is not one of the supervisor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the process is no child of the task supervisor")]
pub struct NotFound;

/// What a supervisor is asked for.
#[derive(Debug)]
pub(super) enum Request {
    Start(Order, Caller<Result<Pid, StartTaskError>>),
    Children(Caller<Vec<Pid>>),
    Terminate(Pid, Caller<Result<(), NotFound>>),
}

/// The child that was started by this wish is not wanted any more.
#[derive(Debug)]
pub(super) struct Abandon(pub(super) Ref);

/// What a supervisor allows.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) max_children: usize,
    pub(super) limit: Limit,
}

impl Default for Settings {
    /// OTP's: any number of children, three restarts in five seconds.
    fn default() -> Self {
        Settings {
            max_children: usize::MAX,
            limit: Limit::exact(),
        }
    }
}

struct Child {
    /// Where in the order of starting it stands.
    serial: u64,
    restart: Restart,
    shutdown: Shutdown,
    wish: Option<Ref>,
    /// Kept only for children that may be started again (TSUP-14).
    starter: Option<Starter>,
}

/// The server. Its state is its children.
pub(super) struct TaskKeeper {
    settings: Settings,
    children: BTreeMap<Pid, Child>,
    started: u64,
    restarts: Window,
}

impl GenServer for TaskKeeper {
    type Args = Settings;
    type Call = Request;
    type Cast = Abandon;
    type Info = Message;
    type Continue = Never;

    async fn init(settings: Settings) -> Init<Self> {
        trap_exit(true);
        let keeper = TaskKeeper {
            settings,
            children: BTreeMap::new(),
            started: 0,
            restarts: Window::default(),
        };
        Ok(keeper.into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Start(order, caller) => caller.reply(self.start(order)),
            Request::Children(caller) => caller.reply(self.in_order()),
            Request::Terminate(pid, caller) => {
                let ended = match self.children.remove_entry(&pid) {
                    Some(child) => {
                        end(vec![child]).await;
                        Ok(())
                    }
                    None => Err(NotFound),
                };
                caller.reply(ended);
            }
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Abandon(wish): Abandon) -> Flow<Self> {
        let mut children = self.children.iter();
        if let Some((pid, _)) = children.find(|(_, child)| child.wish == Some(wish)) {
            exit(*pid, ExitReason::Kill);
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        match message.downcast::<Exit>() {
            Ok(Exit { from, reason }) if !self.child_ended(from, &reason) => {
                Ok(Next::Stop(ExitReason::Shutdown))
            }
            Ok(_) => Ok(Next::Wait),
            // As any dynamic supervisor (LOG-12).
            Err(other) => {
                report::unhandled::<Self>(&other);
                Ok(Next::Wait)
            }
        }
    }

    async fn terminate(&mut self, _: &ExitReason) {
        end(std::mem::take(&mut self.children).into_iter().collect()).await;
    }
}

impl TaskKeeper {
    fn start(&mut self, order: Order) -> Result<Pid, StartTaskError> {
        if self.children.len() >= self.settings.max_children {
            return Err(StartTaskError::MaxChildren);
        }
        let mut starter = order.starter;
        let pid = starter()?;
        let kept = order.restart != Restart::Temporary;
        let child = Child {
            serial: 0,
            restart: order.restart,
            shutdown: order.shutdown,
            wish: order.wish,
            starter: kept.then_some(starter),
        };
        self.enter(pid, child);
        Ok(pid)
    }

    fn enter(&mut self, pid: Pid, mut child: Child) {
        self.started += 1;
        child.serial = self.started;
        self.children.insert(pid, child);
    }

    fn in_order(&self) -> Vec<Pid> {
        let mut children: Vec<_> = self.children.iter().collect();
        children.sort_by_key(|(_, child)| child.serial);
        children.into_iter().map(|(pid, _)| *pid).collect()
    }

    /// Starts it again if it is to be; false if that happens too often.
    fn child_ended(&mut self, pid: Pid, reason: &ExitReason) -> bool {
        let Some(mut child) = self.children.remove(&pid) else {
            return true;
        };
        let again = match child.restart {
            Restart::Temporary => false,
            Restart::Transient => reason.is_abnormal(),
            Restart::Permanent => true,
        };
        let Some(starter) = child.starter.as_mut().filter(|_| again) else {
            return true;
        };
        // A start that fails counts as one more end.
        loop {
            if !self.restarts.allows(&self.settings.limit) {
                return false;
            }
            if let Ok(pid) = starter() {
                self.enter(pid, child);
                return true;
            }
        }
    }
}

/// A child that was asked to end.
struct Ending {
    pid: Pid,
    /// Answered by its end.
    watch: Open<()>,
    /// When it is killed, if ever.
    until: Option<Instant>,
}

/// Asks all to end at once, kills those whose time is up, and waits for all (TSUP-17).
async fn end(mut children: Vec<(Pid, Child)>) {
    children.sort_by_key(|(_, child)| child.serial);
    let begun = now();
    let ask = |(pid, child): (Pid, Child)| {
        let watch = Open::watch(pid);
        unlink_flush(pid);
        let (reason, time) = child.shutdown.request();
        let until = time.map(|time| begun + time);
        exit(pid, reason);
        Ending { pid, watch, until }
    };
    let mut endings: Vec<Ending> = children.into_iter().map(ask).collect();
    // Whoever has the least time first, so that nobody is killed late.
    endings.sort_by_key(|ending| (ending.until.is_none(), ending.until));
    let mut late = Vec::new();
    for mut ending in endings {
        let time = ending.until.map(|until| until - now());
        if ending.watch.wait(time).await.is_none() {
            exit(ending.pid, ExitReason::Kill);
            late.push(ending.watch);
        }
    }
    for mut watch in late {
        watch.wait(None).await;
    }
}

/// Whether a process is a task supervisor.
pub(crate) fn is_task_supervisor(process: &ProcessInfo) -> bool {
    process.initial_call == Some(std::any::type_name::<TaskKeeper>())
}
