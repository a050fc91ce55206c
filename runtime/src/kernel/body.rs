//! Bodies: the future of a process, with its type erased, in a block of our own.

use std::alloc::{self, Layout};
use std::future::Future;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll};

use super::memory;
use super::node::take_from_system;
use super::reason::{ExitReason, Outcome};
use crate::backend::context;

/// How to poll, drop and free one type of body.
pub(crate) struct BodyTable {
    pub(crate) poll: unsafe fn(NonNull<u8>, &mut Context<'_>) -> Poll<ExitReason>,
    drop: unsafe fn(NonNull<u8>),
    class: Option<u8>,
    layout: Layout,
    /// The name of the body's type, which names the function that made it.
    pub(crate) type_name: fn() -> &'static str,
}

/// A body on its way into a slot.
pub struct Body {
    pub(crate) future: NonNull<u8>,
    pub(crate) table: &'static BodyTable,
}

struct Of<F>(F);

impl<F: Future> Of<F>
where
    F::Output: Outcome,
{
    const LAYOUT: Layout = {
        let layout = Layout::new::<F>();
        match Layout::from_size_align(if layout.size() == 0 { 1 } else { layout.size() }, {
            layout.align()
        }) {
            Ok(layout) => layout,
            Err(_) => panic!("a body larger than memory"),
        }
    };
    const TABLE: BodyTable = BodyTable {
        poll: poll::<F>,
        drop: drop_future::<F>,
        class: memory::class_of(Self::LAYOUT),
        layout: Self::LAYOUT,
        type_name: std::any::type_name::<F>,
    };
}

unsafe fn poll<F: Future>(future: NonNull<u8>, cx: &mut Context<'_>) -> Poll<ExitReason>
where
    F::Output: Outcome,
{
    // SAFETY: the caller passes a live `F` that stays where it is until it is dropped.
    let future = unsafe { Pin::new_unchecked(future.cast::<F>().as_mut()) };
    future.poll(cx).map(Outcome::into_reason)
}

unsafe fn drop_future<F>(future: NonNull<u8>) {
    // SAFETY: the caller passes a live `F` that nobody uses afterwards.
    unsafe { ptr::drop_in_place(future.cast::<F>().as_ptr()) }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body<{}>", (self.table.type_name)())
    }
}

impl Body {
    /// Moves a future into a block of its own.
    ///
    /// # Safety
    /// If the future is not `Send`, the process must never leave this thread.
    #[inline]
    pub unsafe fn new<F>(make: impl FnOnce() -> F) -> Body
    where
        F: Future + 'static,
        F::Output: Outcome,
    {
        let table = &Of::<F>::TABLE;
        let future = make();
        let block = match table.class {
            Some(class) => context::take_block(class),
            None => take_from_system(table.layout),
        };
        // SAFETY: the block has the layout of `F` and is ours.
        unsafe { block.cast::<F>().write(future) };
        Body {
            future: block,
            table,
        }
    }
}

impl BodyTable {
    /// Drops the future and frees its block; the block is freed even if the drop panics.
    ///
    /// # Safety
    /// `future` is a live body of this table and is not used afterwards.
    pub(crate) unsafe fn destroy(&'static self, future: NonNull<u8>) {
        struct Free(NonNull<u8>, &'static BodyTable);
        impl Drop for Free {
            fn drop(&mut self) {
                match self.1.class {
                    // SAFETY: the block is of this class and no longer used.
                    Some(class) => unsafe { context::give_block(class, self.0) },
                    // SAFETY: it came from the system allocator with this layout.
                    None => unsafe { alloc::dealloc(self.0.as_ptr(), self.1.layout) },
                }
            }
        }
        let _free = Free(future, self);
        // SAFETY: passed on from the caller.
        unsafe { (self.drop)(future) }
    }
}
