//! What backends need of the kernel beyond running turns.

use std::future::Future;
use std::sync::Arc;

use super::birth::{self, Birth, SpawnError};
use super::body::Body;
use super::death;
use super::deliver;
use super::describe;
use super::handle;
use super::inbox::Woken;
use super::info::{Priority, ProcessInfo};
use super::name::Name;
use super::node::Node;
use super::panics;
use super::pid::Pid;
use super::reason::{ExitReason, Outcome};
use super::slot::MUST_POLL;
use super::system::System;
use super::term::Message;
use crate::backend::context::Context;
use crate::backend::{Timer, TimerFired, TimerMessage};
use crate::sync::AtomicU32;

/// A value of [`Context::run_next`](crate::backend::context::Context) that names no process but
/// keeps the place taken, so that every ready process goes to the backend.
pub const OCCUPIED: u32 = u32::MAX - 1;

/// Spawns a process whose end is told to the backend: a root.
///
/// # Errors
/// As for any spawn.
///
/// # Safety
/// If the future is not `Send`, the process must never leave this thread.
pub unsafe fn spawn_watched<F>(
    cx: &Context,
    make: impl FnOnce() -> F,
    mailbox_out: bool,
) -> Result<Pid, SpawnError>
where
    F: Future + 'static,
    F::Output: Outcome,
{
    let birth = Birth {
        mailbox_out,
        watched: true,
        ..Birth::default()
    };
    // SAFETY: passed on from the caller.
    birth::spawn(cx, birth, || unsafe { Body::new(make) }).map(|spawned| spawned.pid)
}

/// Puts a node into its receiver's inbox, or answers in the stead of a dead receiver.
pub fn deliver(cx: &Context, to: Pid, node: Node) {
    deliver::push(cx, to, node);
}

/// Drops a node that nobody gets. A panic of its destructor goes no further.
pub fn discard(node: Node) {
    death::discard(node);
}

/// A node that holds a message.
pub fn message_node(message: Message) -> Node {
    message.into_node()
}

/// What a timer sends when it fires.
pub fn fired(timer: Timer, message: TimerMessage) -> Node {
    match message {
        TimerMessage::Plain(message) => message.into_node(),
        TimerMessage::Fired(payload) => Node::message(TimerFired { timer, payload }),
    }
}

/// Who is registered under a name.
pub fn whereis(system: &System, name: &str) -> Option<Pid> {
    system.names.whereis(name)
}

/// The pid of whoever has a slot now, or had it last.
pub fn occupant(system: &System, index: u32) -> Pid {
    Pid::from_parts(system.node, index, system.table.slot(index).generation())
}

/// Whether wakers of processes are held, as only futures that are no receives do.
pub fn wakers_held(cx: &Context) -> bool {
    // Besides the context itself only wakers keep the system alive.
    Arc::strong_count(&cx.system) > 1
}

/// Whether a process exists and has not closed its inbox.
pub fn is_open(cx: &Context, pid: Pid) -> bool {
    deliver::find(cx, pid).is_some_and(|slot| slot.inbox.is_open(pid.generation()))
}

/// Makes sure that the body is polled at the next turn. True if the process was parked, in which
/// case the caller must run it.
///
/// # Safety
/// The caller may run the process: it is parked, or held by this backend.
pub unsafe fn rouse(cx: &Context, index: u32) -> bool {
    let slot = cx.system.table.slot(index);
    slot.set(MUST_POLL);
    slot.inbox.wake() == Woken::MakeReady
}

/// As a call of the process's waker would: may be done from any thread.
pub fn wake(cx: &Context, pid: Pid) {
    let Some(slot) = deliver::find(cx, pid) else {
        return;
    };
    slot.note_woken();
    if slot.inbox.wake() == Woken::MakeReady {
        deliver::make_ready(cx, slot, pid.slot());
    }
}

/// The number that the backend keeps in a process's slot.
pub fn note(cx: &Context, index: u32) -> &AtomicU32 {
    &cx.system.table.slot(index).armed
}

/// How urgent a process is.
pub fn priority(cx: &Context, index: u32) -> Priority {
    cx.system.table.slot(index).priority()
}

/// Condemns a process: it ends with `reason` at its next turn.
///
/// # Safety
/// As for [`rouse`].
pub unsafe fn condemn(cx: &Context, index: u32, reason: ExitReason) {
    // SAFETY: passed on from the caller.
    unsafe { handle::doom(cx.system.table.slot(index), reason) };
}

/// Ends every process, in the order of their slots, with `reason`; what their destructors spawn
/// too.
///
/// # Safety
/// No process is being run and no thread but this one runs any.
pub unsafe fn end_all(cx: &Context, reason: &ExitReason) {
    loop {
        let mut ended = false;
        for index in 0..cx.system.table.end() {
            let pid = match cx.system.table.is_slot(index) {
                true => occupant(&cx.system, index),
                false => continue,
            };
            let slot = cx.system.table.slot(index);
            if pid.generation() == 0 || !slot.inbox.is_open(pid.generation()) {
                continue;
            }
            ended = true;
            cx.slot.set(slot);
            cx.pid.set(Some(pid));
            // SAFETY: passed on from the caller.
            unsafe { death::die(cx, slot, pid, reason, true) };
            cx.slot.set(std::ptr::null());
            cx.pid.set(None);
        }
        if !ended {
            return;
        }
    }
}

/// All processes, in the order of their slots.
pub fn live(system: &System) -> Vec<Pid> {
    let slots = system
        .table
        .slots()
        .map(|(index, slot)| (index, slot, slot.generation()));
    slots
        .filter(|(_, slot, generation)| *generation > 0 && slot.inbox.is_open(*generation))
        .map(|(index, _, generation)| Pid::from_parts(system.node, index, generation))
        .collect()
}

/// Describes a process that is not being run.
///
/// # Safety
/// As for [`rouse`].
pub unsafe fn describe(cx: &Context, pid: Pid) -> Option<ProcessInfo> {
    let slot = deliver::find(cx, pid)?;
    // SAFETY: passed on from the caller.
    slot.inbox
        .is_open(pid.generation())
        .then(|| unsafe { describe::describe(cx, slot, pid, false) })
}

/// The name and the label of a process that is not being run.
///
/// # Safety
/// As for [`rouse`].
pub unsafe fn called(cx: &Context, pid: Pid) -> (Option<Name>, Option<String>) {
    let name = cx.system.names.name_of(pid);
    let Some(slot) = deliver::find(cx, pid) else {
        return (name, None);
    };
    // SAFETY: passed on from the caller.
    let rare = unsafe { slot.some_extra() }.and_then(|extra| extra.rare.as_ref());
    (name, rare.and_then(|rare| rare.label.clone()))
}

/// Bytes of messages and bodies that this context has taken and not given back.
pub fn bytes_in_use(cx: &Context) -> usize {
    cx.cache.in_use()
}

/// Puts the hook in place that notes where a process panicked.
pub fn install_panic_hook() {
    panics::install();
}

/// Whether panics of processes run by this thread are printed.
pub fn print_panics(print: bool) {
    panics::set_loud(print);
}
