//! A slot: the fused cell of one process: inbox, mailbox, body and flags in one cache line.
//!
//! # Invariants
//! - SLT1: all but `inbox`, `flags` and `woken` belongs to whoever runs the process; running is
//!   exclusive, because a process is made ready once between two parkings (INB2). Whoever takes it
//!   out of the parked state runs it until he has made it ready.
//! - SLT2: slots are type-stable: their memory stays a slot as long as its table lives, so a
//!   stale pid reads a slot of another generation, never foreign memory.

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::ptr::{self, NonNull};

use super::body::BodyTable;
use super::extra::Extra;
use super::inbox::{GENERATION_BITS, Inbox};
use super::info::Priority;
use super::memory;
use super::node::{Header, take_from_system};
use super::pid::Pid;
use crate::backend::context;
use crate::sync::{AtomicU8, AtomicU32, Ordering};

/// The process has a registered name (NAM1).
const NAMED: u8 = 1;
/// The process has begun to die (NAM2).
const CLOSING: u8 = 2;
/// The process takes system messages.
const SERVING: u8 = 4;
/// The body has come to its end, and the process is about to.
const ENDING: u8 = 8;
const PRIORITY_SHIFT: u8 = 4;
const PRIORITY_MASK: u8 = 3 << PRIORITY_SHIFT;

/// Exit signals become messages.
pub(crate) const TRAP_EXIT: u8 = 1;
/// The mailbox is in the body's hands.
pub(crate) const MAILBOX_OUT: u8 = 2;
/// The body must be polled at the next turn even if no message has come.
pub(crate) const MUST_POLL: u8 = 4;
/// A fatal exit signal has been handled; the reason is in `Extra::doom`.
pub(crate) const DOOMED: u8 = 8;
/// The process is suspended.
pub(crate) const SUSPENDED: u8 = 16;
/// A receive is looking through the mailbox and calls code of the user's.
pub(crate) const SCANNING: u8 = 32;
/// The backend is told of the process's end.
pub(crate) const WATCHED: u8 = 64;

/// Signals that were taken from the inbox are being handled.
pub(crate) const ABSORBING: u8 = 128;

/// The cell of a process.
#[repr(C, align(64))]
pub(crate) struct Slot {
    pub(crate) inbox: Inbox,
    pub(crate) future: Cell<*mut u8>,
    pub(crate) table: Cell<Option<&'static BodyTable>>,
    /// The newest node of the mailbox; its `next` is the oldest.
    pub(crate) newest: Cell<*mut Header>,
    /// The last node that the waiting receive has looked at.
    pub(crate) cursor: Cell<*mut Header>,
    pub(crate) extra: Cell<*mut Extra>,
    pub(crate) parent: Cell<Option<Pid>>,
    flags: AtomicU8,
    woken: AtomicU8,
    pub(crate) own: Cell<u8>,
    /// The upper bits of the generation; the lower are in the inbox word.
    epoch: AtomicU8,
    /// A number that the backend keeps here: for threads the deadline that is armed.
    pub(crate) armed: AtomicU32,
}

/// The class of block that the rarely used part lies in.
const EXTRA: Option<u8> = memory::class_of(Layout::new::<Extra>());

const _: () = assert!(size_of::<Slot>() == 64 || cfg!(loom));

impl Slot {
    pub(crate) fn empty() -> Self {
        Slot {
            inbox: Inbox::dead(),
            future: Cell::new(ptr::null_mut()),
            table: Cell::new(None),
            newest: Cell::new(ptr::null_mut()),
            cursor: Cell::new(ptr::null_mut()),
            extra: Cell::new(ptr::null_mut()),
            parent: Cell::new(None),
            flags: AtomicU8::new(0),
            woken: AtomicU8::new(0),
            own: Cell::new(0),
            epoch: AtomicU8::new(0),
            armed: AtomicU32::new(0),
        }
    }

    /// Clears everything for a new process of `generation`, whose inbox it opens last.
    pub(crate) fn open(&self, generation: u32, parent: Option<Pid>, priority: Priority) {
        self.newest.set(ptr::null_mut());
        self.cursor.set(ptr::null_mut());
        self.parent.set(parent);
        self.own.set(MUST_POLL);
        // `armed` stays: what the backend has armed for the slot will come all the same.
        self.woken.store(0, Ordering::Relaxed);
        // Release: who sees these flags also sees that the process before has ended (NAM2).
        self.flags
            .store((priority as u8) << PRIORITY_SHIFT, Ordering::Release);
        self.epoch
            .store((generation >> GENERATION_BITS) as u8, Ordering::Relaxed);
        self.inbox.open(generation);
    }

    /// Uses a generation up for a process that never lives.
    #[cfg(feature = "threads")]
    pub(crate) fn bury(&self, generation: u32) {
        self.epoch
            .store((generation >> GENERATION_BITS) as u8, Ordering::Relaxed);
        self.inbox.bury(generation);
    }

    /// The generation of the process that has, or last had, the slot.
    pub(crate) fn generation(&self) -> u32 {
        u32::from(self.epoch.load(Ordering::Relaxed)) << GENERATION_BITS | self.inbox.generation()
    }

    /// Makes the slot as new, as if it had never been used.
    pub(crate) fn retire(&self) {
        self.epoch.store(0, Ordering::Relaxed);
        self.armed.store(0, Ordering::Relaxed);
        self.inbox.forget();
    }

    /// Whether the upper bits of the generation agree; the inbox checks the lower ones.
    #[inline]
    pub(crate) fn same_epoch(&self, generation: u32) -> bool {
        self.epoch.load(Ordering::Relaxed) == (generation >> GENERATION_BITS) as u8
    }

    #[inline]
    pub(crate) fn has(&self, flag: u8) -> bool {
        self.own.get() & flag != 0
    }

    #[inline]
    pub(crate) fn set(&self, flag: u8) {
        self.own.set(self.own.get() | flag);
    }

    #[inline]
    pub(crate) fn clear(&self, flag: u8) {
        self.own.set(self.own.get() & !flag);
    }

    /// Marks the process of `generation` as named, if it may still gain a name; called under the
    /// lock of the table of names (NAM2).
    pub(crate) fn admit_name(&self, generation: u32) -> bool {
        // The flags as they were at that moment decide: a later look might see those of the next
        // process in the slot.
        let before = self.flags.fetch_or(NAMED, Ordering::SeqCst);
        let alive = self.inbox.is_open(generation) && self.same_epoch(generation);
        if alive && before & CLOSING == 0 {
            return true;
        }
        if alive {
            // It is dying: whoever ends it may have seen the mark, and will find no name.
            self.flags.fetch_and(!NAMED, Ordering::SeqCst);
        }
        false
    }

    /// Whether the process has a registered name now.
    pub(crate) fn is_named(&self) -> bool {
        self.flags.load(Ordering::SeqCst) & NAMED != 0
    }

    /// The process begins to die. True if it may have a name, which must be freed before it goes
    /// on (NAM2).
    pub(crate) fn begin_end(&self) -> bool {
        self.flags.fetch_or(CLOSING, Ordering::SeqCst) & NAMED != 0
    }

    /// The body has come to its end by itself.
    pub(crate) fn end_by_itself(&self) {
        self.flags.fetch_or(ENDING, Ordering::Relaxed);
    }

    /// Whether a signal has ended the process: who comes behind that comes to the dead.
    pub(crate) fn is_ended_by_signal(&self) -> bool {
        self.has(DOOMED) && self.flags.load(Ordering::Relaxed) & ENDING == 0
    }

    /// The process says that it takes system messages.
    pub(crate) fn serve(&self) {
        self.flags.fetch_or(SERVING, Ordering::Relaxed);
    }

    /// Whether it has said so.
    pub(crate) fn takes_system_messages(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & SERVING != 0
    }

    #[inline]
    pub(crate) fn priority(&self) -> Priority {
        let flags = self.flags.load(Ordering::Relaxed);
        Priority::from_bits((flags & PRIORITY_MASK) >> PRIORITY_SHIFT)
    }

    pub(crate) fn set_priority(&self, priority: Priority) -> Priority {
        let old = self.priority();
        let flip = (old as u8 ^ priority as u8) << PRIORITY_SHIFT;
        self.flags.fetch_xor(flip, Ordering::Relaxed);
        old
    }

    /// Notes a call of the waker; seen by the next `take_woken` that follows the inbox's answer.
    pub(crate) fn note_woken(&self) {
        self.woken.store(1, Ordering::Release);
    }

    #[inline]
    pub(crate) fn take_woken(&self) -> bool {
        self.woken.load(Ordering::Relaxed) != 0 && self.woken.swap(0, Ordering::Acquire) != 0
    }

    /// The rarely used part, made if it is not there yet.
    ///
    /// # Safety
    /// The caller runs the process (SLT1) and holds no other reference to its extra part.
    #[expect(
        clippy::mut_from_ref,
        reason = "exclusive by SLT1, as the contract says"
    )]
    pub(crate) unsafe fn extra(&self) -> &mut Extra {
        if self.extra.get().is_null() {
            let block = match EXTRA {
                Some(class) => context::take_block(class),
                None => take_from_system(Layout::new::<Extra>()),
            };
            let extra = block.cast::<Extra>();
            // SAFETY: the block has the layout of an `Extra` and is ours.
            unsafe { extra.write(Extra::default()) };
            self.extra.set(extra.as_ptr());
        }
        // SAFETY: not null, alive and ours; exclusive by the caller's promise.
        unsafe { &mut *self.extra.get() }
    }

    /// The rarely used part, if it exists.
    ///
    /// # Safety
    /// As for [`Slot::extra`].
    #[expect(
        clippy::mut_from_ref,
        reason = "exclusive by SLT1, as the contract says"
    )]
    pub(crate) unsafe fn some_extra(&self) -> Option<&mut Extra> {
        // SAFETY: null, or alive and ours; exclusive by the caller's promise.
        unsafe { self.extra.get().as_mut() }
    }

    /// Takes the rarely used part out.
    ///
    /// # Safety
    /// As for [`Slot::extra`].
    pub(crate) unsafe fn take_extra(&self) -> Option<Extra> {
        let block = NonNull::new(self.extra.replace(ptr::null_mut()))?;
        // SAFETY: alive, and reached by nobody any more; its block came from `Slot::extra`.
        unsafe {
            let extra = block.read();
            match EXTRA {
                Some(class) => context::give_block(class, block.cast()),
                None => alloc::dealloc(block.as_ptr().cast(), Layout::new::<Extra>()),
            }
            Some(extra)
        }
    }

    /// The body, if it has not been dropped.
    pub(crate) fn body(&self) -> Option<(NonNull<u8>, &'static BodyTable)> {
        Some((NonNull::new(self.future.get())?, self.table.get()?))
    }
}
