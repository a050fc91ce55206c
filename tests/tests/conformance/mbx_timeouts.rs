//! MBX-7 to MBX-14: the timeouts of a receive.

use std::collections::BTreeSet;
use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Stop, both, expect_nothing, on_threads, outcomes, settle};

/// A message of a type of its own.
#[derive(Debug, PartialEq, Eq)]
struct Tagged(u32);

/// A message that nobody sends.
#[derive(Debug)]
struct Never;

#[test]
fn mbx_007_junk_does_not_restart_the_timeout() {
    on_threads("MBX-7", &[1, 2], async || {
        let mut mailbox = mailbox();
        let parent = me();
        spawn(async move |_mailbox: Mailbox| -> ExitReason {
            loop {
                send(parent, "junk");
                sleep(Duration::from_millis(1)).await;
            }
        });
        // The junk never ends, so a timeout that it restarted would never come.
        let timeout = Duration::from_millis(10);
        let before = now();
        assert!(mailbox.receive_timeout::<Never>(timeout).await.is_none());
        assert!(now() - before >= timeout);
    });
}

#[test]
fn mbx_007_a_timeout_comes_between_junk_before_and_after_it() {
    let seen = outcomes("MBX-7 order", async || {
        let mut mailbox = mailbox();
        let parent = me();
        spawn(async move |_mailbox: Mailbox| {
            send(parent, "before");
            sleep(Duration::from_millis(4)).await;
            send(parent, "after");
        });
        // Restarted by the first junk, it would come after the second as soon as that is late.
        let timeout = Duration::from_millis(3);
        assert!(mailbox.receive_timeout::<Never>(timeout).await.is_none());
        beamline_sim::outcome(mailbox.len().to_string());
    });
    assert!(seen.contains("1"), "the junk seen at the timeout: {seen:?}");
}

#[test]
fn mbx_008_a_zero_timeout_scans_the_whole_mailbox() {
    both("MBX-8", async || {
        let mut mailbox = mailbox();
        assert_eq!(
            mailbox.receive_timeout::<Tagged>(Duration::ZERO).await,
            None
        );
        for number in 0..50_u32 {
            send(me(), number);
        }
        assert_eq!(
            mailbox.receive_timeout::<Tagged>(Duration::ZERO).await,
            None
        );
        send(me(), Tagged(1));
        assert_eq!(
            mailbox.receive_timeout::<Tagged>(Duration::ZERO).await,
            Some(Tagged(1))
        );
        let found = receive! { mailbox;
            Tagged(number) in Tagged => Some(number),
            after Duration::ZERO => None,
        };
        assert_eq!(found, None);
    });
}

#[test]
fn mbx_009_no_timeout_means_never() {
    both("MBX-9", async || {
        let mut mailbox = mailbox();
        send_after(me(), Tagged(1), Duration::from_millis(5));
        let found = receive! { mailbox;
            Tagged(number) in Tagged => number,
            after None::<Duration> => 0,
        };
        assert_eq!(found, 1);
    });
}

#[test]
fn mbx_010_any_duration_is_a_timeout() {
    on_threads("MBX-10", &[1, 2], async || {
        let mut mailbox = mailbox();
        for timeout in [Duration::from_millis(u32::MAX.into()), Duration::MAX] {
            send_after(me(), Tagged(1), Duration::from_millis(1));
            assert_eq!(
                mailbox.receive_timeout::<Tagged>(timeout).await,
                Some(Tagged(1))
            );
        }
    });
}

#[test]
fn mbx_010_a_queued_match_comes_before_any_timeout() {
    both("MBX-10 queued", async || {
        let mut mailbox = mailbox();
        for timeout in [Duration::ZERO, Duration::from_secs(1 << 40), Duration::MAX] {
            send(me(), Tagged(1));
            assert_eq!(
                mailbox.receive_timeout::<Tagged>(timeout).await,
                Some(Tagged(1))
            );
        }
    });
}

#[test]
fn mbx_011_a_timeout_removes_nothing() {
    both("MBX-11", async || {
        let mut mailbox = mailbox();
        for number in 1..=3_u32 {
            send(me(), number);
        }
        assert_eq!(
            mailbox
                .receive_timeout::<Tagged>(Duration::from_millis(1))
                .await,
            None
        );
        assert_eq!(mailbox.len(), 3);
        for number in 1..=3_u32 {
            assert_eq!(mailbox.receive::<u32>().await, number);
        }
    });
}

#[test]
fn mbx_012_a_receive_without_clauses_is_a_sleep() {
    both("MBX-12", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        let timeout = Duration::from_millis(2);
        let before = now();
        let nothing = mailbox.select(|_| None::<()>, Some(timeout)).await;
        assert!(nothing.is_none());
        assert!(now() - before >= timeout);
        assert_eq!(mailbox.receive::<u32>().await, 1);
    });
}

#[test]
fn mbx_013_a_timeout_never_fires_early() {
    both("MBX-13", async || {
        let mut mailbox = mailbox();
        for micros in [1, 400, 1_000, 1_700, 3_000] {
            let timeout = Duration::from_micros(micros);
            let before = now();
            assert!(mailbox.receive_timeout::<Never>(timeout).await.is_none());
            let waited = now() - before;
            assert!(waited >= timeout, "waited {waited:?} of {timeout:?}");
        }
    });
}

#[test]
fn mbx_013_many_timeouts_at_once_all_fire() {
    both("MBX-13 many", async || {
        let mut mailbox = mailbox();
        let parent = me();
        for _ in 0..50 {
            spawn(async move |mut mailbox: Mailbox| {
                mailbox
                    .receive_timeout::<Never>(Duration::from_millis(2))
                    .await;
                send(parent, Stop);
            });
        }
        for _ in 0..50 {
            mailbox.receive::<Stop>().await;
        }
    });
}

#[test]
fn mbx_014_a_message_at_the_timeout_is_neither_lost_nor_doubled() {
    both("MBX-14", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let timeout = Duration::from_millis(1);
        spawn(async move |_mailbox: Mailbox| {
            sleep(timeout).await;
            send(parent, Tagged(1));
        });
        if mailbox.receive_timeout::<Tagged>(timeout).await.is_none() {
            assert_eq!(mailbox.receive::<Tagged>().await, Tagged(1));
        }
        settle().await;
        expect_nothing(&mut mailbox, "all were received").await;
    });
}

#[test]
fn mbx_014_either_may_win() {
    let seen = outcomes("MBX-14 race", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let timeout = Duration::from_millis(1);
        spawn(async move |_mailbox: Mailbox| {
            sleep(timeout).await;
            send(parent, Tagged(1));
        });
        let found = mailbox.receive_timeout::<Tagged>(timeout).await;
        beamline_sim::outcome(if found.is_some() {
            "message"
        } else {
            "timeout"
        });
    });
    assert_eq!(
        seen,
        BTreeSet::from(["message".to_owned(), "timeout".to_owned()])
    );
}
