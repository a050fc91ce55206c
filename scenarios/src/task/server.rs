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
            .about("a server takes results and crashes of its tasks as messages")
            .expects(["server.result", "server.crash"])
            .no_leaks(),
        Scenario::new("broken::join_in_a_server", broken)
            .about("a server waits for a task that asks the server")
            .broken("deadlock", 6)
            .mended("mended::join_in_a_server")
            .no_leaks(),
        Scenario::new("mended::join_in_a_server", mended)
            .about("a server takes the result of its task as a message")
            .no_leaks(),
    ]
}

#[derive(Debug)]
enum Request {
    /// Compute the report of this number, for this process.
    Report(u64, Pid),
    /// The factor that reports are computed with.
    Factor(Pid),
}

#[derive(Debug)]
struct Factor(u64);

#[derive(Debug, PartialEq)]
struct Report(Result<u64, ExitReason>);

/// What a task of the server computes: it asks the server for what it needs.
async fn report(server: Pid, number: u64) -> u64 {
    send(server, Request::Factor(me()));
    let Factor(factor) = mailbox().receive().await;
    number * factor
}

/// Answers one report, waiting for its task.
async fn joining_server(mut mailbox: Mailbox) -> Result<(), ExitReason> {
    if let Request::Report(number, client) = mailbox.receive().await {
        let task = Task::spawn(report(me(), number));
        send(client, Report(Ok(task.join(None).await?)));
    }
    Ok(())
}

/// Answers so many reports, and anything else meanwhile.
async fn serving_server(
    mut mailbox: Mailbox,
    reports: usize,
    risky: bool,
) -> Result<(), ExitReason> {
    let tasks = TaskSupervisor::start_link().await?;
    let mut clients: BTreeMap<Ref, Pid> = BTreeMap::new();
    let mut answered = 0;
    while answered < reports {
        receive! { mailbox;
            Request::Report(number, client) in Request => {
                let server = me();
                let work = async move {
                    if risky && random_range(0..2) == 0 {
                        exit_now(ExitReason::other("no paper"));
                    }
                    report(server, number).await
                };
                let task = tasks.spawn_nolink(work).await?;
                clients.insert(task.into_messages(), client);
            },
            Request::Factor(client) in Request => send(client, Factor(10)),
            TaskReply { reference, value } in TaskReply<u64> => {
                demonitor_flush(reference);
                answered += answer(&mut clients, reference, Ok(value));
            },
            Down { reference, reason, .. } in Down => {
                answered += answer(&mut clients, reference, Err(reason));
            },
        }
    }
    always!("server.nobody_waits", clients.is_empty());
    tasks.stop().await?;
    always!("server.nothing_left", mailbox.is_empty());
    Ok(())
}

fn answer(
    clients: &mut BTreeMap<Ref, Pid>,
    reference: Ref,
    outcome: Result<u64, ExitReason>,
) -> usize {
    let Some(client) = clients.remove(&reference) else {
        return 0;
    };
    send(client, Report(outcome));
    1
}

async fn results_as_messages() {
    let mut mailbox = mailbox();
    let server = spawn_link(async |mailbox| serving_server(mailbox, 2, true).await);
    for number in [1, 2] {
        send(server, Request::Report(number, me()));
    }
    let mut sum = 0;
    for _ in 0..2 {
        let Report(outcome) = mailbox.receive().await;
        match outcome {
            Ok(value) => {
                sometimes!("server.result", true);
                sum += value;
            }
            Err(_) => sometimes!("server.crash", true),
        }
    }
    always!("server.right", [0, 10, 20, 30].contains(&sum), "{sum}");
}

async fn ask_for_a_report(server: Pid) {
    send(server, Request::Report(4, me()));
    let report = mailbox().receive::<Report>().await;
    always!("server.report", report == Report(Ok(40)), "{report:?}");
}

async fn broken() {
    ask_for_a_report(spawn_link(joining_server)).await;
}

async fn mended() {
    ask_for_a_report(spawn_link(async |mailbox| {
        serving_server(mailbox, 1, false).await
    }))
    .await;
}
