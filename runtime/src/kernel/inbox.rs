//! The inbox: one word that is queue, liveness and scheduling state of a process at once.
//!
//! The upper 16 bits hold the low bits of the slot's generation, the lower 48 a pointer to the
//! newest node that arrived, or one of four values that are no pointers. One compare-and-swap
//! queues a signal, proves that the receiver is alive and of that generation, and tells the
//! sender whether it has to put the receiver on a run queue. A sender that finds the receiver
//! parked runs it from then on until it has made it ready, and so may put a message into the
//! mailbox itself.
//!
//! | value | meaning | who leaves it |
//! |---|---|---|
//! | `AWAKE` | queued or running, nothing has arrived | a sender, a waker, or the owner who parks |
//! | `PARKED` | waiting; whoever changes it must make the process ready | a sender or a waker |
//! | `DEAD` | no process of this generation | the table, when it uses the slot again |
//! | `NOTIFIED` | as `AWAKE`, and a waker has called since the last look | the owner, or a sender |
//! | a pointer | as `AWAKE`, and these nodes have arrived, newest first | the owner, or a sender |
//!
//! # Invariants
//! - INB1: only the owner (whoever runs the process) takes nodes out, parks and closes.
//! - INB2: a process is made ready exactly once between two parkings.
//! - INB3: no node is lost: each is either taken by the owner or refused to its sender.

use std::ptr;

use super::node::Header;
use crate::sync::{AtomicU64, Ordering};

const POINTER_BITS: u32 = 48;
const POINTER_MASK: u64 = (1 << POINTER_BITS) - 1;

const AWAKE: u64 = 0;
const PARKED: u64 = 1;
const DEAD: u64 = 2;
const NOTIFIED: u64 = 3;

/// The inbox word of a process.
#[derive(Debug)]
pub(crate) struct Inbox(AtomicU64);

/// What became of a node that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// The receiver is queued or running and will see it.
    Queued,
    /// The receiver was parked: the caller must make it ready.
    MakeReady,
    /// The receiver was parked and the node is not queued: the caller, who runs the process until
    /// it makes it ready (SLT1), has to put the node into its mailbox.
    Claimed,
    /// There is no such process; the caller still owns the node.
    Dead,
}

/// What became of a call of a waker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// It will look again by itself, or it is dead.
    Nothing,
    /// It was parked: the caller must make it ready.
    MakeReady,
}

#[inline]
fn word(generation: u32, value: u64) -> u64 {
    (u64::from(generation as u16) << POINTER_BITS) | value
}

#[inline]
fn is_list(value: u64) -> bool {
    value > NOTIFIED
}

impl Inbox {
    /// The inbox of a slot that has no process.
    pub(crate) fn dead() -> Self {
        Inbox(AtomicU64::new(word(0, DEAD)))
    }

    /// Opens the inbox for a process of `generation`, awake.
    pub(crate) fn open(&self, generation: u32) {
        self.0.store(word(generation, AWAKE), Ordering::Release);
    }

    /// Makes the inbox that of a dead process of `generation`. No process may be alive in it.
    #[cfg(feature = "threads")]
    pub(crate) fn bury(&self, generation: u32) {
        self.0.store(word(generation, DEAD), Ordering::Release);
    }

    /// The low bits of the generation that has, or last had, the inbox.
    pub(crate) fn generation(&self) -> u16 {
        (self.0.load(Ordering::Relaxed) >> POINTER_BITS) as u16
    }

    /// Makes the inbox as new. No process may be alive in it.
    pub(crate) fn forget(&self) {
        self.0.store(word(0, DEAD), Ordering::Relaxed);
    }

    /// Queues a node for the process of `generation`, or claims the process if it is parked and
    /// the caller `may_claim` it: then the owner need not take the node out again, which saves
    /// one of the three exchanges that a message to a waiting process costs.
    ///
    /// # Safety
    /// `node` came from `Node::into_raw`; unless the answer is `Dead` or `Claimed` it now belongs
    /// to the receiver.
    #[inline]
    pub(crate) unsafe fn push(
        &self,
        generation: u32,
        node: *mut Header,
        may_claim: impl Fn() -> bool,
    ) -> Pushed {
        debug_assert_eq!(node as u64 & !POINTER_MASK, 0);
        let mut current = self.0.load(Ordering::Relaxed);
        loop {
            let value = current & POINTER_MASK;
            if current >> POINTER_BITS != u64::from(generation as u16) || value == DEAD {
                return Pushed::Dead;
            }
            if value == PARKED && may_claim() {
                let awake = word(generation, AWAKE);
                let (ok, no) = (Ordering::AcqRel, Ordering::Relaxed);
                match self.0.compare_exchange_weak(current, awake, ok, no) {
                    Ok(_) => return Pushed::Claimed,
                    Err(now) => current = now,
                }
                continue;
            }
            let next = if is_list(value) {
                value as *mut Header
            } else {
                ptr::null_mut()
            };
            // SAFETY: the node is still ours alone.
            unsafe { (*node).next.set(next) };
            let new = word(generation, node as u64);
            match self
                .0
                .compare_exchange_weak(current, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) if value == PARKED => return Pushed::MakeReady,
                Ok(_) => return Pushed::Queued,
                Err(now) => current = now,
            }
        }
    }

    /// Notes that the process must be polled again, whatever generation it is of. Spurious wakes
    /// are harmless.
    pub(crate) fn wake(&self) -> Woken {
        let mut current = self.0.load(Ordering::Relaxed);
        loop {
            let value = current & POINTER_MASK;
            let new = match value {
                DEAD => return Woken::Nothing,
                PARKED => AWAKE,
                AWAKE => NOTIFIED,
                // Written back unchanged, so that what the waker wrote before is seen by the
                // owner's next take.
                _ => value,
            };
            let new = (current & !POINTER_MASK) | new;
            match self
                .0
                .compare_exchange_weak(current, new, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) if value == PARKED => return Woken::MakeReady,
                Ok(_) => return Woken::Nothing,
                Err(now) => current = now,
            }
        }
    }

    /// Whether something has arrived since the last take. For the owner.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        self.0.load(Ordering::Relaxed) & POINTER_MASK > PARKED
    }

    /// Takes all nodes, newest first, and leaves the process awake. For the owner.
    #[inline]
    pub(crate) fn take(&self, generation: u32) -> *mut Header {
        let value = self.0.swap(word(generation, AWAKE), Ordering::AcqRel) & POINTER_MASK;
        if is_list(value) {
            value as *mut Header
        } else {
            ptr::null_mut()
        }
    }

    /// Parks the process unless something has arrived. For the owner.
    #[inline]
    pub(crate) fn park(&self, generation: u32) -> bool {
        let (awake, parked) = (word(generation, AWAKE), word(generation, PARKED));
        self.0
            .compare_exchange(awake, parked, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// Closes the inbox for good and hands out what had arrived, newest first. For the owner.
    pub(crate) fn close(&self, generation: u32) -> *mut Header {
        let value = self.0.swap(word(generation, DEAD), Ordering::AcqRel) & POINTER_MASK;
        if is_list(value) {
            value as *mut Header
        } else {
            ptr::null_mut()
        }
    }

    /// Whether a process of this generation exists and has not closed its inbox.
    pub(crate) fn is_open(&self, generation: u32) -> bool {
        let current = self.0.load(Ordering::Acquire);
        current >> POINTER_BITS == u64::from(generation as u16) && current & POINTER_MASK != DEAD
    }
}
