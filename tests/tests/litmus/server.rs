//! Starting, calling and watching against death, timeouts and late answers.
//!
//! Each is searched at its smallest size; how many traces there are is pinned as well, so that a
//! choice that appears or disappears is seen.

use std::time::Duration;

use beamline::prelude::*;
use beamline::start::{StartOptions, start};
use beamline_sim::Granularity;

use crate::program::{Body, Go, LATE, Program, SOON, boom, programs};

programs! {
    start_against_death_of_the_child => ["started", "killed"];
    linked_start_against_death_of_the_child => ["started, then exit", "killed, no exit"];
    start_against_death_of_the_parent => ["ended with it", "never began"];
    start_against_its_timeout => ["started", "timeout, nothing is left"];
    call_against_death_of_the_server => ["answered", "killed", "noproc"];
    call_against_its_timeout => ["answered", "timeout, then its own answer"];
    call_against_timeout_and_death => ["answered", "killed", "noproc", "timeout"];
    call_against_a_crash_of_the_callback => ["crashed", "timeout"];
    answer_by_another_against_death_of_the_server => ["answered", "killed", "noproc"];
    dropped_call_against_death_of_the_server => ["killed", "no reply", "noproc"];
    demonitor_flush_against_death => ["nothing"];
}

/// A process that kills the first that it is told.
fn killer() -> Pid {
    spawn(async |mut mailbox: Mailbox| {
        let victim: Pid = mailbox.receive().await;
        exit(victim, ExitReason::Kill);
    })
}

/// Starts a process that has itself killed while it starts.
async fn doomed(options: StartOptions) -> Result<(), StartError> {
    let killer = killer();
    let started = start(options, "child", move |mut mailbox: Mailbox| async move {
        send(killer, me());
        yield_now().await;
        let life = async move {
            mailbox.receive::<Go>().await;
            ExitReason::Normal
        };
        Ok(((), life))
    });
    started.await.map(drop)
}

async fn start_against_death_of_the_child() -> &'static str {
    match doomed(StartOptions::new()).await {
        Ok(()) => "started",
        Err(StartError::Failed(ExitReason::Killed)) => "killed",
        Err(_) => "another error",
    }
}

async fn linked_start_against_death_of_the_child() -> &'static str {
    let mut mailbox = mailbox();
    trap_exit(true);
    let started = doomed(StartOptions::new().link()).await;
    let exit = mailbox.receive_timeout::<Exit>(LATE).await;
    match (started, exit.map(|exit| exit.reason)) {
        // The exit may come later than that.
        (Ok(()), Some(ExitReason::Killed) | None) => "started, then exit",
        (Err(StartError::Failed(ExitReason::Killed)), None) => "killed, no exit",
        _ => "another end",
    }
}

async fn start_against_death_of_the_parent() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    let (parent, _) = spawn_monitor(async move |_: Mailbox| {
        let options = StartOptions::new().link();
        let started = start(options, "child", move |mut mailbox: Mailbox| async move {
            send(root, me());
            yield_now().await;
            let life = async move {
                mailbox.receive::<Go>().await;
                ExitReason::Normal
            };
            Ok(((), life))
        });
        started.await.map(drop).map_err(|_| boom())?;
        std::future::pending::<Result<(), ExitReason>>().await
    });
    exit(parent, ExitReason::Kill);
    mailbox.receive::<Down>().await;
    let Some(child) = mailbox.receive_timeout::<Pid>(LATE).await else {
        return "never began";
    };
    // If it lived on, this would wait for ever.
    monitor(child);
    mailbox.receive::<Down>().await;
    "ended with it"
}

async fn start_against_its_timeout() -> &'static str {
    let mut mailbox = mailbox();
    trap_exit(true);
    let options = StartOptions::new().link().timeout(SOON);
    let started = start(options, "child", |mut mailbox: Mailbox| async move {
        sleep(SOON).await;
        let life = async move {
            mailbox.receive::<Go>().await;
            ExitReason::Normal
        };
        Ok(((), life))
    });
    match started.await.map(|started| started.pid) {
        Ok(child) if alive(child).await => "started",
        Err(StartError::Timeout) => match mailbox.receive_any_timeout(LATE).await {
            None => "timeout, nothing is left",
            Some(_) => "timeout, something is left",
        },
        _ => "another end",
    }
}

/// A server that answers in several ways.
struct Answering;

#[derive(Debug)]
enum Ask {
    Now(u8, Caller<u8>),
    Elsewhere(Caller<u8>),
    Drop(Caller<u8>),
    Crash(Caller<u8>),
}

impl GenServer for Answering {
    type Args = ();
    type Call = Ask;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Answering.into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Now(number, caller) => caller.reply(number),
            Ask::Elsewhere(caller) => drop(spawn(async move |_: Mailbox| caller.reply(1))),
            Ask::Drop(caller) => drop(caller),
            Ask::Crash(_caller) => return Err(boom()),
        }
        Ok(Next::Wait)
    }
}

async fn answering() -> Server<Answering> {
    Answering::start(()).await.expect("it starts")
}

fn told(answer: Result<u8, CallError>) -> &'static str {
    match answer {
        Ok(1) => "answered",
        Err(CallError::NoProc) => "noproc",
        Err(CallError::NoReply) => "no reply",
        Err(CallError::Timeout) => "timeout",
        Err(CallError::Down(ExitReason::Killed)) => "killed",
        Err(CallError::Down(reason)) if reason == boom() => "crashed",
        _ => "another answer",
    }
}

/// Calls a server that somebody kills meanwhile.
async fn call_the_doomed(
    make: impl FnOnce(Caller<u8>) -> Ask + Send,
    timeout: Option<Duration>,
) -> &'static str {
    let server = answering().await;
    send(killer(), server.pid());
    let call = server.call(make);
    told(match timeout {
        Some(timeout) => call.timeout(timeout).await,
        None => call.no_timeout().await,
    })
}

async fn call_against_death_of_the_server() -> &'static str {
    call_the_doomed(|caller| Ask::Now(1, caller), None).await
}

async fn call_against_its_timeout() -> &'static str {
    let server = answering().await;
    let first = server.call(|caller| Ask::Now(1, caller)).timeout(SOON);
    match told(first.await) {
        "timeout" => {}
        other => return other,
    }
    let second = server.call(|caller| Ask::Now(2, caller)).no_timeout();
    let second = second.await;
    match (second, mailbox().receive_any_timeout(Duration::ZERO).await) {
        (Ok(2), None) => "timeout, then its own answer",
        _ => "timeout, then something else",
    }
}

async fn call_against_timeout_and_death() -> &'static str {
    call_the_doomed(|caller| Ask::Now(1, caller), Some(SOON)).await
}

async fn call_against_a_crash_of_the_callback() -> &'static str {
    let server = answering().await;
    told(server.call(Ask::Crash).timeout(SOON).await)
}

async fn answer_by_another_against_death_of_the_server() -> &'static str {
    call_the_doomed(Ask::Elsewhere, None).await
}

async fn dropped_call_against_death_of_the_server() -> &'static str {
    call_the_doomed(Ask::Drop, None).await
}

async fn demonitor_flush_against_death() -> &'static str {
    let mut mailbox = mailbox();
    let (child, watch) = spawn_monitor(async |_: Mailbox| {});
    yield_now().await;
    demonitor_flush(watch);
    // By now the child has ended for certain, and its down would be here.
    while alive(child).await {
        yield_now().await;
    }
    match mailbox.receive_any_timeout(LATE).await {
        None => "nothing",
        Some(_) => "a down",
    }
}

/// Every program here with the number of its traces, by fused and by single steps.
const TRACES: &[(&str, [u64; 2])] = &[];

fn all() -> Vec<Program> {
    macro_rules! list {
        ($($name:ident),+ $(,)?) => {
            vec![$(Program {
                name: stringify!($name),
                outcomes: &[],
                body: || -> Body { Box::pin($name()) },
            }),+]
        };
    }
    list![
        start_against_death_of_the_child,
        linked_start_against_death_of_the_child,
        start_against_death_of_the_parent,
        start_against_its_timeout,
        call_against_death_of_the_server,
        call_against_its_timeout,
        call_against_timeout_and_death,
        call_against_a_crash_of_the_callback,
        answer_by_another_against_death_of_the_server,
        dropped_call_against_death_of_the_server,
        demonitor_flush_against_death,
    ]
}

#[test]
fn the_numbers_of_traces_are_pinned() {
    let granularities = [Granularity::Fused, Granularity::Fine];
    let found: Vec<(&str, [u64; 2])> = all()
        .into_iter()
        .map(|program| (program.name, granularities.map(|by| program.traces(by))))
        .collect();
    assert_eq!(found, TRACES);
}
