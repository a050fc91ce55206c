//! Behaviours: what OTP's library makes of processes.
//!
//! Written on the process API alone, so that they run on every backend (contract C1). What they
//! share: the [start protocol](start), [calls](call), [system messages](sys) and
//! [crash reports](report); a behaviour adds its loop.

mod address;
pub mod agent;
pub mod application;
mod behaviour;
mod call;
mod caller;
mod control;
mod engine;
mod gen_server;
mod global;
mod launch;
mod life;
mod locks;
mod registry;
pub mod report;
mod requests;
mod server;
pub mod snapshot;
pub mod start;
pub mod state_machine;
mod supervisor;
pub mod sys;
mod sys_receiver;
pub mod task;

pub use address::{Address, AnyAddress, IntoAddress, Reach, To};
pub use behaviour::Behaviour;
pub use call::{Call, CallError, Request};
pub use caller::{Caller, PendingReply};
pub use engine::enter_loop;
pub use gen_server::{Flow, GenServer, Init, Never, Next, Ready, Refusal};
pub use global::{Aborted, Global, GlobalName, GlobalOptions, LockId, NameRefused, Retries};
pub use launch::{Start, StartMonitor};
pub use registry::{
    AlreadyRegistered, Registry, RegistryEvent, RegistryKey, RegistryOptions, RegistryValue, Via,
    via,
};
pub use requests::{Requests, multi_call};
pub use server::{Server, stop};
pub use start::{StartError, Started};
pub use state_machine::{GenStateMachine, StateMachine};
pub use supervisor::{
    AutoShutdown, ChildInfo, ChildSpec, ChildState, ChildType, Counts, DynamicSupervisor,
    DynamicSupervisorOptions, FailedToStart, PartitionSupervisor, PartitionSupervisorOptions,
    Restart, Shutdown, SpecError, Strategy, SupervisedChild, Supervision, Supervisor,
    SupervisorError, SupervisorEvent, SupervisorOptions, SupervisorReport,
};
