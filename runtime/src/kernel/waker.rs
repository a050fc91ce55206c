//! Wakers: how a foreign future makes a process ready. Mailboxes need none.
//!
//! A waker is the address of a slot, so a stale one wakes whoever has the slot now; such a wake is
//! one more poll and changes nothing. A clone keeps the system alive, the borrowed waker of a
//! poll does not need to.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::deliver;
use super::inbox::Woken;
use super::slot::Slot;
use super::system::System;
use super::table::{self, system_of};
use crate::backend::context;

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, release);

/// A waker for the length of a poll. It must not be dropped; clones count for themselves.
pub(super) fn borrowed(slot: &Slot) -> Waker {
    let data = std::ptr::from_ref(slot).cast();
    // SAFETY: the functions of the table keep the contract of wakers: they may be called on any
    // thread, and every clone holds its system alive.
    unsafe { Waker::from_raw(RawWaker::new(data, &TABLE)) }
}

/// The slot of a waker and its system, without touching the count.
unsafe fn parts<'a>(data: *const ()) -> (&'a Slot, ManuallyDrop<Arc<System>>) {
    let slot = data.cast::<Slot>();
    // SAFETY: a waker's slot lies in a table whose system the waker, or the poll that lent it,
    // holds alive; the system was made in an `Arc`.
    unsafe { (&*slot, ManuallyDrop::new(Arc::from_raw(system_of(slot)))) }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: passed on.
    let (_, system) = unsafe { parts(data) };
    std::mem::forget(Arc::clone(&system));
    RawWaker::new(data, &TABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: passed on; `wake` consumes the waker.
    unsafe {
        wake_by_ref(data);
        release(data);
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: passed on.
    let (slot, system) = unsafe { parts(data) };
    slot.note_woken();
    if slot.inbox.wake() == Woken::Nothing {
        return;
    }
    let index = table::index_of(slot);
    match context::try_current() {
        Some(cx) if std::ptr::eq(&*cx.system, &**system) => deliver::make_ready(cx, slot, index),
        _ => system.ready_from_outside(index),
    }
}

unsafe fn release(data: *const ()) {
    // SAFETY: passed on; the count that `clone` took is given back.
    let (_, system) = unsafe { parts(data) };
    drop(ManuallyDrop::into_inner(system));
}
