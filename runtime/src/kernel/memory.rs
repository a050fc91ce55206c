//! Memory of our own for nodes, bodies and tables of small things.
//!
//! # Invariants
//! - MEM1: a block belongs to one size class for ever and chunks are never given back, so a
//!   block may be freed on any thread, in any system, after its system is gone.
//! - MEM2: a cache belongs to one thread at a time; pools are shared under a lock that is taken
//!   once per batch of blocks.
//!
//! # Costs
//! A hit is a pop from a list: no lock, no call. The user's allocator decides nothing here but
//! the blocks above the largest class.

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Block sizes. Messages of up to 16 bytes fit the first, of up to 48 the second.
pub(crate) const CLASSES: [usize; 9] = [32, 48, 64, 96, 128, 192, 256, 512, 1024];
/// Blocks are aligned to this; what needs more goes to the system allocator.
pub(crate) const ALIGN: usize = 16;
/// Blocks that move between a cache and a pool at once: enough that the pool's lock costs under
/// a nanosecond a block, small enough that a cache holds a few KiB.
const BATCH: u32 = 64;
/// Bytes that a pool asks the system for at once.
const CHUNK: usize = 1 << 18;

/// The class of a layout, or `None` if it must come from the system allocator.
pub(crate) const fn class_of(layout: Layout) -> Option<u8> {
    if cfg!(feature = "system-allocator") || layout.align() > ALIGN {
        return None;
    }
    let mut class = 0;
    while class < CLASSES.len() {
        if layout.size() <= CLASSES[class] {
            return Some(class as u8);
        }
        class += 1;
    }
    None
}

struct Free {
    next: *mut Free,
    /// Of the first block of a batch in a pool: the next batch.
    next_batch: *mut Free,
}

/// The free blocks at hand of one thread.
pub(crate) struct Cache {
    lists: [List; CLASSES.len()],
    /// Bytes taken less bytes given; wraps where other caches give what this one took.
    in_use: Cell<usize>,
}

struct List {
    head: Cell<*mut Free>,
    count: Cell<u32>,
    /// A full batch kept in reserve, so that a thread that hovers around a batch's edge does not
    /// visit the pool at each turn.
    spare: Cell<*mut Free>,
}

impl List {
    const fn empty() -> Self {
        List {
            head: Cell::new(ptr::null_mut()),
            count: Cell::new(0),
            spare: Cell::new(ptr::null_mut()),
        }
    }
}

impl Cache {
    pub(crate) const fn new() -> Self {
        Cache {
            lists: [const { List::empty() }; CLASSES.len()],
            in_use: Cell::new(0),
        }
    }

    /// Bytes taken and not given back, as far as both happened here.
    pub(crate) fn in_use(&self) -> usize {
        let bytes = self.in_use.get();
        if bytes > isize::MAX as usize {
            0
        } else {
            bytes
        }
    }

    #[inline]
    pub(crate) fn take(&self, class: u8) -> NonNull<u8> {
        let list = &self.lists[class as usize];
        let head = list.head.get();
        if head.is_null() {
            return self.refill(class);
        }
        // SAFETY: blocks on the list are free and ours alone (MEM2); their first word is `next`.
        list.head.set(unsafe { (*head).next });
        list.count.set(list.count.get() - 1);
        self.in_use
            .set(self.in_use.get().wrapping_add(CLASSES[class as usize]));
        // SAFETY: not null, checked above.
        unsafe { NonNull::new_unchecked(head.cast()) }
    }

    /// Gives a block back.
    ///
    /// # Safety
    /// The block came from `take` of this class, on any cache, and is not used afterwards.
    #[inline]
    pub(crate) unsafe fn give(&self, class: u8, block: NonNull<u8>) {
        let list = &self.lists[class as usize];
        if list.count.get() == BATCH {
            self.spill(class);
        }
        self.in_use
            .set(self.in_use.get().wrapping_sub(CLASSES[class as usize]));
        let free = block.as_ptr().cast::<Free>();
        // SAFETY: the caller hands the block over; every class holds a `Free`.
        unsafe { (*free).next = list.head.get() };
        list.head.set(free);
        list.count.set(list.count.get() + 1);
    }

    #[cold]
    fn refill(&self, class: u8) -> NonNull<u8> {
        let list = &self.lists[class as usize];
        let spare = list.spare.replace(ptr::null_mut());
        let (head, count) = if spare.is_null() {
            pool(class).batch(class)
        } else {
            (spare, BATCH)
        };
        list.head.set(head);
        list.count.set(count);
        self.take(class)
    }

    #[cold]
    fn spill(&self, class: u8) {
        let list = &self.lists[class as usize];
        let old = list.spare.replace(list.head.replace(ptr::null_mut()));
        list.count.set(0);
        if !old.is_null() {
            pool(class).keep(old);
        }
    }

    /// Gives everything back to the pools: at the end of a thread.
    pub(crate) fn flush(&self) {
        for (class, list) in self.lists.iter().enumerate() {
            let spare = list.spare.replace(ptr::null_mut());
            let head = list.head.replace(ptr::null_mut());
            let count = list.count.replace(0);
            let mut pool = pool(class as u8);
            if !spare.is_null() {
                pool.keep(spare);
            }
            if count == BATCH {
                pool.keep(head);
            } else {
                pool.keep_loose(head);
            }
        }
    }
}

struct Pool {
    batches: *mut Free,
    loose: *mut Free,
    bump: *mut u8,
    bump_left: usize,
}

// SAFETY: the pointers are to free blocks that only the pool's holder touches (MEM2).
unsafe impl Send for Pool {}

static POOLS: [Mutex<Pool>; CLASSES.len()] = [const {
    Mutex::new(Pool {
        batches: ptr::null_mut(),
        loose: ptr::null_mut(),
        bump: ptr::null_mut(),
        bump_left: 0,
    })
}; CLASSES.len()];

/// Every chunk ever taken, so that a leak checker sees that they are still reachable (MEM1).
static CHUNKS: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn pool(class: u8) -> MutexGuard<'static, Pool> {
    POOLS[class as usize]
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    fn batch(&mut self, class: u8) -> (*mut Free, u32) {
        let batch = self.batches;
        if !batch.is_null() {
            // SAFETY: batches in the pool are free; the first block links to the next batch.
            self.batches = unsafe { (*batch).next_batch };
            return (batch, BATCH);
        }
        if !self.loose.is_null() {
            return self.some_loose();
        }
        self.carve(CLASSES[class as usize])
    }

    fn some_loose(&mut self) -> (*mut Free, u32) {
        let head = self.loose;
        let (mut last, mut count) = (head, 1);
        // SAFETY: loose blocks are free and linked by `next`.
        unsafe {
            while count < BATCH && !(*last).next.is_null() {
                last = (*last).next;
                count += 1;
            }
            self.loose = (*last).next;
            (*last).next = ptr::null_mut();
        }
        (head, count)
    }

    fn carve(&mut self, size: usize) -> (*mut Free, u32) {
        let mut head: *mut Free = ptr::null_mut();
        for _ in 0..BATCH {
            if self.bump_left < size {
                let layout = Layout::from_size_align(CHUNK, 64).expect("a constant layout");
                // SAFETY: the layout is not empty.
                let chunk = unsafe { alloc::alloc(layout) };
                if chunk.is_null() {
                    alloc::handle_alloc_error(layout);
                }
                CHUNKS
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(chunk as usize);
                (self.bump, self.bump_left) = (chunk, CHUNK);
            }
            let block = self.bump.cast::<Free>();
            // SAFETY: `bump_left >= size`, so the block lies inside the chunk.
            unsafe {
                self.bump = self.bump.add(size);
                (*block).next = head;
            }
            self.bump_left -= size;
            head = block;
        }
        (head, BATCH)
    }

    fn keep(&mut self, batch: *mut Free) {
        // SAFETY: the caller hands over a full batch of free blocks.
        unsafe { (*batch).next_batch = self.batches };
        self.batches = batch;
    }

    fn keep_loose(&mut self, mut head: *mut Free) {
        while !head.is_null() {
            // SAFETY: as for `keep`, block by block.
            let next = unsafe { (*head).next };
            // SAFETY: as above; the block leaves its list for this one.
            unsafe { (*head).next = self.loose };
            self.loose = head;
            head = next;
        }
    }
}

/// Takes a block on a thread that has no cache.
pub(crate) fn take_shared(class: u8) -> NonNull<u8> {
    let mut pool = pool(class);
    let (head, count) = pool.batch(class);
    // SAFETY: a batch holds at least one block.
    let rest = unsafe { (*head).next };
    if count > 1 {
        pool.keep_loose(rest);
    }
    // SAFETY: not null, see above.
    unsafe { NonNull::new_unchecked(head.cast()) }
}

/// Gives a block back on a thread that has no cache.
///
/// # Safety
/// As for [`Cache::give`].
pub(crate) unsafe fn give_shared(class: u8, block: NonNull<u8>) {
    let free = block.as_ptr().cast::<Free>();
    // SAFETY: the caller hands the block over.
    unsafe { (*free).next = ptr::null_mut() };
    pool(class).keep_loose(free);
}
