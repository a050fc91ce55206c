//! State machines: postponed events against changes of state and timeouts, timeouts against what
//! cancels them, calls against their time.
//!
//! How many traces there are is pinned as well, so that a choice that appears or disappears is
//! seen.

use beamline::prelude::*;
use beamline_sim::{Check, Granularity, outcome};

use crate::program::{LATE, SOON, boom, programs, wide_programs};

programs! {
    postponed_call_against_a_change => ["at once", "after waiting"];
    postponed_call_against_the_state_timeout => ["at once", "after waiting"];
    timer_against_a_change => ["timer in the first state", "timer in the second state"];
    call_against_its_timeout => ["answered", "timeout"];
}

/// Too wide for a search by single steps.
mod wide {
    use super::*;

    wide_programs! {
        postponed_call_against_the_end => ["after waiting", "at once", "ended", "not there"];
        state_timeout_against_a_change => ["changed", "timed out"];
        state_timeout_against_its_cancelling => ["cancelled", "timed out"];
        event_timeout_against_an_event => ["ended by an event", "timed out"];
    }
}

/// How many traces a search of fused steps finds.
#[test]
fn numbers_of_traces_are_known() {
    let expected = [
        ("postponed_call_against_a_change", 2),
        ("postponed_call_against_the_state_timeout", 2),
        ("postponed_call_against_the_end", 10),
        ("state_timeout_against_a_change", 4),
        ("state_timeout_against_its_cancelling", 4),
        ("event_timeout_against_an_event", 4),
        ("timer_against_a_change", 3),
        ("call_against_its_timeout", 7),
    ];
    let found = [
        traces(async || postponed_call_against_a_change().await),
        traces(async || postponed_call_against_the_state_timeout().await),
        traces(async || postponed_call_against_the_end().await),
        traces(async || state_timeout_against_a_change().await),
        traces(async || state_timeout_against_its_cancelling().await),
        traces(async || event_timeout_against_an_event().await),
        traces(async || timer_against_a_change().await),
        traces(async || call_against_its_timeout().await),
    ];
    let named = expected.map(|(name, _)| name).into_iter().zip(found);
    assert_eq!(named.collect::<Vec<_>>(), expected);
}

fn traces<F, Fut>(program: F) -> u64
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = &'static str> + Send + 'static,
{
    let check = Check::new("machine").regressions(None);
    let check = check.granularity(Granularity::Fused);
    let found = check.explore(move || {
        let program = program();
        async move { outcome(program.await) }
    });
    assert!(found.complete, "the search did not finish");
    found.traces
}

/// What a machine does about an event in a state.
type React = fn(&mut Toy, &'static str, Event<Toy>) -> Transition<Toy>;

/// A machine that begins in `first`, with a state timeout if it is given one.
struct Toy {
    react: React,
    waited: bool,
}

#[derive(Debug)]
struct Ask(Caller<&'static str>);

impl GenStateMachine for Toy {
    type Args = (React, Option<Timeout<Never>>);
    type State = &'static str;
    type Call = Ask;
    type Cast = &'static str;
    type Info = Message;
    type Internal = Never;
    type TimerName = ();

    async fn init((react, timeout): Self::Args) -> Begin<Self> {
        let waited = false;
        let begin = begin("first", Toy { react, waited });
        match timeout {
            Some(timeout) => begin.state_timeout(timeout),
            None => begin,
        }
    }

    async fn handle_event(&mut self, state: &&'static str, event: Event<Self>) -> Transition<Self> {
        (self.react)(self, state, event)
    }
}

async fn toy(timeout: Option<Timeout<Never>>, react: React) -> StateMachine<Toy> {
    Toy::start((react, timeout)).await.expect("it starts")
}

/// Another process that casts this.
fn another(machine: StateMachine<Toy>, cast: &'static str) {
    spawn(async move |_: Mailbox| machine.cast(cast));
}

/// Calls wait until the first state is left, by a cast or a timeout.
fn waiting(toy: &mut Toy, state: &'static str, event: Event<Toy>) -> Transition<Toy> {
    match (state, event) {
        ("first", event @ Event::Call(_)) => {
            toy.waited = true;
            postpone(event)
        }
        ("first", Event::Cast("end")) => stop(boom()),
        ("first", Event::Cast(_) | Event::StateTimeout(_)) => next_state("second"),
        (_, Event::Call(Ask(caller))) => {
            let how = if toy.waited {
                "after waiting"
            } else {
                "at once"
            };
            keep_state().reply(caller, how)
        }
        (_, Event::Cast("end")) => stop(boom()),
        _ => keep_state(),
    }
}

async fn postponed_call_against_a_change() -> &'static str {
    let machine = toy(None, waiting).await;
    another(machine, "change");
    machine.call(Ask).await.unwrap_or("failed")
}

async fn postponed_call_against_the_state_timeout() -> &'static str {
    let machine = toy(Some(SOON.into()), waiting).await;
    yield_now().await;
    machine.call(Ask).await.unwrap_or("failed")
}

async fn postponed_call_against_the_end() -> &'static str {
    let machine = toy(None, waiting).await;
    another(machine, "change");
    another(machine, "end");
    match machine.call(Ask).await {
        Ok(how) => how,
        Err(CallError::Down(reason)) if reason == boom() => "ended",
        Err(CallError::NoProc) => "not there",
        Err(_) => "failed",
    }
}

/// Says how it left its first state.
fn leaving(_: &mut Toy, state: &'static str, event: Event<Toy>) -> Transition<Toy> {
    match (state, event) {
        ("first", Event::Cast("cancel")) => keep_state().state_timeout(Timeout::cancel()),
        ("first", Event::Cast(_)) => next_state("changed"),
        ("first" | "changed", Event::StateTimeout(_)) => next_state("timed out"),
        ("first", Event::Call(Ask(caller))) => keep_state().reply(caller, "cancelled"),
        (state, Event::Call(Ask(caller))) => keep_state().reply(caller, state),
        _ => keep_state(),
    }
}

async fn state_timeout_against_a_change() -> &'static str {
    let machine = toy(Some(SOON.into()), leaving).await;
    machine.cast("change");
    // Should the timeout outlive its state, there is time for it.
    sleep(LATE).await;
    machine.call(Ask).await.unwrap_or("failed")
}

async fn state_timeout_against_its_cancelling() -> &'static str {
    let machine = toy(Some(SOON.into()), leaving).await;
    machine.cast("cancel");
    sleep(LATE).await;
    machine.call(Ask).await.unwrap_or("failed")
}

async fn event_timeout_against_an_event() -> &'static str {
    let machine = toy(None, |_, state, event| match (state, event) {
        (_, Event::Cast("begin")) => keep_state().event_timeout(SOON),
        ("first", Event::Cast(_)) => next_state("ended by an event"),
        (_, Event::EventTimeout(_)) => next_state("timed out"),
        (state, Event::Call(Ask(caller))) => keep_state().reply(caller, state),
        _ => keep_state(),
    });
    let machine = machine.await;
    machine.cast("begin");
    machine.cast("end it");
    sleep(LATE).await;
    machine.call(Ask).await.unwrap_or("failed")
}

async fn timer_against_a_change() -> &'static str {
    let machine = toy(None, |_, state, event| match (state, event) {
        (_, Event::Cast("begin")) => keep_state().timer((), SOON),
        ("first", Event::Timer((), _)) => next_state("timer in the first state"),
        ("second", Event::Timer((), _)) => next_state("timer in the second state"),
        ("first", Event::Cast(_)) => next_state("second"),
        ("first" | "second", event @ Event::Call(_)) => postpone(event),
        (state, Event::Call(Ask(caller))) => keep_state().reply(caller, state),
        _ => keep_state(),
    });
    let machine = machine.await;
    machine.cast("begin");
    machine.cast("change");
    machine.call(Ask).await.unwrap_or("failed")
}

async fn call_against_its_timeout() -> &'static str {
    let machine = toy(Some(SOON.into()), waiting).await;
    match machine.call(Ask).timeout(LATE).await {
        Ok(_) => "answered",
        Err(CallError::Timeout) => "timeout",
        Err(_) => "failed",
    }
}
