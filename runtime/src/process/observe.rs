//! Telling whoever observes what a behaviour does.

use crate::backend::context;
use crate::backend::record::Record;
pub(crate) use crate::backend::record::registry::Registration;
pub(crate) use crate::backend::record::supervisor;
pub(crate) use crate::backend::record::task::Tasking;
pub(crate) use crate::backend::record::{
    EventSource, EventType, MachineRecord, ReturnKind, TimeoutEnd, TimeoutSlot,
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

/// Tells of a step on a table of a registry.
#[inline]
pub(crate) fn tell_registration<'a>(event: impl FnOnce() -> Registration<'a>) {
    let make = |pid| {
        let event = event();
        Record::Registry { pid, event }
    };
    tell(make);
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
