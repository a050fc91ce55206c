//! A session with all three timeouts: it polls, locks when nothing happens, and has to be opened
//! within some time.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_state_machine::timeouts", timeouts)
            .about("polling, inactivity and a deadline for one state")
            .expects([
                "timeouts.locked",
                "timeouts.never_opened",
                "timeouts.polled",
                "timeouts.used",
            ])
            .no_leaks(),
    ]
}

const TO_OPEN: Duration = Duration::from_millis(10);
const INACTIVE: Duration = Duration::from_millis(60);
const POLL: Duration = Duration::from_millis(15);

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Opening,
    Open,
    Locked,
    Failed,
}

#[derive(Debug)]
enum Request {
    Open(Caller<State>),
    Use(Caller<State>),
    Polls(Caller<u32>),
}

#[derive(Debug, PartialEq)]
enum Timer {
    Poll,
}

#[derive(Debug)]
struct Why(&'static str);

struct Session {
    since: Instant,
    polls: u32,
}

impl GenStateMachine for Session {
    type Args = ();
    type State = State;
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Internal = Why;
    type TimerName = Timer;

    async fn init((): ()) -> Begin<Self> {
        let since = now();
        begin(State::Opening, Session { since, polls: 0 })
            .state_timeout(Timeout::after(TO_OPEN).with(Why("nobody opened it")))
            .timer(Timer::Poll, POLL)
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Opening, Event::Call(Request::Open(caller))) => next_state(State::Open)
                .reply(caller, State::Open)
                .event_timeout(INACTIVE),
            (State::Open, Event::Call(Request::Use(caller))) => keep_state()
                .reply(caller, State::Open)
                .event_timeout(INACTIVE),
            (state, Event::Call(Request::Open(caller) | Request::Use(caller))) => {
                keep_state().reply(caller, *state)
            }
            (_, Event::Call(Request::Polls(caller))) => keep_state()
                .reply(caller, self.polls)
                .event_timeout(INACTIVE),
            (State::Opening, Event::StateTimeout(Some(Why(why)))) => {
                let waited = now() - self.since;
                always!("timeouts.not_early", waited >= TO_OPEN, "{why}: {waited:?}");
                next_state(State::Failed)
            }
            (State::Open, Event::EventTimeout(_)) => next_state(State::Locked),
            (_, Event::EventTimeout(_)) => keep_state(),
            (_, Event::Timer(Timer::Poll, _)) => {
                self.polls += 1;
                let next: Timeout<Why> = match self.polls {
                    3 => Timeout::cancel(),
                    _ => Timeout::at(now() + POLL),
                };
                // A poll is an event, which ends the event timeout.
                keep_state()
                    .timer(Timer::Poll, next)
                    .event_timeout(INACTIVE)
            }
            (_, event) => unexpected(event),
        }
    }
}

async fn timeouts() -> Result<(), ExitReason> {
    let session = Session::start_link(()).name("session").await?;
    let opened = session.call(Request::Open).await?;
    sometimes!("timeouts.never_opened", opened == State::Failed);
    let used = session.call(Request::Use).await?;
    sometimes!("timeouts.used", used == State::Open);
    sleep(POLL * 2).await;
    let polls = session.call(Request::Polls).await?;
    sometimes!("timeouts.polled", polls > 0);
    sleep(INACTIVE * 2).await;
    let last = session.call(Request::Use).await?;
    sometimes!("timeouts.locked", last == State::Locked);
    always!("timeouts.final", last != State::Opening, "{last:?}");
    Ok(session.stop().await?)
}
