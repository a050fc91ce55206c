//! Names: taking, giving up, reading and using one while another process, a death or a timer does
//! the same.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::down;

use crate::program::{Go, SOON, ends_at_go, programs};

/// The name that they are all about.
const NAME: &str = "litmus";

programs! {
    exit_monitor => ["noproc", "normal"];
    exit_register_taken => ["free", "taken"];
    exit_send => ["nobody", "sent"];
    exit_unregister => ["gone", "removed"];
    exit_whereis => ["found", "nobody"];
    monitor_register => ["noproc", "watched"];
    monitor_unregister => ["noproc", "watched"];
    register_register_name => ["free", "taken"];
    register_register_pid => ["has a name", "named"];
    register_send => ["nobody", "sent"];
    register_timer_send => ["arrived", "lost"];
    register_unregister_free => ["nobody", "removed"];
    register_unregister_taken => ["free", "taken"];
    register_whereis => ["found", "nobody"];
    send_unregister => ["nobody", "sent"];
    timer_send_unregister => ["arrived", "lost"];
    unregister_unregister => ["gone", "removed"];
    unregister_whereis => ["found", "nobody"];
}

/// A named process that has been told to end.
async fn ending() -> Pid {
    let (pid, _) = ends_at_go(ExitReason::Normal);
    register(NAME, pid).await.expect("nobody has it yet");
    send(pid, Go);
    pid
}

/// A process that takes the name and waits.
fn taking() -> Pid {
    spawn(async |mut mailbox: Mailbox| {
        register(NAME, me()).await?;
        mailbox.receive::<Go>().await;
        Ok::<(), RegisterError>(())
    })
}

/// A named process that is about to give up its name and waits then.
async fn giving_up() -> Pid {
    let pid = spawn(async |mut mailbox: Mailbox| {
        mailbox.receive::<Go>().await;
        // Somebody else may have been first.
        let _ = unregister(NAME).await;
        mailbox.receive::<Go>().await;
    });
    register(NAME, pid).await.expect("nobody has it yet");
    send(pid, Go);
    pid
}

/// `then` if it went well, `otherwise` if not.
fn either<E>(result: Result<(), E>, then: &'static str, otherwise: &'static str) -> &'static str {
    if result.is_ok() { then } else { otherwise }
}

async fn exit_monitor() -> &'static str {
    let mut mailbox = mailbox();
    ending().await;
    let watch = monitor(NAME).await;
    // The down of the helper's own monitor is another one.
    match down(&mut mailbox, watch).await {
        ExitReason::Normal => "normal",
        _ => "noproc",
    }
}

async fn exit_register_taken() -> &'static str {
    ending().await;
    either(register(NAME, me()).await, "free", "taken")
}

async fn exit_send() -> &'static str {
    ending().await;
    either(send(NAME, Go).await, "sent", "nobody")
}

async fn exit_unregister() -> &'static str {
    ending().await;
    either(unregister(NAME).await, "removed", "gone")
}

async fn exit_whereis() -> &'static str {
    ending().await;
    if whereis(NAME).await.is_some() {
        "found"
    } else {
        "nobody"
    }
}

async fn monitor_register() -> &'static str {
    let mut mailbox = mailbox();
    let pid = taking();
    let watch = monitor(NAME).await;
    send(pid, Go);
    match down(&mut mailbox, watch).await {
        ExitReason::Normal => "watched",
        _ => "noproc",
    }
}

async fn monitor_unregister() -> &'static str {
    let mut mailbox = mailbox();
    let pid = giving_up().await;
    let watch = monitor(NAME).await;
    send(pid, Go);
    match down(&mut mailbox, watch).await {
        ExitReason::Normal => "watched",
        _ => "noproc",
    }
}

async fn register_register_name() -> &'static str {
    taking();
    either(register(NAME, me()).await, "free", "taken")
}

async fn register_register_pid() -> &'static str {
    let root = me();
    spawn(async move |_: Mailbox| register("another name", root).await);
    either(register(NAME, root).await, "named", "has a name")
}

async fn register_send() -> &'static str {
    taking();
    either(send(NAME, Go).await, "sent", "nobody")
}

/// A timer that fires before there is such a name fires for nobody.
async fn register_timer_send() -> &'static str {
    let mut mailbox = mailbox();
    send_after(NAME, Go, SOON);
    register(NAME, me()).await.expect("nobody else wants it");
    let came = mailbox.receive_timeout::<Go>(Duration::ZERO).await;
    if came.is_some() { "arrived" } else { "lost" }
}

async fn register_unregister_free() -> &'static str {
    taking();
    either(unregister(NAME).await, "removed", "nobody")
}

async fn register_unregister_taken() -> &'static str {
    giving_up().await;
    either(register(NAME, me()).await, "free", "taken")
}

async fn register_whereis() -> &'static str {
    taking();
    if whereis(NAME).await.is_some() {
        "found"
    } else {
        "nobody"
    }
}

async fn send_unregister() -> &'static str {
    giving_up().await;
    either(send(NAME, Go).await, "sent", "nobody")
}

/// A timer that fires after the name was given up fires for nobody.
async fn timer_send_unregister() -> &'static str {
    let mut mailbox = mailbox();
    register(NAME, me()).await.expect("nobody else wants it");
    send_after(NAME, Go, SOON);
    unregister(NAME).await.expect("nobody else gives it up");
    let came = mailbox.receive_timeout::<Go>(Duration::ZERO).await;
    if came.is_some() { "arrived" } else { "lost" }
}

async fn unregister_unregister() -> &'static str {
    giving_up().await;
    either(unregister(NAME).await, "removed", "gone")
}

async fn unregister_whereis() -> &'static str {
    giving_up().await;
    if whereis(NAME).await.is_some() {
        "found"
    } else {
        "nobody"
    }
}
