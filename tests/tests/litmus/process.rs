//! The end of a process against another's link, monitor, name or question.

use beamline::prelude::*;
use beamline_tests::down;

use crate::program::{Go, ends_at_go, programs};

programs! {
    exit_link_no_trap => ["noproc", "normal"];
    exit_link_trap => ["noproc", "normal"];
    exit_monitor => ["noproc", "normal"];
    exit_register_exiting => ["named", "noproc"];
    exit_suspend => ["noproc", "suspended"];
    exit_info => ["dead", "known"];
    exit_alive => ["alive", "dead"];
}

/// A process that has been told to end.
fn ending() -> Pid {
    let pid = spawn(async |mut mailbox: Mailbox| {
        mailbox.receive::<Go>().await;
    });
    send(pid, Go);
    pid
}

/// What a process that met the end of another one got to know.
fn name(reason: ExitReason) -> &'static str {
    match reason {
        ExitReason::Normal => "normal",
        ExitReason::NoProc => "noproc",
        _ => "another reason",
    }
}

/// A link to the dead ends the one who makes it; it waits here for the news by monitor.
async fn exit_link_no_trap() -> &'static str {
    let mut mailbox = mailbox();
    let peer = ending();
    let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
        link(peer);
        let watch = monitor(peer);
        down(&mut mailbox, watch).await;
    });
    name(down(&mut mailbox, watch).await)
}

async fn exit_link_trap() -> &'static str {
    let mut mailbox = mailbox();
    trap_exit(true);
    let peer = ending();
    yield_now().await;
    link(peer);
    name(mailbox.receive::<Exit>().await.reason)
}

async fn exit_monitor() -> &'static str {
    let mut mailbox = mailbox();
    let peer = ending();
    yield_now().await;
    let watch = monitor(peer);
    name(down(&mut mailbox, watch).await)
}

async fn exit_register_exiting() -> &'static str {
    let peer = ending();
    if register("litmus", peer).await.is_ok() {
        "named"
    } else {
        "noproc"
    }
}

async fn exit_suspend() -> &'static str {
    let peer = ending();
    if suspend(peer).await.is_ok() {
        "suspended"
    } else {
        "noproc"
    }
}

async fn exit_info() -> &'static str {
    let (peer, _) = ends_at_go(ExitReason::Normal);
    send(peer, Go);
    if info(peer).await.is_some() {
        "known"
    } else {
        "dead"
    }
}

async fn exit_alive() -> &'static str {
    if alive(ending()).await {
        "alive"
    } else {
        "dead"
    }
}
