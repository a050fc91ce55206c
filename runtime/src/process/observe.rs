//! Telling whoever observes what a behaviour does.

use crate::backend::context;
use crate::backend::record::Record;
pub(crate) use crate::backend::record::{
    EventSource, EventType, MachineRecord, ReturnKind, TimeoutEnd, TimeoutSlot,
};

/// Tells what the calling machine does; built only if somebody observes.
#[inline]
pub(crate) fn tell_machine<'a>(event: impl FnOnce() -> MachineRecord<'a>) {
    let Some(cx) = context::try_current() else {
        return;
    };
    if cx.observes.get()
        && let Some(pid) = cx.running()
    {
        let event = event();
        cx.backend().observe(&Record::Machine { pid, event });
    }
}
