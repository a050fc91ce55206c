//! An agent: idle, processing one task at a time, complete or failed; tasks that come while it
//! works wait.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_state_machine::agent", agent)
            .about("an agent that does one task at a time and lets the others wait")
            .expects(["agent.waited", "agent.timed_out", "agent.in_time"]),
    ]
}

/// How long a task may take.
const PATIENCE: Duration = Duration::from_millis(30);
/// How long it takes.
const WORK: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, PartialEq)]
enum State {
    Idle,
    Processing,
    Complete,
    Failed,
}

#[derive(Debug)]
enum Request {
    Submit(u64, Caller<Accepted>),
    Status(Caller<(State, Vec<u64>)>),
}

/// Whether the task had to wait for another one.
#[derive(Debug, PartialEq)]
struct Accepted {
    waited: bool,
}

/// What comes as a plain message: results.
#[derive(Debug)]
enum Info {
    Done(Done),
    Other,
}

#[derive(Debug)]
struct Done(u64);

impl From<Message> for Info {
    fn from(message: Message) -> Self {
        message.downcast().map_or(Info::Other, Info::Done)
    }
}

#[derive(Default)]
struct Agent {
    results: Vec<u64>,
    postponed: bool,
}

impl Agent {
    /// Has a task done by a process of its own.
    fn begin(&mut self, task: u64, caller: Caller<Accepted>) -> Transition<Self> {
        let agent = me();
        spawn(async move |_: Mailbox| {
            sleep(WORK).await;
            send(agent, Done(task * task));
        });
        caller.reply(Accepted {
            waited: std::mem::take(&mut self.postponed),
        });
        next_state(State::Processing).state_timeout(PATIENCE)
    }
}

impl GenStateMachine for Agent {
    type Args = ();
    type State = State;
    type Call = Request;
    type Cast = Never;
    type Info = Info;
    type Internal = Never;
    type TimerName = Never;

    async fn init((): ()) -> Begin<Self> {
        begin(State::Idle, Agent::default())
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match (state, event) {
            (State::Processing, event @ Event::Call(Request::Submit(..))) => {
                self.postponed = true;
                postpone(event)
            }
            (_, Event::Call(Request::Submit(task, caller))) => self.begin(task, caller),
            (state, Event::Call(Request::Status(caller))) => {
                caller.reply((state.clone(), self.results.clone()));
                keep_state()
            }
            (State::Processing, Event::Info(Info::Done(Done(result)))) => {
                self.results.push(result);
                next_state(State::Complete)
            }
            (State::Processing, Event::StateTimeout(_)) => next_state(State::Failed),
            // The result of a task that took too long.
            (_, Event::Info(Info::Done(_))) => keep_state(),
            (_, event) => unexpected(event),
        }
    }
}

async fn agent() -> Result<(), ExitReason> {
    let agent = Agent::start_link(()).name("agent").await?;
    let submit = |task| agent.request(move |caller| Request::Submit(task, caller));
    let (first, second) = (submit(2).await, submit(3).await);
    let first = first.receive().await?;
    always!("agent.first_at_once", !first.waited);
    let second = second.receive().await?;
    sometimes!("agent.waited", second.waited);
    // The second task is done, or given up, when a third one is accepted.
    submit(4).await.receive().await?;
    let (state, results) = agent.call(Request::Status).await?;
    always!("agent.busy", state != State::Idle, "{state:?}");
    sometimes!(
        "agent.in_time",
        results.contains(&4) && results.contains(&9)
    );
    sometimes!("agent.timed_out", results.len() < 2);
    Ok(agent.stop().await?)
}
