//! The source document's agent, as it was written: what was postponed while it worked crashes it
//! when it is complete, and so does its timeout.
//!
//! Known from the document "Elixir Part 2: Concurrency, OTP & State Machines" (SEED-7), and from
//! every machine that postpones a request which no later state knows.
//!
//! Failing order: a second task is submitted before the result of the first arrives; for the
//! timeout, the time is up before the result arrives, and the data have no such field.
//!
//! Mend: each state says what it does about each request; the data have their fields.

use std::collections::BTreeMap;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::agent_fsm", || second_task(AS_WRITTEN))
            .about("a task that was postponed is retried where nobody knows it")
            .broken("always agent_fsm.accepted", 12)
            .mended("mended::agent_fsm"),
        Scenario::new("mended::agent_fsm", || second_task(MENDED))
            .about("an agent that takes the next task when it is complete")
            .expects(["agent_fsm.while_busy", "agent_fsm.afterwards"]),
        Scenario::new("broken::agent_fsm_timeout", || slow_task(AS_WRITTEN))
            .about("a timeout that updates a field which is not there")
            .broken("always agent_fsm_timeout.alive", 8)
            .mended("mended::agent_fsm_timeout"),
        Scenario::new("mended::agent_fsm_timeout", || slow_task(MENDED))
            .about("an agent whose data have all their fields")
            .expects(["agent_fsm_timeout.failed", "agent_fsm_timeout.complete"]),
    ]
}

/// Which of the two agents.
type Version = bool;
const AS_WRITTEN: Version = false;
const MENDED: Version = true;

const PATIENCE: Duration = Duration::from_millis(30);

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Idle,
    Processing,
    Complete,
    Error,
}

#[derive(Debug)]
enum Request {
    Submit(&'static str, Caller<Accepted>),
    Status(Caller<State>),
}

/// Whether a task had to wait for another one.
#[derive(Debug, PartialEq)]
struct Accepted {
    waited: bool,
}

#[derive(Debug)]
struct Done;

struct Agent {
    mended: Version,
    waited: bool,
    /// A map, as in the document: `update` is Elixir's `%{data | key: value}`.
    data: BTreeMap<&'static str, &'static str>,
}

impl Agent {
    fn update(&mut self, key: &'static str, value: &'static str) {
        match self.data.get_mut(key) {
            Some(field) => *field = value,
            None => panic!("key {key:?} not found"),
        }
    }

    /// Has the task done elsewhere.
    fn begin(&mut self, task: &'static str, caller: Caller<Accepted>) -> Transition<Self> {
        self.update("task", task);
        let (agent, waited) = (me(), std::mem::take(&mut self.waited));
        spawn(async move |_: Mailbox| {
            sleep(PATIENCE - Duration::from_millis(10)).await;
            send(agent, Done);
        });
        next_state(State::Processing)
            .reply(caller, Accepted { waited })
            .state_timeout(PATIENCE)
    }
}

impl GenStateMachine for Agent {
    type Args = Version;
    type State = State;
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init(mended: Version) -> Begin<Self> {
        let mut data = BTreeMap::from([("task", ""), ("result", "")]);
        if mended {
            data.insert("error", "");
        }
        let waited = false;
        let agent = Agent {
            mended,
            waited,
            data,
        };
        begin(State::Idle, agent)
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Idle, Event::Call(Request::Submit(task, caller))) => self.begin(task, caller),
            (state, Event::Call(Request::Status(caller))) => keep_state().reply(caller, *state),
            (State::Processing, Event::StateTimeout(_)) => {
                self.update("error", "timeout");
                next_state(State::Error)
            }
            (State::Processing, Event::Info(_)) => {
                self.update("result", "done");
                next_state(State::Complete)
            }
            (State::Processing, event @ Event::Call(Request::Submit(..))) => {
                self.waited = true;
                postpone(event)
            }
            (_, Event::Call(Request::Submit(task, caller))) if self.mended => {
                self.begin(task, caller)
            }
            // The result of a task that took too long.
            (_, Event::Info(_)) if self.mended => keep_state(),
            (_, event) => unexpected(event),
        }
    }
}

async fn second_task(version: Version) -> Result<(), ExitReason> {
    let agent = Agent::start(version).name("agent").await?;
    agent.call(|caller| Request::Submit("one", caller)).await?;
    let second = agent.request(|caller| Request::Submit("two", caller)).await;
    // It has seen the second task by now: if it is still processing, that one waits.
    let state = agent.call(Request::Status).await;
    if state != Ok(State::Processing) && version == AS_WRITTEN {
        // It has done its one task: nobody may ask for more.
        return Ok(());
    }
    let second = second.receive().await;
    always!("agent_fsm.accepted", second.is_ok(), "{second:?}");
    let waited = second.is_ok_and(|accepted| accepted.waited);
    sometimes!("agent_fsm.while_busy", waited);
    sometimes!("agent_fsm.afterwards", !waited);
    Ok(())
}

async fn slow_task(version: Version) -> Result<(), ExitReason> {
    let agent = Agent::start(version).name("agent").await?;
    agent.call(|caller| Request::Submit("one", caller)).await?;
    sleep(PATIENCE * 2).await;
    let state = agent.call(Request::Status).await;
    sometimes!("agent_fsm_timeout.failed", state == Ok(State::Error));
    sometimes!("agent_fsm_timeout.complete", state == Ok(State::Complete));
    always!("agent_fsm_timeout.alive", state.is_ok(), "{state:?}");
    Ok(())
}
