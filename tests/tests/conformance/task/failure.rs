//! TASK-12 to TASK-17: tasks and owners that fail.

use beamline::CrashReport;
use beamline::prelude::*;
use beamline::task::{JoinError, YieldMany};
use beamline_tests::{both, down};

use super::{at_go, ended, nothing_comes, panic_text, pid_of};
use crate::sig::{Go, boom};

#[test]
fn task_012_a_task_panics_or_exits_with_its_reason() {
    both("TASK-12", async || {
        trap_exit(true);
        let panics: Task<u32> = Task::spawn(async { panic!("broken") });
        let Err(JoinError::Exit(reason)) = panics.join(None).await else {
            panic!("a task that panics has no result");
        };
        assert_eq!(panic_text(&reason), "broken");
        let exits: Task<u32> = Task::spawn(async { exit_now(boom()) });
        assert_eq!(exits.join(None).await, Err(JoinError::Exit(boom())));
    });
}

#[test]
fn task_013_a_crash_is_reported_and_a_normal_end_or_a_shutdown_is_not() {
    both("TASK-13", async || {
        let mut mailbox = mailbox();
        beamline::report::subscribe().await;
        trap_exit(true);
        let quiet = [ExitReason::Normal, ExitReason::Shutdown];
        for reason in quiet.into_iter().chain([boom()]) {
            let crash = reason == boom();
            let task: Task<u32> = Task::spawn(async move { exit_now(reason) });
            let pid = pid_of(&task);
            let Err(JoinError::Exit(reason)) = task.join(None).await else {
                panic!("a task that exits has no result");
            };
            mailbox.receive::<Exit>().await;
            if crash {
                let report = mailbox.receive::<CrashReport>().await;
                assert_eq!((report.pid, &report.reason), (pid, &reason));
                assert_eq!(report.callers, [me()]);
            }
        }
        let quiet = Task::start(async { boom() });
        assert_eq!(mailbox.receive::<CrashReport>().await.pid, quiet);
        nothing_comes(&mut mailbox).await;
    });
}

/// Whichever of exit and down comes first: the owner sees nothing of the failure but its end.
#[test]
fn task_014_a_failing_task_takes_an_untrapping_owner_along() {
    both("TASK-14", async || {
        let mut mailbox = mailbox();
        for way in 0..4 {
            let (_, owner) = spawn_monitor(async move |_: Mailbox| {
                let mut tasks = [Task::<u32>::spawn(async { exit_now(boom()) })];
                match way {
                    0 => drop(Task::join_all(tasks, None).await),
                    1 => drop(Task::yield_many(&mut tasks, YieldMany::new().timeout(None)).await),
                    2 => drop(tasks[0].yield_for(None).await),
                    _ => {
                        let [task] = tasks;
                        drop(task.join(None).await);
                    }
                }
                panic!("the owner has outlived its task");
            });
            assert_eq!(down(&mut mailbox, owner).await, boom());
        }
    });
}

#[test]
fn task_015_a_trapping_owner_gets_an_error_and_an_exit_message() {
    both("TASK-15", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let task: Task<u32> = Task::spawn(async { exit_now(boom()) });
        let pid = pid_of(&task);
        assert_eq!(task.join(None).await, Err(JoinError::Exit(boom())));
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!((exit.from, exit.reason), (pid, boom()));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_015_an_error_that_is_passed_on_wraps_the_reason() {
    both("TASK-15 wrapped", async || {
        let mut mailbox = mailbox();
        let (_, owner) = spawn_monitor(async |_: Mailbox| -> Result<(), ExitReason> {
            trap_exit(true);
            Task::<()>::spawn(async { exit_now(boom()) })
                .join(None)
                .await?;
            Ok(())
        });
        let reason = down(&mut mailbox, owner).await;
        let wrapped = JoinError::Exit(boom());
        assert_eq!(reason.error_ref::<JoinError>(), Some(&wrapped));
    });
}

#[test]
fn task_016_a_trapping_owner_hears_of_normal_ends() {
    both("TASK-16", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let task = Task::spawn(async { 1 });
        let pid = pid_of(&task);
        assert_eq!(task.join(None).await, Ok(1));
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!((exit.from, exit.reason), (pid, ExitReason::Normal));
    });
}

/// Starts a task in a process that then ends with this reason; the pid of the task.
async fn abandoned(mailbox: &mut Mailbox, reason: ExitReason) -> Pid {
    let root = me();
    spawn(async move |_: Mailbox| {
        let task = at_go();
        send(root, pid_of(&task));
        let _ = task.into_messages();
        reason
    });
    mailbox.receive::<Pid>().await
}

#[test]
fn task_017_an_owner_takes_its_tasks_along_unless_it_ends_normally() {
    both("TASK-17", async || {
        let mut mailbox = mailbox();
        let task = abandoned(&mut mailbox, boom()).await;
        let reason = ended(&mut mailbox, task).await;
        assert!([boom(), ExitReason::NoProc].contains(&reason));

        let task = abandoned(&mut mailbox, ExitReason::Normal).await;
        sleep(std::time::Duration::from_millis(1)).await;
        assert!(alive(task).await);
        send(task, Go);
        ended(&mut mailbox, task).await;
    });
}
