//! TSUP-1, TSUP-11 and TSUP-17: how supervisors begin and end.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{both, down};

use super::{granted, stop, supervisor, watch};
use crate::sig::{Go, boom};
use crate::task::{ended, nothing_comes};

#[test]
fn tsup_001_a_supervisor_has_the_name_it_was_given() {
    both("TSUP-1", async || {
        let mut mailbox = mailbox();
        let tasks = TaskSupervisor::start_link().name("tasks").await?;
        assert_eq!(TaskSupervisor::whereis("tasks").await, Some(tasks));
        let taken = TaskSupervisor::start_link().name("tasks").await;
        assert_eq!(taken, Err(StartError::AlreadyStarted(Some(tasks.pid()))));
        nothing_comes(&mut mailbox).await;
        stop(&mut mailbox, tasks).await;
        assert_eq!(TaskSupervisor::whereis("tasks").await, None);
        Ok::<(), ExitReason>(())
    });
}

/// A child that refuses to end, once it runs.
async fn stubborn(mailbox: &mut Mailbox, tasks: TaskSupervisor) -> Pid {
    let root = me();
    let child = async move {
        trap_exit(true);
        send(root, Go);
        std::future::pending::<()>().await;
    };
    let child = granted(tasks.start_child(child).await);
    mailbox.receive::<Go>().await;
    child
}

#[test]
fn tsup_011_each_child_gets_the_time_it_was_given() {
    both("TSUP-11", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let soon = tasks.with_shutdown(Duration::from_millis(1));
        let brutal = tasks.with_shutdown(Shutdown::Brutal);
        let mut watches = Vec::new();
        for tasks in [soon, brutal] {
            watches.push(watch(stubborn(&mut mailbox, tasks).await).await);
        }
        assert_eq!(tasks.stop().await, Ok(()));
        for watch in watches {
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        }
    });
}

#[test]
fn tsup_017_all_children_end_with_the_supervisor() {
    both("TSUP-17", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await.with_shutdown(Shutdown::Infinity);
        let mut watches = Vec::new();
        for _ in 0..3 {
            let child = granted(tasks.start_child(std::future::pending::<()>()).await);
            watches.push(watch(child).await);
        }
        stop_and_hear(&mut mailbox, tasks, watches).await;
    });
}

async fn stop_and_hear(mailbox: &mut Mailbox, tasks: TaskSupervisor, watches: Vec<Ref>) {
    assert_eq!(tasks.stop().await, Ok(()));
    for watch in watches {
        assert_eq!(down(mailbox, watch).await, ExitReason::Shutdown);
    }
    stop_of_the_dead(mailbox, tasks).await;
}

async fn stop_of_the_dead(mailbox: &mut Mailbox, tasks: TaskSupervisor) {
    assert_eq!(tasks.stop().await, Err(CallError::NoProc));
    nothing_comes(mailbox).await;
}

#[test]
fn tsup_017_a_supervisor_ends_with_its_parent() {
    both("TSUP-17 parent", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (parent, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
            let tasks = supervisor().await;
            let child = granted(tasks.start_child(std::future::pending::<()>()).await);
            send(root, (tasks.pid(), child));
            mailbox.receive::<Go>().await;
            boom()
        });
        let (tasks, child) = mailbox.receive::<(Pid, Pid)>().await;
        send(parent, Go);
        assert_eq!(down(&mut mailbox, watch).await, boom());
        let reason = ended(&mut mailbox, tasks).await;
        assert!([boom(), ExitReason::NoProc].contains(&reason));
        assert!(!alive(child).await);
    });
}

/// One child takes its time; the others are asked to end meanwhile.
#[test]
fn tsup_017_children_are_asked_to_end_all_at_once() {
    both("TSUP-17 parallel", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await.with_shutdown(Shutdown::Infinity);
        let slow = stubborn(&mut mailbox, tasks).await;
        let quick = granted(tasks.start_child(std::future::pending::<()>()).await);
        let watch = watch(quick).await;
        spawn(async move |_: Mailbox| {
            let _ = tasks.stop().await;
        });
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        assert!(alive(slow).await);
        exit(slow, ExitReason::Kill);
        ended(&mut mailbox, tasks.pid()).await;
    });
}
