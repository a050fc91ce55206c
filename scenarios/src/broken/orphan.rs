//! A supervisor that is killed while it stops a child leaves the child behind.
//!
//! Known from erlang/otp#3670 (ERL-724): a supervisor dropped the link to a child before it asked
//! it to stop. In between, the supervisor above lost patience and killed it.
//!
//! Failing order: the middle supervisor drops the link, its time is up and it is killed, and the
//! leaf, which nothing ties to anybody any more, lives on.
//!
//! Mend: the link stays until the leaf is dead, so it dies with the middle one at the latest.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::orphan", || tree(Stop::UnlinksFirst))
            .about("a child is unlinked by a supervisor that is killed before it stops it")
            .broken("deadlock", 15)
            .mended("mended::orphan"),
        Scenario::new("mended::orphan", || tree(Stop::KeepsTheLink))
            .about("the link goes when the child is dead")
            .expects(["orphan.killed_above", "orphan.stopped"]),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stop {
    UnlinksFirst,
    KeepsTheLink,
}

/// The leaf's pid, as the middle supervisor tells it.
#[derive(Debug)]
struct Leaf(Pid);

async fn down(mailbox: &mut Mailbox, watch: Ref, timeout: Option<Duration>) -> Option<ExitReason> {
    let is_it = |down: &Down| down.reference == watch;
    let down = match timeout {
        Some(timeout) => mailbox.receive_where_timeout(timeout, is_it).await,
        None => Some(mailbox.receive_where(is_it).await),
    };
    down.map(|down| down.reason)
}

/// A supervisor of one leaf, which stops it when it is told to stop.
async fn middle(mut mailbox: Mailbox, root: Pid, stop: Stop) -> ExitReason {
    trap_exit(true);
    let leaf = spawn_link(async |mut mailbox: Mailbox| {
        mailbox.receive::<Leaf>().await;
    });
    send(root, Leaf(leaf));
    let asked = mailbox.receive::<Exit>().await.reason;
    if stop == Stop::UnlinksFirst {
        unlink(leaf);
    }
    // No need to stop a leaf that is dead.
    if alive(leaf).await {
        let watch = monitor(leaf);
        exit(leaf, ExitReason::Shutdown);
        down(&mut mailbox, watch, None).await;
    }
    asked
}

async fn tree(stop: Stop) {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    let middle = spawn_link(move |mailbox: Mailbox| middle(mailbox, root, stop));
    let Leaf(leaf) = mailbox.receive().await;
    let leaf_watch = monitor(leaf);

    let watch = monitor(middle);
    exit(middle, ExitReason::Shutdown);
    let patience = Duration::from_millis(5);
    if down(&mut mailbox, watch, Some(patience)).await.is_none() {
        exit(middle, ExitReason::Kill);
        let reason = down(&mut mailbox, watch, None).await;
        sometimes!("orphan.killed_above", reason == Some(ExitReason::Killed));
    }
    let reason = down(&mut mailbox, leaf_watch, None).await;
    sometimes!("orphan.stopped", reason == Some(ExitReason::Shutdown));
    always!(
        "orphan.ended",
        reason.is_some_and(|reason| !reason.is_normal())
    );
}
