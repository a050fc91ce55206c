//! Links, monitors, aliases and references.

use std::future::Future;
use std::pin::Pin;

use super::names::look_up;
use super::receive::observe_flush;
use super::self_control::traps_exits;
use super::wait::{pass, running};
use crate::backend::Point;
use crate::backend::context::{self, Context};
use crate::backend::record::Record;
use crate::kernel::extra::{AliasMode, Extra, Link};
use crate::kernel::links;
use crate::kernel::monitors::{self, Down, MonitorOptions};
use crate::kernel::name::Name;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::queue;
use crate::kernel::reason::ExitReason;
use crate::kernel::slot::Slot;
use crate::kernel::term::Message;

#[track_caller]
fn caller(cx: &Context) -> (&Slot, Pid) {
    let slot = running(cx);
    match cx.running() {
        Some(me) => (slot, me),
        None => unreachable!("CTX2: a slot without a pid"),
    }
}

/// Links the caller to another process: when one ends abnormally, so does the other (LNK-1).
///
/// Linking again, or to oneself, does nothing. Differs from OTP: if the process does not exist,
/// the caller gets an exit signal `NoProc` whether or not it traps exits, never an exception
/// (LNK-3 to LNK-5).
#[doc(alias = "Process.link")]
#[track_caller]
pub fn link(pid: Pid) {
    let cx = context::current();
    let (slot, me) = caller(cx);
    // SAFETY: the process is being run.
    unsafe { links::link(cx, slot, me, pid) };
    if cx.observes.get() {
        cx.backend().observe(&Record::Linked { pid: me, to: pid });
    }
}

/// Removes a link. After it returns, the link can no longer affect the caller (LNK-12); an
/// [`Exit`](crate::Exit) message that is queued already stays (LNK-13).
#[doc(alias = "Process.unlink")]
#[track_caller]
pub fn unlink(pid: Pid) {
    let cx = context::current();
    let (slot, me) = caller(cx);
    // SAFETY: the process is being run.
    let there = unsafe { links::unlink(cx, slot, me, pid) };
    if there && cx.observes.get() {
        cx.backend()
            .observe(&Record::Unlinked { pid: me, from: pid });
    }
}

/// As [`unlink`], and also takes out an [`Exit`](crate::Exit) of the process that is queued
/// already; its reason.
#[track_caller]
pub(crate) fn unlink_flush(pid: Pid) -> Option<ExitReason> {
    unlink(pid);
    let cx = context::current();
    let slot = running(cx);
    let reason_of = |message: &Message| {
        let exit = message.peek::<crate::kernel::handle::Exit>()?;
        (exit.from == pid).then(|| exit.reason.clone())
    };
    let cursor = slot.cursor.get();
    // SAFETY: the process is being run.
    let found = unsafe { queue::scan(slot, std::ptr::null_mut(), reason_of) };
    if found.is_none() {
        slot.cursor.set(cursor);
    }
    let (reason, message) = found?;
    observe_flush(cx, &message);
    Some(reason)
}

/// Whether the end of a process with this reason ends the caller, by the link between them.
#[track_caller]
pub(crate) fn falls_with(pid: Pid, reason: &ExitReason) -> bool {
    let slot = running(context::current());
    // SAFETY: the process is being run.
    let link = unsafe { slot.some_extra() }
        .and_then(Extra::some_bonds)
        .and_then(|bonds| bonds.links.get_mut(pid));
    let linked = matches!(link, Some(Link::Active | Link::Relinked { .. }));
    linked && !traps_exits() && !reason.is_normal()
}

/// Something that can be monitored: a pid, or a name.
pub trait Monitorable {
    /// What [`monitor`] gives back: the reference, or for names a future of it.
    type Reference;

    /// Sets the monitor.
    fn watch(self) -> Self::Reference;
}

/// Asks to be told when a process ends: one [`Down`] message arrives then (MON-1, MON-2).
///
/// For a process that does not exist it arrives at once with `NoProc` (MON-3). A name is resolved
/// when the call is awaited, and never again (MON-8).
///
/// ```
/// # use beamline::prelude::*;
/// # beamline::Runtime::new().workers(1).run_with(async |mut mailbox: Mailbox| {
/// let child = spawn(async |_| Err::<(), _>(ExitReason::other("oops")));
/// let reference = monitor(child);
/// let down = mailbox.receive::<Down>().await;
/// assert_eq!(down.reference, reference);
/// # });
/// ```
#[doc(alias = "Process.monitor")]
#[track_caller]
pub fn monitor<M: Monitorable>(target: M) -> M::Reference {
    target.watch()
}

impl Monitorable for Pid {
    type Reference = Ref;

    #[track_caller]
    fn watch(self) -> Ref {
        monitor_with(self, MonitorOptions::new())
    }
}

impl Monitorable for &str {
    type Reference = MonitorName;

    fn watch(self) -> MonitorName {
        MonitorName(self.into())
    }
}

impl Monitorable for Name {
    type Reference = MonitorName;

    fn watch(self) -> MonitorName {
        MonitorName(self)
    }
}

/// A monitor by name; nothing is monitored until it is awaited.
#[must_use = "a monitor by name does nothing until it is awaited"]
#[derive(Debug)]
pub struct MonitorName(Name);

impl IntoFuture for MonitorName {
    type Output = Ref;
    type IntoFuture = Pin<Box<dyn Future<Output = Ref> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            pass(Point::Table {
                op: "monitor a name",
                on: &self.0,
                write: false,
            })
            .await;
            let target = look_up(context::current(), &self.0);
            watch(target, Some(self.0), MonitorOptions::new())
        })
    }
}

/// As [`monitor`], with options.
#[track_caller]
pub fn monitor_with(pid: Pid, options: MonitorOptions) -> Ref {
    watch(Some(pid), None, options)
}

#[track_caller]
fn watch(target: Option<Pid>, name: Option<Name>, options: MonitorOptions) -> Ref {
    let cx = context::current();
    let (slot, me) = caller(cx);
    mark(cx, slot, |cx| {
        // SAFETY: the process is being run.
        let reference = unsafe { monitors::monitor(cx, slot, me, target, name, options) };
        if cx.observes.get() {
            cx.backend().observe(&Record::Monitored {
                pid: me,
                target,
                reference,
            });
        }
        reference
    })
}

/// Removes a monitor; no [`Down`] for it arrives afterwards, but one that is queued already stays
/// (MON-14). Returns whether the monitor was still there (OTP's option `info`, MON-16).
#[doc(alias = "Process.demonitor")]
#[track_caller]
pub fn demonitor(reference: Ref) -> bool {
    let cx = context::current();
    let (slot, me) = caller(cx);
    if reference.owner() != me {
        return false;
    }
    // SAFETY: the process is being run.
    let there = unsafe { monitors::demonitor(cx, slot, reference) };
    if there && cx.observes.get() {
        cx.backend()
            .observe(&Record::Demonitored { pid: me, reference });
    }
    there
}

/// As [`demonitor`], and also removes a [`Down`] for it that is queued already (MON-15). Returns
/// whether the monitor was still there (OTP's options `flush` and `info`).
#[doc(alias = "flush")]
#[track_caller]
pub fn demonitor_flush(reference: Ref) -> bool {
    let there = demonitor(reference);
    let cx = context::current();
    let slot = running(cx);
    if !there {
        let is_it = |message: &Message| {
            message
                .peek::<Down>()
                .is_some_and(|down| down.reference == reference)
                .then_some(())
        };
        let cursor = slot.cursor.get();
        // SAFETY: the process is being run.
        let found = unsafe { queue::scan(slot, std::ptr::null_mut(), is_it) };
        match found {
            Some((_, message)) => observe_flush(cx, &message),
            // Nothing was taken, so a waiting receive goes on where it was.
            None => slot.cursor.set(cursor),
        }
    }
    there
}

/// A reference that nobody else has. What carries it can be received with
/// [`Mailbox::receive_since`](crate::Mailbox::receive_since) however full the mailbox is.
#[track_caller]
pub fn make_ref() -> Ref {
    let cx = context::current();
    let (slot, me) = caller(cx);
    mark(cx, slot, |cx| Ref::from_parts(me, cx.fresh_ref()))
}

/// A second address of the caller, which can be sent to until [`unalias`] is called (SIG-33).
#[doc(alias = "Process.alias")]
#[track_caller]
pub fn alias() -> Ref {
    make_alias(AliasMode::ExplicitUnalias)
}

/// An alias that ends with the first message received through it (SIG-36).
#[doc(alias = "alias([reply])")]
#[track_caller]
pub fn alias_once() -> Ref {
    make_alias(AliasMode::ReplyDemonitor)
}

#[track_caller]
fn make_alias(mode: AliasMode) -> Ref {
    let reference = make_ref();
    let slot = running(context::current());
    // SAFETY: the process is being run.
    unsafe { slot.extra() }
        .rare()
        .aliases
        .insert(reference.number(), mode);
    reference
}

/// Ends an alias; messages through it that have not been received are dropped (SIG-35). Returns
/// whether it was an active alias of the caller (SIG-34). A monitor of the same reference goes on
/// (MON-23).
#[doc(alias = "Process.unalias")]
#[track_caller]
pub fn unalias(reference: Ref) -> bool {
    let cx = context::current();
    let (slot, me) = caller(cx);
    if reference.owner() != me {
        return false;
    }
    // SAFETY: the process is being run.
    let rare = unsafe { slot.some_extra() }.and_then(|extra| extra.rare.as_mut());
    rare.is_some_and(|rare| rare.aliases.remove(reference.number()).is_some())
}

/// Notes where the mailbox ends while a reference is made.
#[track_caller]
fn mark(cx: &Context, slot: &Slot, make: impl FnOnce(&Context) -> Ref) -> Ref {
    let end = slot.newest.get();
    let reference = make(cx);
    // SAFETY: the process is being run.
    unsafe { slot.extra() }
        .rare()
        .markers
        .set(reference.number(), end);
    reference
}
