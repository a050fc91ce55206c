//! Actions: what a callback asks for beyond the state.
//!
//! # Semantics
//! GSM-501 to GSM-509, GSM-908, GSM-909. Answers are sent in their order, before the callback for
//! entering a state; of everything else that can be set, the last value of a transition counts.
//!
//! # Differences from OTP
//! - Actions are methods, so that those which are banned somewhere do not exist there: nothing is
//!   postponed by `init`, and entering a state neither postpones nor inserts.
//! - There is no callback module to change; let the state decide what is called.

use super::event::Event;
use super::timeout::Timeout;
use super::{Beginning, Enter, GenStateMachine, Step};
use crate::kernel::pid::Ref;
use crate::kernel::term::Term;
use crate::otp::caller::{Caller, PendingReply};
use crate::process::observe::{MachineRecord, TimeoutSlot, tell_machine};

/// The position of an action among those of its transition: of timeouts without time, those asked
/// for first end first (GSM-813).
pub(super) type Position = u32;

/// A timeout that is asked for, and where in the list.
pub(super) type Ordered<M> = (Position, Timeout<<M as GenStateMachine>::Internal>);

/// What callbacks of one transition have asked for. Implementation of [`Actions`]; programs have
/// no use for it.
#[derive(Debug)]
pub struct ActionSet<M: GenStateMachine> {
    pub(super) forgets: bool,
    pub(super) hibernate: Option<bool>,
    /// How many times were asked for something.
    pub(super) length: Position,
    pub(super) state_timeout: Option<Ordered<M>>,
    /// Apart, since every callback returns a set, and most ask for nothing of this.
    pub(super) more: Option<Box<More<M>>>,
}

/// What not every transition asks for.
#[derive(Debug)]
pub(super) struct More<M: GenStateMachine> {
    pub(super) replies: Vec<(Ref, PendingReply)>,
    pub(super) postponed: Option<Event<M>>,
    pub(super) event_timeout: Option<Ordered<M>>,
    pub(super) timers: Vec<(Position, M::TimerName, Timeout<M::Internal>)>,
    pub(super) inserted: Vec<Event<M>>,
}

impl<M: GenStateMachine> Default for More<M> {
    fn default() -> Self {
        More {
            replies: Vec::new(),
            postponed: None,
            event_timeout: None,
            timers: Vec::new(),
            inserted: Vec::new(),
        }
    }
}

impl<M: GenStateMachine> Default for ActionSet<M> {
    fn default() -> Self {
        ActionSet {
            forgets: false,
            hibernate: None,
            length: 0,
            state_timeout: None,
            more: None,
        }
    }
}

impl<M: GenStateMachine> ActionSet<M> {
    fn next(&mut self, slot: TimeoutSlot<'_>, timeout: &Timeout<M::Internal>) -> Position {
        tell_machine(|| MachineRecord::TimeoutAsked {
            slot,
            change: timeout.shown(),
        });
        self.length += 1;
        self.length
    }

    fn more(&mut self) -> &mut More<M> {
        self.more.get_or_insert_default()
    }

    fn set_timer(&mut self, name: M::TimerName, timeout: Timeout<M::Internal>) {
        let at = self.next(TimeoutSlot::Named(&name), &timeout);
        let more = self.more();
        if mutant!(FirstTimeoutCounts) && more.timers.iter().any(|(_, known, _)| *known == name) {
            return;
        }
        more.set_timer(at, name, timeout);
    }

    /// Adds what entering the state has asked for; the answers have been sent (GSM-503, GSM-913).
    pub(super) fn extend(&mut self, later: ActionSet<M>) {
        if let (true, Some(more)) = (later.forgets, &mut self.more) {
            more.postponed = None;
        }
        self.hibernate = later.hibernate.or(self.hibernate);
        let before = self.length;
        let moved = |(at, timeout): Ordered<M>| (before + at, timeout);
        self.state_timeout = later.state_timeout.map(moved).or(self.state_timeout.take());
        if let Some(later) = later.more {
            let more = self.more();
            more.event_timeout = later.event_timeout.map(moved).or(more.event_timeout.take());
            for (at, name, timeout) in later.timers {
                more.set_timer(before + at, name, timeout);
            }
        }
        self.length += later.length;
    }
}

impl<M: GenStateMachine> More<M> {
    fn set_timer(&mut self, at: Position, name: M::TimerName, timeout: Timeout<M::Internal>) {
        self.timers.retain(|(_, known, _)| *known != name);
        self.timers.push((at, name, timeout));
    }
}

/// Actions that every callback may ask for: `init`, `handle_event` and `enter`.
pub trait Actions<M: GenStateMachine>: Sized {
    /// Adds an action.
    #[doc(hidden)]
    fn act(self, add: impl FnOnce(&mut ActionSet<M>)) -> Self;

    /// Answers a call, before a state is entered (GSM-502, GSM-907). With [`stop`](super::stop),
    /// before `terminate` (GSM-405). The same as [`Caller::reply`], which answers at once.
    fn reply<T: Term>(self, caller: Caller<T>, value: T) -> Self {
        self.act(|set| {
            let to = caller.reference();
            tell_machine(|| MachineRecord::ReplyAsked { call: to.number() });
            set.more().replies.push((to, caller.after_terminate(value)));
        })
    }

    /// Waits for the next message as for something that takes long (GSM-1401). Events that are
    /// waiting are handled first (GSM-1402).
    fn hibernate(self) -> Self {
        self.act(|set| set.hibernate = Some(true))
    }

    /// Does not, whatever was asked for before in this transition.
    fn stay_awake(self) -> Self {
        self.act(|set| set.hibernate = Some(false))
    }

    /// The time without an event: [`Event::EventTimeout`] comes unless any other event comes
    /// first (GSM-818). An event that the same transition inserts or retries is one (GSM-820).
    #[doc(alias = "timeout")]
    fn event_timeout(self, timeout: impl Into<Timeout<M::Internal>>) -> Self {
        self.act(|set| {
            let timeout = timeout.into();
            let at = set.next(TimeoutSlot::Event, &timeout);
            set.more().event_timeout = Some((at, timeout));
        })
    }

    /// The time in the state: [`Event::StateTimeout`] comes unless the state changes first
    /// (GSM-824). If this transition changes the state, it is the time in the new one (GSM-825).
    fn state_timeout(self, timeout: impl Into<Timeout<M::Internal>>) -> Self {
        self.act(|set| {
            let timeout = timeout.into();
            set.state_timeout = Some((set.next(TimeoutSlot::State, &timeout), timeout));
        })
    }

    /// A time of a name of its own: [`Event::Timer`] comes whatever happens meanwhile (GSM-827).
    #[doc(alias = "generic_timeout")]
    #[doc(alias = "{:timeout, name}")]
    fn timer(self, name: M::TimerName, timeout: impl Into<Timeout<M::Internal>>) -> Self {
        self.act(|set| set.set_timer(name, timeout.into()))
    }
}

/// What `init` and `handle_event` may ask for.
pub trait Inserts<M: GenStateMachine>: Actions<M> {
    /// Handles an event of any sort before everything else that waits; several in the order in
    /// which they are given (GSM-701 to GSM-703, GSM-308).
    fn next_event(self, event: Event<M>) -> Self {
        self.act(|set| set.more().inserted.push(event))
    }
}

/// What only `handle_event` may ask for.
pub trait Postpones<M: GenStateMachine>: Actions<M> {
    /// Hands the event back, to be handled again after the state has changed (GSM-601). If this
    /// transition changes it, that is at once, after the events postponed before (GSM-603).
    ///
    /// It is meant for the event at hand: to keep others for later, keep them in the machine and
    /// [insert](Inserts::next_event) them then.
    ///
    /// # Panics
    /// If this transition postpones an event already: one of the two would be lost (GSM-608).
    #[track_caller]
    fn postpone(self, event: Event<M>) -> Self {
        self.act(|set| {
            let more = set.more();
            assert!(
                more.postponed.is_none(),
                "a transition can postpone one event, the one at hand, but {event:?} is the \
                 second; keep it in the machine and insert it later"
            );
            more.postponed = Some(event);
        })
    }
}

/// What only `enter` may ask for.
pub trait Forgets<M: GenStateMachine>: Actions<M> {
    /// Does not postpone the event after all (OTP's `{postpone, false}`, GSM-908). Its caller, if
    /// it has one, gets [`CallError::NoReply`](crate::CallError::NoReply).
    fn forget_postponed(self) -> Self {
        self.act(|set| set.forgets = true)
    }
}

impl<M: GenStateMachine, E> Actions<M> for Result<Step<M>, E> {
    fn act(mut self, add: impl FnOnce(&mut ActionSet<M>)) -> Self {
        if let Ok(step) = &mut self {
            add(&mut step.actions);
        }
        self
    }
}

impl<M: GenStateMachine, E> Inserts<M> for Result<Step<M>, E> {}
impl<M: GenStateMachine, E> Postpones<M> for Result<Step<M>, E> {}

impl<M: GenStateMachine, E> Actions<M> for Result<Beginning<M>, E> {
    fn act(mut self, add: impl FnOnce(&mut ActionSet<M>)) -> Self {
        if let Ok(beginning) = &mut self {
            add(&mut beginning.actions);
        }
        self
    }
}

impl<M: GenStateMachine, E> Inserts<M> for Result<Beginning<M>, E> {}

impl<M: GenStateMachine, E> Actions<M> for Result<Enter<M>, E> {
    fn act(mut self, add: impl FnOnce(&mut ActionSet<M>)) -> Self {
        if let Ok(enter) = &mut self {
            add(&mut enter.actions);
        }
        self
    }
}

impl<M: GenStateMachine, E> Forgets<M> for Result<Enter<M>, E> {}
