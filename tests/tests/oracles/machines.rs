//! A program on a state machine, which gives the oracles of machines something to judge.

use std::time::Duration;

use beamline::prelude::*;

use super::Body;

const SOON: Duration = Duration::from_millis(20);
const LATE: Duration = Duration::from_secs(20);

/// Does a little of everything that machines do.
struct Worker;

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Idle,
    Busy,
    Done,
}

#[derive(Debug)]
enum Told {
    Later,
    Keep,
    Work,
    Cancel,
    Finish,
    Again,
    Stop,
}

impl GenStateMachine for Worker {
    type Args = ();
    type State = State;
    type Call = Never;
    type Cast = Told;
    type Info = Message;
    type Internal = u8;
    type TimerName = &'static str;

    async fn init((): ()) -> Begin<Self> {
        begin(State::Idle, Worker)
            .state_timeout(LATE)
            .timer("late", LATE)
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Idle, event @ Event::Cast(Told::Later)) => postpone(event),
            (State::Idle, Event::Cast(Told::Keep)) => keep_state()
                .event_timeout(LATE)
                .state_timeout(LATE)
                .timer("late", SOON)
                .next_event(Event::Internal(0)),
            (State::Idle, Event::Cast(Told::Work)) => next_state(State::Busy)
                .next_event(Event::Internal(1))
                .next_event(Event::Internal(2))
                .timer("one", Duration::ZERO)
                .timer("two", Duration::ZERO)
                .state_timeout(SOON),
            (State::Busy, Event::Internal(1)) => keep_state().next_event(Event::Internal(3)),
            (State::Busy, Event::Cast(Told::Cancel)) => {
                keep_state().state_timeout(Timeout::cancel())
            }
            (State::Busy, Event::Cast(Told::Finish)) => next_state(State::Done).state_timeout(LATE),
            (State::Done, Event::Cast(Told::Again)) => next_state(State::Idle),
            (_, Event::Cast(Told::Stop)) => stop(ExitReason::Normal),
            _ => keep_state(),
        }
    }
}

/// A machine that is told all that it knows, and stopped.
pub(crate) fn work() -> Body {
    Box::pin(async {
        let Ok(worker) = Worker::start(()).await else {
            return;
        };
        let first = [
            Told::Later,
            Told::Later,
            Told::Keep,
            Told::Keep,
            Told::Work,
            Told::Cancel,
        ];
        for told in first {
            worker.cast(told);
        }
        sleep(SOON * 2).await;
        worker.cast(Told::Finish);
        worker.cast(Told::Again);
        worker.cast(Told::Stop);
    })
}
