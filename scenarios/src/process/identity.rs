//! `me` and `alive`: a process knows its own pid, and others can ask whether it still runs.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::identity", identity)
            .about("me in parent and child, alive before and after the child's end")
            .no_leaks(),
    ]
}

#[derive(Debug)]
struct IAm(Pid);

#[derive(Debug)]
struct Stop;

async fn identity() {
    let mut mailbox = mailbox();
    let parent = me();
    let child = spawn(async move |mut mailbox: Mailbox| {
        send(parent, IAm(me()));
        mailbox.receive::<Stop>().await;
    });
    let IAm(pid) = mailbox.receive().await;
    always!("identity.own_pid", pid == child && pid != me());

    let before = alive(child).await;
    always!("identity.alive_while_waiting", before);

    let reference = monitor(child);
    send(child, Stop);
    mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    let after = alive(child).await;
    always!("identity.dead_after_down", !after);
}
