//! Calls: requests that must be answered, and the table of those that a process waits for.
//!
//! # Semantics
//! GS-18 to GS-33. A request is a message that carries a reference; an answer is looked for in the
//! caller's own table, never in its mailbox. So an answer that nobody waits for is dropped, a call
//! costs the same however full the mailbox is, and any number of calls may be open at once.
//!
//! # Invariants
//! - CAL1: every request comes to one end at least: an answer, or a down. While it is on its way
//!   or in a mailbox, whoever drops it says so; once it is taken, it is a monitor on its server
//!   until it is answered.
//! - CAL2: the caller takes the first end and forgets the call; what comes later finds no entry.
//!
//! # Costs
//! One node for the request, one for the answer, an entry in two small tables.

use std::fmt;
use std::mem::ManuallyDrop;

use super::death;
use super::node::Node;
use super::pid::{Pid, Ref};
use super::reason::ExitReason;
use super::roster::Roster;
use super::slot::{MUST_POLL, Slot};
use super::term::Message;
use crate::backend::context::{self, Context};
use crate::backend::record::Record;

/// A request on its way. The reference comes first: the kernel reads it without the type.
#[repr(C)]
pub(crate) struct Asked<C> {
    reference: Ref,
    request: ManuallyDrop<C>,
}

impl<C> Asked<C> {
    pub(crate) fn new(reference: Ref, request: C) -> Self {
        let request = ManuallyDrop::new(request);
        Asked { reference, request }
    }

    /// What the answer is sent to.
    pub(crate) fn reference(&self) -> Ref {
        self.reference
    }

    /// What is asked, for a look.
    pub(crate) fn request(&self) -> &C {
        &self.request
    }

    /// The request. From now on the end of the running process is what its caller is told, until
    /// it is answered (CAL1).
    pub(crate) fn open(self, slot: &Slot) -> C {
        // SAFETY: the caller runs the process of the slot and holds no reference to the part.
        unsafe { slot.extra() }.watch(self.reference);
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again and is not dropped.
        unsafe { ManuallyDrop::take(&mut this.request) }
    }
}

/// Nobody has taken it, so whoever lets it go tells the caller why (CAL1), and what is inside is
/// silent about that.
impl<C> Drop for Asked<C> {
    fn drop(&mut self) {
        let _hush = Hush::begin(self.reference);
        // SAFETY: dropped once, here; `open` leaves no `Asked` behind.
        unsafe { ManuallyDrop::drop(&mut self.request) }
    }
}

impl<C: fmt::Debug> fmt::Debug for Asked<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request().fmt(f)
    }
}

/// While it lives, dropping the means to answer this call tells nobody.
struct Hush(Option<u64>);

impl Hush {
    fn begin(reference: Ref) -> Self {
        let number = Some(reference.number());
        Hush(context::try_current().and_then(|cx| cx.hushed.replace(number)))
    }
}

impl Drop for Hush {
    fn drop(&mut self) {
        if let Some(cx) = context::try_current() {
            cx.hushed.set(self.0);
        }
    }
}

/// An answer on its way; without a value, the request was dropped. The number comes first: the
/// kernel reads it without the type.
#[repr(C)]
pub(crate) struct Answered<T> {
    pub(crate) number: u64,
    pub(crate) value: Option<T>,
}

impl<T: fmt::Debug> fmt::Debug for Answered<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => value.fmt(f),
            None => f.write_str("no reply"),
        }
    }
}

/// A call as its caller keeps it.
#[derive(Debug)]
pub(crate) enum Awaited {
    /// Nothing has come from this process.
    Nothing {
        to: Pid,
        /// It is waited for without limit.
        patient: bool,
    },
    /// An [`Answered`].
    Reply(Message),
    /// The server has ended.
    Down(ExitReason),
}

/// The calls that a process waits for, by the numbers of their references. It nearly always is one,
/// which costs no search.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    one: Option<(u64, Awaited)>,
    more: Roster<u64, Awaited>,
}

impl Calls {
    #[inline]
    pub(crate) fn insert(&mut self, number: u64, awaited: Awaited) {
        match self.one {
            None => self.one = Some((number, awaited)),
            Some(_) => {
                self.more.insert(number, awaited);
            }
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Awaited> {
        match &mut self.one {
            Some((one, awaited)) if *one == number => Some(awaited),
            _ => self.more.get_mut(number),
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, number: u64) -> Option<Awaited> {
        match self.one.take_if(|(one, _)| *one == number) {
            Some((_, awaited)) => Some(awaited),
            None => self.more.remove(number),
        }
    }

    /// In the order of their making.
    pub(crate) fn all(&self) -> Vec<&Awaited> {
        let one = self.one.iter().map(|(number, awaited)| (*number, awaited));
        let mut all: Vec<_> = one.chain(self.more.iter()).collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, awaited)| awaited).collect()
    }

    /// Takes them all out, in the order of their making.
    pub(crate) fn drain(&mut self) -> Vec<Awaited> {
        let mut all = self.more.drain();
        all.extend(self.one.take());
        all.sort_unstable_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, awaited)| awaited).collect()
    }
}

/// An answer has come.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn on_reply(cx: &Context, slot: &Slot, me: Pid, node: Node) {
    let number = node.reply_number().unwrap_or_default();
    let message = Message::from_node(node);
    // SAFETY: the caller runs the process.
    match unsafe { entry(slot, number) } {
        Some(entry @ Awaited::Nothing { .. }) if !mutant!(DropAnswers) => {
            *entry = Awaited::Reply(message);
            slot.set(MUST_POLL);
        }
        _ => {
            if cx.observes.get() {
                let message = &message;
                cx.backend().observe(&Record::LateReply {
                    pid: me,
                    message,
                    number,
                });
            }
            death::discard(message.into_node());
        }
    }
}

/// Whoever was to answer has ended. Gives the reason back if it was no call.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn on_down(slot: &Slot, number: u64, reason: ExitReason) -> Option<ExitReason> {
    // SAFETY: the caller runs the process.
    match unsafe { entry(slot, number) } {
        Some(entry @ Awaited::Nothing { .. }) => {
            *entry = Awaited::Down(if mutant!(MisstateEnds) {
                ExitReason::NoProc
            } else {
                reason
            });
            slot.set(MUST_POLL);
            None
        }
        Some(_) => None,
        None => Some(reason),
    }
}

#[expect(
    clippy::mut_from_ref,
    reason = "exclusive by SLT1, as the contract says"
)]
unsafe fn entry(slot: &Slot, number: u64) -> Option<&mut Awaited> {
    // SAFETY: passed on from the caller.
    let rare = unsafe { slot.some_extra() }.and_then(|extra| extra.rare.as_mut());
    rare.and_then(|rare| rare.calls.get_mut(number))
}
