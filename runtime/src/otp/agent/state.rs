//! The process of an agent.

use std::fmt;

use crate::kernel::reason::ExitReason;
use crate::kernel::term::Message;
use crate::otp::{Flow, GenServer, Init, Never, Next};
use crate::process::caught;

type Function<S> = Box<dyn FnOnce(&mut S) + Send>;

/// A function that an agent is to apply to its value.
pub struct Act<S> {
    kind: &'static str,
    function: Function<S>,
}

impl<S> Act<S> {
    pub(super) fn new(kind: &'static str, function: impl FnOnce(&mut S) + Send + 'static) -> Self {
        let function = Box::new(function);
        Act { kind, function }
    }
}

impl<S> fmt::Debug for Act<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)
    }
}

/// How the value of an agent becomes that of another version of the program: the argument of
/// [`sys::change_code`](crate::sys::change_code) (AGT-15).
pub struct Change<S>(Box<dyn FnOnce(&S) -> S + Send>);

impl<S> Change<S> {
    /// If `make` panics the change is refused and the value stays as it is.
    pub fn new(make: impl FnOnce(&S) -> S + Send + 'static) -> Self {
        Change(Box::new(make))
    }
}

impl<S> fmt::Debug for Change<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

/// The server.
pub(super) struct AgentState<S>(S);

impl<S: Send + 'static> GenServer for AgentState<S> {
    type Args = Box<dyn FnOnce() -> S + Send>;
    type Call = Act<S>;
    type Cast = Act<S>;
    type Info = Message;
    type Continue = Never;

    async fn init(make: Self::Args) -> Init<Self> {
        Ok(AgentState(make()).into())
    }

    /// An agent says nothing of messages that are no functions, as in Elixir.
    async fn handle_info(&mut self, _: Message) -> Flow<Self> {
        Ok(Next::Wait)
    }

    async fn handle_call(&mut self, act: Act<S>) -> Flow<Self> {
        (act.function)(&mut self.0);
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, act: Act<S>) -> Flow<Self> {
        (act.function)(&mut self.0);
        Ok(Next::Wait)
    }

    async fn code_change(&mut self, _: &str, extra: Message) -> Result<(), ExitReason> {
        if let Ok(Change(make)) = extra.downcast::<Change<S>>() {
            self.0 = caught(|| make(&self.0))?;
        }
        Ok(())
    }
}
