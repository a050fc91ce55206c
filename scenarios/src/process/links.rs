//! `link` to a process that exists, `info` of the links, and `unlink`.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::link", link_existing)
            .about("a link made later works like one made by spawn_link, and info shows it")
            .no_leaks(),
        Scenario::new("process::unlink", unlink_existing)
            .about("after unlink the crash of the child does not matter")
            .no_leaks(),
    ]
}

#[derive(Debug)]
struct Fail;

async fn fail_when_told(mut mailbox: Mailbox) -> ExitReason {
    mailbox.receive::<Fail>().await;
    ExitReason::other("failed as told")
}

async fn links() -> Vec<Pid> {
    info(me()).await.expect("the caller is alive").links
}

async fn link_existing() {
    let mut mailbox = mailbox();
    trap_exit(true);
    let child = spawn(fail_when_told);
    link(child);
    let linked = links().await;
    always!("link.shown", linked == [child], "{linked:?}");

    send(child, Fail);
    let exit = mailbox.receive::<Exit>().await;
    let told = ExitReason::other("failed as told");
    always!(
        "link.exit",
        exit.from == child && exit.reason == told,
        "{exit:?}"
    );
    let linked = links().await;
    always!("link.gone", linked.is_empty(), "{linked:?}");
}

async fn unlink_existing() {
    let mut mailbox = mailbox();
    let child = spawn_link(fail_when_told);
    let reference = monitor(child);
    unlink(child);
    let linked = links().await;
    always!("unlink.gone", linked.is_empty(), "{linked:?}");

    // The root does not trap exits: the failure would end it if the link still counted.
    send(child, Fail);
    let down = mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    always!(
        "unlink.survived",
        down.reason == ExitReason::other("failed as told")
    );
}
