//! The one receive, and the macro that dresses it.

use std::ptr;
use std::task::Poll;
use std::time::Duration;

use super::mailbox::Mailbox;
use super::wait::{Deadline, running};
use crate::backend::context::{self, Context};
use crate::backend::record::Record;
use crate::kernel::handle;
use crate::kernel::node::Header;
use crate::kernel::queue;
use crate::kernel::slot::{DOOMED, Slot};
use crate::kernel::term::Message;

/// How far a receive has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not polled yet.
    Begin,
    /// Held at its choice point; the mark that it began from is kept by the cursor.
    Held,
    /// Has looked at everything up to the cursor.
    Waiting,
    /// There is no receive any more.
    Over,
}

/// The receives of a loop, one after the other, in two words.
#[derive(Debug)]
pub(crate) struct Wait {
    _mailbox: Mailbox,
    stage: Stage,
    /// For a loop that has ever waited with a limit.
    timed: Option<Box<Timed>>,
}

#[derive(Debug)]
struct Timed {
    limit: Option<Duration>,
    deadline: Deadline,
}

impl Wait {
    /// Waits for ever.
    pub(crate) fn new(mailbox: Mailbox) -> Self {
        Wait {
            _mailbox: mailbox,
            stage: Stage::Begin,
            timed: None,
        }
    }

    /// Waits anew, for at most so long unless the limit is off.
    #[inline]
    pub(crate) fn begin(&mut self, limit: Option<Duration>, is_off: bool) {
        self.stage = Stage::Begin;
        match (&mut self.timed, limit) {
            (None, None) => {}
            (timed, limit) => {
                let deadline = Deadline::after(limit.filter(|_| !is_off));
                let new = Timed { limit, deadline };
                match timed {
                    Some(timed) => **timed = new,
                    None => *timed = Some(Box::new(new)),
                }
            }
        }
    }

    /// The last receive is over.
    pub(crate) fn end(&mut self) {
        self.stage = Stage::Over;
    }

    /// Whether it is.
    #[inline]
    pub(crate) fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// How long it waits at most while the limit is not off.
    pub(crate) fn limit(&self) -> Option<Duration> {
        self.timed.as_ref()?.limit
    }

    /// As the future of [`Mailbox::select`](super::Mailbox::select).
    #[inline]
    pub(crate) fn poll<R>(
        &mut self,
        accept: impl FnMut(&Message) -> Option<R>,
    ) -> Poll<Option<(R, Message)>> {
        let deadline = match &mut self.timed {
            Some(timed) => &mut timed.deadline,
            None => &mut Deadline::Never,
        };
        poll_select(&mut self.stage, deadline, ptr::null_mut(), accept)
    }
}

/// Where the mailbox ended when a reference was made; null if that is not known any more.
pub(super) fn marked(number: u64) -> *mut Header {
    let slot = running(context::current());
    // SAFETY: the process is being run and no other reference to the part is held.
    let rare = unsafe { slot.some_extra() }.and_then(|extra| extra.rare.as_ref());
    rare.and_then(|rare| rare.markers.get(number))
        .unwrap_or(ptr::null_mut())
}

/// Looks for a message that `accept` has an answer for, beginning behind `after`.
#[inline]
pub(super) fn poll_select<R>(
    stage: &mut Stage,
    deadline: &mut Deadline,
    after: *mut Header,
    mut accept: impl FnMut(&Message) -> Option<R>,
) -> Poll<Option<(R, Message)>> {
    let cx = context::current();
    let slot = running(cx);
    if *stage == Stage::Begin {
        slot.cursor.set(after);
        *stage = Stage::Held;
        if cx.pause(deadline.point()) {
            return Poll::Pending;
        }
    }
    if cx.budget.get() == 0 {
        cx.again.set(true);
        return Poll::Pending;
    }
    *stage = Stage::Waiting;
    if mutant!(HastyTimeout) && deadline.passed(cx) {
        observe_timeout(cx, slot.cursor.replace(ptr::null_mut()));
        return Poll::Ready(None);
    }
    match look(cx, slot, &mut accept) {
        Poll::Ready(Some(found)) => {
            deadline.settle(cx);
            slot.cursor.set(ptr::null_mut());
            Poll::Ready(Some(found))
        }
        Poll::Ready(None) => Poll::Pending,
        Poll::Pending if deadline.passed(cx) => {
            observe_timeout(cx, slot.cursor.replace(ptr::null_mut()));
            Poll::Ready(None)
        }
        Poll::Pending => Poll::Pending,
    }
}

/// Scans what is queued, then what has just arrived. `Ready(None)`: condemned meanwhile.
#[inline]
fn look<R>(
    cx: &Context,
    slot: &Slot,
    accept: &mut impl FnMut(&Message) -> Option<R>,
) -> Poll<Option<(R, Message)>> {
    if slot.has(DOOMED) {
        return Poll::Ready(None);
    }
    let mut accept = noting_skips(cx, accept);
    observe_look(cx, slot.cursor.get());
    // SAFETY: the process is being run.
    let mut found = unsafe { queue::scan(slot, slot.cursor.get(), &mut accept) };
    if found.is_none() {
        let Some(me) = cx.running() else {
            return Poll::Pending;
        };
        // SAFETY: the process is being run.
        let news = unsafe { handle::absorb(cx, slot, me) };
        if slot.has(DOOMED) {
            return Poll::Ready(None);
        }
        if news {
            observe_look(cx, slot.cursor.get());
            // SAFETY: the process is being run.
            found = unsafe { queue::scan(slot, slot.cursor.get(), accept) };
        }
    }
    let Some(found) = found else {
        return Poll::Pending;
    };
    cx.spend();
    if cx.observes.get() {
        observe_receive(cx, &found.1);
    }
    Poll::Ready(Some(found))
}

#[cold]
pub(super) fn observe_receive(cx: &Context, message: &Message) {
    if let Some(pid) = cx.running() {
        let node = message.address();
        cx.backend().observe(&Record::Receive {
            pid,
            message,
            node,
            call: None,
        });
    }
}

pub(super) fn observe_timeout(cx: &Context, looked: *mut Header) {
    if let (true, Some(pid)) = (cx.observes.get(), cx.running()) {
        let looked = looked as usize;
        cx.backend()
            .observe(&Record::ReceiveTimeout { pid, looked });
    }
}

/// Notes where a receive looks on, unless it begins at the oldest message.
#[inline]
pub(super) fn observe_look(cx: &Context, after: *mut Header) {
    if cx.observes.get()
        && !after.is_null()
        && let Some(pid) = cx.running()
    {
        let after = after as usize;
        cx.backend().observe(&Record::Look { pid, after });
    }
}

/// What `accept` says, noting what it refuses.
#[inline]
pub(super) fn noting_skips<'a, R>(
    cx: &'a Context,
    mut accept: impl FnMut(&Message) -> Option<R> + 'a,
) -> impl FnMut(&Message) -> Option<R> + 'a {
    move |message| {
        let answer = accept(message);
        if answer.is_none()
            && cx.observes.get()
            && let Some(pid) = cx.running()
        {
            let node = message.address();
            cx.backend().observe(&Record::Skip { pid, node });
        }
        answer
    }
}

/// Notes that a message was taken out of the mailbox unseen.
#[cold]
pub(super) fn observe_flush(cx: &Context, message: &Message) {
    if let (true, Some(pid)) = (cx.observes.get(), cx.running()) {
        let node = message.address();
        cx.backend().observe(&Record::Flushed { pid, node });
    }
}
