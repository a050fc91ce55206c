//! What callbacks come to.
//!
//! # Semantics
//! GSM-401 to GSM-409, GSM-910, GSM-911.

use std::fmt;

use super::GenStateMachine;
use super::actions::{ActionSet, Postpones};
use super::event::Event;
use crate::kernel::reason::ExitReason;
use crate::otp::gen_server::Refusal;

/// What [`GenStateMachine::init`] comes to; made by [`begin`], and by `?` of reasons and errors.
pub type Begin<M> = Result<Beginning<M>, Refusal>;

/// What [`GenStateMachine::handle_event`] comes to. Made by [`next_state`], [`keep_state`],
/// [`repeat_state`], [`stop`], [`postpone`] and [`unexpected`]; actions are added by the methods
/// of [`Actions`](super::Actions). `Err(reason)` is an exit of the callback, so that `?` works; the
/// event is lost then.
pub type Transition<M> = Result<Step<M>, ExitReason>;

/// What [`GenStateMachine::enter`] comes to. Made by [`Enter::done`], [`Enter::again`] and
/// [`Enter::stop`].
pub type Entering<M> = Result<Enter<M>, ExitReason>;

/// A machine that is initialised: its state, its data, and what it does first.
pub struct Beginning<M: GenStateMachine> {
    pub(super) state: M::State,
    pub(super) data: M,
    pub(super) actions: ActionSet<M>,
}

/// The machine begins in this state, with this data (GSM-102). The starter is told before the
/// actions are done (GSM-106).
#[doc(alias = "{:ok, state, data}")]
pub fn begin<M: GenStateMachine>(state: M::State, data: M) -> Begin<M> {
    let actions = ActionSet::default();
    Ok(Beginning {
        state,
        data,
        actions,
    })
}

impl<M: GenStateMachine> fmt::Debug for Beginning<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Beginning({:?})", self.state)
    }
}

/// A step of a machine.
pub struct Step<M: GenStateMachine> {
    pub(super) to: Goal<M::State>,
    pub(super) actions: ActionSet<M>,
}

/// Where a step leads.
#[derive(Debug)]
pub(super) enum Goal<S> {
    Keep,
    Repeat,
    Next(S),
    Stop(ExitReason),
}

impl<M: GenStateMachine> Step<M> {
    fn to(to: Goal<M::State>) -> Transition<M> {
        let actions = ActionSet::default();
        Ok(Step { to, actions })
    }
}

impl<M: GenStateMachine> fmt::Debug for Step<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Step").field(&self.to).finish()
    }
}

/// The machine goes to this state. If it is equal to the present one, this is [`keep_state`]
/// (GSM-401).
pub fn next_state<M: GenStateMachine>(state: M::State) -> Transition<M> {
    Step::to(Goal::Next(state))
}

/// The state stays; nothing that was postponed is retried, and the state timeout runs on
/// (GSM-402, GSM-409).
#[doc(alias = "keep_state_and_data")]
pub fn keep_state<M: GenStateMachine>() -> Transition<M> {
    Step::to(Goal::Keep)
}

/// As [`keep_state`], but the state is entered again (GSM-403).
#[doc(alias = "repeat_state_and_data")]
pub fn repeat_state<M: GenStateMachine>() -> Transition<M> {
    Step::to(Goal::Repeat)
}

/// The machine terminates and ends with this reason (GSM-404). Of the actions only the answers are
/// done (GSM-405).
#[doc(alias = "stop_and_reply")]
pub fn stop<M: GenStateMachine>(reason: ExitReason) -> Transition<M> {
    Step::to(Goal::Stop(reason))
}

/// The state stays, and the event is handled again when it has changed: [`keep_state`] with
/// [`Postpones::postpone`].
pub fn postpone<M: GenStateMachine>(event: Event<M>) -> Transition<M> {
    keep_state().postpone(event)
}

/// An event that the machine knows nothing to do about: it crashes, with [`UnexpectedEvent`]
/// (GSM-1502).
pub fn unexpected<M: GenStateMachine>(event: Event<M>) -> Transition<M> {
    Err(UnexpectedEvent {
        machine: std::any::type_name::<M>(),
        event: format!("{event:?}"),
    }
    .into())
}

/// A machine was given an event that it knows nothing to do about.
#[doc(alias = "bad_event")]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{machine} has nothing to do with this event in its state: {event}")]
pub struct UnexpectedEvent {
    /// The type of the machine.
    pub machine: &'static str,
    /// The event in words.
    pub event: String,
}

/// What entering a state comes to.
pub struct Enter<M: GenStateMachine> {
    pub(super) goal: Entered,
    pub(super) actions: ActionSet<M>,
}

/// How it goes on.
#[derive(Debug)]
pub(super) enum Entered {
    Done,
    Again,
    Stop(ExitReason),
}

impl<M: GenStateMachine> Enter<M> {
    fn goal(goal: Entered) -> Entering<M> {
        let actions = ActionSet::default();
        Ok(Enter { goal, actions })
    }

    /// The state is entered.
    pub fn done() -> Entering<M> {
        Enter::goal(Entered::Done)
    }

    /// It is entered once more, from the same state as before (GSM-906). For ever, if that never
    /// ends (GSM-915).
    #[doc(alias = "repeat_state")]
    pub fn again() -> Entering<M> {
        Enter::goal(Entered::Again)
    }

    /// The machine terminates, in the state that it was entering (GSM-911).
    pub fn stop(reason: ExitReason) -> Entering<M> {
        Enter::goal(Entered::Stop(reason))
    }
}

impl<M: GenStateMachine> fmt::Debug for Enter<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Enter").field(&self.goal).finish()
    }
}
