//! The delivery of a message or a signal against another delivery, a link, a monitor, the end of
//! a monitor, or a receive that gives up.

use beamline::prelude::*;
use beamline_sim::{Delivery, Granularity};

use crate::program::{Go, Program, SOON, boom, dead, ends_at_go, programs};

programs! {
    msg_demonitor => ["quiet", "told"];
    msg_demonitor_info => ["fired", "found"];
    msg_demonitor_info_flush => ["fired", "found"];
    msg_link => ["message", "noproc"];
    msg_monitor => ["message", "noproc"];
    msg_msg => ["first", "second"];
    msg_msg_indirect => ["effect", "cause"];
    msg_receive => ["message", "timeout"];
    msg_sig => ["exit", "message"];
    sig_link => ["exit", "noproc"];
    sig_monitor => ["exit", "noproc"];
    sig_receive => ["exit", "timeout"];
    sig_sig => ["first", "second"];
    sig_sig_indirect => ["effect", "cause"];
}

/// The message ends the watched process while its watcher ends the monitor.
async fn msg_demonitor() -> &'static str {
    let mut mailbox = mailbox();
    let (watched, watch) = ends_at_go(ExitReason::Normal);
    send(watched, Go);
    yield_now().await;
    demonitor(watch);
    send(me(), Go);
    if mailbox.receive_any().await.is::<Down>() {
        "told"
    } else {
        "quiet"
    }
}

/// The same, and the watcher asks whether there was a monitor to end.
async fn msg_demonitor_info() -> &'static str {
    let (watched, watch) = ends_at_go(ExitReason::Normal);
    send(watched, Go);
    yield_now().await;
    if demonitor(watch) { "found" } else { "fired" }
}

/// The same, and a down that is there already is removed.
async fn msg_demonitor_info_flush() -> &'static str {
    let mut mailbox = mailbox();
    let (watched, watch) = ends_at_go(ExitReason::Normal);
    send(watched, Go);
    yield_now().await;
    let found = demonitor_flush(watch);
    send(me(), Go);
    assert!(mailbox.receive_any().await.is::<Go>(), "a down was left");
    if found { "found" } else { "fired" }
}

/// A message under way while the receiver links to the dead.
async fn msg_link() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    let dead = dead(&mut mailbox).await;
    spawn(async move |_: Mailbox| send(root, Go));
    trap_exit(true);
    link(dead);
    if mailbox.receive_any().await.is::<Go>() {
        "message"
    } else {
        "noproc"
    }
}

/// A message under way while the receiver monitors the dead.
async fn msg_monitor() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    let dead = dead(&mut mailbox).await;
    spawn(async move |_: Mailbox| send(root, Go));
    monitor(dead);
    if mailbox.receive_any().await.is::<Go>() {
        "message"
    } else {
        "noproc"
    }
}

/// Two messages from two senders.
async fn msg_msg() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    spawn(async move |_: Mailbox| send(root, "first"));
    spawn(async move |_: Mailbox| send(root, "second"));
    mailbox.receive::<&'static str>().await
}

/// A message, and one that was sent because of a later one of the same sender.
async fn msg_msg_indirect() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    let relay = spawn(async move |mut mailbox: Mailbox| {
        mailbox.receive::<Go>().await;
        send(root, "effect");
    });
    spawn(async move |_: Mailbox| {
        send(root, "cause");
        send(relay, Go);
    });
    mailbox.receive::<&'static str>().await
}

/// A message against the end of the receiver's patience.
async fn msg_receive() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    spawn(async move |_: Mailbox| send(root, Go));
    if mailbox.receive_timeout::<Go>(SOON).await.is_some() {
        "message"
    } else {
        "timeout"
    }
}

/// A message and a trapped exit signal.
async fn msg_sig() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    spawn(async move |_: Mailbox| send(root, Go));
    spawn(async move |_: Mailbox| exit(root, boom()));
    if mailbox.receive_any().await.is::<Go>() {
        "message"
    } else {
        "exit"
    }
}

/// A trapped exit signal under way while the receiver links to the dead.
async fn sig_link() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    let dead = dead(&mut mailbox).await;
    trap_exit(true);
    spawn(async move |_: Mailbox| exit(root, boom()));
    link(dead);
    let Exit { reason, .. } = mailbox.receive().await;
    if reason == boom() { "exit" } else { "noproc" }
}

/// A trapped exit signal under way while the receiver monitors the dead.
async fn sig_monitor() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    let dead = dead(&mut mailbox).await;
    trap_exit(true);
    spawn(async move |_: Mailbox| exit(root, boom()));
    monitor(dead);
    if mailbox.receive_any().await.is::<Exit>() {
        "exit"
    } else {
        "noproc"
    }
}

/// A trapped exit signal against the end of the receiver's patience.
async fn sig_receive() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    spawn(async move |_: Mailbox| exit(root, boom()));
    if mailbox.receive_timeout::<Exit>(SOON).await.is_some() {
        "exit"
    } else {
        "timeout"
    }
}

/// Two trapped exit signals from two senders.
async fn sig_sig() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    for reason in ["first", "second"] {
        spawn(async move |_: Mailbox| exit(root, ExitReason::other(reason)));
    }
    let Exit { reason, .. } = mailbox.receive().await;
    reason
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("another reason")
}

/// An exit signal, and one that was sent because of a later one of the same sender.
async fn sig_sig_indirect() -> &'static str {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    spawn(async move |mut mailbox: Mailbox| {
        trap_exit(true);
        let relay = me();
        spawn(async move |_: Mailbox| {
            exit(root, ExitReason::other("cause"));
            exit(relay, boom());
        });
        mailbox.receive::<Exit>().await;
        exit(root, ExitReason::other("effect"));
    });
    let Exit { reason, .. } = mailbox.receive().await;
    reason
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("another reason")
}

/// Only signals that stay under way for as long as they like let an effect overtake its cause.
#[test]
fn the_indirect_ones_need_pairwise_delivery() {
    let indirect = [
        (
            "msg_msg_indirect",
            (|| Box::pin(msg_msg_indirect())) as fn() -> crate::program::Body,
        ),
        ("sig_sig_indirect", || Box::pin(sig_sig_indirect())),
    ];
    for (name, body) in indirect {
        let program = Program {
            name,
            outcomes: &["cause", "effect"],
            body,
        };
        for granularity in [Granularity::Fused, Granularity::Fine] {
            let pairwise = program.reached(Delivery::Pairwise, granularity);
            assert_eq!(
                pairwise.into_iter().collect::<Vec<_>>(),
                ["cause", "effect"],
                "{name}"
            );
            let immediate = program.reached(Delivery::Immediate, granularity);
            assert_eq!(
                immediate.into_iter().collect::<Vec<_>>(),
                ["cause"],
                "{name}"
            );
        }
    }
}
