//! A server that starts tasks and takes their results among its other messages.
//!
//! The broken one joins its task where it handles a request, as the documentation of Elixir warns
//! against: meanwhile it answers nobody, so whoever asks it from inside the task waits for it
//! while it waits for the task.
//!
//! Failing order: any.
//!
//! Mend: the server goes on, and takes the task's reply as the message that it is.

use std::collections::BTreeMap;

use beamline::prelude::*;
use beamline::task::TaskReply;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("task::results_as_messages", results_as_messages)
            .about("a server takes results and crashes of its tasks in handle_info")
            .expects(["server.result", "server.crash"])
            .no_leaks(),
        Scenario::new("broken::join_in_a_server", broken)
            .about("a server waits for a task that asks the server")
            .broken("deadlock", 7)
            .mended("mended::join_in_a_server")
            .no_leaks(),
        Scenario::new("mended::join_in_a_server", mended)
            .about("a server takes the result of its task as a message")
            .no_leaks(),
    ]
}

/// How the server waits for its tasks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Join,
    Messages,
}

/// What a report comes to.
type Report = Result<u64, ExitReason>;

#[derive(Debug)]
enum Request {
    /// The report of this number, which may fail.
    Report(u64, Caller<Report>),
    /// The factor that reports are computed with.
    Factor(Caller<u64>),
}

/// What else arrives.
enum Info {
    Value(TaskReply<u64>),
    Down(Down),
    Other,
}

impl From<Message> for Info {
    fn from(message: Message) -> Self {
        match message.downcast().map(Info::Value) {
            Ok(value) => value,
            Err(message) => message.downcast().map_or(Info::Other, Info::Down),
        }
    }
}

/// A server that has its reports made by tasks.
struct Reporter {
    way: Way,
    risky: bool,
    tasks: TaskSupervisor,
    clients: BTreeMap<Ref, Caller<Report>>,
}

impl GenServer for Reporter {
    type Args = (Way, bool);
    type Call = Request;
    type Cast = Never;
    type Info = Info;
    type Continue = Never;

    async fn init((way, risky): (Way, bool)) -> Init<Self> {
        let tasks = TaskSupervisor::start_link().await?;
        let clients = BTreeMap::new();
        let reporter = Reporter {
            way,
            risky,
            tasks,
            clients,
        };
        Ok(reporter.into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Report(number, caller) => {
                let report = report(Server::of(me()), number, self.risky);
                let task = self.tasks.spawn_nolink(report).await?;
                match self.way {
                    Way::Join => caller.reply(Ok(task.join(None).await?)),
                    Way::Messages => {
                        self.clients.insert(task.into_messages(), caller);
                    }
                }
            }
            Request::Factor(caller) => caller.reply(10),
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, info: Info) -> Flow<Self> {
        match info {
            Info::Value(TaskReply { reference, value }) => {
                demonitor_flush(reference);
                self.answer(reference, Ok(value));
            }
            Info::Down(Down {
                reference, reason, ..
            }) => self.answer(reference, Err(reason)),
            Info::Other => {}
        }
        Ok(Next::Wait)
    }

    async fn terminate(&mut self, _: &ExitReason) {
        always!("server.nobody_waits", self.clients.is_empty());
        let stopped = self.tasks.stop().await;
        always!("server.tasks_stopped", stopped.is_ok(), "{stopped:?}");
    }
}

impl Reporter {
    fn answer(&mut self, task: Ref, report: Report) {
        let client = self.clients.remove(&task);
        always!("server.known", client.is_some(), "{task}");
        if let Some(client) = client {
            client.reply(report);
        }
    }
}

/// What a task of the server computes: it asks the server for what it needs.
async fn report(server: Server<Reporter>, number: u64, risky: bool) -> u64 {
    if risky && random_range(0..2) == 0 {
        exit_now(ExitReason::other("no paper"));
    }
    match server.call(Request::Factor).no_timeout().await {
        Ok(factor) => number * factor,
        Err(error) => exit_now(error.into()),
    }
}

async fn ask(reporter: Server<Reporter>, number: u64) -> Result<Report, CallError> {
    let report = reporter.call(|caller| Request::Report(number, caller));
    report.no_timeout().await
}

async fn results_as_messages() -> Result<(), ExitReason> {
    let reporter = Reporter::start_link((Way::Messages, true)).await?;
    let clients = [1, 2].map(|number| Task::spawn(ask(reporter, number)));
    let mut sum = 0;
    for report in Task::join_all(clients, None).await? {
        match report? {
            Ok(value) => {
                sometimes!("server.result", true);
                sum += value;
            }
            Err(reason) => {
                sometimes!("server.crash", true);
                let crashed = reason == ExitReason::other("no paper");
                always!("server.only_the_risk", crashed, "{reason}");
            }
        }
    }
    always!("server.right", [0, 10, 20, 30].contains(&sum), "{sum}");
    reporter.stop().await?;
    Ok(())
}

async fn one_report(way: Way) -> Result<(), ExitReason> {
    let reporter = Reporter::start_link((way, false)).await?;
    let report = ask(reporter, 4).await?;
    always!("server.report", report == Ok(40), "{report:?}");
    reporter.stop().await?;
    Ok(())
}

async fn broken() -> Result<(), ExitReason> {
    one_report(Way::Join).await
}

async fn mended() -> Result<(), ExitReason> {
    one_report(Way::Messages).await
}
