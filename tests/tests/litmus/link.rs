//! A link made while the other side undoes it and dies of something.

use beamline::prelude::*;
use beamline_tests::down;

use crate::program::{boom, programs};

programs! {
    link_unlink_linked => ["died", "lived"];
    link_unlink_unlinked => ["died", "lived"];
}

/// Unlinks whoever tells it to, and dies.
async fn unlink_and_die(mut mailbox: Mailbox) -> ExitReason {
    let peer: Pid = mailbox.receive().await;
    unlink(peer);
    yield_now().await;
    boom()
}

/// Whether a process survives that links itself to the other in between.
async fn fate(linked_before: bool) -> &'static str {
    let mut mailbox = mailbox();
    let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
        let options = SpawnOptions::new().monitor();
        let options = if linked_before {
            options.link()
        } else {
            options
        };
        let peer = spawn_with(options, unlink_and_die).expect("there is room for a process");
        send(peer.pid, me());
        yield_now().await;
        link(peer.pid);
        let watch = peer.monitor.expect("a monitor was asked for");
        down(&mut mailbox, watch).await;
    });
    match down(&mut mailbox, watch).await {
        ExitReason::Normal => "lived",
        _ => "died",
    }
}

async fn link_unlink_linked() -> &'static str {
    fate(true).await
}

async fn link_unlink_unlinked() -> &'static str {
    fate(false).await
}
