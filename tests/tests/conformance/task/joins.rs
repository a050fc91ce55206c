//! TASK-18 to TASK-31: waiting for one task and for several.

use std::time::Duration;

use beamline::prelude::*;
use beamline::task::JoinError;
use beamline_tests::{both, down};

use super::{at_go, nothing_comes, panic_text, pid_of};
use crate::sig::{Go, boom};

#[test]
fn task_018_only_the_owner_may_join_yield_shut_down_and_ignore() {
    both("TASK-18", async || {
        let mut mailbox = mailbox();
        for how in 0..5 {
            let task = Task::completed(1);
            let (_, other) = spawn_monitor(async move |_: Mailbox| {
                let mut task = task;
                match how {
                    0 => drop(task.join(None).await),
                    1 => drop(task.yield_for(None).await),
                    2 => drop(task.shutdown().await),
                    3 => drop(task.ignore().await),
                    _ => drop(Task::yield_many(&mut [task], Duration::ZERO).await),
                }
            });
            let reason = down(&mut mailbox, other).await;
            assert!(panic_text(&reason).contains("must be queried from its owner"));
            mailbox.receive::<beamline::task::TaskReply<i32>>().await;
        }
    });
}

#[test]
fn task_020_a_result_leaves_nothing_behind() {
    both("TASK-20", async || {
        let mut mailbox = mailbox();
        assert_eq!(Task::spawn(async { 1 }).join(None).await, Ok(1));
        let seen = info(me()).await.expect("the root lives");
        assert!(seen.monitors.is_empty());
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_021_a_normal_end_without_a_result_is_an_error() {
    both("TASK-21", async || {
        let task: Task<u32> = Task::spawn(async { exit_now(ExitReason::Normal) });
        let result = task.join(None).await;
        assert_eq!(result, Err(JoinError::Exit(ExitReason::Normal)));
    });
}

#[test]
fn task_022_a_timeout_does_not_end_the_task() {
    both("TASK-22", async || {
        let mut mailbox = mailbox();
        let task = at_go();
        let pid = pid_of(&task);
        assert_eq!(task.join(Duration::ZERO).await, Err(JoinError::Timeout));
        let seen = info(pid).await.expect("the task goes on");
        assert!(seen.monitored_by.is_empty());
        send(pid, Go);
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_023_a_late_reply_is_dropped() {
    both("TASK-23", async || {
        let mut mailbox = mailbox();
        let task = Task::spawn(async {
            sleep(Duration::from_millis(1)).await;
            1
        });
        let pid = pid_of(&task);
        let result = task.join(Duration::from_millis(1)).await;
        assert!([Ok(1), Err(JoinError::Timeout)].contains(&result));
        super::ended(&mut mailbox, pid).await;
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_023_a_dropped_task_leaves_nothing_behind() {
    both("TASK-23 dropped", async || {
        let mut mailbox = mailbox();
        let early = Task::spawn(async { 1 });
        super::ended(&mut mailbox, pid_of(&early)).await;
        drop(early);
        let late = at_go();
        let pid = pid_of(&late);
        drop(late);
        send(pid, Go);
        super::ended(&mut mailbox, pid).await;
        drop(Task::completed(1));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_025_an_outcome_is_taken_once() {
    both("TASK-25", async || {
        let mut task = Task::spawn(async { 1 });
        assert_eq!(task.yield_for(None).await, Some(Ok(1)));
        assert_eq!(task.join(None).await, Err(JoinError::Taken));
    });
}

#[test]
fn task_026_other_messages_stay_in_their_order() {
    both("TASK-26", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        let task = Task::spawn(async { 7_u32 });
        send(me(), 2_u32);
        assert_eq!(task.join(None).await, Ok(7));
        send(me(), 3_u32);
        for expected in 1..=3 {
            assert_eq!(
                mailbox.receive_any().await.downcast::<u32>().ok(),
                Some(expected)
            );
        }
    });
}

#[test]
fn task_027_results_come_in_the_order_of_the_tasks() {
    both("TASK-27", async || {
        let mut mailbox = mailbox();
        send(me(), "other");
        let tasks: Vec<Task<u64>> = (0..4)
            .map(|n| {
                Task::spawn(async move {
                    sleep(Duration::from_micros(400 - 100 * n)).await;
                    n
                })
            })
            .collect();
        assert_eq!(Task::join_all(tasks, None).await, Ok(vec![0, 1, 2, 3]));
        let none: [Task<u64>; 0] = [];
        assert_eq!(Task::join_all(none, Duration::ZERO).await, Ok(vec![]));
        assert_eq!(mailbox.receive::<&str>().await, "other");
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_028_one_timeout_covers_all_and_leaves_nothing_behind() {
    both("TASK-28", async || {
        let mut mailbox = mailbox();
        let tasks = [Task::completed(1), at_go()];
        let late = pid_of(&tasks[1]);
        let results = Task::join_all(tasks, Duration::from_millis(1)).await;
        assert_eq!(results, Err(JoinError::Timeout));
        send(late, Go);
        super::ended(&mut mailbox, late).await;
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_029_the_first_failure_ends_the_wait() {
    both("TASK-29", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let waits = at_go();
        let waiting = pid_of(&waits);
        let fails: Task<u32> = Task::spawn(async { exit_now(boom()) });
        let results = Task::join_all([waits, fails], None).await;
        assert_eq!(results, Err(JoinError::Exit(boom())));
        assert!(alive(waiting).await);
        assert_eq!(mailbox.receive::<Exit>().await.reason, boom());
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_030_join_all_refuses_foreign_tasks_before_it_waits() {
    both("TASK-30", async || {
        let mut mailbox = mailbox();
        let task = at_go();
        let (_, other) = spawn_monitor(async move |_: Mailbox| {
            let _ = Task::join_all([task], None).await;
        });
        let reason = down(&mut mailbox, other).await;
        assert!(panic_text(&reason).contains("must be queried from its owner"));
    });
}

#[test]
fn task_031_no_timer_of_a_join_is_left() {
    both("TASK-31", async || {
        let mut mailbox = mailbox();
        for _ in 0..3 {
            let tasks = [Task::completed(1), Task::completed(2)];
            let timeout = Duration::from_millis(1);
            let results = Task::join_all(tasks, timeout).await;
            assert_eq!(results, Ok(vec![1, 2]));
        }
        nothing_comes(&mut mailbox).await;
    });
}
