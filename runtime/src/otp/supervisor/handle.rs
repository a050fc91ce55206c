//! Supervisors as others see them.
//!
//! # Semantics
//! SUP-1001 to SUP-1020, SUP-1506 to SUP-1508, DSUP-06 to DSUP-32. Requests are waited for as long
//! as they take: a supervisor that starts or stops a child serves nobody meanwhile (SUP-1312).

use super::call::{Answer, Ask, ChildInfo, Counts, SupervisorError};
use super::core::Supervisor as Core;
use super::options::{DynamicSupervisorOptions, SupervisorOptions};
use super::spec::{ChildSpec, SpecError};
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Term;
use crate::otp::address::{AnyAddress, IntoAddress, Reach, To};
use crate::otp::call::CallError;
use crate::otp::caller::Caller;
use crate::otp::server::Server;
use crate::otp::sys;

/// Where a supervisor is.
#[derive(Debug, Clone)]
enum At {
    Pid(Pid),
    Address(AnyAddress),
}

impl At {
    async fn ask<T: Term>(&self, make: impl FnOnce(Caller<T>) -> Ask) -> Result<T, CallError> {
        match self {
            At::Pid(pid) => Server::<Core>::of(*pid).call(make).no_timeout().await,
            At::Address(address) => {
                let server = Server::<Core, _>::at(address.clone());
                server.call(make).no_timeout().await
            }
        }
    }

    fn reach(&self) -> To {
        match self {
            At::Pid(pid) => To::Pid(*pid),
            At::Address(address) => address.reach(),
        }
    }
}

/// A supervisor with a list of children: starts them in order, restarts those that end, and stops
/// them in reverse order.
///
/// A value that may be copied and sent like a pid; it keeps nothing alive.
///
/// ```
/// # use beamline::prelude::*;
/// # use beamline::{Strategy, Supervisor};
/// # use std::time::Duration;
/// # struct Counter;
/// # impl GenServer for Counter {
/// #     type Args = (); type Call = Never; type Cast = Never;
/// #     type Info = Message; type Continue = Never;
/// #     async fn init(_: ()) -> Init<Self> { Ok(Counter.into()) }
/// # }
/// # beamline::Runtime::new().workers(1).run(async {
/// let children = [
///     Counter::child(()).name("first"),
///     Counter::child(()).id("second").shutdown(Duration::from_millis(100)),
/// ];
/// let supervisor = Supervisor::start_link(children)
///     .strategy(Strategy::RestForOne)
///     .max_restarts(3, Duration::from_secs(5))
///     .await?;
/// assert_eq!(supervisor.count_children().await?.active, 2);
/// supervisor.stop().await?;
/// # Ok::<(), ExitReason>(())
/// # });
/// ```
#[doc(alias = "supervisor")]
#[derive(Debug, Clone)]
pub struct Supervisor(At);

impl Supervisor {
    /// A supervisor of these children, to be started linked to the caller. The start is over when
    /// all of them run (SUP-213).
    pub fn start_link(children: impl IntoIterator<Item = ChildSpec>) -> SupervisorOptions {
        SupervisorOptions::new(children)
    }

    /// A supervisor of these children with default options, as a child of another one.
    pub fn child(children: impl IntoIterator<Item = ChildSpec>) -> ChildSpec {
        SupervisorOptions::new(children).child()
    }

    /// The supervisor that has a pid.
    pub fn of(pid: Pid) -> Self {
        Supervisor(At::Pid(pid))
    }

    /// The supervisor that has a name or address whenever it is asked.
    pub fn at(address: impl IntoAddress) -> Self {
        Supervisor(At::Address(address.into_address()))
    }

    /// Its process.
    pub async fn whereis(&self) -> Option<Pid> {
        self.0.reach().find().await
    }

    /// Starts one more child, the last in the order (SUP-1001, SUP-312).
    ///
    /// # Errors
    /// If there is a child of that id, or it could not be started; nothing is kept then, unless it
    /// decided not to run (SUP-1010).
    pub async fn start_child(&self, spec: ChildSpec) -> Result<Pid, SupervisorError> {
        flat(self.0.ask(|caller| Ask::Start(spec, caller)).await)
    }

    /// Stops a child and waits until it is dead; its specification stays unless it is temporary
    /// (SUP-1002).
    ///
    /// # Errors
    /// If there is no such child.
    pub async fn terminate_child(&self, id: impl Into<Name>) -> Result<(), SupervisorError> {
        let id = id.into();
        flat(self.0.ask(|caller| Ask::Terminate(id, caller)).await)
    }

    /// Starts a child that does not run (SUP-1003).
    ///
    /// # Errors
    /// If there is no such child, if it runs or is being restarted, or if it could not be started.
    pub async fn restart_child(&self, id: impl Into<Name>) -> Result<Pid, SupervisorError> {
        let id = id.into();
        flat(self.0.ask(|caller| Ask::Restart(id, caller)).await)
    }

    /// Forgets a child that does not run (SUP-1004).
    ///
    /// # Errors
    /// If there is no such child, or if it runs or is being restarted.
    pub async fn delete_child(&self, id: impl Into<Name>) -> Result<(), SupervisorError> {
        let id = id.into();
        flat(self.0.ask(|caller| Ask::Delete(id, caller)).await)
    }

    /// The specification of a child (SUP-1005).
    ///
    /// # Errors
    /// If there is no such child.
    #[doc(alias = "get_childspec")]
    pub async fn child_spec(&self, id: impl Into<Name>) -> Result<ChildSpec, SupervisorError> {
        let id = id.into();
        flat(self.0.ask(|caller| Ask::Spec(id, caller)).await)
    }

    /// All children, the one that was started last first (SUP-1006, SUP-1014).
    ///
    /// # Errors
    /// If the supervisor does not exist.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.0.ask(Ask::Which).await
    }

    /// One child (SUP-1007).
    ///
    /// # Errors
    /// If there is no such child.
    pub async fn which_child(&self, id: impl Into<Name>) -> Result<ChildInfo, SupervisorError> {
        let id = id.into();
        flat(self.0.ask(|caller| Ask::WhichOne(id, caller)).await)
    }

    /// How many children there are; those that run are asked whether they do (SUP-1015).
    ///
    /// # Errors
    /// If the supervisor does not exist.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.0.ask(Ask::Count).await
    }

    /// Stops all children, the last one first, and ends normally (SUP-1305, SUP-1507).
    ///
    /// # Errors
    /// As for [`stop`](crate::stop).
    pub async fn stop(&self) -> Result<(), CallError> {
        sys::terminate(self, ExitReason::Normal, None).await
    }
}

impl Reach for Supervisor {
    fn reach(&self) -> To {
        self.0.reach()
    }
}

/// A supervisor whose children come and go, for any number of processes of a kind. They are stopped
/// all at once.
///
/// A value that may be copied and sent like a pid; it keeps nothing alive.
///
/// # Differences from OTP
/// There are no extra arguments: what all children have in common belongs into the function that
/// makes their specification.
#[doc(alias = "simple_one_for_one")]
#[derive(Debug, Clone)]
pub struct DynamicSupervisor(At);

impl DynamicSupervisor {
    /// A supervisor without children, to be started linked to the caller.
    pub fn start_link() -> DynamicSupervisorOptions {
        DynamicSupervisorOptions::new()
    }

    /// One with default options, as a child of another supervisor.
    pub fn child() -> ChildSpec {
        DynamicSupervisorOptions::new().child()
    }

    /// The supervisor that has a pid.
    pub fn of(pid: Pid) -> Self {
        DynamicSupervisor(At::Pid(pid))
    }

    /// The supervisor that has a name or address whenever it is asked.
    pub fn at(address: impl IntoAddress) -> Self {
        DynamicSupervisor(At::Address(address.into_address()))
    }

    /// Its process.
    pub async fn whereis(&self) -> Option<Pid> {
        self.0.reach().find().await
    }

    /// Starts a child (DSUP-06, DSUP-12). Ids do not matter.
    ///
    /// # Errors
    /// If there are as many children as there may be, or it could not be started.
    pub async fn start_child(&self, spec: ChildSpec) -> Result<Pid, SupervisorError> {
        if spec.significant {
            let id = spec.id;
            return Err(SpecError::SignificantDynamic { id }.into());
        }
        flat(self.0.ask(|caller| Ask::Start(spec, caller)).await)
    }

    /// Stops a child and waits until it is dead (DSUP-22). One that is being restarted goes by the
    /// pid that it had.
    ///
    /// # Errors
    /// If it is no child.
    pub async fn terminate_child(&self, pid: impl Into<Pid>) -> Result<(), SupervisorError> {
        let pid = pid.into();
        flat(self.0.ask(|caller| Ask::TerminatePid(pid, caller)).await)
    }

    /// All children, the youngest first; OTP promises no order (DSUP-31).
    ///
    /// # Errors
    /// If the supervisor does not exist.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.0.ask(Ask::Which).await
    }

    /// How many children there are (DSUP-32).
    ///
    /// # Errors
    /// If the supervisor does not exist.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.0.ask(Ask::Count).await
    }

    /// Stops all children at once, and ends normally (DSUP-25, DSUP-34).
    ///
    /// # Errors
    /// As for [`stop`](crate::stop).
    pub async fn stop(&self) -> Result<(), CallError> {
        sys::terminate(self, ExitReason::Normal, None).await
    }
}

impl Reach for DynamicSupervisor {
    fn reach(&self) -> To {
        self.0.reach()
    }
}

fn flat<T>(answer: Result<Answer<T>, CallError>) -> Answer<T> {
    answer?
}
