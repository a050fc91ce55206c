//! Processes that are started and forgotten never end.
//!
//! The classical leak of raw `spawn`: nobody is linked to the workers, nobody knows their pids,
//! and each waits for a message that nobody can send. It fails in every order.
//!
//! Mend: whoever starts a process sees to its end, and waits for it.

use beamline::prelude::*;
use beamline_sim::Scenario;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::process_leak", broken)
            .about("forgotten processes wait for ever")
            .broken("leak", 3)
            .mended("mended::process_leak")
            .no_leaks(),
        Scenario::new("mended::process_leak", mended)
            .about("whoever starts processes ends them")
            .no_leaks(),
    ]
}

#[derive(Debug)]
struct Never;

async fn wait_for_ever(mut mailbox: Mailbox) {
    mailbox.receive::<Never>().await;
}

async fn broken() {
    for _ in 0..10 {
        spawn(wait_for_ever);
    }
}

async fn mended() {
    let mut mailbox = mailbox();
    let workers: Vec<_> = (0..10).map(|_| spawn_monitor(wait_for_ever)).collect();
    for (worker, reference) in workers {
        exit(worker, ExitReason::Shutdown);
        mailbox
            .receive_where(|down: &Down| down.reference == reference)
            .await;
    }
}
