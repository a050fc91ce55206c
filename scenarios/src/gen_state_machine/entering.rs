//! A heater that does on entering a state what belongs to the state, whoever led there.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_state_machine::entering", entering)
            .about("a heater that is set up on entering its states")
            .expects(["entering.overheated", "entering.switched_off"])
            .no_leaks(),
    ]
}

const LIMIT: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Off,
    Heating,
    Overheated,
}

#[derive(Debug)]
enum Request {
    Switch(bool, Caller<State>),
}

/// How often each state was entered.
#[derive(Default)]
struct Heater {
    switched: Option<Caller<State>>,
    entered: [u32; 3],
}

impl GenStateMachine for Heater {
    type Args = Pid;
    type State = State;
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init(_: Pid) -> Begin<Self> {
        begin(State::Off, Heater::default())
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Overheated, Event::Call(Request::Switch(_, caller))) => {
                keep_state().reply(caller, State::Overheated)
            }
            (_, Event::Call(Request::Switch(on, caller))) => {
                self.switched = Some(caller);
                match (on, *state) {
                    (true, State::Heating) => repeat_state(),
                    (true, _) => next_state(State::Heating),
                    (false, State::Off) => repeat_state(),
                    (false, _) => next_state(State::Off),
                }
            }
            (State::Heating, Event::StateTimeout(_)) => next_state(State::Overheated),
            (_, event) => unexpected(event),
        }
    }

    async fn enter(&mut self, _: &State, state: &State) -> Entering<Self> {
        self.entered[*state as usize] += 1;
        let entered = match self.switched.take() {
            Some(caller) => Enter::done().reply(caller, *state),
            None => Enter::done(),
        };
        match state {
            // Being switched on again gives it the whole time again.
            State::Heating => entered.state_timeout(LIMIT),
            State::Off | State::Overheated => entered,
        }
    }
}

async fn entering() -> Result<(), ExitReason> {
    let heater = Heater::start_link(me()).name("heater").await?;
    let switch = |on| heater.call(move |caller| Request::Switch(on, caller));
    for _ in 0..2 {
        let state = switch(true).await?;
        always!("entering.on", state != State::Off);
    }
    sleep(LIMIT / 2).await;
    let state = switch(false).await?;
    sometimes!("entering.switched_off", state == State::Off);
    sometimes!("entering.overheated", state == State::Overheated);
    Ok(heater.stop().await?)
}
