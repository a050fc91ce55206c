//! Starting, calling and watching against death, timeouts and late answers.

use std::time::Duration;

use beamline::prelude::*;
use beamline::start::{StartOptions, start};

use crate::program::{Go, LATE, SOON, boom, programs, wide_programs};

programs! {
    start_against_death_of_the_child => ["started", "killed"];
    start_against_its_timeout => ["started", "timeout, nothing is left"];
    call_against_its_timeout => ["answered", "timeout, then its own answer"];
    call_against_a_crash_of_the_callback => ["crashed", "timeout"];
    demonitor_flush_against_death => ["nothing"];
}

/// Too wide for a search by single steps; `deaths` searches these with fewer processes.
mod wide {
    use super::*;

    wide_programs! {
        linked_start_against_death_of_the_child => ["started, then exit", "killed, no exit"];
        start_against_death_of_the_parent => ["ended with it", "never began"];
        call_against_death_of_the_server => ["answered", "killed", "noproc"];
        call_against_timeout_and_death => ["answered", "killed", "noproc", "timeout"];
        answer_by_another_against_death_of_the_server => ["answered", "killed", "noproc"];
        dropped_call_against_death_of_the_server => ["killed", "no reply", "noproc"];
    }
}

/// A process that kills the first that it is told.
fn killer() -> Pid {
    spawn(async |mut mailbox: Mailbox| {
        let victim: Pid = mailbox.receive().await;
        exit(victim, ExitReason::Kill);
    })
}

/// What a process does that was started: nothing, until it is told to go.
pub(crate) async fn until_told(mut mailbox: Mailbox) -> ExitReason {
    mailbox.receive::<Go>().await;
    ExitReason::Normal
}

/// Starts a process that has itself killed while it starts.
async fn doomed(options: StartOptions) -> Result<(), StartError> {
    let killer = killer();
    let started = start(options, "child", move |mailbox: Mailbox| async move {
        send(killer, me());
        yield_now().await;
        Ok(((), until_told(mailbox)))
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
        let started = start(options, "child", move |mailbox: Mailbox| async move {
            send(root, me());
            yield_now().await;
            Ok(((), until_told(mailbox)))
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
    let started = start(options, "child", |mailbox: Mailbox| async move {
        sleep(SOON).await;
        Ok(((), until_told(mailbox)))
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
pub(crate) struct Answering;

#[derive(Debug)]
pub(crate) enum Ask {
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
            Ask::Elsewhere(caller) => {
                let options = SpawnOptions::new().label("victim");
                let _ = spawn_with(options, async move |_: Mailbox| caller.reply(1));
            }
            Ask::Drop(caller) => drop(caller),
            Ask::Crash(_caller) => return Err(boom()),
        }
        Ok(Next::Wait)
    }
}

pub(crate) async fn answering(label: &str) -> Server<Answering> {
    let start = Answering::start(()).label(label);
    start.await.expect("it starts")
}

pub(crate) fn told(answer: Result<u8, CallError>) -> &'static str {
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
    let server = answering("server").await;
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
    let server = answering("server").await;
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
    let server = answering("server").await;
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
    let (_, watch) = spawn_monitor(async |_: Mailbox| {});
    yield_now().await;
    demonitor_flush(watch);
    match mailbox.receive_any_timeout(LATE).await {
        None => "nothing",
        Some(_) => "a down",
    }
}
