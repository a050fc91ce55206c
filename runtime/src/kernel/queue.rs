//! The mailbox: the private queue of a process, in the order of arrival.
//!
//! # Semantics
//! MBX-1 to MBX-4: a receive looks at the oldest message first, takes the first that it accepts
//! and leaves the others in place and order.
//!
//! # Invariants
//! - QUE1: the queue is a ring: the newest node's `next` is the oldest node.
//! - QUE2: the cursor is null, or a node of the queue such that the waiting receive has refused
//!   it and all before it. Only new arrivals are looked at when it wakes.

use std::mem::ManuallyDrop;
use std::ptr;

use super::extra::Markers;
use super::node::{Header, Node};
use super::slot::{SCANNING, Slot};
use super::term::Message;

/// Appends a message.
///
/// # Safety
/// The caller runs the process of the slot (SLT1).
#[inline]
pub(crate) unsafe fn append(slot: &Slot, node: Node) {
    let raw = node.into_raw();
    let newest = slot.newest.get();
    // SAFETY: the node is ours, and the newest node is on the queue and alive (QUE1).
    unsafe {
        if newest.is_null() {
            (*raw).next.set(raw);
        } else {
            (*raw).next.set((*newest).next.get());
            (*newest).next.set(raw);
            if mutant!(PrependMessages) {
                return;
            }
        }
    }
    slot.newest.set(raw);
}

/// Appends messages that are linked from `oldest` to `newest`.
///
/// # Safety
/// As for [`append`]; the messages belong to the caller.
#[inline]
pub(crate) unsafe fn splice(slot: &Slot, oldest: *mut Header, newest: *mut Header) {
    let last = slot.newest.get();
    // SAFETY: the list is ours, and the last node is on the queue and alive (QUE1).
    unsafe {
        if last.is_null() {
            (*newest).next.set(oldest);
        } else {
            (*newest).next.set((*last).next.get());
            (*last).next.set(oldest);
        }
    }
    slot.newest.set(newest);
}

/// Takes out the first message for which `accept` has an answer, beginning behind `after` (null:
/// at the oldest). Without one, the cursor is left at the newest message.
///
/// # Safety
/// The caller runs the process; `after` is null or on its queue.
///
/// # Panics
/// If `accept` itself looks through the mailbox.
#[inline]
pub(crate) unsafe fn scan<R>(
    slot: &Slot,
    after: *mut Header,
    mut accept: impl FnMut(&Message) -> Option<R>,
) -> Option<(R, Message)> {
    let newest = slot.newest.get();
    if newest.is_null() || after == newest {
        return None;
    }
    let _scanning = Scanning::begin(slot);
    let mut before = if after.is_null() { newest } else { after };
    loop {
        // SAFETY: nodes of the queue are alive and linked in a ring (QUE1).
        let node = unsafe { (*before).next.get() };
        // SAFETY: the node stays on the queue; the message is only lent out.
        let message = unsafe { lend(node) };
        if let Some(answer) = accept(&message) {
            // SAFETY: `before` precedes `node`, and both are on the queue.
            unsafe { unlink(slot, before, node) };
            return Some((answer, ManuallyDrop::into_inner(message)));
        }
        if node == newest {
            slot.cursor.set(newest);
            return None;
        }
        before = node;
    }
}

/// The message of a node that stays where it is.
unsafe fn lend(node: *mut Header) -> ManuallyDrop<Message> {
    // SAFETY: the node is alive; wrapped as it is, the message is not dropped.
    ManuallyDrop::new(Message::from_node(unsafe { Node::from_raw(node) }))
}

/// Keeps code of the user's from taking messages out while it is asked about one.
struct Scanning<'a>(&'a Slot);

impl<'a> Scanning<'a> {
    fn begin(slot: &'a Slot) -> Self {
        assert!(
            !slot.has(SCANNING),
            "a guard of a receive must not use the mailbox itself"
        );
        slot.set(SCANNING);
        Scanning(slot)
    }
}

impl Drop for Scanning<'_> {
    fn drop(&mut self) {
        self.0.clear(SCANNING);
    }
}

/// Takes a node out of the ring and keeps cursor and markers valid.
unsafe fn unlink(slot: &Slot, before: *mut Header, node: *mut Header) {
    // What now stands for "looked at up to here"; the oldest node has nothing before it.
    let newest = slot.newest.get();
    let was_oldest = before == newest;
    let replacement = if was_oldest { ptr::null_mut() } else { before };
    if before == node {
        slot.newest.set(ptr::null_mut());
    } else {
        // SAFETY: both nodes are alive.
        unsafe { (*before).next.set((*node).next.get()) };
        if node == newest {
            slot.newest.set(before);
        }
    }
    if slot.cursor.get() == node {
        slot.cursor.set(replacement);
    }
    // SAFETY: the caller runs the process and holds no reference to its extra part.
    if let Some(rare) = unsafe { slot.some_extra() }.and_then(|extra| extra.rare.as_mut()) {
        rare.markers.forget(node, replacement);
    }
}

/// Every message, oldest first, without taking any.
///
/// # Safety
/// The caller runs the process.
///
/// # Panics
/// If `visit` itself looks through the mailbox.
pub(crate) unsafe fn each(slot: &Slot, mut visit: impl FnMut(&Message)) {
    let _scanning = Scanning::begin(slot);
    let newest = slot.newest.get();
    let mut node = newest;
    while !node.is_null() {
        // SAFETY: as in `scan`.
        node = unsafe { (*node).next.get() };
        // SAFETY: as in `scan`.
        let message = unsafe { lend(node) };
        visit(&message);
        if node == newest {
            return;
        }
    }
}

/// Takes everything out at once, for the end of a process: the nodes are linked by `next`, oldest
/// first. Destructors that look at the mailbox meanwhile find it empty, and neither the cursor nor
/// a marker leads them to a node that is gone.
///
/// # Safety
/// The caller runs the process, and the list is the caller's from now on.
pub(crate) unsafe fn detach(slot: &Slot) -> *mut Header {
    let newest = slot.newest.replace(ptr::null_mut());
    slot.cursor.set(ptr::null_mut());
    // SAFETY: the caller runs the process and holds no reference to its extra part.
    if let Some(rare) = unsafe { slot.some_extra() }.and_then(|extra| extra.rare.as_mut()) {
        rare.markers = Markers::default();
    }
    // SAFETY: null, or on the queue and alive; its `next` is the oldest node (QUE1).
    let newest = unsafe { newest.as_ref() };
    newest.map_or(ptr::null_mut(), |newest| {
        newest.next.replace(ptr::null_mut())
    })
}
