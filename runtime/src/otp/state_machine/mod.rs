//! State machines: a state, data, and one callback that handles events in the state.
//!
//! # Semantics
//! GSM-101 to GSM-1506, SEED-1 to SEED-10. What happens, in which order: the callback is given one
//! event; its answers are sent; if the state has changed (or is repeated) it is entered; the event
//! is consumed or postponed; if the state has changed, all that was postponed comes again; then the
//! timeouts that were asked for begin. The next event is, in this order, what the machine inserted,
//! what comes again, what waited already, a timeout without time, and at last one message.
//!
//! # Timeouts
//!
//! | | is ended by | Elixir |
//! | --- | --- | --- |
//! | [`event_timeout`](Actions::event_timeout) | any event | `{:timeout, ms, content}` |
//! | [`state_timeout`](Actions::state_timeout) | a new state | `{:state_timeout, ms, content}` |
//! | [`timer`](Actions::timer) | nothing | `{{:timeout, name}, ms, content}` |
//!
//! None of them is called plainly a timeout, because Elixir's plain one is not what it is often
//! taken for: any event ends it, also the one that changes the state (SEED-1 to SEED-6).
//!
//! # State functions
//! The mode in which each state has a function of its own is a `match` on the state that calls one
//! method per state; it needs nothing of its own.
//!
//! # Differences from OTP
//! - Requests are typed and carry their [`Caller`](crate::Caller); a postponed call is kept with
//!   it.
//! - There is no mode for entering states: [`GenStateMachine::enter`] is always called, and does
//!   nothing unless it is written.
//! - What cannot be written cannot be wrong: there are no bad returns and bad actions.
//! - After a panic `terminate` sees the data as the callback left it, and the state of before.
//! - A callback has no module to change to.

mod actions;
mod engine;
mod event;
mod machine;
mod pair;
mod queue;
mod timeout;
mod timers;
mod transition;
mod work;

use std::fmt;
use std::future::Future;

pub use actions::{ActionSet, Actions, Forgets, Inserts, Postpones};
pub use event::Event;
pub use machine::{Machine, StateMachine, enter_loop};
pub use timeout::Timeout;
pub use transition::{
    Begin, Beginning, Enter, Entering, Step, Transition, UnexpectedEvent, begin, keep_state,
    next_state, postpone, repeat_state, stop, unexpected,
};

use super::launch::{Start, StartMonitor};
use super::supervisor::ChildSpec;
use crate::kernel::reason::ExitReason;
use crate::kernel::term::{Message, Term};

/// Whether a state may follow another one: see [`GenStateMachine::GRAPH`].
pub type Graph<S> = fn(old: &S, new: &S) -> bool;

/// A state machine. Its fields are its data; its state is a value beside them.
///
/// ```
/// use beamline::prelude::*;
/// use std::time::Duration;
///
/// #[derive(Debug, PartialEq)]
/// enum State {
///     Locked,
///     Open,
/// }
///
/// struct Door {
///     code: u32,
/// }
///
/// #[derive(Debug)]
/// enum Request {
///     Unlock(u32, Caller<bool>),
///     Pass(Caller<()>),
/// }
///
/// impl GenStateMachine for Door {
///     type Args = u32;
///     type State = State;
///     type Call = Request;
///     type Cast = Never;
///     type Info = Message;
///     type Internal = Never;
///     type TimerName = Never;
///
///     async fn init(code: u32) -> Begin<Self> {
///         begin(State::Locked, Door { code })
///     }
///
///     async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
///         match (state, event) {
///             (State::Locked, Event::Call(Request::Unlock(code, caller))) => {
///                 caller.reply(code == self.code);
///                 if code == self.code {
///                     next_state(State::Open).state_timeout(Duration::from_secs(10))
///                 } else {
///                     keep_state()
///                 }
///             }
///             // Whoever wants to pass waits until the door is open.
///             (State::Locked, event @ Event::Call(Request::Pass(_))) => postpone(event),
///             (State::Open, Event::Call(Request::Pass(caller))) => {
///                 caller.reply(());
///                 keep_state()
///             }
///             (State::Open, Event::StateTimeout(_)) => next_state(State::Locked),
///             (_, event) => unexpected(event),
///         }
///     }
/// }
///
/// # beamline::Runtime::new().workers(1).run(async {
/// let door = Door::start_link(42).await?;
/// let passing = door.request(Request::Pass).await;
/// assert!(door.call(|caller| Request::Unlock(42, caller)).await?);
/// passing.receive().await?;
/// # Ok::<(), ExitReason>(())
/// # });
/// ```
#[doc(alias = "gen_statem")]
pub trait GenStateMachine: Sized + Send + 'static {
    /// What it is started with.
    type Args: Send + 'static;
    /// Its states. Two that are equal are the same state (GSM-206).
    type State: PartialEq + fmt::Debug + Send + Sync + 'static;
    /// Its requests, usually an enum whose variants carry a [`Caller`](crate::Caller).
    type Call: Term;
    /// What it is told without an answer.
    type Cast: Term;
    /// What it makes of all other messages; [`Message`] takes them as they are.
    type Info: From<Message> + fmt::Debug + Send;
    /// What it tells itself: the content of inserted events and of timeouts;
    /// [`Never`](crate::Never) if it needs none.
    type Internal: fmt::Debug + Send + 'static;
    /// The names of its timers; [`Never`](crate::Never) if it has none.
    type TimerName: PartialEq + fmt::Debug + Send + 'static;

    /// Which state may follow which, if the machine declares that: the simulator holds every
    /// change of state to it (INV-G50), and nothing else looks at it. A state that none may
    /// follow is final: the machine can only stop there.
    ///
    /// ```
    /// # use beamline::prelude::*;
    /// # use beamline::state_machine::Graph;
    /// # #[derive(Debug, PartialEq)]
    /// # enum State { New, Paid, Sent }
    /// # struct Order;
    /// # impl GenStateMachine for Order {
    /// #     type Args = ();
    /// #     type State = State;
    /// #     type Call = Never;
    /// #     type Cast = Never;
    /// #     type Info = Message;
    /// #     type Internal = Never;
    /// #     type TimerName = Never;
    /// const GRAPH: Option<Graph<State>> = Some(|old, new| {
    ///     matches!((old, new), (State::New, State::Paid) | (State::Paid, State::Sent))
    /// });
    /// #     async fn init((): ()) -> Begin<Self> { begin(State::New, Order) }
    /// #     async fn handle_event(&mut self, _: &State, event: Event<Self>) -> Transition<Self> {
    /// #         unexpected(event)
    /// #     }
    /// # }
    /// ```
    const GRAPH: Option<Graph<Self::State>> = None;

    /// Makes state and data, in the new process. The starter waits for it (GSM-101).
    fn init(args: Self::Args) -> impl Future<Output = Begin<Self>> + Send;

    /// Handles an event in a state.
    #[doc(alias = "handle_event/4")]
    fn handle_event(
        &mut self,
        state: &Self::State,
        event: Event<Self>,
    ) -> impl Future<Output = Transition<Self>> + Send;

    /// A state is entered: the first one, where both states are the same; another one; or the same
    /// one by [`repeat_state`] (GSM-902 to GSM-906). It cannot choose another state, postpone or
    /// insert (GSM-908, GSM-909). Does nothing unless there is one.
    ///
    /// The transition is not made yet: should this crash, `terminate` is given the old state
    /// (GSM-912).
    #[doc(alias = "state_enter")]
    fn enter(
        &mut self,
        old: &Self::State,
        state: &Self::State,
    ) -> impl Future<Output = Entering<Self>> + Send {
        let _ = (old, state);
        async { Enter::done() }
    }

    /// The machine ends by its own doing, by [`stop`](crate::stop()), or because its parent has
    /// ended and it traps exits (GSM-1201). Exit signals that it does not trap end it without this
    /// (GSM-1202).
    fn terminate(
        &mut self,
        reason: &ExitReason,
        state: &Self::State,
    ) -> impl Future<Output = ()> + Send {
        let _ = (reason, state);
        async {}
    }

    /// Its state and data are to be those of another version of the program (GSM-1304).
    ///
    /// # Errors
    /// If that cannot be; both must be as before.
    fn code_change(
        &mut self,
        state: &mut Self::State,
        from: &str,
        extra: Message,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = (state, from);
        drop(extra);
        async { Ok(()) }
    }

    /// What reports and [`sys::status`](crate::sys::status) may show; the state unless there is
    /// one, and nothing of the data (GSM-1305).
    fn format_status(&self, state: &Self::State) -> Option<String> {
        Some(format!("{state:?}"))
    }

    /// Starts it on its own.
    fn start(args: Self::Args) -> Start<Machine<Self>> {
        Start::new(args, false)
    }

    /// Starts it linked to the caller.
    fn start_link(args: Self::Args) -> Start<Machine<Self>> {
        Start::new(args, true)
    }

    /// Starts it with a monitor of the caller's.
    fn start_monitor(args: Self::Args) -> StartMonitor<Machine<Self>> {
        StartMonitor::new(Start::new(args, false))
    }

    /// A child specification: a supervisor starts it linked, with a copy of `args` each time
    /// (GSM-1503).
    #[doc(alias = "child_spec")]
    fn child(args: Self::Args) -> ChildSpec
    where
        Self::Args: Clone,
    {
        ChildSpec::of::<Machine<Self>>(args)
    }
}
