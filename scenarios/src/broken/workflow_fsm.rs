//! The source document's workflow, as it was written: a second start is postponed while it runs,
//! and crashes it when it is complete.
//!
//! Known from the document "Elixir Part 2: Concurrency, OTP & State Machines" (SEED-7).
//!
//! Failing order: the second start arrives while the first one runs.
//!
//! Mend: states that have ended answer a start as well.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::workflow_fsm", || two_clients(false))
            .about("a start that was postponed is retried where nobody knows it")
            .broken("always workflow_fsm.kept", 12)
            .mended("mended::workflow_fsm"),
        Scenario::new("mended::workflow_fsm", || two_clients(true))
            .about("a workflow that answers a start in every state")
            .expects(["workflow_fsm.second_refused", "workflow_fsm.first_refused"]),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Pending,
    Running,
    Complete,
}

#[derive(Debug)]
enum Request {
    Start(u64, Caller<bool>),
    GetResult(Caller<u64>),
}

#[derive(Debug)]
struct Execute;

struct Workflow {
    mended: bool,
    postponed: bool,
    parameter: u64,
    result: u64,
}

impl GenStateMachine for Workflow {
    type Args = bool;
    type State = State;
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Internal = Never;
    type TimerName = Never;

    async fn init(mended: bool) -> Begin<Self> {
        let workflow = Workflow {
            mended,
            postponed: false,
            parameter: 0,
            result: 0,
        };
        begin(State::Pending, workflow)
    }

    async fn handle_event(&mut self, state: &State, event: Event<Self>) -> Transition<Self> {
        match state {
            State::Pending => self.pending(event),
            State::Running => self.running(event),
            State::Complete => self.complete(event),
        }
    }

    async fn enter(&mut self, _: &State, state: &State) -> Entering<Self> {
        if *state == State::Running {
            send(me(), Execute);
        }
        Enter::done()
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &State) {
        // Whoever was told to wait is not to wait for a crash.
        let kept = !self.postponed || !reason.is_abnormal();
        always!("workflow_fsm.kept", kept, "{reason}");
    }
}

impl Workflow {
    fn pending(&mut self, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Call(Request::Start(parameter, caller)) => {
                self.parameter = parameter;
                next_state(State::Running).reply(caller, true)
            }
            event => unexpected(event),
        }
    }

    fn running(&mut self, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Info(_) => {
                self.result = self.parameter * 10;
                next_state(State::Complete)
            }
            event @ Event::Call(_) => {
                self.postponed = true;
                postpone(event)
            }
            event => unexpected(event),
        }
    }

    fn complete(&mut self, event: Event<Self>) -> Transition<Self> {
        match event {
            Event::Call(Request::GetResult(caller)) => keep_state().reply(caller, self.result),
            Event::Call(Request::Start(_, caller)) if self.mended => {
                keep_state().reply(caller, false)
            }
            event => unexpected(event),
        }
    }
}

/// Starts the work, and asks for the result if it was the one who did.
async fn client(workflow: StateMachine<Workflow>, parameter: u64) -> Result<bool, CallError> {
    let began = workflow
        .call(|caller| Request::Start(parameter, caller))
        .await?;
    if began {
        let result = workflow.call(Request::GetResult).await?;
        always!("workflow_fsm.result", result == parameter * 10, "{result}");
    }
    Ok(began)
}

async fn two_clients(mended: bool) -> Result<(), ExitReason> {
    let workflow = Workflow::start(mended).name("workflow").await?;
    let first = Task::spawn(client(workflow, 1));
    let second = Task::spawn(client(workflow, 2));
    let (first, second) = (first.join(None).await?, second.join(None).await?);
    sometimes!("workflow_fsm.first_refused", first == Ok(false));
    sometimes!("workflow_fsm.second_refused", second == Ok(false));
    Ok(())
}
