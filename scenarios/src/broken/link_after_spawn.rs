//! A link made after the spawn finds the child gone, and the reason of its end is lost.
//!
//! Known from OTP-16211, where `pspawn_link` of a pool reported `noproc` for short-lived children;
//! it is why `spawn_link` exists.
//!
//! Failing order: the child ends before the link reaches it.
//!
//! Mend: `spawn_link`, which makes process and link in one.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::link_after_spawn", broken)
            .about("spawn then link loses the reason of an early end")
            .broken("always link_after_spawn.true_reason", 4)
            .mended("mended::link_after_spawn"),
        Scenario::new("mended::link_after_spawn", mended)
            .about("spawn_link always gets the reason")
            .expects(["link_after_spawn.child_runs", "link_after_spawn.child_gone"])
            .no_leaks(),
    ]
}

async fn work(_: Mailbox) -> ExitReason {
    ExitReason::other("out of paper")
}

async fn check(mailbox: &mut Mailbox, child: Pid) {
    let exit = mailbox
        .receive_where(|exit: &Exit| exit.from == child)
        .await;
    let true_reason = exit.reason == ExitReason::other("out of paper");
    always!(
        "link_after_spawn.true_reason",
        true_reason,
        "{}",
        exit.reason
    );
}

async fn broken() {
    trap_exit(true);
    let child = spawn(work);
    link(child);
    check(&mut mailbox(), child).await;
}

async fn mended() {
    trap_exit(true);
    let child = spawn_link(work);
    let runs = alive(child).await;
    sometimes!("link_after_spawn.child_runs", runs);
    sometimes!("link_after_spawn.child_gone", !runs);
    check(&mut mailbox(), child).await;
}
