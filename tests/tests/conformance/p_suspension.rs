//! P-65 to P-67: suspending other processes.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use beamline::prelude::*;
use beamline_tests::{Ask, Reply, Stop, both, down, echo, expect_nothing, settle};

#[test]
fn p_065_a_process_stays_suspended_until_resumed_as_often() {
    both("P-65", async || {
        let mut mailbox = mailbox();
        let child = echo();
        suspend(child).await.expect("it is alive");
        suspend(child).await.expect("it is alive");
        send(
            child,
            Ask {
                from: me(),
                number: 1,
            },
        );
        settle().await;
        expect_nothing(&mut mailbox, "it ran while suspended twice").await;
        resume(child).await.expect("this process suspended it");
        settle().await;
        expect_nothing(&mut mailbox, "it ran while suspended once").await;
        resume(child).await.expect("this process suspended it");
        assert_eq!(mailbox.receive::<Reply>().await, Reply(1));
    });
}

#[test]
fn p_065_signals_still_reach_a_suspended_process() {
    both("P-65 signals", async || {
        let mut mailbox = mailbox();
        let child = echo();
        let reference = monitor(child);
        suspend(child).await.expect("it is alive");
        send(
            child,
            Ask {
                from: me(),
                number: 1,
            },
        );
        let seen = info(child).await.expect("it is alive");
        assert_eq!(seen.status, Status::Suspended);
        assert_eq!(seen.message_queue_len, 1);
        exit(child, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Killed);
        expect_nothing(&mut mailbox, "it ran while suspended").await;
    });
}

#[test]
fn p_065_suspending_and_resuming_loses_no_wake_up() {
    both("P-65 wake-ups", async || {
        let mut mailbox = mailbox();
        let child = echo();
        let (_, meddler) = spawn_monitor(async move |_mailbox: Mailbox| {
            for _ in 0..10 {
                suspend(child).await.expect("it is alive");
                yield_now().await;
                resume(child).await.expect("this process suspended it");
            }
        });
        for number in 0..10 {
            send(child, Ask { from: me(), number });
            assert_eq!(mailbox.receive::<Reply>().await, Reply(number));
        }
        assert_eq!(down(&mut mailbox, meddler).await, ExitReason::Normal);
    });
}

#[test]
fn p_066_only_another_living_process_can_be_suspended() {
    both("P-66", async || {
        let mut mailbox = mailbox();
        assert!(suspend(me()).await.is_err(), "a process suspended itself");
        let (dead, reference) = spawn_monitor(async |_mailbox: Mailbox| ());
        down(&mut mailbox, reference).await;
        assert!(suspend(dead).await.is_err(), "a dead process was suspended");
        assert!(resume(dead).await.is_err(), "a dead process was resumed");
    });
}

#[test]
fn p_066_a_suspension_ends_with_the_suspended_process() {
    both("P-66 death", async || {
        let mut mailbox = mailbox();
        let child = echo();
        let reference = monitor(child);
        suspend(child).await.expect("it is alive");
        let own = info(me()).await.expect("a running process has info");
        assert_eq!(own.suspending, [child]);
        exit(child, ExitReason::Kill);
        down(&mut mailbox, reference).await;
        assert!(resume(child).await.is_err(), "a dead process was resumed");
        let own = info(me()).await.expect("a running process has info");
        assert!(own.suspending.is_empty(), "the dead are still suspended");
    });
}

#[test]
fn p_066_only_the_suspender_can_resume() {
    both("P-66 resume", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let child = echo();
        assert!(resume(child).await.is_err(), "it was not suspended");
        spawn(async move |mut mailbox: Mailbox| {
            suspend(child).await.expect("it is alive");
            send(parent, "suspended");
            mailbox.receive::<Stop>().await;
        });
        mailbox.receive::<&'static str>().await;
        assert!(resume(child).await.is_err(), "another process suspended it");
        send(
            child,
            Ask {
                from: parent,
                number: 1,
            },
        );
        settle().await;
        expect_nothing(&mut mailbox, "it was resumed all the same").await;
    });
}

#[test]
fn p_067_suspends_end_with_the_suspender() {
    both("P-67", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let child = echo();
        let suspender = spawn(async move |mut mailbox: Mailbox| {
            suspend(child).await.expect("it is alive");
            suspend(child).await.expect("it is alive");
            send(parent, "suspended");
            mailbox.receive::<Stop>().await;
        });
        mailbox.receive::<&'static str>().await;
        send(
            child,
            Ask {
                from: parent,
                number: 1,
            },
        );
        settle().await;
        expect_nothing(&mut mailbox, "it ran while suspended").await;
        send(suspender, Stop);
        assert_eq!(mailbox.receive::<Reply>().await, Reply(1));
    });
}

/// In Erlang the caller waits; here it may stop waiting, and then does not suspend.
#[test]
fn p_067_a_suspension_that_is_no_longer_waited_for_is_taken_back() {
    both("P-67 given up", async || {
        let mut mailbox = mailbox();
        let child = echo();
        {
            let mut waiting = pin!(suspend(child));
            poll_fn(|cx| Poll::Ready(waiting.as_mut().poll(cx).is_ready())).await;
        }
        let (from, number) = (me(), 1);
        send(child, Ask { from, number });
        assert_eq!(mailbox.receive::<Reply>().await, Reply(1));
    });
}
