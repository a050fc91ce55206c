//! A crash under `spawn`, under `spawn_link`, and under `spawn_link` with exits trapped.
//!
//! Without a link a crash is nobody's business; over a link it takes the other process along,
//! unless that one traps exits and gets a message instead.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, unreachable};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::spawn_crash", spawn_crash)
            .about("a crash does not reach a parent that is not linked")
            .no_leaks(),
        Scenario::new("process::spawn_link_crash", spawn_link_crash)
            .about("a crash takes the linked parent along")
            .no_leaks(),
        Scenario::new("process::trap_exit", trap_exit_of_child)
            .about("a parent that traps exits is told of the crash and continues")
            .no_leaks(),
    ]
}

async fn crash(_: Mailbox) {
    sleep(Duration::from_millis(5)).await;
    panic!("Crash!");
}

fn is_crash(reason: &ExitReason) -> bool {
    matches!(reason, ExitReason::Panicked(info) if info.message == "Crash!")
}

async fn spawn_crash() {
    let mut mailbox = mailbox();
    let (_, reference) = spawn_monitor(crash);
    let down = mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    always!(
        "spawn_crash.reason",
        is_crash(&down.reason),
        "{}",
        down.reason
    );
}

#[derive(Debug)]
struct Never;

async fn spawn_link_crash() {
    let mut mailbox = mailbox();
    let (parent, reference) = spawn_monitor(async |mut mailbox: Mailbox| {
        spawn_link(crash);
        mailbox.receive::<Never>().await;
        unreachable!("spawn_link_crash.parent_survives");
    });
    let down = mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    always!("spawn_link_crash.parent", down.process == parent);
    always!(
        "spawn_link_crash.same_reason",
        is_crash(&down.reason),
        "{}",
        down.reason
    );
}

async fn trap_exit_of_child() {
    let mut mailbox = mailbox();
    trap_exit(true);
    let child = spawn_link(crash);
    let exit = mailbox
        .receive_where(|exit: &Exit| exit.from == child)
        .await;
    always!(
        "trap_exit.reason",
        is_crash(&exit.reason),
        "{}",
        exit.reason
    );
    always!("trap_exit.once", mailbox.is_empty());
}
