//! Exhaustive search at the smallest size: a join against everything that can happen meanwhile.
//!
//! Every order of events is tried. In each of them nothing hangs, no process is left, nothing of
//! the task is in the mailbox afterwards; and the number of orders that differ is known, so that
//! a change of the protocol is seen.

use std::time::Duration;

use beamline::prelude::*;
use beamline::task::JoinError;
use beamline_sim::{Check, Granularity, outcome};
use beamline_tests::{down, expect_nothing};

use super::{at_go, pid_of};
use crate::sig::{Go, boom, set};

/// Searches all orders with one early timeout: the outcomes, and how many orders differ.
fn search<F, Fut>(name: &str, how: Granularity, expected: &[&str], traces: u64, body: F)
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let check = Check::new(name)
        .granularity(how)
        .early_firings(1)
        .no_leaks()
        .regressions(None);
    let found = check.explore(async move || body().await);
    assert!(found.complete, "{name}: {found}");
    assert_eq!(found.failing_traces, 0, "{name}: {found}");
    let outcomes = found.outcomes.into_keys().collect();
    assert_eq!(set(expected), outcomes, "{name}");
    assert_eq!(found.traces, traces, "{name}");
}

fn tell(result: &Result<u32, JoinError>) -> &'static str {
    match result {
        Ok(_) => "result",
        Err(JoinError::Timeout) => "timeout",
        Err(JoinError::Exit(_)) => "exit",
        Err(_) => "other",
    }
}

#[test]
fn task_022_every_order_of_a_result_and_a_timeout() {
    search(
        "result against timeout",
        Granularity::Fine,
        &["result", "timeout"],
        46,
        async || {
            let mut mailbox = mailbox();
            let task = Task::spawn(async { 7 });
            let watch = monitor(pid_of(&task));
            let result = task.join(Duration::from_millis(1)).await;
            outcome(tell(&result));
            down(&mut mailbox, watch).await;
            expect_nothing(&mut mailbox, "the task has ended").await;
        },
    );
}

#[test]
fn task_021_every_order_of_a_crash_and_a_timeout() {
    search(
        "crash against timeout",
        Granularity::Fine,
        &["exit", "timeout"],
        28,
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            let task: Task<u32> = Task::spawn(async { exit_now(boom()) });
            let watch = monitor(pid_of(&task));
            let result = task.join(Duration::from_millis(1)).await;
            outcome(tell(&result));
            down(&mut mailbox, watch).await;
            assert_eq!(mailbox.receive::<Exit>().await.reason, boom());
            expect_nothing(&mut mailbox, "the task has ended").await;
        },
    );
}

#[test]
fn task_017_every_order_of_a_join_and_the_death_of_the_owner() {
    let expected = ["joined", "killed"];
    search(
        "join against the owner's death",
        Granularity::Fused,
        &expected,
        21,
        async || {
            let mut mailbox = mailbox();
            let (owner, watch) = spawn_monitor(async |_: Mailbox| {
                let task = Task::spawn(async { 7 });
                let result = task.join(None).await;
                assert_eq!(result, Ok(7));
            });
            exit(owner, ExitReason::Kill);
            outcome(match down(&mut mailbox, watch).await {
                ExitReason::Normal | ExitReason::NoProc => "joined",
                _ => "killed",
            });
            expect_nothing(&mut mailbox, "the root has no task").await;
        },
    );
}

#[test]
fn task_047_every_order_of_a_shutdown_and_a_result() {
    let expected = ["nothing", "result"];
    search(
        "shutdown against result",
        Granularity::Fine,
        &expected,
        8,
        async || {
            let mut mailbox = mailbox();
            let task = at_go();
            send(pid_of(&task), Go);
            let stopped = task.shutdown_with(Shutdown::Infinity).await;
            outcome(match stopped {
                None => "nothing",
                Some(Ok(_)) => "result",
                Some(Err(_)) => "other",
            });
            expect_nothing(&mut mailbox, "the task has ended").await;
        },
    );
}
