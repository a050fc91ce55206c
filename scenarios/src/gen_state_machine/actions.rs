//! A turnstile that uses every action: it answers, postpones, inserts, hibernates and stops with
//! answers.

use std::collections::VecDeque;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_state_machine::actions", actions)
            .about("a turnstile that answers, postpones, inserts, hibernates and stops")
            .expects([
                "actions.in_order",
                "actions.crossed",
                "actions.closed_early",
            ])
            .no_leaks(),
    ]
}

#[derive(Debug, PartialEq)]
enum State {
    Locked,
    Turning,
}

#[derive(Debug)]
enum Request {
    /// Passes, when somebody has paid.
    Pass(u8, Caller<bool>),
    Pay(Caller<()>),
    /// Stops it; whoever has not passed is told so.
    Close(Caller<Vec<u8>>),
}

#[derive(Debug)]
enum Step {
    Turned,
}

#[derive(Default)]
struct Turnstile {
    passed: Vec<u8>,
    turning: VecDeque<(u8, Caller<bool>)>,
}

impl GenStateMachine for Turnstile {
    type Args = ();
    type State = State;
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Internal = Step;
    type TimerName = Never;

    async fn init((): ()) -> Begin<Self> {
        begin(State::Locked, Turnstile::default())
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Locked, event @ Event::Call(Request::Pass(..))) => postpone(event),
            (State::Locked, Event::Call(Request::Pay(caller))) => {
                next_state(State::Turning).reply(caller, ())
            }
            (State::Turning, Event::Call(Request::Pass(who, caller))) => {
                self.turning.push_back((who, caller));
                keep_state().next_event(Event::Internal(Step::Turned))
            }
            (State::Turning, event @ Event::Call(Request::Pay(_))) => postpone(event),
            (State::Turning, Event::Internal(Step::Turned)) => match self.turning.pop_front() {
                Some((who, caller)) => {
                    self.passed.push(who);
                    next_state(State::Locked).reply(caller, true).hibernate()
                }
                None => keep_state(),
            },
            (_, Event::Call(Request::Close(caller))) => {
                let passed = std::mem::take(&mut self.passed);
                stop(ExitReason::Normal).reply(caller, passed)
            }
            (_, event) => unexpected(event),
        }
    }
}

async fn actions() -> Result<(), ExitReason> {
    let turnstile = Turnstile::start_link(()).name("turnstile").await?;
    let pass = |who| turnstile.request(move |caller| Request::Pass(who, caller));
    let (one, two) = (pass(1).await, pass(2).await);
    let payer = Task::spawn(async move {
        turnstile.call(Request::Pay).await?;
        turnstile.call(Request::Pay).await
    });
    // Whoever came first passes first; should it close meanwhile, nobody waits for ever.
    let (one, mut two) = (one.receive().await, two);
    always!("actions.first", one == Ok(true), "{one:?}");
    let second = two.wait(Duration::from_millis(1)).await;
    let closed = turnstile.call(Request::Close).await;
    if let Ok(passed) = &closed {
        sometimes!("actions.in_order", *passed == [1, 2]);
        sometimes!("actions.closed_early", *passed == [1]);
        always!("actions.order", [1, 2].starts_with(passed), "{passed:?}");
    }
    sometimes!("actions.crossed", second.is_none());
    let paid = payer.join(None).await?;
    always!(
        "actions.paid",
        matches!(paid, Ok(()) | Err(CallError::Down(_) | CallError::NoProc))
    );
    Ok(())
}
