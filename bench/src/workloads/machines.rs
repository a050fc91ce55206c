//! W12: calls of a state machine, each of which sets its state timeout anew.

use crate::measure::{Figures, Stopwatch};
use beamline::prelude::*;
use std::time::Duration;

/// How long the machine may stay in its state without a call.
const LIMIT: Duration = Duration::from_secs(30);

struct Session;

#[derive(Debug)]
struct Touch(u64, Caller<u64>);

#[derive(Debug, PartialEq)]
enum State {
    Active,
    Expired,
}

impl GenStateMachine for Session {
    type Args = ();
    type State = State;
    type Call = Touch;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init((): ()) -> Begin<Self> {
        begin(State::Active, Session).state_timeout(LIMIT)
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Active, Event::Call(Touch(number, caller))) => {
                caller.reply(number);
                keep_state().state_timeout(LIMIT)
            }
            (State::Active, Event::StateTimeout(_)) => next_state(State::Expired),
            (_, event) => unexpected(event),
        }
    }
}

/// W12.
pub(crate) async fn calls(_: Mailbox, n: u64) -> Figures {
    let session = Session::start(()).await.expect("it starts");
    let watch = Stopwatch::start();
    for number in 0..n {
        let answer = session.call(|caller| Touch(number, caller)).await;
        assert_eq!(answer, Ok(number));
    }
    watch.stop(n)
}
