//! Making a process.
//!
//! # Semantics
//! P-1 to P-11: the child exists, with its links and monitors, before the caller goes on; it has
//! run nothing yet. It inherits nothing but its parent's identity (P-2).

use std::ptr::NonNull;
use std::sync::Arc;

use super::body::Body;
use super::deliver;
use super::extra::Link;
use super::info::Priority;
use super::monitors::{self, MonitorOptions};
use super::pid::{Pid, Ref, SLOT_MAX};
use super::slot::{MAILBOX_OUT, Slot, WATCHED};
use super::table;
use crate::backend::context::Context;
use crate::backend::record::Record;

/// Slots that a context takes from the table at once; keeps its lock off the path of spawning.
const VACANT_AT_ONCE: usize = 64;
/// The same where there is no other context to meet, so that a fresh world touches few slots.
const VACANT_ALONE: usize = 4;

/// How a process begins.
#[derive(Debug, Default)]
pub(crate) struct Birth {
    pub(crate) link: bool,
    pub(crate) monitor: Option<MonitorOptions>,
    /// The reference of that monitor, if the body must know it.
    pub(crate) reference: Option<Ref>,
    pub(crate) priority: Priority,
    pub(crate) label: Option<String>,
    /// The body was handed its mailbox.
    pub(crate) mailbox_out: bool,
    /// The backend is told of its end.
    pub(crate) watched: bool,
    /// A call of the caller's that the new process is to answer from its first moment.
    pub(crate) asks: Option<Ref>,
    /// The caller can do something about a failure.
    pub(crate) fallible: bool,
}

/// Why a process could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// As many processes as the system allows are alive.
    #[error("the limit of {limit} processes is reached")]
    SystemLimit {
        /// The most that may live at once.
        limit: u32,
    },
}

/// A new process and, if one was asked for, the monitor on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spawned {
    /// The process.
    pub pid: Pid,
    /// The monitor on it.
    pub monitor: Option<Ref>,
}

/// Makes a process of `body` and makes it ready.
pub(crate) fn spawn(
    cx: &Context,
    birth: Birth,
    body: impl FnOnce() -> Body,
) -> Result<Spawned, SpawnError> {
    let table = &cx.system.table;
    let refused = birth.fallible && cx.carries.get() && cx.backend().refuse_spawn();
    if refused || !table.admit() {
        return Err(SpawnError::SystemLimit {
            limit: table.limit(),
        });
    }
    let Some(index) = vacancy(cx) else {
        table.dismiss();
        return Err(SpawnError::SystemLimit { limit: SLOT_MAX });
    };
    cx.spend();
    let outer = cx.newborn.replace(index);
    let place = Place { cx, index, outer };
    let body = body();
    // A closure that does not pass its mailbox on has dropped it by now.
    let has_mailbox = cx.newborn.replace(outer) == index;
    std::mem::forget(place);
    let slot = table.slot(index);
    let generation = slot.generation() + 1;
    let pid = Pid::from_parts(cx.system.node, index, generation);
    let parent = cx.pid.get().filter(|_| !mutant!(Orphans));
    slot.future.set(NonNull::as_ptr(body.future));
    slot.table.set(Some(body.table));
    slot.open(generation, parent, birth.priority);
    if birth.mailbox_out && has_mailbox {
        slot.set(MAILBOX_OUT);
    }
    if birth.watched {
        slot.set(WATCHED);
    }
    let linked = birth.link && parent.is_some();
    let monitor = relate(cx, slot, pid, birth);
    if cx.observes.get() {
        let body = (body.table.type_name)();
        cx.backend().observe(&Record::Spawn {
            pid,
            parent,
            body,
            linked,
            monitor,
        });
    }
    if cx.carries.get() {
        cx.backend().spawned(pid, parent);
    }
    deliver::make_ready(cx, slot, index);
    Ok(Spawned { pid, monitor })
}

/// A vacant slot; given back if the code that makes the body panics.
struct Place<'a> {
    cx: &'a Context,
    index: u32,
    /// What was being made when this was begun.
    outer: u32,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.cx.newborn.set(self.outer);
        self.cx.vacant.borrow_mut().push(self.index);
        self.cx.system.table.dismiss();
    }
}

/// Sets up the child's link and monitor on both sides, before it can run.
fn relate(cx: &Context, slot: &Slot, pid: Pid, birth: Birth) -> Option<Ref> {
    if let Some(label) = birth.label {
        // SAFETY: the process has not been made ready, so nobody else runs it.
        unsafe { slot.extra() }.rare().label = Some(label);
    }
    let parent = cx.pid.get()?;
    // SAFETY: the caller runs inside the parent.
    let of_parent = || unsafe { (*cx.slot.get()).extra() };
    if birth.link {
        of_parent().bonds().links.insert(pid, Link::Active);
        // SAFETY: as for the label.
        unsafe { slot.extra() }
            .bonds()
            .links
            .insert(parent, Link::Active);
    }
    if let Some(reference) = birth.asks {
        // SAFETY: as for the label.
        unsafe { slot.extra() }.watch(reference);
    }
    let options = birth.monitor?;
    let reference = birth.reference;
    let reference = reference.unwrap_or_else(|| Ref::from_parts(parent, cx.fresh_ref()));
    // SAFETY: as for the label, and the caller runs inside the parent.
    unsafe {
        slot.extra().watch(reference);
        monitors::enter(&*cx.slot.get(), reference, Some(pid), None, options);
    }
    Some(reference)
}

/// A pid whose process never lives, for a spawn into a system that has ended.
#[cfg(feature = "threads")]
pub(crate) fn stillborn(cx: &Context) -> Option<Pid> {
    let index = vacancy(cx)?;
    let slot = cx.system.table.slot(index);
    let generation = slot.generation() + 1;
    slot.bury(generation);
    if table::reusable(generation) {
        cx.vacant.borrow_mut().push(index);
    }
    Some(Pid::from_parts(cx.system.node, index, generation))
}

fn vacancy(cx: &Context) -> Option<u32> {
    let mut vacant = cx.vacant.borrow_mut();
    if vacant.is_empty() {
        let want = if cx.carries.get() {
            VACANT_ALONE
        } else {
            VACANT_AT_ONCE
        };
        let system = Arc::as_ptr(&cx.system);
        cx.system.table.take_vacant(&mut vacant, want, system);
    }
    vacant.pop()
}

/// Gives a slot back after its process has ended.
#[inline]
pub(crate) fn vacate(cx: &Context, index: u32, generation: u32) {
    cx.system.table.dismiss();
    if !table::reusable(generation) {
        return;
    }
    let mut vacant = cx.vacant.borrow_mut();
    vacant.push(index);
    if vacant.len() >= 2 * VACANT_AT_ONCE {
        // Half is kept, so that a worker that hovers here does not visit the table at each turn.
        cx.system.table.give_vacant(vacant.drain(..VACANT_AT_ONCE));
    }
}
