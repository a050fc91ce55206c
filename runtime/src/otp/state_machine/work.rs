//! The work of a machine: its callbacks, and what they come to.
//!
//! # Semantics
//! GSM-303, GSM-902 to GSM-914. What is worked on is lent to the callback and nothing else runs
//! meanwhile.

use std::future::Future;

use super::actions::ActionSet;
use super::engine::Running;
use super::event::Event;
use super::pair::kind_of_entering;
use super::queue::Numbered;
use super::transition::{Enter, Entered};
use super::{GenStateMachine, Transition};
use crate::kernel::reason::ExitReason;
use crate::otp::life::After;
use crate::otp::sys::EventKind;
use crate::process::in_place::Work;
use crate::process::observe::{EventSource, MachineRecord, tell_machine};
use crate::process::{hibernate, take_turn};

/// An event that is to be handled.
pub(super) struct Picked<M: GenStateMachine> {
    pub(super) source: EventSource,
    pub(super) numbered: Numbered<M>,
    /// The timeout whose end it is.
    pub(super) timeout: Option<u64>,
}

/// What a piece of work comes to.
pub(super) enum Done<M: GenStateMachine> {
    /// The machine begins.
    Begun(ActionSet<M>),
    /// A callback has handled an event.
    Stepped(Transition<M>),
    /// The state of a transition that is to be made has been entered.
    Entered(Result<Entry<M>, ExitReason>),
    /// Of no event.
    Nothing,
    After(After),
}

/// A transition of which the state has been, or is to be, entered.
pub(super) struct Entry<M: GenStateMachine> {
    /// The new state, if it is another one.
    pub(super) next: Option<M::State>,
    pub(super) actions: ActionSet<M>,
}

impl<M: GenStateMachine> From<Transition<M>> for Done<M> {
    fn from(step: Transition<M>) -> Self {
        Done::Stepped(step)
    }
}

impl<M: GenStateMachine> From<Result<Entry<M>, ExitReason>> for Done<M> {
    fn from(entered: Result<Entry<M>, ExitReason>) -> Self {
        Done::Entered(entered)
    }
}

impl<M: GenStateMachine> From<After> for Done<M> {
    fn from(after: After) -> Self {
        Done::After(after)
    }
}

/// An event from outside, for the callback.
pub(super) struct Handle<M: GenStateMachine>(pub(super) Event<M>);

impl<M: GenStateMachine> Work<Running<M>, Done<M>> for Handle<M> {
    type Output = Transition<M>;

    #[inline]
    fn on(self, running: &mut Running<M>) -> impl Future<Output = Transition<M>> + Send {
        let (state, data) = &mut running.pair.0;
        data.handle_event(state, self.0)
    }
}

/// An event of the machine's own. Others have a turn in between, if this one has lasted.
impl<M: GenStateMachine> Work<Running<M>, Done<M>> for Picked<M> {
    type Output = Done<M>;

    async fn on(self, running: &mut Running<M>) -> Done<M> {
        take_turn().await;
        let event = running.begin_event(self);
        if mutant!(SkipEvents) {
            return Done::Nothing;
        }
        let (state, data) = &mut running.pair.0;
        Done::Stepped(data.handle_event(state, event).await)
    }
}

/// Calls `enter` until it is done. What it asks for is added to what the event's callback did.
impl<M: GenStateMachine> Work<Running<M>, Done<M>> for Entry<M> {
    type Output = Result<Entry<M>, ExitReason>;

    async fn on(mut self, running: &mut Running<M>) -> Result<Entry<M>, ExitReason> {
        loop {
            let (state, data) = &mut running.pair.0;
            let state = &*state;
            let new = self.next.as_ref().unwrap_or(state);
            tell_machine(|| MachineRecord::Enter { old: state, new });
            let entered = data.enter(state, new).await;
            tell_machine(|| MachineRecord::Entered {
                kind: kind_of_entering(&entered),
            });
            let Enter {
                goal,
                actions: mut more,
            } = entered?;
            running.note(EventKind::Enter, String::new);
            running.answer(&mut more);
            self.actions.extend(more);
            match goal {
                Entered::Done if !mutant!(EnterForEver) => return Ok(self),
                Entered::Done | Entered::Again => take_turn().await,
                Entered::Stop(reason) => {
                    if let Some(state) = self.next.take() {
                        running.pair.0.0 = state;
                    }
                    return Err(reason);
                }
            }
        }
    }
}

/// The mutant of entering a state before anything else happens.
pub(super) struct EnterLate;

impl<M: GenStateMachine> Work<Running<M>, Done<M>> for EnterLate {
    type Output = Done<M>;

    async fn on(self, running: &mut Running<M>) -> Done<M> {
        let entry = Entry {
            next: None,
            actions: ActionSet::default(),
        };
        let _ = entry.on(running).await;
        Done::Nothing
    }
}

/// The mutant of what waits for messages alone.
pub(super) struct Doze;

impl<M: GenStateMachine> Work<Running<M>, Done<M>> for Doze {
    type Output = Done<M>;

    async fn on(self, _: &mut Running<M>) -> Done<M> {
        hibernate().await;
        Done::Nothing
    }
}
