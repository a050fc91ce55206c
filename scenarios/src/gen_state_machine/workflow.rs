//! A workflow with one function for each state, and work that is set up when a state is entered.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_state_machine::workflow", workflow)
            .about("a workflow whose states have functions, and which is set up on entering")
            .expects(["workflow.complete", "workflow.failed", "workflow.joined"]),
    ]
}

const PATIENCE: Duration = Duration::from_millis(60);

#[derive(Debug, Clone, PartialEq)]
enum State {
    Pending,
    Running,
    Complete(u64),
    Failed,
}

#[derive(Debug)]
enum Request {
    /// Starts the work; answers whether it was not done yet.
    Start(u64, Caller<bool>),
    Result(Caller<Option<u64>>),
}

#[derive(Default)]
struct Workflow {
    parameter: u64,
    entered: Vec<State>,
}

impl Workflow {
    fn pending(&mut self, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Call(Request::Start(parameter, caller)) => {
                self.parameter = parameter;
                next_state(State::Running)
                    .reply(caller, true)
                    .state_timeout(PATIENCE)
            }
            Event::Call(_) => postpone(event),
            event => unexpected(event),
        }
    }

    fn running(&mut self, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Info(message) => match message.downcast::<u64>() {
                Ok(result) => next_state(State::Complete(result)),
                Err(_) => keep_state(),
            },
            Event::StateTimeout(_) => next_state(State::Failed),
            Event::Call(_) => postpone(event),
            event => unexpected(event),
        }
    }

    fn ended(&mut self, result: Option<u64>, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Call(Request::Result(caller)) => keep_state().reply(caller, result),
            Event::Call(Request::Start(_, caller)) => keep_state().reply(caller, false),
            // The result of work that took too long.
            Event::Info(_) => keep_state(),
            event => unexpected(event),
        }
    }
}

impl GenStateMachine for Workflow {
    type Args = ();
    type State = State;
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init((): ()) -> Begin<Self> {
        begin(State::Pending, Workflow::default())
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match state {
            State::Pending => self.pending(event),
            State::Running => self.running(event),
            State::Complete(result) => self.ended(Some(*result), event),
            State::Failed => self.ended(None, event),
        }
    }

    async fn enter(&mut self, _: &State, state: &State) -> Entering<Self> {
        self.entered.push(state.clone());
        if *state == State::Running {
            let (workflow, parameter) = (me(), self.parameter);
            spawn(async move |_: Mailbox| {
                sleep(PATIENCE / 2).await;
                send(workflow, parameter * 10);
            });
        }
        Enter::done()
    }

    async fn terminate(&mut self, _: &ExitReason, state: &State) {
        let last = self.entered.last();
        always!(
            "workflow.entered",
            last == Some(state),
            "{:?}",
            self.entered
        );
    }
}

/// Starts the work and waits for its result.
async fn client(workflow: StateMachine<Workflow>, parameter: u64) -> Result<(), ExitReason> {
    let began = workflow
        .call(|caller| Request::Start(parameter, caller))
        .await?;
    let result = workflow.call(Request::Result).await?;
    sometimes!("workflow.joined", !began);
    sometimes!("workflow.complete", result.is_some());
    sometimes!("workflow.failed", result.is_none());
    always!(
        "workflow.result",
        result.is_none_or(|result| result == 10 || result == 20)
    );
    Ok(())
}

async fn workflow() -> Result<(), ExitReason> {
    let workflow = Workflow::start_link(()).name("workflow").await?;
    let clients = [1, 2].map(|parameter| Task::spawn(client(workflow, parameter)));
    for client in clients {
        client.join(None).await??;
    }
    Ok(workflow.stop().await?)
}
