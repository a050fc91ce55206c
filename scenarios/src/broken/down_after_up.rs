//! The news that a node is down is handled after the news that it is up again.
//!
//! Known from OTP-11497: Mnesia took a node for down that had come back quickly.
//!
//! A directory strikes a node off when its process is down and lists it when it reports. The two
//! come from different processes, the old one and the new one. Failing order: the new one's
//! report arrives before the old one's `Down`.
//!
//! Mend: a `Down` strikes off the process that it tells of, and no other.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::down_after_up", broken)
            .about("old news of a death strikes off the successor")
            .broken("always directory.lists_running_node", 5)
            .mended("mended::down_after_up"),
        Scenario::new("mended::down_after_up", mended)
            .about("news of a death strikes off the dead only")
            .expects(["directory.down_first", "directory.up_first"]),
    ]
}

#[derive(Debug)]
struct Up(Pid);

#[derive(Debug)]
struct Fail;

/// Reports to the directory and runs until it is told to fail.
async fn node(mut mailbox: Mailbox, directory: Pid) -> ExitReason {
    send(directory, Up(me()));
    mailbox.receive::<Fail>().await;
    ExitReason::other("failed")
}

/// Runs a node, lets it fail, and starts it again.
async fn keep_running(mut mailbox: Mailbox, directory: Pid) {
    let (first, reference) = spawn_monitor(move |mailbox| node(mailbox, directory));
    send(first, Fail);
    mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    spawn(move |mailbox| node(mailbox, directory));
}

#[derive(PartialEq)]
enum StrikeOff {
    Whatever,
    TheDead,
}

/// Is the directory: two reports and one death, then the node that runs must be listed.
async fn directory(strike_off: StrikeOff) {
    let mut mailbox = mailbox();
    let directory = me();
    spawn(move |mailbox| keep_running(mailbox, directory));
    let mut listed: Vec<Pid> = Vec::new();
    let mut reports = 0;
    let mut deaths = 0;
    while reports < 2 || deaths < 1 {
        receive! { mailbox;
            Up(node) in Up => {
                monitor(node);
                listed.push(node);
                reports += 1;
            },
            Down { process, .. } in Down => {
                sometimes!("directory.down_first", reports == 1);
                sometimes!("directory.up_first", reports == 2);
                listed.retain(|node| strike_off == StrikeOff::TheDead && process != *node);
                deaths += 1;
            },
        }
    }
    always!("directory.lists_running_node", listed.len() == 1);
}

async fn broken() {
    directory(StrikeOff::Whatever).await;
}

async fn mended() {
    directory(StrikeOff::TheDead).await;
}
