//! A supervisor that waits, in the middle of a restart, for what the restart needs, and hears
//! nobody meanwhile.
//!
//! Known from OTP (stdlib 1.18.1): restarts that failed were repeated at once, in a loop, so nobody
//! could ask the supervisor anything, not even to let the child be.
//!
//! Failing order: the child crashes, and the question how things are comes after that. Whoever asks
//! repairs what is broken when the question is answered.
//!
//! Mend: a restart that fails is noted, and tried again when something has changed.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::stuck_restarting", || repair(Way::Waits))
            .about("a supervisor that cannot restart a child does not hear what would help")
            .broken("deadlock", 10)
            .mended("mended::stuck_restarting"),
        Scenario::new("mended::stuck_restarting", || repair(Way::Notes))
            .about("a supervisor that cannot restart a child serves others meanwhile")
            .expects(["restart.asked_first", "restart.crashed_first"]),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// For the repair, in the middle of the restart.
    Waits,
    Notes,
}

/// Whether a child is waiting to be restarted.
#[derive(Debug)]
struct Status(Pid);

#[derive(Debug)]
struct Restarting(bool);

#[derive(Debug)]
struct Repair;

#[derive(Debug)]
struct Started(Pid);

fn start(root: Pid) {
    let child = spawn_link(async |mut mailbox: Mailbox| {
        mailbox.receive::<Repair>().await;
    });
    send(root, Started(child));
}

/// A supervisor of one child, which can be started again when it is repaired.
async fn supervise(mut mailbox: Mailbox, root: Pid, way: Way) {
    trap_exit(true);
    spawn_link(async |_: Mailbox| ExitReason::other("boom"));
    let (mut repaired, mut restarting) = (false, false);
    loop {
        receive! { mailbox;
            Status(from) in Status => send(from, Restarting(restarting)),
            _repair in Repair => repaired = true,
            _exit in Exit => restarting = true,
        }
        if restarting && !repaired && way == Way::Waits {
            mailbox.receive::<Repair>().await;
            repaired = true;
        }
        if restarting && repaired {
            restarting = false;
            start(root);
        }
    }
}

async fn repair(way: Way) {
    let (mut mailbox, root) = (mailbox(), me());
    let supervisor = spawn(move |mailbox: Mailbox| supervise(mailbox, root, way));
    send(supervisor, Status(root));
    let Restarting(restarting) = mailbox.receive().await;
    sometimes!("restart.crashed_first", restarting);
    sometimes!("restart.asked_first", !restarting);
    send(supervisor, Repair);
    let Started(child) = mailbox.receive().await;
    always!("restart.runs", alive(child).await);
}
