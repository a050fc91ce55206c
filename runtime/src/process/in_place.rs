//! Futures that lie where they are polled: what a process is made of, with nothing stored twice.
//!
//! # Invariants
//! - INP1: while there is work on a value, nothing but the work touches the value; the work is
//!   dropped first.
//! - INP2: what has been polled in its place stays there until it is dropped.

use std::future::Future;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, ready};

use crate::kernel::body::Room;
use crate::kernel::reason::ExitReason;

/// A value, and at times work on it: a future that borrows the value. The future has a block of its
/// own while there is one, so that a value which waits for work has no room for any.
pub(crate) struct Lent<V, A, T: 'static> {
    /// Dropped before the value (INP1).
    work: Option<Room<T>>,
    value: V,
    aside: A,
    _pinned: PhantomPinned,
}

/// Work on a `V` that comes to a `T`.
pub(crate) trait Work<V, T>: Send + 'static {
    type Output: Into<T>;

    /// Its future.
    fn on(self, value: &mut V) -> impl Future<Output = Self::Output> + Send;
}

impl<V: Send + 'static, A, T> Lent<V, A, T> {
    /// A value that has come to something, or has no work; `aside` is what lies beside it and is
    /// not lent.
    pub(crate) fn new(value: V, aside: A, first: Option<T>) -> Self
    where
        T: Send,
    {
        Lent {
            work: first.map(|first| Room::new(std::future::ready(first))),
            value,
            aside,
            _pinned: PhantomPinned,
        }
    }

    /// The value and what lies beside it, or nothing of the value while there is work on it.
    #[inline]
    pub(crate) fn parts(self: Pin<&mut Self>) -> (Option<&mut V>, &mut A) {
        // SAFETY: nothing is moved out, and neither part is ever pinned by itself.
        let this = unsafe { self.get_unchecked_mut() };
        let value = this.work.is_none().then_some(&mut this.value);
        (value, &mut this.aside)
    }

    /// Begins work, in the place of what there was, and polls it.
    #[inline]
    pub(crate) fn begin<W>(self: Pin<&mut Self>, work: W, task: &mut TaskContext<'_>) -> Poll<T>
    where
        W: Work<V, T>,
    {
        // SAFETY: nothing is moved out.
        let this = unsafe { self.get_unchecked_mut() };
        this.work = None;
        let value: *mut V = &mut this.value;
        // SAFETY: the value stays where it is until it is dropped (INP2), which it is after the
        // work, and meanwhile nobody else touches it (INP1).
        let value: &'static mut V = unsafe { &mut *value };
        match Room::enter(work.on(value), task) {
            Ok(done) => Poll::Ready(done),
            Err(room) => {
                this.work = Some(room);
                Poll::Pending
            }
        }
    }

    /// Polls the work, which is dropped when it is done; nothing if there is none.
    #[inline]
    pub(crate) fn work(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Option<Poll<T>> {
        // SAFETY: nothing is moved out.
        let this = unsafe { self.get_unchecked_mut() };
        let polled = this.work.as_mut()?.poll(task);
        if polled.is_ready() {
            this.work = None;
        }
        Some(polled)
    }

    /// Drops the work, if there is any.
    pub(crate) fn abandon(self: Pin<&mut Self>) {
        // SAFETY: nothing is moved out.
        unsafe { self.get_unchecked_mut() }.work = None;
    }
}

impl<V, A, T> std::fmt::Debug for Lent<V, A, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lent<{}>({:?})", std::any::type_name::<V>(), self.work)
    }
}

/// A future that another one makes, and then lies in its place.
pub(crate) enum Becoming<L> {
    /// Apart, so that what it needs is gone with it.
    Begun(Pin<Box<dyn Future<Output = Result<L, ExitReason>> + Send>>),
    Goes(L),
}

impl<L> Becoming<L> {
    /// What `begun` comes to is the future to go on with, or the exit reason.
    pub(crate) fn new(
        begun: impl Future<Output = Result<L, ExitReason>> + Send + 'static,
    ) -> Becoming<L> {
        Becoming::Begun(Box::pin(begun))
    }
}

impl<L: Future<Output = ExitReason>> Future for Becoming<L> {
    type Output = ExitReason;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<ExitReason> {
        // SAFETY: what goes on is put in its place once and never moved out (INP2).
        let this = unsafe { self.get_unchecked_mut() };
        if let Becoming::Begun(begun) = this {
            match ready!(begun.as_mut().poll(task)) {
                Ok(life) => *this = Becoming::Goes(life),
                Err(reason) => return Poll::Ready(reason),
            }
        }
        let Becoming::Goes(life) = this else {
            unreachable!("INP2: it has just been put there");
        };
        // SAFETY: as above.
        unsafe { Pin::new_unchecked(life) }.poll(task)
    }
}
