//! Waiting for what answers requests of the caller's own, wherever its mailbox is.
//!
//! # Semantics
//! A selective receive (MBX-1) of messages that carry references which only the caller made, so
//! that it takes nothing that a receive of the program's could want by chance. It therefore needs
//! no [`Mailbox`](super::Mailbox), and may wait while one waits.
//!
//! # Costs
//! A message is looked at once in each wait. Where the mailbox ended when the reference was made
//! is known for the last few references; what came before is not looked at (MBX-15).

use std::ptr;
use std::task::Poll;
use std::time::Duration;

use super::receive::{noting_skips, observe_flush, observe_look, observe_receive, observe_timeout};
use super::request::goes_on;
use super::wait::{Deadline, running};
use crate::backend::context::{self, Context};
use crate::kernel::extra::Markers;
use crate::kernel::handle;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::queue;
use crate::kernel::slot::{DOOMED, MUST_POLL, Slot};
use crate::kernel::term::Message;

/// One wait. Dropping it loses nothing.
#[derive(Debug)]
pub(crate) struct Waiting {
    begun: bool,
    deadline: Deadline,
    /// Under which number the mailbox is marked up to where this wait has looked.
    mark: Option<u64>,
}

impl Waiting {
    /// A wait of at most `timeout`; zero looks once at what is there. What is waited for is not
    /// older than `since`.
    pub(crate) fn new(timeout: Option<Duration>, since: Option<Ref>) -> Self {
        Waiting {
            begun: false,
            deadline: Deadline::after(timeout),
            mark: since.map(Ref::number),
        }
    }

    /// The first message that `accept` has an answer for; `Ready(None)` when the time is up.
    pub(crate) fn poll<R>(
        &mut self,
        accept: impl FnMut(&Message) -> Option<R>,
    ) -> Poll<Option<(R, Message)>> {
        let cx = context::current();
        let slot = running(cx);
        if !std::mem::replace(&mut self.begun, true) && cx.pause(self.deadline.point()) {
            return Poll::Pending;
        }
        if cx.budget.get() == 0 {
            cx.again.set(true);
            return Poll::Pending;
        }
        let Some(me) = cx.running() else {
            return Poll::Pending;
        };
        if let Some(found) = self.look(cx, slot, me, accept) {
            // The deadline stands: whoever waits for several goes on with this wait.
            self.begun = false;
            cx.spend();
            if cx.observes.get() {
                observe_receive(cx, &found.1);
            }
            return Poll::Ready(Some(found));
        }
        if slot.has(DOOMED) || !self.deadline.passed(cx) {
            return Poll::Pending;
        }
        let looked = self
            .mark
            .map(|mark| with_markers(slot, |marks| marks.get(mark)));
        observe_timeout(cx, looked.flatten().flatten().unwrap_or(ptr::null_mut()));
        Poll::Ready(None)
    }

    /// Looks at what was not looked at yet.
    fn look<R>(
        &mut self,
        cx: &Context,
        slot: &Slot,
        me: Pid,
        accept: impl FnMut(&Message) -> Option<R>,
    ) -> Option<(R, Message)> {
        if slot.has(DOOMED) {
            return None;
        }
        // SAFETY: the process is being run.
        let news = unsafe { handle::absorb(cx, slot, me) };
        if slot.has(DOOMED) {
            return None;
        }
        let mark = *self.mark.get_or_insert_with(|| cx.fresh_ref());
        let after = with_markers(slot, |markers| markers.get(mark)).flatten();
        let found = search(slot, after.unwrap_or(ptr::null_mut()), accept);
        if news && !slot.newest.get().is_null() {
            // Another future of the body may wait for what has come (RUN1).
            slot.set(MUST_POLL);
        }
        if found.is_none() {
            // SAFETY: the process is being run.
            let rare = unsafe { slot.extra() }.rare();
            rare.markers.advance(mark, slot.newest.get());
        }
        found
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Some(number) = self.mark else {
            return;
        };
        // SAFETY: null, or the slot of the process that is being run (CTX2).
        let slot = context::try_current().and_then(|cx| unsafe { cx.slot.get().as_ref() });
        if let Some(slot) = slot {
            with_markers(slot, |markers| markers.remove(number));
        }
    }
}

/// Takes the first message that `accept` has an answer for out of those that have arrived, without
/// waiting. Finds nothing outside a process.
pub(crate) fn take_arrived<R>(accept: impl FnMut(&Message) -> Option<R>) -> Option<(R, Message)> {
    let cx = context::try_current()?;
    // SAFETY: null, or the slot of the process that is being run (CTX2).
    let slot = unsafe { cx.slot.get().as_ref() }?;
    if let Some(me) = cx.running() {
        // SAFETY: the process is being run.
        unsafe { handle::absorb_aside(cx, slot, me) };
    }
    let found = search(slot, ptr::null_mut(), accept)?;
    observe_flush(cx, &found.1);
    Some(found)
}

/// Whether this process is the one that is being run, and is not about to end: then what it holds
/// is dropped because the program let go of it.
pub(crate) fn is_living(pid: Pid) -> bool {
    context::try_current().is_some_and(|cx| cx.running() == Some(pid)) && goes_on()
}

fn with_markers<R>(slot: &Slot, act: impl FnOnce(&mut Markers) -> R) -> Option<R> {
    // SAFETY: the process is being run, and no other reference to the part is held.
    let rare = unsafe { slot.some_extra() }?.rare.as_mut()?;
    Some(act(&mut rare.markers))
}

/// Looks behind `after`, and lets a receive of the program's that waits go on where it was.
fn search<R>(
    slot: &Slot,
    after: *mut crate::kernel::node::Header,
    accept: impl FnMut(&Message) -> Option<R>,
) -> Option<(R, Message)> {
    let (cx, cursor) = (context::current(), slot.cursor.get());
    observe_look(cx, after);
    // SAFETY: the process is being run; a marker is on its queue or null (QUE2).
    let found = unsafe { queue::scan(slot, after, noting_skips(cx, accept)) };
    if found.is_none() {
        slot.cursor.set(cursor);
    }
    found
}
