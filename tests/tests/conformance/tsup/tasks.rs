//! TSUP-4 to TSUP-10 and TSUP-18 to TSUP-21: tasks that somebody waits for.

use std::time::Duration;

use beamline::prelude::*;
use beamline::task::{CallerDown, JoinError, StartTaskError, StreamError};
use beamline_tests::{both, down};

use super::{granted, stop, supervisor};
use crate::sig::{Go, boom};
use crate::task::{ended, nothing_comes, pid_of};

async fn seven_at_go() -> u32 {
    mailbox().receive::<Go>().await;
    7
}

#[test]
fn tsup_004_a_task_is_linked_to_supervisor_and_caller() {
    both("TSUP-4", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let task = granted(tasks.spawn(seven_at_go()).await);
        let seen = info(pid_of(&task)).await.expect("it waits");
        assert_eq!(seen.parent, Some(tasks.pid()));
        assert!(seen.links.contains(&me()) && seen.links.contains(&tasks.pid()));
        assert!(seen.monitored_by.contains(&me()));
        send(pid_of(&task), Go);
        assert_eq!(task.join(None).await, Ok(7));
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_005_an_unlinked_task_fails_alone() {
    both("TSUP-5", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let task = granted(tasks.spawn_nolink(seven_at_go()).await);
        let seen = info(pid_of(&task)).await.expect("it waits");
        assert!(!seen.links.contains(&me()));
        exit(pid_of(&task), boom());
        assert_eq!(task.join(None).await, Err(JoinError::Exit(boom())));
        let panics = granted(tasks.spawn_nolink(async { panic!("no") }).await);
        let result: Result<(), _> = panics.join(None).await;
        assert!(matches!(
            result,
            Err(JoinError::Exit(ExitReason::Panicked(_)))
        ));
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_006_the_supervisor_is_the_first_ancestor_and_the_caller_the_first_caller() {
    both("TSUP-6", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let family = async || {
            let ancestors = beamline::ancestors().into_iter();
            (beamline::callers(), ancestors.map(|it| it.pid).collect())
        };
        let expected = (vec![me()], vec![tasks.pid(), me()]);
        let task = granted(tasks.spawn(family()).await);
        assert_eq!(task.join(None).await, Ok(expected.clone()));
        let root = me();
        granted(
            tasks
                .start_child(async move { send(root, family().await) })
                .await,
        );
        assert_eq!(mailbox.receive::<(Vec<Pid>, Vec<Pid>)>().await, expected);
        stop(&mut mailbox, tasks).await;
    });
}

/// The caller is killed somewhere between its question and the word to begin: whatever has been
/// started by then ends, or has begun and goes on.
#[test]
fn tsup_007_a_child_whose_caller_dies_before_it_begins_ends() {
    both("TSUP-7", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let caller = spawn(async move |_: Mailbox| {
            let _ = tasks.spawn_nolink(async {}).await.map(Task::into_messages);
        });
        exit(caller, ExitReason::Kill);
        ended(&mut mailbox, caller).await;
        loop {
            let children = granted(tasks.children().await);
            let Some(child) = children.first() else { break };
            let reason = ended(&mut mailbox, *child).await;
            let never_began = reason.downcast_ref::<CallerDown>().is_some();
            assert!(never_began || !reason.is_abnormal() || reason == ExitReason::NoProc);
        }
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_008_a_linked_task_dies_with_its_caller_and_an_unlinked_one_goes_on() {
    both("TSUP-8", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let tasks = supervisor().await;
        let (caller, watch) = spawn_monitor(async move |_: Mailbox| {
            let linked = granted(tasks.spawn(seven_at_go()).await);
            let told = async move {
                send(root, "began");
                seven_at_go().await
            };
            let unlinked = granted(tasks.spawn_nolink(told).await);
            send(root, (pid_of(&linked), pid_of(&unlinked)));
            let _ = (linked.into_messages(), unlinked.into_messages());
            std::future::pending::<()>().await;
        });
        let (linked, unlinked) = mailbox.receive::<(Pid, Pid)>().await;
        mailbox.receive::<&str>().await;
        exit(caller, boom());
        assert_eq!(down(&mut mailbox, watch).await, boom());
        let reason = ended(&mut mailbox, linked).await;
        assert!([boom(), ExitReason::NoProc].contains(&reason));
        assert!(alive(unlinked).await);
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_009_one_task_too_many_is_refused() {
    both("TSUP-9", async || {
        let mut mailbox = mailbox();
        let tasks = TaskSupervisor::start_link().max_children(1).await?;
        let task = granted(tasks.spawn(seven_at_go()).await);
        let refused = StartTaskError::MaxChildren;
        assert_eq!(
            tasks.spawn(seven_at_go()).await.err(),
            Some(refused.clone())
        );
        assert_eq!(
            tasks.spawn_nolink(seven_at_go()).await.err(),
            Some(refused.clone())
        );
        assert_eq!(tasks.start_child(async {}).await, Err(refused));
        send(pid_of(&task), Go);
        assert_eq!(task.join(None).await, Ok(7));
        stop(&mut mailbox, tasks).await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn tsup_010_a_supervisor_that_is_gone_is_an_error() {
    both("TSUP-10", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        stop(&mut mailbox, tasks).await;
        let gone = StartTaskError::Call(CallError::NoProc);
        assert_eq!(tasks.spawn(seven_at_go()).await.err(), Some(gone));
        assert_eq!(tasks.children().await, Err(CallError::NoProc));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn tsup_018_a_stream_of_children_is_as_any_stream() {
    both("TSUP-18", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let work = async move |n: u64| {
            let parent = info(me()).await.and_then(|info| info.parent);
            (n, parent == Some(tasks.pid()))
        };
        for linked in [true, false] {
            let stream = match linked {
                true => tasks.stream(0..3, work),
                false => tasks.stream_nolink(0..3, work),
            };
            let outcomes = stream.max_concurrency(2).timeout(None).collect().await;
            assert_eq!(outcomes, [Ok((0, true)), Ok((1, true)), Ok((2, true))]);
        }
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_018_a_stream_that_is_halted_leaves_no_children() {
    both("TSUP-18 halted", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        for linked in [true, false] {
            let work = async move |n: u64| match n {
                0 => n,
                _ => std::future::pending().await,
            };
            let stream = match linked {
                true => tasks.stream(0..3, work),
                false => tasks.stream_nolink(0..3, work),
            };
            let mut stream = stream.timeout(None);
            assert_eq!(stream.next().await, Some(Ok(0)));
            stream.halt().await;
            // The supervisor may not have heard of every end yet.
            for child in granted(tasks.children().await) {
                ended(&mut mailbox, child).await;
            }
        }
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_019_a_stream_that_is_too_wide_ends_its_consumer_and_leaves_no_children() {
    both("TSUP-19", async || {
        let mut mailbox = mailbox();
        let tasks = TaskSupervisor::start_link().max_children(1).await?;
        let (_, consumer) = spawn_monitor(async move |_: Mailbox| {
            let work = async |_: u64| std::future::pending::<u64>().await;
            tasks.stream(0..3, work).timeout(None).collect().await;
        });
        let reason = down(&mut mailbox, consumer).await;
        let expected = StreamError::Start(StartTaskError::MaxChildren);
        assert_eq!(reason.error_ref(), Some(&expected));
        for child in granted(tasks.children().await) {
            ended(&mut mailbox, child).await;
        }
        stop(&mut mailbox, tasks).await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn tsup_020_failures_of_unlinked_tasks_are_outcomes() {
    both("TSUP-20", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let work = async |n: u64| match n {
            1 => exit_now(boom()),
            n => n,
        };
        let stream = tasks.stream_nolink(0..3, work).timeout(None);
        assert_eq!(stream.collect().await, [Ok(0), Err(boom()), Ok(2)]);
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_021_unlinked_tasks_outlive_their_consumer() {
    both("TSUP-21", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let tasks = supervisor().await;
        let (consumer, watch) = spawn_monitor(async move |_: Mailbox| {
            let work = async move |_: u64| {
                send(root, me());
                seven_at_go().await
            };
            tasks.stream_nolink([1], work).timeout(None).collect().await;
        });
        let task = mailbox.receive::<Pid>().await;
        exit(consumer, boom());
        down(&mut mailbox, watch).await;
        sleep(Duration::from_millis(1)).await;
        assert!(alive(task).await);
        stop(&mut mailbox, tasks).await;
        assert!(!alive(task).await);
    });
}

#[test]
fn tsup_022_a_task_whose_supervisor_is_stopped_has_no_result() {
    both("TSUP-22", async || {
        let tasks = supervisor().await;
        let task = granted(tasks.spawn_nolink(seven_at_go()).await);
        // Whose monitor has arrived by then.
        info(pid_of(&task)).await;
        assert_eq!(tasks.stop().await, Ok(()));
        let reason = match task.join(None).await {
            Err(JoinError::Exit(reason)) => reason,
            other => panic!("{other:?}"),
        };
        assert!([ExitReason::Shutdown, ExitReason::Killed].contains(&reason));
    });
}
