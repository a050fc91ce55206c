#![doc = include_str!("../../README.md")]

/// Whether a planted fault is on; never, unless the feature `mutants` is.
#[cfg(feature = "mutants")]
macro_rules! mutant {
    ($mutant:ident) => {
        $crate::mutant::is_on($crate::mutant::Mutant::$mutant)
    };
}
#[cfg(not(feature = "mutants"))]
macro_rules! mutant {
    ($mutant:ident) => {
        false
    };
}

pub mod backend;
mod kernel;
#[cfg(feature = "mutants")]
pub mod mutant;
mod otp;
mod process;
#[cfg(all(feature = "signals", unix))]
mod release;
mod sync;
#[cfg(feature = "threads")]
mod threads;

pub use backend::Timer;
pub use kernel::birth::{SpawnError, Spawned};
pub use kernel::extra::AliasMode;
pub use kernel::handle::Exit;
pub use kernel::info::{Monitored, OpenCall, Priority, ProcessInfo, Status};
pub use kernel::monitors::{Down, MonitorOptions};
pub use kernel::name::{Name, NotRegistered, RegisterError};
pub use kernel::pid::{Pid, Ref};
pub use kernel::reason::{ExitReason, Outcome, PanicInfo, Reason};
pub use kernel::report::{Ancestor, CrashPhase, CrashReport, LastMessage};
pub use kernel::term::{Message, Term};
pub use otp::agent::{self, Agent};
pub use otp::application::{self, Application, Applications};
pub use otp::report::{Report, UnhandledMessage};
pub use otp::snapshot;
pub use otp::state_machine;
pub use otp::task;
pub use otp::task::{Task, TaskSupervisor};
pub use otp::{
    Aborted, Address, AlreadyRegistered, AnyAddress, AutoShutdown, Behaviour, Call, CallError,
    Caller, ChildInfo, ChildSpec, ChildState, ChildType, Counts, DynamicSupervisor,
    DynamicSupervisorOptions, FailedToStart, Flow, GenServer, GenStateMachine, Global, GlobalName,
    GlobalOptions, Init, IntoAddress, LockId, NameRefused, Never, Next, PartitionSupervisor,
    PartitionSupervisorOptions, PendingReply, Reach, Ready, Refusal, Registry, RegistryEvent,
    RegistryKey, RegistryOptions, RegistryValue, Request, Requests, Restart, Retries, Server,
    Shutdown, SpecError, Start, StartError, StartMonitor, Started, StateMachine, Strategy,
    SupervisedChild, Supervision, Supervisor, SupervisorError, SupervisorEvent, SupervisorOptions,
    SupervisorReport, To, Via, enter_loop, multi_call, report, start, stop, sys, via,
};
pub use process::{
    Cancel, Destination, Instant, Mailbox, MonitorName, Monitorable, Receive, Select, SendToName,
    Sleep, SpawnOptions, SuspendError, TimerFired, TimerTarget, alias, alias_once, alive,
    ancestors, blocking, callers, cancel, catch_exit, demonitor, demonitor_flush, exit, exit_now,
    hibernate, info, initial_call, link, local, mailbox, make_ref, me, monitor, monitor_with, now,
    processes, random_range, random_u64, read_timer, register, registered, resume, send,
    send_after, send_at, set_label, set_priority, sleep, spawn, spawn_link, spawn_monitor,
    spawn_with, start_timer, suspend, trap_exit, unalias, unlink, unregister, whereis, yield_now,
};
#[cfg(feature = "threads")]
pub use threads::{Handle, PanicPolicy, Runtime, RuntimeError, System};

/// Everything that process code uses, to be imported as a whole.
pub mod prelude {
    pub use crate::otp::state_machine::{
        Actions as _, Begin, Enter, Entering, Event, Forgets as _, Inserts as _, Postpones as _,
        Timeout, Transition, begin, keep_state, next_state, postpone, repeat_state, stop,
        unexpected,
    };
    pub use crate::{
        Agent, AliasMode, AutoShutdown, CallError, Caller, ChildSpec, Down, DynamicSupervisor,
        Exit, ExitReason, Flow, GenServer, GenStateMachine, Global, Init, Instant, Mailbox,
        Message, MonitorOptions, Monitored, Name, Never, Next, NotRegistered, Outcome, PanicInfo,
        Pid, Priority, ProcessInfo, Ready, Ref, Refusal, RegisterError, Registry, Restart, Server,
        Shutdown, SpawnError, SpawnOptions, Spawned, StartError, StateMachine, Status, Supervisor,
        SuspendError, Task, TaskSupervisor, Term, Timer, TimerFired, alias, alias_once, alive,
        blocking, cancel, demonitor, demonitor_flush, exit, exit_now, hibernate, info, link, local,
        mailbox, make_ref, me, monitor, monitor_with, now, processes, random_range, random_u64,
        read_timer, receive, register, registered, resume, send, send_after, send_at, set_label,
        set_priority, sleep, spawn, spawn_link, spawn_monitor, spawn_with, start_timer, suspend,
        trap_exit, unalias, unlink, unregister, via, whereis, yield_now,
    };
    #[cfg(feature = "threads")]
    pub use crate::{PanicPolicy, Runtime};
}

/// The seam for backends outside this crate: no stability is promised for any of it.
#[doc(hidden)]
pub mod seam {
    pub use crate::kernel::body::Body;
    pub use crate::kernel::node::{Fifo, Node};
    pub use crate::kernel::run::{Mode, Turn, turn};
    pub use crate::kernel::seam::*;
    pub use crate::kernel::signal::{ExitCause, Signal};
    pub use crate::kernel::system::{Remote, System as Shared};
    #[cfg(feature = "threads")]
    pub use crate::threads::Observer;
}
