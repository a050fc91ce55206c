//! The mailbox as its process sees it: typed and selective receive.
//!
//! # Semantics
//! MBX-1 to MBX-17. A receive looks from the oldest message to the newest and takes the first one
//! that it accepts; a waiting receive looks only at what is new.
//!
//! # Differences from OTP
//! - A guard that panics crashes the process instead of counting as a refusal (MBX-5).
//! - Receiving is in the hands of whoever holds the [`Mailbox`], so two receives at once do not
//!   compile.
//!
//! # Costs
//! A receive that finds its message at the front costs a few nanoseconds. A dropped receive loses
//! nothing: a message leaves the queue only when the receive returns it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use super::receive::{Stage, poll_select};
use super::wait::{Deadline, my_index, running};
use crate::backend::context::{self, Context};
use crate::kernel::handle;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::slot::{MAILBOX_OUT, Slot};
use crate::kernel::term::{Message, Term};

/// The right to receive, which a process has once.
///
/// ```
/// # use beamline::prelude::*;
/// # beamline::Runtime::new().workers(1).run_with(async |mut mailbox: Mailbox| {
/// send(me(), "two");
/// send(me(), 1u32);
/// assert_eq!(mailbox.receive::<u32>().await, 1);   // the text stays queued
/// assert_eq!(mailbox.receive::<&str>().await, "two");
/// # });
/// ```
///
/// It stays with the process that it was made for: another one that is handed it cannot receive
/// anything with it, so send the messages on instead.
pub struct Mailbox {
    /// The slot of its process. The next process in the slot is not told apart from this one.
    owner: u32,
}

/// The mailbox of a body that was not given it: a root, or any plain future.
///
/// # Panics
/// If the mailbox is in use elsewhere in the process, or outside a process.
#[track_caller]
pub fn mailbox() -> Mailbox {
    let cx = context::current();
    let slot = running(cx);
    assert!(
        !slot.has(MAILBOX_OUT),
        "the mailbox is taken: this process was given its mailbox already, and has it once"
    );
    slot.set(MAILBOX_OUT);
    Mailbox {
        owner: my_index(cx),
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let Some(cx) = context::try_current() else {
            return;
        };
        if cx.newborn.get() == self.owner {
            cx.newborn.set(u32::MAX);
        } else if cx.running().is_some_and(|me| me.slot() == self.owner) {
            running(cx).clear(MAILBOX_OUT);
        }
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox")
    }
}

impl Mailbox {
    /// The mailbox of the process whose body is being made.
    pub(crate) fn new() -> Self {
        Mailbox {
            owner: context::current().newborn.get(),
        }
    }

    /// # Panics
    /// If another process than its own uses it.
    #[inline]
    #[track_caller]
    fn check(&self) {
        if let Some(me) = context::try_current().and_then(Context::running)
            && me.slot() != self.owner
        {
            foreign(me);
        }
    }

    /// The next message that is a `T`; all others stay queued.
    ///
    /// # Panics
    /// As all receives, if the mailbox is that of another process.
    #[track_caller]
    pub fn receive<T: Term>(&mut self) -> Receive<'_, T> {
        self.check();
        Receive {
            stage: Stage::Begin,
            _of: PhantomData,
        }
    }

    /// The next message that is a `T`, or `None` when `timeout` has passed first (MBX-7, MBX-11).
    /// With a zero timeout the mailbox is looked through once (MBX-8).
    pub async fn receive_timeout<T: Term>(&mut self, timeout: Duration) -> Option<T> {
        let found = self
            .select(|message| message.is::<T>().then_some(()), Some(timeout))
            .await?;
        found.1.downcast().ok()
    }

    /// The next `T` that `accept` agrees to.
    pub async fn receive_where<T: Term>(&mut self, accept: impl FnMut(&T) -> bool) -> T {
        match self.where_within(None, accept).await {
            Some(value) => value,
            None => unreachable!("MBX-9: a receive without a timeout timed out"),
        }
    }

    /// The next `T` that `accept` agrees to, or `None` when `timeout` has passed first.
    pub async fn receive_where_timeout<T: Term>(
        &mut self,
        timeout: Duration,
        accept: impl FnMut(&T) -> bool,
    ) -> Option<T> {
        self.where_within(Some(timeout), accept).await
    }

    async fn where_within<T: Term>(
        &mut self,
        timeout: Option<Duration>,
        mut accept: impl FnMut(&T) -> bool,
    ) -> Option<T> {
        let accept =
            move |message: &Message| message.peek::<T>().is_some_and(&mut accept).then_some(());
        let (_, message) = self.select(accept, timeout).await?;
        message.downcast().ok()
    }

    /// The next message, whatever it is.
    pub async fn receive_any(&mut self) -> Message {
        match self.select(|_| Some(()), None).await {
            Some((_, message)) => message,
            None => unreachable!("MBX-9: a receive without a timeout timed out"),
        }
    }

    /// The next message, whatever it is, or `None` when `timeout` has passed first.
    pub async fn receive_any_timeout(&mut self, timeout: Duration) -> Option<Message> {
        Some(self.select(|_| Some(()), Some(timeout)).await?.1)
    }

    /// The first message for which `accept` has an answer, with the answer; `None` when `timeout`
    /// has passed first. [`receive!`](crate::receive) expands to this.
    ///
    /// `accept` is called once for each message and must not use the mailbox.
    #[track_caller]
    pub fn select<R, F>(&mut self, accept: F, timeout: Option<Duration>) -> Select<'_, F>
    where
        F: FnMut(&Message) -> Option<R>,
    {
        self.check();
        let deadline = Deadline::after(timeout);
        Select {
            accept,
            deadline,
            stage: Stage::Begin,
            marker: None,
            _of: PhantomData,
        }
    }

    /// The first `T` that `accept` agrees to among what came after `reference` was made, or
    /// `None` when `timeout` has passed first.
    ///
    /// For a reply that carries the reference: it cannot be older, so nothing older is looked at,
    /// however full the mailbox is (MBX-15, MBX-16).
    pub async fn receive_since<T: Term>(
        &mut self,
        reference: Ref,
        mut accept: impl FnMut(&T) -> bool,
        timeout: Option<Duration>,
    ) -> Option<T> {
        let accept =
            move |message: &Message| message.peek::<T>().is_some_and(&mut accept).then_some(());
        let mut select = self.select(accept, timeout);
        select.marker = Some(reference.number());
        select.await?.1.downcast().ok()
    }

    /// How many messages are queued and not yet received. Walks the queue.
    pub fn len(&self) -> usize {
        self.check();
        let slot = arrived();
        let mut len = 0;
        // SAFETY: the process is being run; counting touches no queue.
        unsafe { crate::kernel::queue::each(slot, |_| len += 1) };
        len
    }

    /// Whether no message is queued.
    pub fn is_empty(&self) -> bool {
        self.check();
        arrived().newest.get().is_null()
    }
}

#[cold]
#[track_caller]
fn foreign(me: Pid) -> ! {
    panic!(
        "{me} receives with the mailbox of another process: a mailbox stays with its process; \
         receive there and send the messages on, or use the mailbox that the body was given"
    )
}

/// Whether a message is queued for the caller.
pub(crate) fn has_mail() -> bool {
    !arrived().newest.get().is_null()
}

/// The slot of the running process, with everything that has arrived in its mailbox (SIG-18).
fn arrived<'a>() -> &'a Slot {
    let cx = context::current();
    let slot = running(cx);
    if let Some(me) = cx.running() {
        // SAFETY: the process is being run.
        unsafe { handle::absorb_aside(cx, slot, me) };
    }
    slot
}

/// The future of [`Mailbox::receive`].
#[must_use = "a receive does nothing until it is awaited"]
pub struct Receive<'a, T> {
    stage: Stage,
    _of: PhantomData<Hold<'a, T>>,
}

/// A receive borrows the mailbox and makes a `T`.
type Hold<'a, T> = (&'a mut Mailbox, fn() -> T);

impl<T> fmt::Debug for Receive<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receive<{}>", std::any::type_name::<T>())
    }
}

impl<T: Term> Future for Receive<'_, T> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<T> {
        let accept = |message: &Message| message.is::<T>().then_some(());
        match poll_select(
            &mut self.stage,
            &mut Deadline::Never,
            ptr::null_mut(),
            accept,
        ) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(((), message))) => match message.downcast() {
                Ok(value) => Poll::Ready(value),
                Err(_) => unreachable!("QUE1: a message changed its type"),
            },
            Poll::Ready(None) => unreachable!("MBX-9: a receive without a timeout timed out"),
        }
    }
}

/// The future of [`Mailbox::select`].
#[must_use = "a receive does nothing until it is awaited"]
pub struct Select<'a, F> {
    accept: F,
    deadline: Deadline,
    stage: Stage,
    marker: Option<u64>,
    _of: PhantomData<&'a mut Mailbox>,
}

impl<F> fmt::Debug for Select<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

// The closure is called by reference only and never pinned.
impl<F> Unpin for Select<'_, F> {}

impl<R, F: FnMut(&Message) -> Option<R>> Future for Select<'_, F> {
    type Output = Option<(R, Message)>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let after = match (this.stage, this.marker) {
            (Stage::Begin, Some(number)) => super::receive::marked(number),
            _ => ptr::null_mut(),
        };
        poll_select(&mut this.stage, &mut this.deadline, after, &mut this.accept)
    }
}
