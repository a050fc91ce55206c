//! The table of processes: a slab of slots in chunks, addressed by pid.
//!
//! # Invariants
//! - TAB1: a chunk is never moved or freed while its system lives, so a slot may be read with
//!   nothing but the pid in hand (SLT2).
//! - TAB2: slot 0 of a chunk is its head and never a process; it leads wakers to the system.
//! - TAB3: the free list is touched under its lock only, a batch at a time.

use std::alloc::{self, Layout};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::pid::{GENERATION_MAX, Pid, SLOT_MAX};
use super::slot::Slot;
use super::system::System;

/// Slots in a chunk; a chunk is 256 KiB and aligned to its size.
const CHUNK_SLOTS: u32 = 1 << 12;
const CHUNK_BYTES: usize = CHUNK_SLOTS as usize * 64;
const CHUNKS: usize = ((SLOT_MAX as usize) + 1) / CHUNK_SLOTS as usize;

#[repr(C, align(64))]
struct Head {
    system: *const System,
    first: u32,
}

/// The slots of one system.
pub(crate) struct Table {
    chunks: Box<[AtomicPtr<Slot>]>,
    free: Mutex<Free>,
    live: AtomicU32,
    limit: u32,
}

#[derive(Default)]
struct Free {
    slots: Vec<u32>,
    /// The next slot that was never used.
    fresh: u32,
    chunks: usize,
}

impl Table {
    pub(crate) fn new(limit: u32) -> Self {
        // SAFETY: all zeros is a null pointer in each place.
        let chunks = unsafe { Box::<[AtomicPtr<Slot>]>::new_zeroed_slice(CHUNKS).assume_init() };
        Table {
            chunks,
            free: Mutex::default(),
            live: AtomicU32::new(0),
            limit,
        }
    }

    /// The slot of an index that the table has handed out.
    #[inline]
    pub(crate) fn slot(&self, index: u32) -> &Slot {
        let chunk = self.chunks[(index / CHUNK_SLOTS) as usize].load(Ordering::Acquire);
        debug_assert!(!chunk.is_null(), "TAB1: slot {index} was never handed out");
        // SAFETY: pids are made of indices that the table handed out, whose chunks exist (TAB1).
        unsafe { &*chunk.add((index % CHUNK_SLOTS) as usize) }
    }

    /// The slot of a pid, if its process may still exist; the inbox has the last word on that. A
    /// pid that was kept from another world, or from a system whose number came round again, may
    /// name a slot that was never handed out here.
    #[inline]
    pub(crate) fn find(&self, pid: Pid) -> Option<&Slot> {
        let index = pid.slot();
        let chunk = self.chunks[(index / CHUNK_SLOTS) as usize].load(Ordering::Acquire);
        if chunk.is_null() || !self.is_slot(index) {
            return None;
        }
        // SAFETY: the chunk exists, and its slots are made with it (TAB1).
        let slot = unsafe { &*chunk.add((index % CHUNK_SLOTS) as usize) };
        slot.same_epoch(pid.generation()).then_some(slot)
    }

    /// Moves up to `want` vacant slots into `vacant`; none if the limit is reached.
    pub(crate) fn take_vacant(&self, vacant: &mut Vec<u32>, want: usize, system: *const System) {
        let mut free = self.lock();
        let recycled = free.slots.len().saturating_sub(want);
        vacant.extend(free.slots.drain(recycled..));
        while vacant.len() < want {
            let index = free.fresh;
            if index > SLOT_MAX {
                break;
            }
            if (index / CHUNK_SLOTS) as usize == free.chunks {
                self.grow(free.chunks, system);
                free.chunks += 1;
            }
            free.fresh += 1;
            if !index.is_multiple_of(CHUNK_SLOTS) {
                vacant.push(index);
            }
        }
        // Lists are used from their end, so the lowest slots come first.
        vacant.reverse();
    }

    /// Gives vacant slots back to the others.
    pub(crate) fn give_vacant(&self, vacant: impl Iterator<Item = u32>) {
        self.lock().slots.extend(vacant);
    }

    fn grow(&self, chunk: usize, system: *const System) {
        let layout = chunk_layout();
        // SAFETY: the layout is not empty.
        let base = unsafe { alloc::alloc(layout) }.cast::<Slot>();
        if base.is_null() {
            alloc::handle_alloc_error(layout);
        }
        for index in 1..CHUNK_SLOTS as usize {
            // SAFETY: inside the chunk just allocated.
            unsafe { base.add(index).write(Slot::empty()) };
        }
        // SAFETY: slot 0 is as large and aligned as a head (TAB2).
        unsafe {
            base.cast::<Head>().write(Head {
                system,
                first: chunk as u32 * CHUNK_SLOTS,
            })
        };
        self.chunks[chunk].store(base, Ordering::Release);
    }

    /// Counts a new process; false if the limit is reached.
    #[inline]
    pub(crate) fn admit(&self) -> bool {
        if self.limit == u32::MAX {
            return true;
        }
        if self.live.fetch_add(1, Ordering::Relaxed) < self.limit {
            return true;
        }
        self.live.fetch_sub(1, Ordering::Relaxed);
        false
    }

    /// Counts the end of a process.
    #[inline]
    pub(crate) fn dismiss(&self) {
        if self.limit != u32::MAX {
            self.live.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// Whether an index below `end` is that of a slot rather than of a chunk's head.
    pub(crate) fn is_slot(&self, index: u32) -> bool {
        !index.is_multiple_of(CHUNK_SLOTS)
    }

    /// One past the highest slot ever used.
    pub(crate) fn end(&self) -> u32 {
        self.lock().fresh
    }

    /// All slots ever used, in order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (u32, &Slot)> {
        (0..self.end())
            .filter(|index| index % CHUNK_SLOTS != 0)
            .map(|i| (i, self.slot(i)))
    }

    /// Forgets that any slot was ever used. No process may be alive.
    pub(crate) fn reset(&self) {
        let mut free = self.lock();
        free.slots.clear();
        for chunk in 0..free.chunks {
            let (from, to) = (chunk as u32 * CHUNK_SLOTS, (chunk as u32 + 1) * CHUNK_SLOTS);
            for index in (from..to.min(free.fresh)).filter(|i| i % CHUNK_SLOTS != 0) {
                self.slot(index).retire();
            }
        }
        free.fresh = 0;
        self.live.store(0, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a slot that ended with `generation` may be used again (PID1).
#[inline]
pub(crate) fn reusable(generation: u32) -> bool {
    generation < GENERATION_MAX
}

/// The system that a slot belongs to.
///
/// # Safety
/// `slot` lies in a table whose system is alive.
pub(crate) unsafe fn system_of(slot: *const Slot) -> *const System {
    // SAFETY: passed on.
    unsafe { head_of(slot) }.system
}

unsafe fn head_of<'a>(slot: *const Slot) -> &'a Head {
    let head = slot
        .map_addr(|address| address & !(CHUNK_BYTES - 1))
        .cast::<Head>();
    // SAFETY: chunks are aligned to their size and begin with a head (TAB2); they are alive.
    unsafe { &*head }
}

/// The index of a slot of a table.
pub(crate) fn index_of(slot: &Slot) -> u32 {
    // SAFETY: slots exist in tables only, and this one is alive.
    let first = unsafe { head_of(slot) }.first;
    let offset = (ptr::from_ref(slot).addr() & (CHUNK_BYTES - 1)) / size_of::<Slot>();
    first + offset as u32
}

fn chunk_layout() -> Layout {
    Layout::from_size_align(CHUNK_BYTES, CHUNK_BYTES).expect("a constant layout")
}

impl Drop for Table {
    fn drop(&mut self) {
        for chunk in &self.chunks[..self.lock().chunks] {
            // SAFETY: allocated by `grow` with this layout; nobody can reach it any more.
            unsafe { alloc::dealloc(chunk.load(Ordering::Relaxed).cast(), chunk_layout()) };
        }
    }
}
