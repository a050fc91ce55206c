//! Telling whoever observes what a behaviour does.

use crate::backend::context;
pub(crate) use crate::backend::record::Order as Served;
use crate::backend::record::Record;
pub(crate) use crate::backend::record::application::{Applying, Grip};
pub(crate) use crate::backend::record::registry::Registration;
pub(crate) use crate::backend::record::supervisor;
pub(crate) use crate::backend::record::task::Tasking;
pub(crate) use crate::backend::record::{
    EventSource, EventType, MachineRecord, ReturnKind, TimeoutChange, TimeoutEnd, TimeoutSlot,
};
use crate::kernel::pid::Pid;

/// Tells what the calling machine does; built only if somebody observes.
#[inline]
pub(crate) fn tell_machine<'a>(event: impl FnOnce() -> MachineRecord<'a>) {
    let make = |pid| {
        let event = event();
        Record::Machine { pid, event }
    };
    tell(make);
}

/// Tells what the calling supervisor does; built only if somebody observes.
#[inline]
pub(crate) fn tell_supervision<'a>(event: impl FnOnce() -> supervisor::Supervision<'a>) {
    let make = |pid| {
        let event = event();
        Record::Supervisor { pid, event }
    };
    tell(make);
}

/// Tells what the calling controller of a release does.
#[inline]
pub(crate) fn tell_applying<'a>(event: impl FnOnce() -> Applying<'a>) {
    let make = |pid| {
        let event = event();
        Record::Application { pid, event }
    };
    tell(make);
}

/// Tells of a step on a table of a registry.
#[inline]
pub(crate) fn tell_registration<'a>(event: impl FnOnce() -> Registration<'a>) {
    let make = |pid| {
        let event = event();
        Record::Registry { pid, event }
    };
    tell(make);
}

/// Tells what a system message has done to the caller.
#[inline]
pub(crate) fn tell_served(order: Served) {
    tell(|pid| Record::Served { pid, order });
}

/// Tells that the caller has failed to start a process, which has ended.
#[inline]
pub(crate) fn tell_start_failed(of: Pid) {
    tell(|pid| Record::StartFailed { pid, of });
}

/// Tells of a task of the caller's.
#[inline]
pub(crate) fn tell_task(event: Tasking) {
    tell(|pid| Record::Task { pid, event });
}

#[inline]
fn tell<'a>(make: impl FnOnce(Pid) -> Record<'a>) {
    let Some(cx) = context::try_current() else {
        return;
    };
    if cx.observes.get()
        && let Some(pid) = cx.running()
    {
        cx.backend().observe(&make(pid));
    }
}
