//! TASK-43 to TASK-53: shutting tasks down.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{both, down};

use super::{at_go, ended, nothing_comes, panic_text, pid_of, stubborn};
use crate::sig::{Go, boom};

/// Each way to shut a task down that does not kill it at once and waits for its end.
const PATIENT: Shutdown = Shutdown::Infinity;

#[test]
fn task_043_shutdown_asks_with_shutdown_and_waits_for_the_end() {
    both("TASK-43", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let task: Task<u32> = Task::spawn(async move {
            trap_exit(true);
            send(root, Go);
            let exit = beamline::mailbox().receive::<Exit>().await;
            exit_now(ExitReason::other(exit.reason))
        });
        mailbox.receive::<Go>().await;
        let pid = pid_of(&task);
        let outcome = task.shutdown_with(PATIENT).await;
        let asked = ExitReason::other(ExitReason::Shutdown);
        assert_eq!(outcome, Some(Err(asked)));
        assert!(!alive(pid).await);
    });
}

#[test]
fn task_044_a_reply_that_came_before_is_not_lost() {
    both("TASK-44", async || {
        let mut mailbox = mailbox();
        for how in [Shutdown::Brutal, PATIENT] {
            let task = Task::spawn(async { 1 });
            ended(&mut mailbox, pid_of(&task)).await;
            assert_eq!(task.shutdown_with(how).await, Some(Ok(1)));
        }
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_045_a_task_that_ends_of_the_shutdown_gives_nothing() {
    both("TASK-45", async || {
        let mut mailbox = mailbox();
        assert_eq!(at_go().shutdown_with(PATIENT).await, None);
        assert_eq!(at_go().shutdown_with(Shutdown::Brutal).await, None);
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_046_a_task_that_ended_otherwise_gives_its_reason() {
    both("TASK-46", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        for reason in [ExitReason::Normal, boom()] {
            for how in [Shutdown::Brutal, PATIENT] {
                let cause = reason.clone();
                let task: Task<u32> = Task::spawn(async move { exit_now(cause) });
                mailbox.receive::<Exit>().await;
                assert_eq!(task.shutdown_with(how).await, Some(Err(reason.clone())));
            }
        }
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_046_a_task_whose_outcome_was_taken_is_not_there() {
    both("TASK-46 taken", async || {
        let mut mailbox = mailbox();
        let mut task = Task::spawn(async { 1 });
        assert_eq!(task.yield_for(None).await, Some(Ok(1)));
        ended(&mut mailbox, pid_of(&task)).await;
        assert_eq!(task.shutdown().await, Some(Err(ExitReason::NoProc)));
    });
}

#[test]
fn task_047_a_task_that_does_not_end_in_time_is_killed() {
    both("TASK-47", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let task: Task<u32> = Task::spawn(async move {
            trap_exit(true);
            send(root, Go);
            std::future::pending().await
        });
        mailbox.receive::<Go>().await;
        let outcome = task.shutdown_with(Duration::from_millis(1)).await;
        assert_eq!(outcome, Some(Err(ExitReason::Killed)));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_048_a_brutal_shutdown_kills_at_once() {
    both("TASK-48", async || {
        assert_eq!(stubborn().shutdown_with(Shutdown::Brutal).await, None);
    });
}

#[test]
fn task_049_a_task_without_a_process_is_ignored() {
    both("TASK-49", async || {
        let mut mailbox = mailbox();
        assert_eq!(Task::completed(1).shutdown().await, Some(Ok(1)));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_050_only_the_owner_may_shut_down() {
    both("TASK-50", async || {
        let mut mailbox = mailbox();
        let task = at_go();
        let pid = pid_of(&task);
        let (_, other) = spawn_monitor(async move |_: Mailbox| {
            task.shutdown().await;
        });
        let reason = down(&mut mailbox, other).await;
        assert!(panic_text(&reason).contains("must be queried from its owner"));
        assert!(alive(pid).await);
    });
}

#[test]
fn task_051_no_exit_of_a_task_that_was_shut_down_comes() {
    both("TASK-51", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let task = at_go();
        let pid = pid_of(&task);
        assert_eq!(task.shutdown_with(PATIENT).await, None);
        assert!(!alive(pid).await);
        nothing_comes(&mut mailbox).await;
    });
}

/// The owner is killed while it waits for the end of a task that takes its time.
#[test]
fn task_052_a_task_is_asked_to_end_though_the_owner_dies_meanwhile() {
    both("TASK-52", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let owner = spawn(async move |mut mailbox: Mailbox| {
            let owner = me();
            let task: Task<u32> = Task::spawn(async move {
                trap_exit(true);
                send(owner, Go);
                send(root, Go);
                let exit = beamline::mailbox().receive::<Exit>().await;
                send(root, exit.reason);
                std::future::pending().await
            });
            mailbox.receive::<Go>().await;
            task.shutdown_with(PATIENT).await;
        });
        mailbox.receive::<Go>().await;
        exit(owner, ExitReason::Kill);
        let reason = mailbox.receive::<ExitReason>().await;
        // The second if it was killed before it asked: then the link says so.
        assert!([ExitReason::Shutdown, ExitReason::Killed].contains(&reason));
    });
}

#[test]
fn task_053_no_result_is_lost_between_yield_and_shutdown() {
    both("TASK-53", async || {
        let mut mailbox = mailbox();
        let mut task = Task::spawn(async {
            sleep(Duration::from_millis(1)).await;
            1
        });
        let outcome = match task.yield_for(Duration::from_millis(1)).await {
            Some(outcome) => Some(outcome),
            None => task.shutdown_with(PATIENT).await,
        };
        assert!([Some(Ok(1)), None].contains(&outcome));
        nothing_comes(&mut mailbox).await;
    });
}
