//! P-56 to P-64: hibernating and sleeping.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, expect_nothing, settle};

/// Hibernates, then hands `parent` the first message it finds.
async fn sleepy(mut mailbox: Mailbox, parent: Pid) -> ExitReason {
    hibernate().await;
    let found = mailbox.receive::<u32>().await;
    send(parent, found);
    ExitReason::other("woken")
}

#[test]
fn p_056_a_message_ends_hibernation() {
    both("P-56", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (child, reference) = spawn_monitor(move |mailbox: Mailbox| sleepy(mailbox, parent));
        settle().await;
        assert!(alive(child).await);
        expect_nothing(&mut mailbox, "it woke without a message").await;
        send(child, 7_u32);
        assert_eq!(mailbox.receive::<u32>().await, 7);
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("woken")
        );
    });
}

#[test]
fn p_057_a_queued_message_ends_hibernation_at_once_and_stays_queued() {
    both("P-57", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        send(me(), 2_u32);
        hibernate().await;
        assert_eq!(mailbox.receive::<u32>().await, 1);
        hibernate().await;
        assert_eq!(mailbox.receive::<u32>().await, 2);
        expect_nothing(&mut mailbox, "all were received").await;
    });
}

#[test]
fn p_061_a_hibernating_process_counts_as_waiting() {
    both("P-61", async || {
        let parent = me();
        let child = spawn(move |mailbox: Mailbox| sleepy(mailbox, parent));
        loop {
            let seen = info(child).await.expect("nothing has woken it");
            if seen.status == Status::Waiting {
                break;
            }
            sleep(Duration::from_millis(1)).await;
        }
    });
}

#[test]
fn p_062_exit_signals_reach_a_hibernating_process() {
    both("P-62", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (killed, reference) = spawn_monitor(move |mailbox: Mailbox| sleepy(mailbox, parent));
        settle().await;
        exit(killed, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Killed);

        let (_, reference) = spawn_monitor(async move |mailbox: Mailbox| {
            spawn_link(async |mut mailbox: Mailbox| {
                mailbox
                    .receive_timeout::<Stop>(Duration::from_millis(1))
                    .await;
                ExitReason::other("linked")
            });
            sleepy(mailbox, parent).await
        });
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("linked")
        );
        expect_nothing(&mut mailbox, "all were received").await;
    });
}

#[test]
fn p_062_a_trapped_exit_wakes_a_hibernating_process() {
    both("P-62 trapped", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (child, reference) = spawn_monitor(async move |mut mailbox: Mailbox| {
            trap_exit(true);
            send(parent, "trapping");
            hibernate().await;
            mailbox.receive::<Exit>().await.reason
        });
        mailbox.receive::<&'static str>().await;
        exit(child, ExitReason::other("wake up"));
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("wake up")
        );
    });
}

#[test]
fn p_063_sleep_takes_its_time_and_no_message() {
    both("P-63", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        let before = now();
        sleep(Duration::from_millis(2)).await;
        assert!(now() - before >= Duration::from_millis(2));
        sleep(Duration::ZERO).await;
        assert_eq!(mailbox.len(), 1);
        assert_eq!(mailbox.receive::<u32>().await, 1);
    });
}

#[test]
fn p_064_very_long_sleeps_are_accepted() {
    both("P-64", async || {
        let mut mailbox = mailbox();
        let parent = me();
        for length in [Duration::from_millis(1 << 33), Duration::MAX] {
            let (child, reference) = spawn_monitor(async move |_mailbox: Mailbox| {
                let before = now();
                send(parent, "asleep");
                sleep(length).await;
                assert!(now() - before >= length);
                ExitReason::other("slept through")
            });
            mailbox.receive::<&'static str>().await;
            settle().await;
            exit(child, ExitReason::Kill);
            // A machine may stand still for that long, but the sleep must not end before.
            let reason = down(&mut mailbox, reference).await;
            let slept = reason == ExitReason::other("slept through");
            assert!(slept || reason == ExitReason::Killed, "{reason:?}");
        }
    });
}

/// A sleep that was begun.
#[derive(Debug)]
struct Nap(Pin<Box<beamline::Sleep>>);

#[test]
fn a_sleep_may_be_awaited_by_another_process_than_began_it() {
    both(
        "a_sleep_may_be_awaited_by_another_process_than_began_it",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let (_, watch) = spawn_monitor(async move |_| {
                let mut nap = Box::pin(sleep(Duration::from_millis(5)));
                let begun = poll_fn(|cx| Poll::Ready(nap.as_mut().poll(cx).is_pending())).await;
                assert!(begun, "a sleep was over at once");
                send(root, Nap(nap));
            });
            let Nap(nap) = mailbox.receive().await;
            // Whoever began it has ended, so nobody but the root can be woken.
            down(&mut mailbox, watch).await;
            nap.await;
        },
    );
}
