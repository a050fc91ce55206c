//! A machine under a supervisor: it begins in its first state again, and those who waited learn.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_state_machine::supervised", supervised)
            .about("a machine that crashes while a request is postponed")
            .expects(["supervised.let_down", "supervised.served"])
            .no_leaks(),
    ]
}

#[derive(Debug, PartialEq)]
enum State {
    Cold,
    Warm,
}

#[derive(Debug)]
enum Request {
    Brew(Caller<&'static str>),
}

#[derive(Debug)]
enum Told {
    Heat,
    Break,
}

struct Kettle;

impl GenStateMachine for Kettle {
    type Args = ();
    type State = State;
    type Call = Request;
    type Cast = Told;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init((): ()) -> Begin<Self> {
        begin(State::Cold, Kettle)
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Cold, event @ Event::Call(_)) => postpone(event),
            (State::Warm, Event::Call(Request::Brew(caller))) => keep_state().reply(caller, "tea"),
            (_, Event::Cast(Told::Heat)) => next_state(State::Warm),
            (_, Event::Cast(Told::Break)) => Err(ExitReason::other("broken")),
            (_, event) => unexpected(event),
        }
    }
}

async fn supervised() -> Result<(), ExitReason> {
    let supervisor = Supervisor::start_link([Kettle::child(()).name("kettle")]).await?;
    let kettle: StateMachine<Kettle, Name> = StateMachine::named("kettle");
    let saboteur = Task::spawn(async {
        let kettle: StateMachine<Kettle, Name> = StateMachine::named("kettle");
        kettle.cast(Told::Break).await;
    });
    let first = kettle.request(Request::Brew).await;
    kettle.cast(Told::Heat).await;
    let first = first.receive().await;
    saboteur.join(None).await?;
    sometimes!("supervised.served", first == Ok("tea"));
    sometimes!(
        "supervised.let_down",
        matches!(first, Err(CallError::Down(_)))
    );
    // One crash is within its budget: it is there again, and cold.
    loop {
        let next = kettle.request(Request::Brew).await;
        kettle.cast(Told::Heat).await;
        if let Ok(tea) = next.receive().await {
            always!("supervised.tea", tea == "tea");
            break;
        }
        yield_now().await;
    }
    Ok(supervisor.stop().await?)
}
