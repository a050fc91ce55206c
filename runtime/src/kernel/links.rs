//! Links: one end of each, changed by its own process alone.
//!
//! # Semantics
//! LNK-1 to LNK-19. A link is symmetric once all signals are handled.
//!
//! # The protocol
//! Each end is absent, active, unlinking (the other end has not acknowledged) or relinked (linked
//! anew before that acknowledgement). Signals of a pair keep their order, so what the other end
//! sent before its acknowledgement belongs to the old link.
//!
//! # Invariants
//! - LNKP1: an exit signal that belongs to an old link is never taken for a new one (LNK-14).
//! - LNKP2: an end that is unlinking ignores link signals; the sender of such a signal will be
//!   unlinked by the `Unlink` that is on its way (LNK-15).
//! - LNKP3: every `Unlink` is acknowledged, by a dead process too, so no end stays unlinking.

use super::deliver;
use super::extra::{Extra, Link};
use super::pid::Pid;
use super::signal::{ExitCause, Signal};
use super::slot::Slot;
use crate::backend::context::Context;

/// `link` by the process of `slot`.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn link(cx: &Context, slot: &Slot, me: Pid, other: Pid) {
    if me == other {
        return;
    }
    // SAFETY: the caller runs the process.
    let links = unsafe { &mut slot.extra().bonds().links };
    match links.get_mut(other) {
        Some(Link::Active | Link::Relinked { .. }) => return,
        Some(state @ Link::Unlinking { .. }) => {
            if let Link::Unlinking { id } = *state {
                *state = Link::Relinked { id };
            }
        }
        None => {
            links.insert(other, Link::Active);
        }
    }
    if mutant!(HalfLinks) {
        return;
    }
    deliver::signal(cx, other, Signal::Link { from: me });
}

/// `unlink` by the process of `slot`. Returns whether there was a link.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn unlink(cx: &Context, slot: &Slot, me: Pid, other: Pid) -> bool {
    // SAFETY: the caller runs the process.
    let Some(bonds) = unsafe { slot.some_extra() }.and_then(Extra::some_bonds) else {
        return false;
    };
    let Some(state) = bonds.links.get_mut(other) else {
        return false;
    };
    if matches!(state, Link::Unlinking { .. }) {
        return false;
    }
    let id = cx.fresh_ref();
    *state = Link::Unlinking { id };
    deliver::signal(cx, other, Signal::Unlink { from: me, id });
    true
}

/// Whether a signal links what is linked already, or is being unlinked.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn is_known(slot: &Slot, signal: &Signal) -> bool {
    let Signal::Link { from } = signal else {
        return false;
    };
    // SAFETY: the caller runs the process.
    let bonds = unsafe { slot.some_extra() }.and_then(Extra::some_bonds);
    bonds.is_some_and(|bonds| bonds.links.get_mut(*from).is_some())
}

/// The other end has linked itself.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn on_link(slot: &Slot, from: Pid) {
    // SAFETY: the caller runs the process.
    let links = unsafe { &mut slot.extra().bonds().links };
    if links.get_mut(from).is_none() {
        links.insert(from, Link::Active);
    }
}

/// The other end has unlinked itself.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn on_unlink(cx: &Context, slot: &Slot, me: Pid, from: Pid, id: u64) {
    // SAFETY: the caller runs the process.
    if let Some(bonds) = unsafe { slot.some_extra() }.and_then(Extra::some_bonds) {
        match bonds.links.get_mut(from) {
            Some(Link::Active | Link::Relinked { .. }) => {
                bonds.links.remove(from);
            }
            Some(Link::Unlinking { .. }) | None => {}
        }
    }
    deliver::signal(cx, from, Signal::UnlinkAck { from: me, id });
}

/// The other end has seen our `Unlink` of this id.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn on_ack(slot: &Slot, from: Pid, acknowledged: u64) {
    // SAFETY: the caller runs the process.
    let Some(bonds) = unsafe { slot.some_extra() }.and_then(Extra::some_bonds) else {
        return;
    };
    match bonds.links.get_mut(from) {
        Some(Link::Unlinking { id }) if *id == acknowledged => {
            bonds.links.remove(from);
        }
        Some(state) if *state == (Link::Relinked { id: acknowledged }) => *state = Link::Active,
        _ => {}
    }
}

/// Whether an exit signal from a link counts; if so the link is gone (SIG-21, LNK-8).
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn take_exit(slot: &Slot, from: Pid, cause: ExitCause) -> bool {
    // SAFETY: the caller runs the process.
    let Some(bonds) = unsafe { slot.some_extra() }.and_then(Extra::some_bonds) else {
        return false;
    };
    let counts = match bonds.links.get_mut(from) {
        Some(Link::Active) => true,
        // Before the acknowledgement only the answer to the new link signal is of the new link.
        Some(Link::Relinked { .. }) => cause == ExitCause::NoProc,
        Some(Link::Unlinking { .. }) | None => false,
    };
    if counts {
        bonds.links.remove(from);
    }
    counts
}
