//! TSUP-11 to TSUP-16 and TSUP-23: children that nobody waits for.

use std::time::Duration;

use beamline::prelude::*;
use beamline::task::NotFound;
use beamline_tests::both;

use super::{granted, stop, supervisor};
use crate::sig::{Go, boom};
use crate::task::ended;

#[test]
fn tsup_012_a_child_runs_and_replies_to_nobody() {
    both("TSUP-12", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let tasks = supervisor().await;
        let child = granted(tasks.start_child(async move { send(root, me()) }).await);
        assert_eq!(mailbox.receive::<Pid>().await, child);
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_012_a_child_is_not_started_again_unless_asked_for() {
    both("TSUP-12 temporary", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let child = granted(tasks.start_child(async { boom() }).await);
        ended(&mut mailbox, child).await;
        settle_children(&mut mailbox, tasks).await;
        assert!(granted(tasks.children().await).is_empty());
        stop(&mut mailbox, tasks).await;
    });
}

/// Waits until the supervisor has heard of the end of its children, all of which end.
async fn settle_children(mailbox: &mut Mailbox, tasks: TaskSupervisor) {
    while let Some(child) = granted(tasks.children().await).first() {
        ended(mailbox, *child).await;
        yield_now().await;
    }
}

#[test]
fn tsup_013_children_are_started_again_as_they_were_asked_to_be() {
    both("TSUP-13", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let cases = [
            (Restart::Transient, ExitReason::Normal, false),
            (Restart::Transient, ExitReason::Shutdown, false),
            (Restart::Transient, boom(), true),
            (Restart::Permanent, ExitReason::Normal, true),
        ];
        for (restart, reason, again) in cases {
            let tasks = supervisor().await;
            let work = move || {
                let reason = reason.clone();
                async move {
                    send(root, me());
                    beamline::mailbox().receive::<Go>().await;
                    reason
                }
            };
            granted(tasks.start_restarting(restart, work).await);
            let first = mailbox.receive::<Pid>().await;
            send(first, Go);
            if again {
                let second = mailbox.receive::<Pid>().await;
                assert_ne!(first, second);
                assert_eq!(granted(tasks.children().await), [second]);
            } else {
                settle_children(&mut mailbox, tasks).await;
            }
            stop(&mut mailbox, tasks).await;
        }
    });
}

#[test]
fn tsup_013_too_many_restarts_end_the_supervisor() {
    both("TSUP-13 budget", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let starting = TaskSupervisor::start_link().max_restarts(2, Duration::MAX);
        let tasks = starting.await?;
        let root = me();
        let work = move || async move {
            send(root, Go);
            boom()
        };
        granted(tasks.start_restarting(Restart::Permanent, work).await);
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!(
            (exit.from, exit.reason),
            (tasks.pid(), ExitReason::Shutdown)
        );
        for _ in 0..3 {
            mailbox.receive::<Go>().await;
        }
        crate::task::nothing_comes(&mut mailbox).await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn tsup_016_children_are_listed_and_ended() {
    both("TSUP-16", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let mut children = Vec::new();
        for _ in 0..3 {
            children.push(granted(
                tasks.start_child(std::future::pending::<()>()).await,
            ));
        }
        assert_eq!(granted(tasks.children().await), children);
        let middle = children.remove(1);
        assert_eq!(granted(tasks.terminate_child(middle).await), Ok(()));
        assert!(!alive(middle).await);
        assert_eq!(granted(tasks.children().await), children);
        assert_eq!(granted(tasks.terminate_child(middle).await), Err(NotFound));
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_014_what_a_temporary_child_holds_is_released_with_it() {
    struct Tell(Pid);
    impl Drop for Tell {
        fn drop(&mut self) {
            send(self.0, Go);
        }
    }
    both("TSUP-14", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        let held = Tell(me());
        granted(tasks.start_child(async move { drop(held) }).await);
        mailbox.receive::<Go>().await;
        stop(&mut mailbox, tasks).await;
    });
}

#[test]
fn tsup_023_children_can_be_counted() {
    both("TSUP-23", async || {
        let mut mailbox = mailbox();
        let tasks = supervisor().await;
        for count in 0..3 {
            assert_eq!(granted(tasks.children().await).len(), count);
            granted(tasks.start_child(std::future::pending::<()>()).await);
        }
        stop(&mut mailbox, tasks).await;
    });
}
