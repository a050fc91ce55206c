//! Whoever starts a process waits for its word, and the process dies before it gives it.
//!
//! Known from proc_lib:start (OTP-9803): the parent was told of success and of failure by the child
//! alone, so a child that was killed or crashed early left it waiting.
//!
//! Failing order: the child looks for its configuration before that has a name, and crashes.
//!
//! Mend: the parent monitors the child, and takes the word or the end, whichever comes.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::start_hangs", broken)
            .about("a start waits for a word that a crashed child never gives")
            .broken("deadlock", 8)
            .mended("mended::start_hangs"),
        Scenario::new("mended::start_hangs", mended)
            .about("a start waits for the word or the end of the child")
            .expects(["start.ready", "start.crashed"]),
    ]
}

#[derive(Debug)]
struct Ready(Pid);

/// Has its name some time after it has begun.
fn start_configuration() {
    spawn(async |mut mailbox: Mailbox| {
        let _ = register("configuration", me()).await;
        mailbox.receive::<Ready>().await;
    });
}

async fn child(mut mailbox: Mailbox, parent: Pid) -> Result<(), ExitReason> {
    if whereis("configuration").await.is_none() {
        return Err(ExitReason::other("no configuration"));
    }
    send(parent, Ready(me()));
    mailbox.receive::<Ready>().await;
    Ok(())
}

async fn broken() {
    let (mut mailbox, parent) = (mailbox(), me());
    start_configuration();
    let pid = spawn(move |mailbox: Mailbox| child(mailbox, parent));
    let Ready(from) = mailbox.receive().await;
    always!("start.the_child", from == pid);
}

async fn mended() {
    let (mut mailbox, parent) = (mailbox(), me());
    start_configuration();
    let (pid, watch) = spawn_monitor(move |mailbox: Mailbox| child(mailbox, parent));
    receive! { mailbox;
        Ready(from) in Ready => {
            sometimes!("start.ready", true);
            always!("start.the_child", from == pid);
        },
        down in Down where down.reference == watch => {
            sometimes!("start.crashed", true);
            always!("start.its_reason", down.reason.is_abnormal(), "{}", down.reason);
        },
    }
}
