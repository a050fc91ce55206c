//! Local names.
//!
//! # Semantics
//! REG-1 to REG-12. Every operation is one step on a shared table and a choice point.

use super::wait::pass;
use crate::backend::Point;
use crate::backend::context::{self, Context};
use crate::backend::record::Record;
use crate::kernel::deliver;
use crate::kernel::name::{Name, NotRegistered, RegisterError};
use crate::kernel::pid::Pid;

/// Gives a process a name.
///
/// Any process may name any other (REG-4). The name is free again when the process has ended,
/// before anybody is told of it (REG-10).
///
/// # Errors
/// If the name is taken, if the process has a name already, or if it does not exist (REG-2).
#[doc(alias = "Process.register")]
pub async fn register(name: impl Into<Name>, pid: Pid) -> Result<(), RegisterError> {
    let name = name.into();
    pass(Point::Table {
        op: "register",
        on: &name,
        write: true,
    })
    .await;
    let cx = context::current();
    let shown = name.clone();
    cx.system.names.register(name, pid, || admit(cx, pid))?;
    if cx.observes.get() {
        cx.backend()
            .observe(&Record::Registered { name: &shown, pid });
    }
    Ok(())
}

/// Whether a process may gain a name now; marks it as named if so (NAM2).
fn admit(cx: &Context, pid: Pid) -> bool {
    deliver::find(cx, pid).is_some_and(|slot| slot.admit_name(pid.generation()))
}

/// Frees a name. Messages sent to it before still arrive (REG-12).
///
/// # Errors
/// If the name is not registered (REG-7).
#[doc(alias = "Process.unregister")]
pub async fn unregister(name: &str) -> Result<(), NotRegistered> {
    pass(Point::Table {
        op: "unregister",
        on: name,
        write: true,
    })
    .await;
    let cx = context::current();
    let Some(pid) = cx.system.names.unregister(name) else {
        return Err(NotRegistered { name: name.into() });
    };
    if cx.observes.get() {
        cx.backend().observe(&Record::Unregistered { name, pid });
    }
    Ok(())
}

/// The process that has a name (REG-8).
#[doc(alias = "Process.whereis")]
pub async fn whereis(name: &str) -> Option<Pid> {
    pass(Point::Table {
        op: "whereis",
        on: name,
        write: false,
    })
    .await;
    look_up(context::current(), name)
}

/// Who has a name now.
pub(super) fn look_up(cx: &Context, name: &str) -> Option<Pid> {
    let found = cx.system.names.whereis(name);
    let found = found.filter(|_| !mutant!(FindNobody));
    if cx.observes.get() {
        cx.backend().observe(&Record::LookedUp { name, found });
    }
    found
}

/// All names, in the order of their text (REG-9).
#[doc(alias = "Process.registered")]
pub async fn registered() -> Vec<Name> {
    pass(Point::Table {
        op: "registered",
        on: "",
        write: false,
    })
    .await;
    context::current().system.names.registered()
}
