//! The inbox: one word that is queue, liveness and scheduling state of a process at once.
//!
//! The upper 20 bits hold the low bits of the slot's generation, the lower 44 a sixteenth of the
//! address of the newest node that arrived, or one of four values that are no addresses. One
//! compare-and-swap queues a signal, proves that the receiver is alive and of that generation, and
//! tells the sender whether it has to put the receiver on a run queue. A sender that finds the
//! receiver parked runs it from then on until it has made it ready, and so may put a message into
//! the mailbox itself.
//!
//! | value | meaning | who leaves it |
//! |---|---|---|
//! | `AWAKE` | queued or running, nothing has arrived | a sender, a waker, or the owner who parks |
//! | `PARKED` | waiting; whoever changes it must make the process ready | a sender or a waker |
//! | `DEAD` | no process of this generation | the table, when it uses the slot again |
//! | `NOTIFIED` | as `AWAKE`, and a waker has called since the last look | the owner, or a sender |
//! | an address | as `AWAKE`, and these nodes have arrived, newest first | the owner, or a sender |
//!
//! # Invariants
//! - INB1: only the owner (whoever runs the process) takes nodes out, parks and closes.
//! - INB2: a process is made ready exactly once between two parkings.
//! - INB3: no node is lost: each is either taken by the owner or refused to its sender.

use std::ptr;

use super::memory::ALIGN;
use super::node::Header;
use crate::sync::{AtomicU64, Ordering};

/// Bits of the value. Nodes are aligned to 16 bytes, so that 44 bits hold an address of 48.
const VALUE_BITS: u32 = 44;
const VALUE_MASK: u64 = (1 << VALUE_BITS) - 1;
const ALIGN_BITS: u32 = ALIGN.trailing_zeros();
/// Bits of the generation that the word holds; the slot holds those above.
pub(crate) const GENERATION_BITS: u32 = u64::BITS - VALUE_BITS;
const GENERATION_MASK: u32 = (1 << GENERATION_BITS) - 1;

const AWAKE: u64 = 0;
const PARKED: u64 = 1;
const DEAD: u64 = 2;
const NOTIFIED: u64 = 3;

#[cfg(test)]
thread_local! {
    static AFTER_PARKING: std::cell::Cell<Option<fn()>> = const { std::cell::Cell::new(None) };
}

/// Has `act` called as soon as this thread has parked a process.
#[cfg(all(test, feature = "threads", not(loom)))]
pub(crate) fn after_next_parking(act: fn()) {
    AFTER_PARKING.set(Some(act));
}

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
    (u64::from(generation) << VALUE_BITS) | value
}

/// The value that stands for a list of nodes.
#[inline]
fn value_of(newest: *mut Header) -> u64 {
    newest.expose_provenance() as u64 >> ALIGN_BITS
}

/// The newest node that a value stands for; null if it stands for none.
#[inline]
fn list_of(value: u64) -> *mut Header {
    if is_list(value) {
        ptr::with_exposed_provenance_mut((value << ALIGN_BITS) as usize)
    } else {
        ptr::null_mut()
    }
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
    pub(crate) fn generation(&self) -> u32 {
        (self.0.load(Ordering::Relaxed) >> VALUE_BITS) as u32
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
        debug_assert_eq!(list_of(value_of(node)), node);
        let mut current = self.0.load(Ordering::Relaxed);
        loop {
            let value = current & VALUE_MASK;
            if current >> VALUE_BITS != u64::from(generation & GENERATION_MASK) || value == DEAD {
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
            // SAFETY: the node is still ours alone.
            unsafe { (*node).next.set(list_of(value)) };
            let new = word(generation, value_of(node));
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
            let value = current & VALUE_MASK;
            let new = match value {
                DEAD => return Woken::Nothing,
                PARKED => AWAKE,
                AWAKE => NOTIFIED,
                // Written back unchanged, so that what the waker wrote before is seen by the
                // owner's next take.
                _ => value,
            };
            let new = (current & !VALUE_MASK) | new;
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

    /// Whether something has arrived since the last take; never of a closed inbox, which must not
    /// be taken from, as that would open it again. For the owner.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        const { assert!(AWAKE < DEAD && PARKED < DEAD && DEAD < NOTIFIED) };
        self.0.load(Ordering::Relaxed) & VALUE_MASK > DEAD
    }

    /// Takes all nodes, newest first, and leaves the process awake. For the owner, who has not
    /// closed the inbox.
    #[inline]
    pub(crate) fn take(&self, generation: u32) -> *mut Header {
        list_of(self.0.swap(word(generation, AWAKE), Ordering::AcqRel) & VALUE_MASK)
    }

    /// Parks the process unless something has arrived. For the owner.
    #[inline]
    pub(crate) fn park(&self, generation: u32) -> bool {
        let (awake, parked) = (word(generation, AWAKE), word(generation, PARKED));
        let is_parked = self
            .0
            .compare_exchange(awake, parked, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok();
        #[cfg(test)]
        if is_parked && let Some(act) = AFTER_PARKING.take() {
            act();
        }
        is_parked
    }

    /// Closes the inbox for good and hands out what had arrived, newest first. For the owner.
    pub(crate) fn close(&self, generation: u32) -> *mut Header {
        list_of(self.0.swap(word(generation, DEAD), Ordering::AcqRel) & VALUE_MASK)
    }

    /// Whether a process of this generation exists and has not closed its inbox.
    pub(crate) fn is_open(&self, generation: u32) -> bool {
        let current = self.0.load(Ordering::Acquire);
        current >> VALUE_BITS == u64::from(generation & GENERATION_MASK)
            && current & VALUE_MASK != DEAD
    }
}
