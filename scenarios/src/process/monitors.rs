//! `spawn_monitor`, `monitor` and `demonitor`: watching without sharing the fate.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::spawn_monitor", spawn_and_monitor)
            .about("the watcher gets the true reason, however early the child dies")
            .no_leaks(),
        Scenario::new("process::monitor", monitor_existing)
            .about("a monitor on a process that may already be gone")
            .expects(["monitor.saw_the_end", "monitor.came_too_late"])
            .no_leaks(),
        Scenario::new("process::demonitor", demonitor_existing)
            .about("after demonitor no word of the death arrives")
            .no_leaks(),
    ]
}

async fn oops(_: Mailbox) {
    panic!("Oops");
}

async fn spawn_and_monitor() {
    let mut mailbox = mailbox();
    let (pid, reference) = spawn_monitor(oops);
    let down = mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    always!("spawn_monitor.process", down.process == pid);
    let oops = matches!(&down.reason, ExitReason::Panicked(info) if info.message == "Oops");
    always!("spawn_monitor.reason", oops, "{}", down.reason);
}

async fn monitor_existing() {
    let mut mailbox = mailbox();
    let pid = spawn(async |_: Mailbox| sleep(Duration::from_millis(5)).await);
    let reference = monitor(pid);
    let down = mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    sometimes!("monitor.saw_the_end", down.reason == ExitReason::Normal);
    sometimes!("monitor.came_too_late", down.reason == ExitReason::NoProc);
    let possible = matches!(down.reason, ExitReason::Normal | ExitReason::NoProc);
    always!("monitor.reason", possible, "{}", down.reason);
}

#[derive(Debug)]
struct Finish;

async fn demonitor_existing() {
    let mut mailbox = mailbox();
    let pid = spawn(async |mut mailbox: Mailbox| {
        mailbox.receive::<Finish>().await;
    });
    let given_up = monitor(pid);
    let kept = monitor(pid);
    let found = demonitor(given_up);
    always!("demonitor.found", found);

    send(pid, Finish);
    let down = mailbox.receive::<Down>().await;
    always!("demonitor.only_the_kept", down.reference == kept);
    always!("demonitor.nothing_else", mailbox.is_empty());
    let found = demonitor(given_up);
    always!("demonitor.found_once", !found);
}
