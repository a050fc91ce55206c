//! Bodies: the future of a process, with its type erased, in a block of our own; and rooms, the
//! same for work that a process does at times.

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
pub(crate) struct BodyTable<T = ExitReason> {
    pub(crate) poll: unsafe fn(NonNull<u8>, &mut Context<'_>) -> Poll<T>,
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

impl<F> Of<F> {
    const LAYOUT: Layout = {
        let layout = Layout::new::<F>();
        match Layout::from_size_align(if layout.size() == 0 { 1 } else { layout.size() }, {
            layout.align()
        }) {
            Ok(layout) => layout,
            Err(_) => panic!("a body larger than memory"),
        }
    };
    const fn table<T>(poll: unsafe fn(NonNull<u8>, &mut Context<'_>) -> Poll<T>) -> BodyTable<T> {
        BodyTable {
            poll,
            drop: drop_future::<F>,
            class: memory::class_of(Self::LAYOUT),
            layout: Self::LAYOUT,
            type_name: std::any::type_name::<F>,
        }
    }
}

impl<F: Future> Of<F>
where
    F::Output: Outcome,
{
    const BODY: BodyTable = Self::table(poll_body::<F>);
}

#[inline]
unsafe fn poll<F: Future>(future: NonNull<u8>, cx: &mut Context<'_>) -> Poll<F::Output> {
    // SAFETY: the caller passes a live `F` that stays where it is until it is dropped.
    let future = unsafe { Pin::new_unchecked(future.cast::<F>().as_mut()) };
    future.poll(cx)
}

unsafe fn poll_body<F: Future>(future: NonNull<u8>, cx: &mut Context<'_>) -> Poll<ExitReason>
where
    F::Output: Outcome,
{
    // SAFETY: passed on from the caller.
    unsafe { poll::<F>(future, cx) }.map(Outcome::into_reason)
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
        let table = &Of::<F>::BODY;
        let future = lodge(make(), table);
        Body { future, table }
    }
}

/// Moves a future into a block of its own.
#[inline]
fn lodge<F, T>(future: F, table: &'static BodyTable<T>) -> NonNull<u8> {
    let block = match table.class {
        Some(class) => context::take_block(class),
        None => take_from_system(table.layout),
    };
    // SAFETY: the block has the layout of `F`, as its table says, and is ours.
    unsafe { block.cast::<F>().write(future) };
    block
}

/// A future in a block of its own, dropped with it. Beside a box it costs no call of the allocator,
/// so that it may be made for each message, and it is one word where it is kept.
pub(crate) struct Room<T: 'static>(NonNull<Door<T>>);

/// How each block of a room begins.
type Door<T> = &'static BodyTable<T>;

/// The block of a room.
#[repr(C)]
struct Furnished<F, T: 'static> {
    door: Door<T>,
    future: F,
}

impl<F, T> Furnished<F, T>
where
    F: Future<Output: Into<T>>,
{
    const TABLE: BodyTable<T> = Of::<Self>::table(poll_inside::<F, T>);
}

unsafe fn poll_inside<F, T>(block: NonNull<u8>, cx: &mut Context<'_>) -> Poll<T>
where
    F: Future<Output: Into<T>>,
    T: 'static,
{
    // SAFETY: the caller passes the live block of an `F`, which stays where it is until its end.
    let future = unsafe {
        let block = block.cast::<Furnished<F, T>>().as_mut();
        Pin::new_unchecked(&mut block.future)
    };
    future.poll(cx).map(Into::into)
}

// SAFETY: the future inside is `Send` (`Room::new`), and nothing else is.
unsafe impl<T> Send for Room<T> {}

impl<T> Room<T> {
    /// Moves a future into a block.
    #[inline]
    pub(crate) fn new<F>(future: F) -> Room<T>
    where
        F: Future<Output: Into<T>> + Send + 'static,
    {
        let table = &Furnished::<F, T>::TABLE;
        let furnished = Furnished::<F, T> {
            door: table,
            future,
        };
        Room(lodge(furnished, table).cast())
    }

    /// The same, and polls it there; what it comes to, or where it goes on.
    #[inline]
    pub(crate) fn enter<F>(future: F, cx: &mut Context<'_>) -> Result<T, Room<T>>
    where
        F: Future<Output: Into<T>> + Send + 'static,
    {
        let room = Room::new(future);
        // SAFETY: a live block of an `F`, which stays as it is until it is destroyed.
        match unsafe { poll_inside::<F, T>(room.0.cast(), cx) } {
            Poll::Ready(output) => Ok(output),
            Poll::Pending => Err(room),
        }
    }

    #[inline]
    fn table(&self) -> Door<T> {
        // SAFETY: the block is alive, and this is how it begins.
        unsafe { *self.0.as_ptr() }
    }

    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        // SAFETY: the future is alive and stays in its block until it is destroyed.
        unsafe { (self.table().poll)(self.0.cast(), cx) }
    }
}

impl<T> Drop for Room<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the block is alive, and nobody uses it afterwards.
        unsafe { self.table().destroy(self.0.cast()) }
    }
}

impl<T> std::fmt::Debug for Room<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Room<{}>", (self.table().type_name)())
    }
}

impl<T: 'static> BodyTable<T> {
    /// Drops the future and frees its block; the block is freed even if the drop panics.
    ///
    /// # Safety
    /// `future` is a live body of this table and is not used afterwards.
    pub(crate) unsafe fn destroy(&'static self, future: NonNull<u8>) {
        struct Free<T: 'static>(NonNull<u8>, &'static BodyTable<T>);
        impl<T> Drop for Free<T> {
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
