//! The context: what code that runs on a worker, or inside a simulated world, has at hand.
//!
//! # Invariants
//! - CTX1: a thread has at most one current context; it outlives every call made under it.
//! - CTX2: `slot` and `pid` name the process that is being run, or nobody.

use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::{Backend, Origin, Point};
use crate::kernel::memory::{self, Cache};
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::slot::Slot;
use crate::kernel::system::System;

thread_local! {
    static CURRENT: Cell<*const Context> = const { Cell::new(ptr::null()) };
}

/// Work units of a turn: a message received or sent costs one. 256 is what a floor prototype
/// found to hide the cost of switching (2 %) while a turn stays under about 10 µs.
pub const BUDGET: u32 = 256;

/// See the module's documentation.
pub struct Context {
    pub(crate) system: Arc<System>,
    backend: *const dyn Backend,
    /// Signals go through [`Backend::carry`].
    pub carries: Cell<bool>,
    /// Transitions go to [`Backend::observe`].
    pub observes: Cell<bool>,
    /// Choice points go to [`Backend::pause`].
    pub pauses: Cell<bool>,
    pub(crate) slot: Cell<*const Slot>,
    pub(crate) pid: Cell<Option<Pid>>,
    /// Units that the running process has left in this turn.
    pub(crate) budget: Cell<u32>,
    /// The running process asked to be run again rather than parked.
    pub(crate) again: Cell<bool>,
    /// The backend holds the running process at a choice point.
    pub(crate) paused: Cell<bool>,
    /// Calls that the running process has dropped without an answer, if it decides at the end of
    /// its step whether their callers are to be told.
    pub(crate) unanswered: RefCell<Vec<Ref>>,
    /// Whether it does.
    pub(crate) settles: Cell<bool>,
    /// A call that is dropped now without an answer, of which somebody else tells.
    pub(crate) hushed: Cell<Option<u64>>,
    /// A process that was made ready and is to run next; `u32::MAX` for nobody.
    pub run_next: Cell<u32>,
    /// The time when the backend last looked.
    pub clock: Cell<u64>,
    pub(crate) cache: Cache,
    pub(crate) vacant: RefCell<Vec<u32>>,
    /// The slot whose body is being made, until its mailbox is dropped; `u32::MAX` for none.
    pub(crate) newborn: Cell<u32>,
    next_ref: Cell<u64>,
    ref_limit: Cell<u64>,
}

impl Context {
    /// A context of `system`.
    ///
    /// # Safety
    /// `backend` outlives the context.
    pub unsafe fn new(system: Arc<System>, backend: *const dyn Backend) -> Self {
        Context {
            system,
            backend,
            carries: Cell::new(false),
            observes: Cell::new(false),
            pauses: Cell::new(false),
            slot: Cell::new(ptr::null()),
            pid: Cell::new(None),
            budget: Cell::new(BUDGET),
            again: Cell::new(false),
            paused: Cell::new(false),
            unanswered: RefCell::new(Vec::new()),
            settles: Cell::new(false),
            hushed: Cell::new(None),
            run_next: Cell::new(u32::MAX),
            clock: Cell::new(0),
            cache: Cache::new(),
            vacant: RefCell::new(Vec::new()),
            newborn: Cell::new(u32::MAX),
            next_ref: Cell::new(0),
            ref_limit: Cell::new(0),
        }
    }

    /// What drives this system.
    #[inline]
    pub fn backend(&self) -> &dyn Backend {
        // SAFETY: it outlives the context, as promised to `new`.
        unsafe { &*self.backend }
    }

    /// The system that this is a context of.
    pub fn shared(&self) -> &System {
        &self.system
    }

    /// The process being run, if any.
    #[inline]
    pub fn running(&self) -> Option<Pid> {
        self.pid.get()
    }

    /// The origin of what is sent now.
    #[inline]
    pub(crate) fn origin(&self) -> Origin {
        self.pid.get().map_or(Origin::Outside, Origin::Process)
    }

    /// Makes this the thread's current context until the guard is dropped.
    pub fn enter(&self) -> Entered<'_> {
        let outer = CURRENT.with(|current| current.replace(self));
        Entered {
            outer,
            _context: self,
        }
    }

    /// Whether the backend lets others go first at this point.
    #[inline]
    pub(crate) fn pause(&self, point: Point<'_>) -> bool {
        let held = self.pauses.get() && self.backend().pause(point);
        if held {
            self.paused.set(true);
        }
        held
    }

    /// Counts one unit of work.
    #[inline]
    pub(crate) fn spend(&self) {
        self.budget.set(self.budget.get().saturating_sub(1));
    }

    /// A number that no other reference of the system has.
    #[inline]
    pub(crate) fn fresh_ref(&self) -> u64 {
        if self.next_ref.get() == self.ref_limit.get() {
            let (from, to) = self.system.take_refs();
            self.next_ref.set(from);
            self.ref_limit.set(to);
        }
        let number = self.next_ref.get();
        self.next_ref.set(number + 1);
        number
    }

    /// Forgets what a run left behind, so that the next one gets the same numbers.
    pub fn reset(&self) {
        self.vacant.borrow_mut().clear();
        self.next_ref.set(0);
        self.ref_limit.set(0);
        self.run_next.set(u32::MAX);
        self.clock.set(0);
    }

    /// Gives free memory and slots back to the system's other contexts.
    pub(crate) fn surrender(&self) {
        let vacant = self.vacant.take();
        self.system.table.give_vacant(vacant.into_iter());
        self.cache.flush();
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.surrender();
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}

/// Keeps a context current.
pub struct Entered<'a> {
    outer: *const Context,
    _context: &'a Context,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        CURRENT.with(|current| current.set(self.outer));
    }
}

impl std::fmt::Debug for Entered<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entered")
    }
}

/// The thread's context, if it has one.
///
/// The reference is good for the current call only and must not be kept over an await (CTX1).
#[inline]
pub fn try_current<'a>() -> Option<&'a Context> {
    // SAFETY: null, or entered and not yet left on this thread, hence alive (CTX1).
    unsafe { CURRENT.with(Cell::get).as_ref() }
}

/// The thread's context.
///
/// # Panics
/// On a thread that runs no process and has entered no system.
#[inline]
#[track_caller]
pub fn current<'a>() -> &'a Context {
    match try_current() {
        Some(context) => context,
        None => outside(),
    }
}

#[cold]
#[track_caller]
fn outside() -> ! {
    panic!(
        "called outside a process: this function works inside a process, or on a thread that \
         goes through `System::handle()`"
    )
}

#[inline]
pub(crate) fn take_block(class: u8) -> NonNull<u8> {
    match try_current() {
        Some(context) => context.cache.take(class),
        None => memory::take_shared(class),
    }
}

/// # Safety
/// As for [`Cache::give`].
#[inline]
pub(crate) unsafe fn give_block(class: u8, block: NonNull<u8>) {
    match try_current() {
        // SAFETY: passed on from the caller.
        Some(context) => unsafe { context.cache.give(class, block) },
        // SAFETY: passed on from the caller.
        None => unsafe { memory::give_shared(class, block) },
    }
}
