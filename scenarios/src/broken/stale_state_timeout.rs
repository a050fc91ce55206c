//! A connection that starts a timer when it begins to connect and does not stop it when it has:
//! the time of the first attempt ends the second one.
//!
//! Known from state machines written by hand over plain timers, such as connection pools and
//! consensus nodes whose election timer outlives the term it was set for.
//!
//! Failing order: connected in time, the connection is lost and tried anew, and the first timer
//! fires.
//!
//! Mend: a state timeout, which the change of the state cancels (GSM-824, GSM-826).

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::stale_state_timeout", broken)
            .about("the timer of a state that is long left")
            .broken("always stale_state_timeout.whole", 9)
            .mended("mended::stale_state_timeout"),
        Scenario::new("mended::stale_state_timeout", mended)
            .about("a state timeout, which ends with its state")
            .expects([
                "stale_state_timeout.gave_up",
                "stale_state_timeout.connected_twice",
            ]),
    ]
}

/// How long an attempt may take.
const ATTEMPT: Duration = Duration::from_millis(5);

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Connecting(u32),
    Connected(u32),
    GaveUp,
}

#[derive(Debug)]
enum Network {
    Up,
    Lost,
}

#[derive(Debug)]
struct AttemptIsOver;

#[derive(Debug)]
struct StateOf(Caller<State>);

/// An attempt that is given up has had its whole time.
fn judge(since: Instant) {
    let had = now() - since;
    always!(
        "stale_state_timeout.whole",
        had >= ATTEMPT,
        "given up after {had:?}"
    );
}

/// Written by hand.
struct ByHand {
    state: State,
    since: Instant,
}

impl ByHand {
    fn connect(&mut self, attempt: u32) {
        self.state = State::Connecting(attempt);
        self.since = now();
        send_after(me(), AttemptIsOver, ATTEMPT);
    }
}

impl GenServer for ByHand {
    type Args = ();
    type Call = StateOf;
    type Cast = Network;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        let mut connection = ByHand {
            state: State::GaveUp,
            since: now(),
        };
        connection.connect(1);
        Ok(connection.into())
    }

    async fn handle_call(&mut self, StateOf(caller): StateOf) -> Flow<Self> {
        caller.reply(self.state);
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, event: Network) -> Flow<Self> {
        match (self.state, event) {
            (State::Connecting(attempt), Network::Up) => self.state = State::Connected(attempt),
            (State::Connected(attempt), Network::Lost) => self.connect(attempt + 1),
            _ => {}
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, _: Message) -> Flow<Self> {
        if let State::Connecting(_) = self.state {
            judge(self.since);
            self.state = State::GaveUp;
        }
        Ok(Next::Wait)
    }
}

/// With a state timeout.
struct Machine {
    since: Instant,
}

impl GenStateMachine for Machine {
    type Args = ();
    type State = State;
    type Call = StateOf;
    type Cast = Network;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init((): ()) -> Begin<Self> {
        begin(State::Connecting(1), Machine { since: now() })
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (*state, event) {
            (state, Event::Call(StateOf(caller))) => keep_state().reply(caller, state),
            (State::Connecting(attempt), Event::Cast(Network::Up)) => {
                next_state(State::Connected(attempt))
            }
            (State::Connected(attempt), Event::Cast(Network::Lost)) => {
                next_state(State::Connecting(attempt + 1))
            }
            (State::Connecting(_), Event::StateTimeout(_)) => {
                judge(self.since);
                next_state(State::GaveUp)
            }
            (_, Event::Cast(_)) => keep_state(),
            (_, event) => unexpected(event),
        }
    }

    async fn enter(&mut self, _: &State, state: &State) -> Entering<Self> {
        match state {
            State::Connecting(_) => {
                self.since = now();
                Enter::done().state_timeout(ATTEMPT)
            }
            State::Connected(_) | State::GaveUp => Enter::done(),
        }
    }
}

async fn broken() -> Result<(), ExitReason> {
    let connection = ByHand::start(()).name("connection").await?;
    let network = |event| connection.cast(event);
    network(Network::Up);
    sleep(ATTEMPT / 2).await;
    network(Network::Lost);
    sleep(ATTEMPT * 3).await;
    connection.call(StateOf).no_timeout().await?;
    Ok(())
}

async fn mended() -> Result<(), ExitReason> {
    let connection = Machine::start(()).name("connection").await?;
    let network = |event| connection.cast(event);
    network(Network::Up);
    sleep(ATTEMPT / 2).await;
    network(Network::Lost);
    sleep(ATTEMPT / 2).await;
    network(Network::Up);
    let state = connection.call(StateOf).await?;
    sometimes!("stale_state_timeout.gave_up", state == State::GaveUp);
    sometimes!(
        "stale_state_timeout.connected_twice",
        state == State::Connected(2)
    );
    Ok(())
}
