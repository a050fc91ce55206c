//! Telling what is to be known of a process (P-69 to P-82).

use std::collections::BTreeMap;
use std::mem;

use super::calls::Awaited;
use super::extra::Link;
use super::info::{OpenCall, ProcessInfo, Status};
use super::panics;
use super::pid::{Pid, Ref};
use super::queue;
use super::slot::{SUSPENDED, Slot, TRAP_EXIT};
use super::term::Message;
use crate::backend::context::Context;

/// Describes the process of `slot`, which runs if it asks `by_itself`.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn describe(cx: &Context, slot: &Slot, pid: Pid, by_itself: bool) -> ProcessInfo {
    let mut messages = Vec::new();
    // SAFETY: the caller runs the process, and writing a message down touches no queue.
    unsafe { queue::each(slot, |message| messages.push(in_words(message))) };
    // Taken out meanwhile, since `Debug` is user code and may use local storage itself.
    // SAFETY: the caller runs the process.
    let locals = unsafe { slot.some_extra() }
        .and_then(|extra| extra.rare.as_mut())
        .map_or_else(BTreeMap::new, |rare| mem::take(&mut rare.locals));
    let shown = locals
        .iter()
        .map(|(key, value)| (key.to_string(), in_words(value)))
        .collect();
    // SAFETY: as above.
    unsafe { put_back(slot, locals) };
    let mut info = ProcessInfo {
        pid,
        parent: slot.parent.get(),
        name: cx.system.names.name_of(pid),
        label: None,
        initial_call: None,
        is_task: false,
        takes_system_messages: slot.takes_system_messages(),
        status: status(slot, by_itself),
        calls: Vec::new(),
        links: Vec::new(),
        monitors: Vec::new(),
        monitored_by: Vec::new(),
        message_queue_len: messages.len(),
        messages,
        locals: shown,
        trap_exit: slot.has(TRAP_EXIT),
        priority: slot.priority(),
        reductions: 0,
        suspending: Vec::new(),
    };
    // Made if it is not there, so that work is counted from now on.
    // SAFETY: the caller runs the process.
    let extra = unsafe { slot.extra() };
    info.reductions = extra.reductions;
    if let Some(bonds) = extra.some_bonds() {
        let links = bonds.links.iter();
        let linked = links.filter(|(_, link)| !matches!(link, Link::Unlinking { .. }));
        info.links = linked.map(|(other, _)| other).collect();
        let monitors = bonds.monitors.iter();
        info.monitors = monitors.filter_map(|(_, set)| set.monitored()).collect();
    }
    info.monitored_by = extra.watchers().into_iter().map(Ref::owner).collect();
    if let Some(lineage) = &extra.lineage {
        info.initial_call = Some(lineage.initial_call);
        info.is_task = lineage.caller.is_some();
    }
    if let Some(rare) = &extra.rare {
        info.label = rare.label.clone();
        info.calls = rare.calls.all().into_iter().filter_map(open_call).collect();
        info.suspending = rare.suspending.iter().map(|(other, _)| other).collect();
    }
    info
}

fn open_call(awaited: &Awaited) -> Option<OpenCall> {
    match *awaited {
        Awaited::Nothing { to, patient } => Some(OpenCall {
            to,
            without_limit: patient,
        }),
        _ => None,
    }
}

/// A message as its `Debug` writes it, which may panic.
fn in_words(message: &Message) -> String {
    let mut text = String::new();
    panics::contain(|| text = format!("{message:?}"));
    text
}

/// Gives local storage back; what was stored meanwhile is newer.
unsafe fn put_back(slot: &Slot, locals: BTreeMap<&'static str, Message>) {
    if locals.is_empty() {
        return;
    }
    for (key, value) in locals {
        // SAFETY: the caller runs the process, and no reference outlives the statement.
        let now = unsafe { &mut slot.extra().rare().locals };
        if !now.contains_key(key) {
            now.insert(key, value);
        }
    }
}

fn status(slot: &Slot, by_itself: bool) -> Status {
    if by_itself {
        Status::Running
    } else if slot.has(SUSPENDED) {
        Status::Suspended
    } else if slot.has(super::slot::MUST_POLL) {
        Status::Runnable
    } else {
        Status::Waiting
    }
}
