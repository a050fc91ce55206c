//! TASK-1 to TASK-9: starting tasks.

use beamline::prelude::*;
use beamline::task::TaskReply;
use beamline_tests::{both, down};

use super::{at_go, ended, nothing_comes, pid_of};
use crate::sig::{Go, boom};

#[test]
fn task_001_start_is_neither_linked_nor_monitored_and_does_not_reply() {
    both("TASK-1", async || {
        let mut mailbox = mailbox();
        let pid = Task::start(async {
            beamline::mailbox().receive::<Go>().await;
            boom()
        });
        let seen = info(pid).await.expect("it waits");
        assert!(seen.links.is_empty() && seen.monitored_by.is_empty());
        send(pid, Go);
        let reason = ended(&mut mailbox, pid).await;
        assert!([boom(), ExitReason::NoProc].contains(&reason));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_002_start_link_links_and_does_not_reply() {
    both("TASK-2", async || {
        let mut mailbox = mailbox();
        let (_, owner) = spawn_monitor(async |mut mailbox: Mailbox| {
            Task::start_link(async { boom() });
            mailbox.receive::<Go>().await;
        });
        assert_eq!(down(&mut mailbox, owner).await, boom());
        let pid = Task::start_link(async {});
        ended(&mut mailbox, pid).await;
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_003_a_task_is_linked_to_its_owner_and_monitored_by_it() {
    both("TASK-3", async || {
        let task = at_go();
        assert_eq!(task.owner(), me());
        assert_eq!(task.reference().owner(), me());
        let seen = info(pid_of(&task)).await.expect("it waits");
        assert_eq!((seen.links, seen.monitored_by), (vec![me()], vec![me()]));
        send(pid_of(&task), Go);
        assert_eq!(task.join(None).await, Ok(7));
    });
}

#[test]
fn task_004_the_reply_comes_once_and_before_the_down() {
    both("TASK-4", async || {
        let mut mailbox = mailbox();
        let reference = Task::spawn(async { 7_u32 }).into_messages();
        let first = mailbox.receive_any().await;
        let value = 7;
        let reply = TaskReply { reference, value };
        assert_eq!(first.downcast::<TaskReply<u32>>().ok(), Some(reply));
        let second = mailbox.receive_any().await.downcast::<Down>();
        let down = second.expect("the end of the task");
        assert_eq!(
            (down.reference, down.reason),
            (reference, ExitReason::Normal)
        );
        nothing_comes(&mut mailbox).await;
    });
}

/// A server that takes the result of its task among its other messages, and drops the task then.
#[test]
fn task_004_a_server_takes_the_reply_as_a_message() {
    both("TASK-4 in a server", async || {
        let mut mailbox = mailbox();
        let task = at_go();
        send(me(), "other");
        send(pid_of(&task), Go);
        let mut others = 0;
        let value = loop {
            receive! { mailbox;
                TaskReply { reference, value } in TaskReply<u32>
                    where *reference == task.reference() => break value,
                _ in &str => others += 1,
            }
        };
        drop(task);
        assert!(value == 7 && others <= 1);
        mailbox
            .receive_timeout::<&str>(std::time::Duration::ZERO)
            .await;
        nothing_comes(&mut mailbox).await;
    });
}

async fn family() -> (Vec<Pid>, Vec<Pid>, Option<&'static str>) {
    let ancestors = beamline::ancestors().into_iter().map(|it| it.pid).collect();
    (beamline::callers(), ancestors, beamline::initial_call())
}

#[test]
fn task_006_a_task_knows_its_callers_and_ancestors() {
    both("TASK-6", async || {
        let root = me();
        assert!(beamline::callers().is_empty());
        let (callers, ancestors, call) = Task::spawn(family()).join(None).await?;
        assert_eq!((callers, ancestors), (vec![root], vec![root]));
        assert!(call.is_some_and(|call| call.contains("family")), "{call:?}");
        // A task within a task, and one within a stream.
        let nested = Task::spawn(async { (me(), Task::spawn(family()).join(None).await) });
        let (outer, inner) = nested.join(None).await?;
        let (callers, ancestors, _) = inner?;
        assert_eq!((callers, ancestors), (vec![outer, root], vec![outer, root]));
        let mut stream = Task::stream([()], async |()| family().await).timeout(None);
        let (callers, ancestors, _) = stream.next().await.expect("one item")?;
        assert_eq!(callers, [root]);
        assert_eq!(ancestors.last(), Some(&root));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn task_007_a_task_has_a_mailbox_and_values_of_its_own() {
    both("TASK-7", async || {
        let mut mailbox = mailbox();
        local::put("key", 1_u32);
        send(me(), 1_u32);
        let text = String::from("moved");
        let task = Task::spawn(async move {
            let mailbox = beamline::mailbox();
            (mailbox.len(), local::get::<u32>("key"), text)
        });
        let result = task.join(None).await;
        assert_eq!(result, Ok((0, None, "moved".to_owned())));
        assert_eq!(mailbox.receive::<u32>().await, 1);
    });
}

#[test]
fn task_008_a_task_sends_receives_and_starts_tasks() {
    both("TASK-8", async || {
        let task = Task::spawn(async {
            let inner = at_go();
            send(pid_of(&inner), Go);
            let value = inner.join(None).await.expect("the inner task replies");
            send(me(), value + 1);
            mailbox().receive::<u32>().await
        });
        assert_eq!(task.join(None).await, Ok(8));
    });
}

#[test]
fn task_009_a_completed_task_has_replied() {
    both("TASK-9", async || {
        let mut mailbox = mailbox();
        let task = Task::completed(1);
        assert_eq!(task.pid(), None);
        assert_eq!(mailbox.len(), 1);
        assert_eq!(task.join(None).await, Ok(1));
        let mut task = Task::completed(2);
        assert_eq!(task.yield_for(None).await, Some(Ok(2)));
        assert_eq!(Task::completed(3).ignore().await, Some(Ok(3)));
        assert_eq!(Task::completed(4).shutdown().await, Some(Ok(4)));
        nothing_comes(&mut mailbox).await;
    });
}
