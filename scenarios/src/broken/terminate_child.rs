//! A supervisor ends a child that is just ending by itself, and reports an error that is none.
//!
//! Known from erlang/otp#5193, mended in OTP 24.1.1: `terminate_child` dropped the link to the
//! child before it monitored it.
//!
//! Failing order: the supervisor unlinks the child, the child ends normally (its exit signal is
//! dropped, as the link is gone), the monitor arrives. It finds nobody, and the supervisor takes
//! the `noproc` for the reason of the child's end.
//!
//! Mend: the link stays until the child is down. When the monitor came too late, the exit signal
//! over the link tells the true reason.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::terminate_child", broken)
            .about("a child that ends by itself is reported as failed")
            .broken("always terminate_child.true_reason", 4)
            .mended("mended::terminate_child"),
        Scenario::new("mended::terminate_child", mended)
            .about("the link tells the reason that the monitor missed")
            .expects([
                "terminate_child.ended_itself",
                "terminate_child.was_ended",
                "terminate_child.monitor_missed",
            ]),
    ]
}

#[derive(Debug)]
struct Finish;

async fn child(mut mailbox: Mailbox) {
    mailbox.receive::<Finish>().await;
}

/// A linked child, and a process that lets it finish at some time.
fn start_child() -> Pid {
    trap_exit(true);
    let child = spawn_link(child);
    spawn(async move |_: Mailbox| send(child, Finish));
    child
}

async fn down(mailbox: &mut Mailbox, reference: Ref) -> ExitReason {
    mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await
        .reason
}

fn check(reason: &ExitReason) {
    sometimes!(
        "terminate_child.ended_itself",
        *reason == ExitReason::Normal
    );
    sometimes!("terminate_child.was_ended", *reason == ExitReason::Shutdown);
    let true_reason = matches!(reason, ExitReason::Normal | ExitReason::Shutdown);
    always!(
        "terminate_child.true_reason",
        true_reason,
        "child failed: {reason}"
    );
}

async fn broken() {
    let mut mailbox = mailbox();
    let child = start_child();
    unlink(child);
    let reference = monitor(child);
    exit(child, ExitReason::Shutdown);
    check(&down(&mut mailbox, reference).await);
}

async fn mended() {
    let mut mailbox = mailbox();
    let child = start_child();
    let reference = monitor(child);
    exit(child, ExitReason::Shutdown);
    let mut reason = down(&mut mailbox, reference).await;
    let missed = reason == ExitReason::NoProc;
    sometimes!("terminate_child.monitor_missed", missed);
    if missed {
        reason = mailbox
            .receive_where(|exit: &Exit| exit.from == child)
            .await
            .reason;
    }
    check(&reason);
}
