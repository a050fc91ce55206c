//! State and data as others see them: system messages, and records.

use std::any::Any;
#[cfg(feature = "mutants")]
use std::future::Future;

use super::transition::{Entered, Goal};
use super::{Entering, GenStateMachine, Transition};
use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::otp::control::Subject;
use crate::process::observe::{MachineRecord, ReturnKind, tell_machine};

/// State and data, which system messages see as a pair (GSM-1301).
pub(super) struct Pair<M: GenStateMachine>(pub(super) (M::State, M));

impl<M: GenStateMachine> Subject for Pair<M> {
    fn state(&mut self) -> &mut dyn Any {
        tell_machine(|| MachineRecord::Touched);
        &mut self.0
    }

    fn shown(&self) -> Option<String> {
        let (state, data) = &self.0;
        data.format_status(state)
    }

    async fn change(&mut self, from: &str, extra: Message) -> Result<(), ExitReason> {
        let (state, data) = &mut self.0;
        tell_machine(|| MachineRecord::Touched);
        let changed = data.code_change(state, from, extra).await;
        #[cfg(feature = "mutants")]
        if mutant!(EnterChanged) {
            tell_machine(|| MachineRecord::Enter {
                old: state,
                new: state,
            });
            let _ = data.enter(state, state).await;
        }
        changed
    }
}

/// The mutant of leaving to its end whoever is condemned by a signal.
#[cfg(feature = "mutants")]
impl<M: GenStateMachine> Drop for Pair<M> {
    fn drop(&mut self) {
        if mutant!(TerminateAlways) && !crate::process::request::goes_on() {
            tell_machine(|| MachineRecord::Terminate);
            let (state, data) = &mut self.0;
            let mut last = std::pin::pin!(data.terminate(&ExitReason::Kill, state));
            let waker = std::task::Waker::noop();
            let _ = last
                .as_mut()
                .poll(&mut std::task::Context::from_waker(waker));
        }
    }
}

/// As records show what a callback comes to.
pub(super) fn kind_of<M: GenStateMachine>(step: &Transition<M>) -> ReturnKind {
    match step.as_ref().map(|step| &step.to) {
        Ok(Goal::Keep) => ReturnKind::Keep,
        Ok(Goal::Repeat) => ReturnKind::Repeat,
        Ok(Goal::Next(_)) => ReturnKind::Next,
        Ok(Goal::Stop(_)) => ReturnKind::Stop,
        Err(_) => ReturnKind::Crash,
    }
}

/// As records show what entering a state comes to.
pub(super) fn kind_of_entering<M: GenStateMachine>(entered: &Entering<M>) -> ReturnKind {
    match entered.as_ref().map(|enter| &enter.goal) {
        Ok(Entered::Done) => ReturnKind::Keep,
        Ok(Entered::Again) => ReturnKind::Repeat,
        Ok(Entered::Stop(_)) => ReturnKind::Stop,
        Err(_) => ReturnKind::Crash,
    }
}
