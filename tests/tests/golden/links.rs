//! Links (LNK).

use std::time::Duration;

use beamline::prelude::*;

use crate::case::Note::{Otp, Ours};
use crate::case::cases;
use crate::steps::{Told, dead, down, drain, fate, idle, next, pause, take, these, wait};
use crate::written::{because, before, list, role};

cases! { "links":
    normal_end => normal_end();
    normal_end_trapped => ends_trapped(ExitReason::Normal);
    crash => linked_to_one_that_ends(because("boom"));
    crash_trapped => ends_trapped(because("boom"));
    shutdown_over_a_link => linked_to_one_that_ends(ExitReason::Shutdown);
    link_to_the_dead [
        Ours("noproc", "LNK-3: an exit signal, where OTP raises in the caller"),
        Otp("crash noproc", "LNK-3: OTP raises in the caller"),
    ] => link_to_the_dead();
    link_to_the_dead_trapped => link_to_the_dead_trapped();
    link_against_end [
        Ours("noproc", "LNK-5: the answer to a link that came too late"),
        Otp("crash noproc", "LNK-3: OTP raises in the caller"),
    ] => link_against_end();
    link_against_end_trapped => link_against_end_trapped();
    link_oneself => link_oneself();
    unlink_anything => unlink_anything();
    unlink_before_crash => unlink_before_crash();
    unlink_against_crash => unlink_against_crash();
    unlink_against_crash_trapped => unlink_against_crash_trapped();
    unlink_and_flush => unlink_and_flush();
    unlink_and_link_again => unlink_and_link_again();
    link_twice_unlink_once => link_twice_unlink_once();
    links_from_both_sides => links_from_both_sides();
    link_against_unlink => link_against_unlink();
    chain => chain();
    chain_and_normal_end => chain_and_normal_end();
    chain_and_trapper => chain_and_trapper();
    both_end => both_end();
    link_is_listed => link_is_listed();
    messages_before_the_exit => messages_before_the_exit();
}

/// The number of links of a process.
async fn count(pid: Pid) -> usize {
    info(pid).await.expect("it is alive").links.len()
}

async fn normal_end() -> ExitReason {
    fate(async |mut mailbox: Mailbox| {
        let child = spawn_link(async |_: Mailbox| pause().await);
        let watch = monitor(child);
        down(&mut mailbox, watch).await;
        because("lived")
    })
    .await
}

async fn ends_trapped(reason: ExitReason) -> String {
    trap_exit(true);
    let child = spawn_link(async move |_: Mailbox| reason);
    next(&mut mailbox(), &[(child, "child")]).await
}

async fn linked_to_one_that_ends(reason: ExitReason) -> ExitReason {
    fate(async move |mailbox: Mailbox| {
        spawn_link(async move |_: Mailbox| reason);
        wait(mailbox).await;
    })
    .await
}

async fn link_to_the_dead() -> ExitReason {
    let dead = dead().await;
    fate(async move |mailbox: Mailbox| {
        link(dead);
        wait(mailbox).await;
    })
    .await
}

async fn link_to_the_dead_trapped() -> String {
    let dead = dead().await;
    trap_exit(true);
    link(dead);
    next(&mut mailbox(), &[(dead, "dead")]).await
}

/// A process that ends normally when told to, and has just been told.
fn ending() -> Pid {
    let pid = spawn(async |mut mailbox: Mailbox| {
        take(&mut mailbox, "stop").await;
        pause().await;
    });
    send(pid, "stop");
    pid
}

async fn link_against_end() -> ExitReason {
    let pid = ending();
    fate(async move |mut mailbox: Mailbox| {
        pause().await;
        link(pid);
        let watch = monitor(pid);
        down(&mut mailbox, watch).await;
        because("lived")
    })
    .await
}

async fn link_against_end_trapped() -> String {
    trap_exit(true);
    let pid = ending();
    pause().await;
    link(pid);
    next(&mut mailbox(), &[(pid, "peer")]).await
}

async fn link_oneself() -> usize {
    link(me());
    count(me()).await
}

async fn unlink_anything() -> Vec<String> {
    // There is nothing to return; that it returns is all.
    for target in [dead().await, idle(), me()] {
        unlink(target);
    }
    list![true, true, true]
}

async fn unlink_before_crash() -> Vec<String> {
    let mut mailbox = mailbox();
    trap_exit(true);
    let child = spawn_link(async |mut mailbox: Mailbox| {
        take(&mut mailbox, "go").await;
        because("boom")
    });
    unlink(child);
    send(child, "go");
    let watch = monitor(child);
    let reason = down(&mut mailbox, watch).await;
    let expected = [because("boom"), ExitReason::NoProc].contains(&reason);
    before(expected, drain(&mut mailbox, &[]).await)
}

/// A linked process that is about to crash.
fn crashing() -> Pid {
    spawn_link(async |_: Mailbox| {
        pause().await;
        because("boom")
    })
}

async fn unlink_against_crash() -> ExitReason {
    fate(async |mut mailbox: Mailbox| {
        let child = crashing();
        pause().await;
        unlink(child);
        let watch = monitor(child);
        down(&mut mailbox, watch).await;
        because("lived")
    })
    .await
}

async fn unlink_against_crash_trapped() -> Vec<String> {
    let mut mailbox = mailbox();
    trap_exit(true);
    let child = crashing();
    pause().await;
    unlink(child);
    let watch = monitor(child);
    down(&mut mailbox, watch).await;
    drain(&mut mailbox, &[(child, "child")]).await
}

async fn unlink_and_flush() -> Vec<String> {
    let mut mailbox = mailbox();
    trap_exit(true);
    let child = crashing();
    pause().await;
    unlink(child);
    let of_child = |exit: &Exit| exit.from == child;
    let exit = mailbox
        .receive_where_timeout(Duration::ZERO, of_child)
        .await;
    let flushed = if exit.is_some() { "flushed" } else { "clean" };
    let watch = monitor(child);
    down(&mut mailbox, watch).await;
    before(flushed, drain(&mut mailbox, &[]).await)
}

/// An exit of the old link must not be taken for one of the new.
async fn unlink_and_link_again() -> String {
    trap_exit(true);
    let child = crashing();
    pause().await;
    unlink(child);
    pause().await;
    link(child);
    next(&mut mailbox(), &[(child, "child")]).await
}

async fn link_twice_unlink_once() -> Vec<String> {
    let pid = idle();
    link(pid);
    link(pid);
    let before = count(me()).await;
    unlink(pid);
    list![before, count(me()).await, count(pid).await]
}

async fn links_from_both_sides() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let pid = spawn_link(async move |mailbox: Mailbox| {
        link(root);
        send(root, "done");
        wait(mailbox).await;
    });
    take(&mut mailbox, "done").await;
    let mut counts = list![count(root).await, count(pid).await];
    unlink(pid);
    counts.extend(list![count(root).await, count(pid).await]);
    counts
}

/// Seen alike on both sides in the end.
async fn link_against_unlink() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let two = spawn(async move |mut mailbox: Mailbox| {
        let one: Pid = mailbox.receive().await;
        link(one);
        alive(one).await;
        send(root, "done");
        wait(mailbox).await;
    });
    let one = spawn(async move |mailbox: Mailbox| {
        link(two);
        pause().await;
        unlink(two);
        alive(two).await;
        send(root, "done");
        wait(mailbox).await;
    });
    send(two, one);
    take(&mut mailbox, "done").await;
    take(&mut mailbox, "done").await;
    list![count(one).await, count(two).await]
}

/// Adds a process to a chain: it links itself to `before`, and ends normally when told to stop.
async fn linked(mailbox: &mut Mailbox, before: Option<Pid>) -> (Pid, Ref) {
    let root = me();
    let child = spawn_monitor(async move |mut mailbox: Mailbox| {
        if let Some(before) = before {
            link(before);
            // Answered only after the link has been received.
            alive(before).await;
        }
        send(root, "linked");
        take(&mut mailbox, "stop").await;
    });
    take(mailbox, "linked").await;
    child
}

async fn chain() -> Vec<String> {
    let mut mailbox = mailbox();
    let (head, one) = linked(&mut mailbox, None).await;
    let (next, two) = linked(&mut mailbox, Some(head)).await;
    let (_, three) = linked(&mut mailbox, Some(next)).await;
    exit(head, because("boom"));
    let mut reasons = Vec::new();
    for watch in [one, two, three] {
        reasons.extend(list![down(&mut mailbox, watch).await]);
    }
    reasons
}

async fn chain_and_normal_end() -> Vec<String> {
    let mut mailbox = mailbox();
    let (head, one) = linked(&mut mailbox, None).await;
    let (next, two) = linked(&mut mailbox, Some(head)).await;
    send(head, "stop");
    let first = down(&mut mailbox, one).await;
    let lives = alive(next).await;
    send(next, "stop");
    list![first, lives, down(&mut mailbox, two).await]
}

async fn chain_and_trapper() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (head, one) = linked(&mut mailbox, None).await;
    let (middle, two) = spawn_monitor(async move |mut mailbox: Mailbox| {
        trap_exit(true);
        link(head);
        alive(head).await;
        send(root, "ready");
        let exit: Exit = mailbox.receive().await;
        send(root, Told(crate::written::reason(&exit.reason)));
        take(&mut mailbox, "stop").await;
    });
    take(&mut mailbox, "ready").await;
    exit(head, because("boom"));
    let trapped = mailbox.receive::<Told>().await.0;
    send(middle, "stop");
    list![
        down(&mut mailbox, one).await,
        trapped,
        down(&mut mailbox, two).await
    ]
}

async fn both_end() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (one, first) = spawn_monitor(async |mut mailbox: Mailbox| {
        take(&mut mailbox, "go").await;
        because("one")
    });
    let (two, second) = spawn_monitor(async move |mut mailbox: Mailbox| {
        link(one);
        alive(one).await;
        send(root, "linked");
        take(&mut mailbox, "go").await;
        because("two")
    });
    take(&mut mailbox, "linked").await;
    send(one, "go");
    send(two, "go");
    list![
        down(&mut mailbox, first).await,
        down(&mut mailbox, second).await
    ]
}

async fn link_is_listed() -> Vec<String> {
    let pid = idle();
    link(pid);
    let roles = [(pid, "peer"), (me(), "me")];
    let mut seen = Vec::new();
    for owner in [me(), pid] {
        let links = info(owner).await.expect("it is alive").links;
        assert_eq!(links.len(), 1);
        seen.push(role(links[0], &roles).to_owned());
    }
    seen
}

async fn messages_before_the_exit() -> Vec<String> {
    let root = me();
    trap_exit(true);
    let child = spawn_link(async move |_: Mailbox| {
        send(root, "one");
        pause().await;
        send(root, "two");
    });
    these(&mut mailbox(), 3, &[(child, "child")]).await
}
