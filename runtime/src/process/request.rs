//! Calls as their two sides see them: waiting for an answer, and answering.
//!
//! # Semantics
//! GS-18 to GS-36, PL-10 to PL-19. Behaviours build on this; programs use what behaviours make of
//! it. An answer is kept aside for its call, so nothing of a call is ever in a mailbox, and calls
//! can be waited for in any order.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use super::mailbox::Mailbox;
use super::options::SpawnOptions;
use super::wait::{Deadline, running};
use crate::backend::context::{self, Context};
use crate::backend::record::Record;
use crate::kernel::birth::{self, Birth, SpawnError, Spawned};
use crate::kernel::body::Body;
use crate::kernel::calls::{Answered, Asked, Awaited};
use crate::kernel::deliver;
use crate::kernel::handle;
use crate::kernel::node::Node;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::{ExitReason, Outcome};
use crate::kernel::signal::Signal;
use crate::kernel::slot::{DOOMED, Slot};
use crate::kernel::term::{Message, Term};

/// How a call came out.
#[derive(Debug)]
pub(crate) enum End<T> {
    Answer(T),
    /// Whoever was to answer let go of it.
    NoReply,
    /// Whoever was asked has ended.
    Down(ExitReason),
}

/// A call that is open. Dropping it abandons the call: its answer is dropped when it comes.
pub(crate) struct Open<T> {
    reference: Ref,
    to: Pid,
    closed: bool,
    _of: PhantomData<fn() -> T>,
}

impl<T: Term> Open<T> {
    #[track_caller]
    fn begin(cx: &Context, to: impl FnOnce(Pid) -> Pid) -> Self {
        let slot = running(cx);
        let Some(me) = cx.running() else {
            unreachable!("CTX2: a slot without a pid");
        };
        let number = cx.fresh_ref();
        // SAFETY: the process is being run.
        let rare = unsafe { slot.extra() }.rare();
        let (to, patient) = (to(me), false);
        rare.calls.insert(number, Awaited::Nothing { to, patient });
        Open {
            reference: Ref::from_parts(me, number),
            to,
            closed: false,
            _of: PhantomData,
        }
    }

    /// Sends a request that `make` builds around the reference.
    #[track_caller]
    pub(crate) fn ask<C: Term>(to: Pid, make: impl FnOnce(Ref) -> C) -> Self {
        let cx = context::current();
        let open = Open::begin(cx, |_| to);
        let asked = Asked::new(open.reference, make(open.reference));
        deliver::send(cx, to, Node::call(asked));
        open
    }

    /// A call that comes to its end when a process does, or at once if it has.
    #[track_caller]
    pub(crate) fn watch(pid: Pid) -> Self {
        let cx = context::current();
        let open = Open::begin(cx, |_| pid);
        let reference = open.reference;
        deliver::signal(cx, pid, Signal::Monitor { reference });
        open.observe(cx, false);
        open
    }

    /// Spawns a process that is to answer, by the reference that `body` is given.
    #[track_caller]
    pub(crate) fn spawn<F, Fut, R>(
        options: SpawnOptions,
        body: F,
    ) -> Result<(Spawned, Self), SpawnError>
    where
        F: FnOnce(Mailbox, Ref) -> Fut + Send + 'static,
        Fut: Future<Output = R> + Send + 'static,
        R: Outcome + 'static,
    {
        let cx = context::current();
        let mut open = Open::begin(cx, |me| me);
        let reference = open.reference;
        let birth = Birth {
            fallible: true,
            mailbox_out: true,
            asks: Some(reference),
            ..options.0
        };
        // SAFETY: the future is `Send`.
        let spawned = birth::spawn(cx, birth, || unsafe {
            Body::new(|| body(Mailbox::new(), reference))
        })?;
        open.to = spawned.pid;
        open.observe(cx, true);
        Ok((spawned, open))
    }

    fn observe(&self, cx: &Context, spawned: bool) {
        if cx.observes.get() {
            let (reference, to) = (self.reference, self.to);
            cx.backend().observe(&Record::Awaits {
                reference,
                to,
                spawned,
            });
        }
    }

    /// Waits for the end, but no longer than `timeout`; the call stays open then.
    pub(crate) fn wait(&mut self, timeout: Option<Duration>) -> Waiting<'_, T> {
        let patience = Patience::new(timeout);
        Waiting {
            open: self,
            patience,
        }
    }

    /// Notes that the answer is waited for without limit, for whoever looks at this process.
    #[cold]
    pub(crate) fn waits_without_limit(&self) {
        // SAFETY: the process is being run.
        let extra = unsafe { running(context::current()).some_extra() };
        let rare = extra.and_then(|extra| extra.rare.as_mut());
        let entry = rare.and_then(|rare| rare.calls.get_mut(self.reference.number()));
        if let Some(Awaited::Nothing { patient, .. }) = entry {
            *patient = true;
        }
    }

    /// Notes that the time for an answer is up.
    pub(crate) fn gave_up(&self) {
        self.observe_failure(context::current(), None);
    }

    /// The end, if it has come. Any process but the caller's waits for ever.
    pub(crate) fn look(&mut self) -> Option<End<T>> {
        let cx = context::current();
        let slot = running(cx);
        assert!(
            cx.running() == Some(self.reference.owner()),
            "a call can be waited for only by the process that made it"
        );
        if self.closed {
            return None;
        }
        // SAFETY: the process is being run.
        let rare = unsafe { slot.some_extra() }?.rare.as_mut()?;
        let number = self.reference.number();
        if let Some(Awaited::Nothing { .. }) = rare.calls.get_mut(number) {
            if !mutant!(FalseEnds) {
                return None;
            }
            self.closed = true;
            self.observe_failure(cx, Some(&ExitReason::NoProc));
            return Some(End::Down(ExitReason::NoProc));
        }
        self.closed = true;
        match rare.calls.remove(number)? {
            Awaited::Nothing { .. } => None,
            Awaited::Reply(message) => Some(self.read(cx, message)),
            Awaited::Down(reason) => {
                self.observe_failure(cx, Some(&reason));
                Some(End::Down(reason))
            }
        }
    }

    fn read(&self, cx: &Context, message: Message) -> End<T> {
        cx.spend();
        if cx.observes.get() {
            let (pid, node) = (self.reference.owner(), message.address());
            let message = &message;
            let call = Some(self.reference.number());
            cx.backend().observe(&Record::Receive {
                pid,
                message,
                node,
                call,
            });
        }
        match message.downcast::<Answered<T>>() {
            Ok(Answered {
                value: Some(value), ..
            }) => End::Answer(value),
            // Who lets go of a request need not know what its answer would be.
            _ => End::NoReply,
        }
    }

    #[cold]
    fn observe_failure(&self, cx: &Context, reason: Option<&ExitReason>) {
        if cx.observes.get() {
            let (pid, to) = (self.reference.owner(), self.to);
            cx.backend().observe(&Record::CallFailed {
                pid,
                to,
                number: self.reference.number(),
                reason,
            });
        }
    }
}

impl<T> Drop for Open<T> {
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        let Some(cx) = context::try_current() else {
            return;
        };
        let (pid, number) = (self.reference.owner(), self.reference.number());
        if cx.running() != Some(pid) {
            return;
        }
        if cx.observes.get() {
            cx.backend().observe(&Record::CallDropped { pid, number });
        }
        // SAFETY: null, or the process that is being run (CTX2); no other reference is held.
        let extra = unsafe { cx.slot.get().as_ref().and_then(|slot| slot.some_extra()) };
        let rare = extra.and_then(|extra| extra.rare.as_mut());
        let unread = rare.and_then(|rare| rare.calls.remove(number));
        drop(unread);
    }
}

impl<T> fmt::Debug for Open<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Open({} to {})", self.reference, self.to)
    }
}

/// How long a call is waited for.
#[derive(Debug)]
pub(crate) struct Patience {
    deadline: Deadline,
    begun: bool,
}

impl Patience {
    /// Counted from the first look.
    pub(crate) fn new(timeout: Option<Duration>) -> Self {
        let deadline = Deadline::after(timeout);
        let begun = false;
        Patience { deadline, begun }
    }

    /// Whether it never ends.
    #[inline]
    pub(crate) fn is_endless(&self) -> bool {
        matches!(self.deadline, Deadline::Never)
    }

    /// Looks for what `look` finds; `None` when the time is up first.
    #[inline]
    pub(crate) fn poll<R>(&mut self, look: impl FnOnce() -> Option<R>) -> Poll<Option<R>> {
        let cx = context::current();
        let slot = running(cx);
        if !std::mem::replace(&mut self.begun, true) && cx.pause(self.deadline.point()) {
            return Poll::Pending;
        }
        if cx.budget.get() == 0 {
            cx.again.set(true);
            return Poll::Pending;
        }
        if let Some(me) = cx.running() {
            // SAFETY: the process is being run.
            unsafe { handle::absorb_aside(cx, slot, me) };
        }
        if slot.has(DOOMED) {
            return Poll::Pending;
        }
        if let Some(found) = look() {
            self.deadline.settle(cx);
            return Poll::Ready(Some(found));
        }
        if self.deadline.passed(cx) {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// The future of [`Open::wait`].
pub(crate) struct Waiting<'a, T> {
    open: &'a mut Open<T>,
    patience: Patience,
}

impl<T: Term> Future for Waiting<'_, T> {
    type Output = Option<End<T>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let polled = this.patience.poll(|| this.open.look());
        if let Poll::Ready(None) = polled {
            this.open.gave_up();
        }
        polled
    }
}

/// Waits until a process has ended; the reason, or `NoProc` if it had ended before.
pub(crate) async fn ended(pid: Pid) -> ExitReason {
    match Open::<()>::watch(pid).wait(None).await {
        Some(End::Down(reason)) => reason,
        _ => unreachable!("CAL1: a monitor is answered by an end alone"),
    }
}

/// Answers a call; without a value, as one who lets go of it.
pub(crate) fn answer<T: Term>(reference: Ref, server: Pid, value: Option<T>) {
    let Some(cx) = context::try_current() else {
        // Nobody can be told from a thread that knows no system.
        return;
    };
    let number = reference.number();
    if mutant!(AnswerTwice) && value.is_some() {
        let value: Option<T> = None;
        let node = Node::reply(Answered { number, value });
        deliver::send(cx, reference.owner(), node);
    }
    let node = Node::reply(Answered { number, value });
    if cx.running() == Some(server) {
        // SAFETY: null, or the process that is being run (CTX2); no other reference is held.
        let extra = unsafe { cx.slot.get().as_ref().and_then(|slot| slot.some_extra()) };
        if let Some(extra) = extra {
            extra.unwatch(reference);
        }
        return deliver::send(cx, reference.owner(), node);
    }
    deliver::send(cx, reference.owner(), node);
    deliver::signal(cx, server, Signal::Demonitor { reference });
}

/// The means to answer a call are dropped. Whether the caller is told that there is no reply
/// depends on how the step ends, if the server itself drops them: should it end now, the caller is
/// told of that instead (GS-26, GS-68).
pub(crate) fn let_go(reference: Ref, server: Pid) {
    let Some(cx) = context::try_current() else {
        return;
    };
    if cx.hushed.get() == Some(reference.number()) {
        return;
    }
    if cx.observes.get() {
        let number = reference.number();
        cx.backend().observe(&Record::LetGo { number });
    }
    if mutant!(DropSilently) {
        return;
    }
    if cx.running() == Some(server) {
        if is_ending(running(cx)) {
            return;
        }
        if cx.settles.get() {
            return cx.unanswered.borrow_mut().push(reference);
        }
    }
    answer::<()>(reference, server, None);
}

/// Whether the body of the running process is being dropped.
fn is_ending(slot: &Slot) -> bool {
    slot.body().is_none() || slot.has(DOOMED)
}

/// Whether the running process goes on after this step, as far as it knows.
pub(crate) fn goes_on() -> bool {
    context::try_current().is_some_and(|cx| cx.running().is_some() && !is_ending(running(cx)))
}

/// Whether a call that the caller has taken is still to be answered.
pub(crate) fn is_owed(reference: Ref) -> bool {
    // SAFETY: the process is being run.
    let extra = unsafe { running(context::current()).some_extra() };
    extra.is_some_and(|extra| extra.is_watched(reference))
}

/// Tells the callers of what was let go of in this step that there is no reply.
pub(crate) fn tell_unanswered() {
    let cx = context::current();
    while let Some(reference) = cx.unanswered.borrow_mut().pop() {
        if let Some(me) = cx.running() {
            answer::<()>(reference, me, None);
        }
    }
}

/// Tells them nothing: the process ends, which they learn of.
pub(crate) fn forget_unanswered() {
    context::current().unanswered.borrow_mut().clear();
}

/// Runs a body that answers calls. What it lets go of is told when it waits next, and never if it
/// ends instead.
pub(crate) fn settling<F: Future>(body: F) -> Settling<F> {
    Settling(body)
}

/// The future of [`settling`].
pub(crate) struct Settling<F>(F);

impl<F: Future> Future for Settling<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<F::Output> {
        // SAFETY: the body is pinned where it is, and never moved out.
        let body = unsafe { self.map_unchecked_mut(|this| &mut this.0) };
        let settles = Settles::begin();
        let polled = body.poll(task);
        if polled.is_pending() && !is_ending(running(context::current())) {
            tell_unanswered();
        }
        drop(settles);
        polled
    }
}

struct Settles;

impl Settles {
    fn begin() -> Self {
        context::current().settles.set(true);
        Settles
    }
}

impl Drop for Settles {
    fn drop(&mut self) {
        let cx = context::current();
        cx.settles.set(false);
        cx.unanswered.borrow_mut().clear();
    }
}

/// Takes a request out of its envelope: the caller learns of the end of the running process until
/// it is answered.
#[inline]
pub(crate) fn open<C: Term>(asked: Asked<C>) -> C {
    asked.open(running(context::current()))
}
