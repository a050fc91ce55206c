//! A node: one signal on its way, with its value beside its header in one block.
//!
//! # Invariants
//! - NOD1: a `Node` owns its block and the value in it; the value is dropped exactly once.
//! - NOD2: a node is on at most one queue, and then the queue owns it as a raw pointer.
//!
//! # Costs
//! 32 bytes for values of up to 16 bytes, 64 for values of up to 48; larger ones by size class.

use std::alloc::{self, Layout};
use std::any::TypeId;
use std::cell::Cell;
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ptr::{self, NonNull};

use super::calls::{Answered, Asked};
use super::memory;
use super::pid::Ref;
use super::signal::Signal;
use super::term::Term;
use crate::backend::context;

/// The head of every block; the value follows at [`VTable::offset`]. Its alignment is what the
/// inbox relies on.
#[repr(C, align(16))]
pub(crate) struct Header {
    /// The node behind this one on the queue that holds it.
    pub(crate) next: Cell<*mut Header>,
    vtable: &'static VTable,
}

impl Header {
    /// Whether the node has to be handled, rather than put into the mailbox.
    #[inline]
    pub(crate) fn is_handled(&self) -> bool {
        matches!(self.vtable.kind, Kind::Signal | Kind::Reply)
    }
}

/// What a node is to the kernel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A message, which is nothing to the kernel.
    Message,
    /// A [`Signal`] of the runtime.
    Signal,
    /// An [`Asked`]: a message whose sender must learn if nobody takes it.
    Call,
    /// An [`Answered`]: what a call waits for.
    Reply,
}

/// What is known of a node's type at run time.
struct VTable {
    type_id: TypeId,
    type_name: fn() -> &'static str,
    kind: Kind,
    class: Option<u8>,
    layout: Layout,
    offset: usize,
    drop: unsafe fn(NonNull<u8>),
    debug: unsafe fn(NonNull<u8>, &mut fmt::Formatter<'_>) -> fmt::Result,
}

/// An owned node.
pub struct Node(NonNull<Header>);

// SAFETY: the value inside is `Send` (NOD1 leaves no other way in), and the header is plain data.
unsafe impl Send for Node {}

struct Of<T>(T);

impl<T: Term> Of<T> {
    const LAYOUT: (Layout, usize) = match Layout::new::<Header>().extend(Layout::new::<T>()) {
        Ok((layout, offset)) => (layout.pad_to_align(), offset),
        Err(_) => panic!("a message type larger than memory"),
    };
    const MESSAGE: VTable = Self::vtable(Kind::Message);
    const SIGNAL: VTable = Self::vtable(Kind::Signal);
    const CALL: VTable = Self::vtable(Kind::Call);
    const REPLY: VTable = Self::vtable(Kind::Reply);

    const fn vtable(kind: Kind) -> VTable {
        VTable {
            type_id: TypeId::of::<T>(),
            type_name: std::any::type_name::<T>,
            kind,
            class: memory::class_of(Self::LAYOUT.0),
            layout: Self::LAYOUT.0,
            offset: Self::LAYOUT.1,
            drop: drop_value::<T>,
            debug: debug_value::<T>,
        }
    }
}

unsafe fn drop_value<T>(value: NonNull<u8>) {
    // SAFETY: the caller passes a live `T` that nobody uses afterwards.
    unsafe { ptr::drop_in_place(value.cast::<T>().as_ptr()) }
}

unsafe fn debug_value<T: fmt::Debug>(
    value: NonNull<u8>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    // SAFETY: the caller passes a live `T`.
    unsafe { value.cast::<T>().as_ref() }.fmt(f)
}

impl Node {
    /// A message.
    #[inline]
    pub(crate) fn message<T: Term>(value: T) -> Node {
        Node::new(value, &Of::<T>::MESSAGE)
    }

    /// A signal of the runtime's own.
    #[inline]
    pub(crate) fn signal(signal: Signal) -> Node {
        Node::new(signal, &Of::<Signal>::SIGNAL)
    }

    /// A request that must be answered.
    #[inline]
    pub(crate) fn call<C: Term>(asked: Asked<C>) -> Node {
        Node::new(asked, &Of::<Asked<C>>::CALL)
    }

    /// The answer to a request.
    #[inline]
    pub(crate) fn reply<T: Term>(answered: Answered<T>) -> Node {
        Node::new(answered, &Of::<Answered<T>>::REPLY)
    }

    #[inline]
    fn new<T: Term>(value: T, vtable: &'static VTable) -> Node {
        let block = match vtable.class {
            Some(class) => context::take_block(class),
            None => take_from_system(vtable.layout),
        };
        let header = block.cast::<Header>();
        // SAFETY: the block has the layout of a header followed by a `T` and is ours.
        unsafe {
            header.write(Header {
                next: Cell::new(ptr::null_mut()),
                vtable,
            });
            block.add(Of::<T>::LAYOUT.1).cast::<T>().write(value);
        }
        Node(header)
    }

    #[inline]
    fn vtable(&self) -> &'static VTable {
        // SAFETY: the header is alive as long as the node (NOD1).
        unsafe { self.0.as_ref() }.vtable
    }

    #[inline]
    fn value(&self) -> NonNull<u8> {
        // SAFETY: the value lies at this offset of the same block.
        unsafe { self.0.cast::<u8>().add(self.vtable().offset) }
    }

    /// Whether it is a signal of the runtime rather than a message.
    #[inline]
    pub fn is_signal(&self) -> bool {
        self.vtable().kind == Kind::Signal
    }

    /// Whether it is an answer to a call.
    #[inline]
    pub fn is_reply(&self) -> bool {
        self.vtable().kind == Kind::Reply
    }

    /// Whether it is a call, whose sender learns if it finds nobody.
    #[inline]
    pub fn is_call(&self) -> bool {
        self.vtable().kind == Kind::Call
    }

    /// Under which reference a call is to be answered, if this is one.
    pub(crate) fn call_reference(&self) -> Option<Ref> {
        // SAFETY: only `Node::call` makes nodes with this mark, and `Asked` begins with a `Ref`.
        self.is_call()
            .then(|| unsafe { self.value().cast::<Ref>().read() })
    }

    /// Which call an answer is for, if this is one.
    pub(crate) fn reply_number(&self) -> Option<u64> {
        // SAFETY: only `Node::reply` makes nodes with this mark, and `Answered` begins with it.
        self.is_reply()
            .then(|| unsafe { self.value().cast::<u64>().read() })
    }

    #[inline]
    pub(crate) fn is<T: Term>(&self) -> bool {
        let vtable = self.vtable();
        // The addresses agree nearly always; the ids decide where the compiler made copies.
        ptr::eq(vtable, &Of::<T>::MESSAGE) || vtable.type_id == TypeId::of::<T>()
    }

    #[inline]
    pub(crate) fn peek<T: Term>(&self) -> Option<&T> {
        // SAFETY: the type was checked; the reference lives no longer than the node.
        self.is::<T>()
            .then(|| unsafe { self.value().cast::<T>().as_ref() })
    }

    #[inline]
    pub(crate) fn take<T: Term>(self) -> Result<T, Node> {
        if !self.is::<T>() {
            return Err(self);
        }
        let node = ManuallyDrop::new(self);
        // SAFETY: the type was checked and the node is not dropped, so the value moves out once.
        let value = unsafe { node.value().cast::<T>().read() };
        // SAFETY: the value is gone; the block is ours.
        unsafe { release(node.0, node.vtable()) };
        Ok(value)
    }

    /// The signal inside; the node must be one.
    pub(crate) fn into_signal(self) -> Signal {
        debug_assert!(self.is_signal());
        match self.take::<Signal>() {
            Ok(signal) => signal,
            Err(_) => unreachable!("NOD1: a node marked as a signal holds something else"),
        }
    }

    /// The signal inside, by reference, if the node is one.
    pub(crate) fn as_signal(&self) -> Option<&Signal> {
        // SAFETY: only `Node::signal` makes nodes with this mark, around a `Signal`.
        self.is_signal()
            .then(|| unsafe { self.value().cast::<Signal>().as_ref() })
    }

    /// Where the node lies: tells nodes apart while they live, and nothing else.
    pub fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }

    #[inline]
    pub(crate) fn namer(&self) -> fn() -> &'static str {
        self.vtable().type_name
    }

    pub(crate) fn type_name(&self) -> &'static str {
        (self.vtable().type_name)()
    }

    pub(crate) fn debug(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the value is alive and of the table's type.
        unsafe { (self.vtable().debug)(self.value(), f) }
    }

    /// Hands the node over to a queue (NOD2).
    #[inline]
    pub(crate) fn into_raw(self) -> *mut Header {
        ManuallyDrop::new(self).0.as_ptr()
    }

    /// Takes a node back from a queue.
    ///
    /// # Safety
    /// The pointer came from `into_raw` and is taken back once.
    #[inline]
    pub(crate) unsafe fn from_raw(raw: *mut Header) -> Node {
        // SAFETY: `into_raw` never gives null.
        Node(unsafe { NonNull::new_unchecked(raw) })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        /// Frees the block even if the value's destructor panics.
        struct Release(NonNull<Header>, &'static VTable);
        impl Drop for Release {
            fn drop(&mut self) {
                // SAFETY: the value is dropped or lost to its panic; the block is ours.
                unsafe { release(self.0, self.1) }
            }
        }
        let release = Release(self.0, self.vtable());
        // SAFETY: the node owns the value (NOD1).
        unsafe { (release.1.drop)(self.value()) };
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug(f)
    }
}

/// Nodes in the order they came, chained by their headers: a queue of two words.
#[derive(Debug)]
pub struct Fifo {
    first: *mut Header,
    /// Means something while there is a first.
    last: *mut Header,
}

impl Fifo {
    /// An empty queue.
    pub const fn new() -> Fifo {
        Fifo {
            first: ptr::null_mut(),
            last: ptr::null_mut(),
        }
    }

    /// Whether nothing is queued.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    /// Appends a node.
    #[inline]
    pub fn push(&mut self, node: Node) {
        let raw = node.into_raw();
        // SAFETY: the queue owns the new node and its last one (NOD2).
        unsafe { (*raw).next.set(ptr::null_mut()) };
        match self.first.is_null() {
            true => self.first = raw,
            // SAFETY: as above.
            false => unsafe { (*self.last).next.set(raw) },
        }
        self.last = raw;
    }

    /// Takes the oldest node.
    #[inline]
    pub fn pop(&mut self) -> Option<Node> {
        let raw = NonNull::new(self.first)?;
        // SAFETY: the queue owns its first node, which came from `into_raw` and leaves it here.
        let node = unsafe {
            self.first = raw.as_ref().next.get();
            Node::from_raw(raw.as_ptr())
        };
        Some(node)
    }
}

impl Default for Fifo {
    fn default() -> Self {
        Fifo::new()
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        while let Some(node) = self.pop() {
            drop(node);
        }
    }
}

#[inline]
unsafe fn release(header: NonNull<Header>, vtable: &'static VTable) {
    match vtable.class {
        // SAFETY: the block is of this class and the caller's to give.
        Some(class) => unsafe { context::give_block(class, header.cast()) },
        // SAFETY: it came from the system allocator with this layout.
        None => unsafe { alloc::dealloc(header.as_ptr().cast(), vtable.layout) },
    }
}

pub(crate) fn take_from_system(layout: Layout) -> NonNull<u8> {
    debug_assert!(layout.size() > 0);
    // SAFETY: the layout is not empty: it holds at least a header.
    let block = unsafe { alloc::alloc(layout) };
    NonNull::new(block).unwrap_or_else(|| alloc::handle_alloc_error(layout))
}

const _: () = assert!(mem::size_of::<Header>() == 16 && mem::align_of::<Header>() == memory::ALIGN);
