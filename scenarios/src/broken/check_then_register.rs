//! "Start it unless it runs": two processes find that it does not run, and both start it.
//!
//! Known from the restart of OTP's percept (in Concuerror's collection, where 215 of 227
//! interleavings fail) and from every `whereis` that is followed by a `register`.
//!
//! Failing order: both starters look the name up before either has registered it.
//!
//! Mend: registering is the check. Who comes second is told who was first.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::check_then_register", broken)
            .about("two starters both find the name free")
            .broken("always check_then_register.started", 6)
            .mended("mended::check_then_register"),
        Scenario::new("mended::check_then_register", mended)
            .about("registering is the check")
            .expects([
                "check_then_register.was_second",
                "check_then_register.found_running",
            ]),
    ]
}

const NAME: &str = "profiler";

#[derive(Debug)]
struct Never;

async fn profile(mut mailbox: Mailbox) {
    mailbox.receive::<Never>().await;
}

#[derive(Debug)]
struct Started(Result<Pid, RegisterError>);

async fn start() -> Result<Pid, RegisterError> {
    if let Some(running) = whereis(NAME).await {
        return Ok(running);
    }
    let profiler = spawn(profile);
    register(NAME, profiler).await.map(|()| profiler)
}

async fn start_or_join() -> Result<Pid, RegisterError> {
    if let Some(running) = whereis(NAME).await {
        sometimes!("check_then_register.found_running", true);
        return Ok(running);
    }
    let profiler = spawn(profile);
    match register(NAME, profiler).await {
        Err(RegisterError::Taken { by, .. }) => {
            sometimes!("check_then_register.was_second", true);
            exit(profiler, ExitReason::Shutdown);
            Ok(by)
        }
        registered => registered.map(|()| profiler),
    }
}

async fn check(mailbox: &mut Mailbox) {
    let mut pids = Vec::new();
    for _ in 0..2 {
        let Started(started) = mailbox.receive().await;
        always!(
            "check_then_register.started",
            started.is_ok(),
            "{started:?}"
        );
        pids.extend(started);
    }
    let one = pids.windows(2).all(|two| two[0] == two[1]);
    always!("check_then_register.one", one);
}

async fn broken() {
    let root = me();
    for _ in 0..2 {
        spawn(async move |_: Mailbox| send(root, Started(start().await)));
    }
    check(&mut mailbox()).await;
}

async fn mended() {
    let root = me();
    for _ in 0..2 {
        spawn(async move |_: Mailbox| send(root, Started(start_or_join().await)));
    }
    check(&mut mailbox()).await;
}
