//! MBX-1 to MBX-6 and MBX-15 to MBX-17: the mailbox and selective receive.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, expect_nothing, on_threads, settle};

/// A message of a type of its own.
#[derive(Debug, PartialEq, Eq)]
struct Tagged(u32);

#[test]
fn mbx_001_the_oldest_message_comes_before_the_first_clause() {
    both("MBX-1", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        send(me(), Tagged(2));
        let found = receive! { mailbox;
            Tagged(number) in Tagged => ("tagged", number),
            number in u32 => ("plain", number),
        };
        assert_eq!(found, ("plain", 1));
        assert_eq!(mailbox.len(), 1);
    });
}

#[test]
fn mbx_001_clauses_are_tried_in_order() {
    both("MBX-1 clauses", async || {
        let mut mailbox = mailbox();
        send(me(), 5_u32);
        send(me(), 5_u32);
        let mut found = Vec::new();
        for _ in 0..2 {
            found.push(receive! { mailbox;
                number in u32 where *number > 7 => ("first", number),
                number in u32 where *number > 3 => ("second", number),
                number in u32 => ("third", number),
            });
        }
        assert_eq!(found, [("second", 5), ("second", 5)]);
    });
}

#[test]
fn mbx_002_messages_that_match_nothing_stay_in_order() {
    both("MBX-2", async || {
        let mut mailbox = mailbox();
        for number in 1..=3_u32 {
            send(me(), number);
            send(me(), Tagged(number));
        }
        assert_eq!(
            mailbox.receive_where(|tagged: &Tagged| tagged.0 == 2).await,
            Tagged(2)
        );
        let mut rest = Vec::new();
        while let Some(message) = mailbox.receive_any_timeout(Duration::ZERO).await {
            rest.push(format!("{message:?}"));
        }
        assert_eq!(rest, ["1", "Tagged(1)", "2", "3", "Tagged(3)"]);
    });
}

#[test]
fn mbx_003_every_receive_starts_at_the_oldest_message() {
    both("MBX-3", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        send(me(), Tagged(2));
        send(me(), 3_u32);
        let found = receive! { mailbox;
            last in u32 where *last == 3 => {
                let first = mailbox.receive::<u32>().await;
                (last, first, mailbox.receive::<Tagged>().await)
            },
        };
        assert_eq!(found, (3, 1, Tagged(2)));
    });
}

#[test]
fn mbx_003_a_timed_out_receive_leaves_no_mark() {
    both("MBX-3 after a timeout", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        send(me(), 2_u32);
        let none = mailbox
            .receive_where_timeout(Duration::ZERO, |number: &u32| *number > 2)
            .await;
        assert_eq!(none, None);
        assert_eq!(mailbox.receive::<u32>().await, 1);
    });
}

#[test]
fn mbx_003_a_receive_given_up_half_way_leaves_no_mark() {
    both("MBX-3 given up", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        let mut waiting = Box::pin(mailbox.receive::<Tagged>());
        for _ in 0..3 {
            // It looks at what there is and then waits.
            let found = poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context))).await;
            assert!(found.is_pending());
            yield_now().await;
        }
        drop(waiting);
        send(me(), Tagged(2));
        assert_eq!(mailbox.receive::<u32>().await, 1);
        assert_eq!(mailbox.receive::<Tagged>().await, Tagged(2));
    });
}

#[test]
fn mbx_004_a_waiting_receive_tests_each_message_that_arrives() {
    both("MBX-4", async || {
        let mut mailbox = mailbox();
        let parent = me();
        spawn(async move |_mailbox: Mailbox| {
            for number in 0..5_u32 {
                send(parent, number);
                yield_now().await;
            }
        });
        assert_eq!(mailbox.receive_where(|number: &u32| *number == 3).await, 3);
        for number in [0, 1, 2, 4_u32] {
            assert_eq!(mailbox.receive::<u32>().await, number);
        }
    });
}

#[test]
fn mbx_005_a_guard_that_panics_is_a_crash() {
    both("MBX-5", async || {
        let mut mailbox = mailbox();
        let (child, reference) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox
                .receive_where(|number: &u32| 10_u32.checked_div(*number).unwrap() > 1)
                .await;
        });
        send(child, 0_u32);
        let reason = down(&mut mailbox, reference).await;
        assert!(matches!(reason, ExitReason::Panicked(_)), "{reason:?}");
    });
}

#[test]
fn mbx_006_a_body_that_fails_has_consumed_its_message() {
    both("MBX-6", async || {
        let mut mailbox = mailbox();
        send(me(), 1_u32);
        send(me(), 2_u32);
        let failed: Result<u32, String> = async {
            receive! { mailbox;
                number in u32 => Err(format!("cannot use {number}")),
            }
        }
        .await;
        assert_eq!(failed, Err("cannot use 1".to_owned()));
        assert_eq!(mailbox.receive::<u32>().await, 2);
        expect_nothing(&mut mailbox, "all were received").await;
    });
}

/// A message that belongs to a reference.
#[derive(Debug, PartialEq, Eq)]
struct Answer(Ref, u32);

#[test]
fn mbx_015_receiving_since_a_reference_finds_what_an_ordinary_receive_finds() {
    both("MBX-15", async || {
        let mut mailbox = mailbox();
        send(me(), Tagged(0));
        let first = make_ref();
        send(me(), Tagged(1));
        let second = make_ref();
        send(me(), Answer(second, 2));
        send(me(), Tagged(2));
        send(me(), Answer(first, 1));
        let to_first = mailbox.receive_since(first, |answer: &Answer| answer.0 == first, None);
        assert_eq!(to_first.await, Some(Answer(first, 1)));
        // Receives in between, nested or not, do not move the mark of another reference.
        assert_eq!(mailbox.receive::<Tagged>().await, Tagged(0));
        let to_second = mailbox.receive_since(second, |answer: &Answer| answer.0 == second, None);
        assert_eq!(to_second.await, Some(Answer(second, 2)));
        assert_eq!(mailbox.receive::<Tagged>().await, Tagged(1));
        assert_eq!(mailbox.receive::<Tagged>().await, Tagged(2));
        expect_nothing(&mut mailbox, "all were received").await;
    });
}

#[test]
fn mbx_015_a_receive_since_an_old_reference_can_time_out_and_be_repeated() {
    both("MBX-15 repeated", async || {
        let mut mailbox = mailbox();
        let reference = make_ref();
        let own = |answer: &Answer| answer.0 == reference;
        send(me(), Tagged(1));
        let none = mailbox
            .receive_since(reference, own, Some(Duration::ZERO))
            .await;
        assert_eq!(none, None);
        send(me(), Answer(make_ref(), 0));
        send(me(), Answer(reference, 1));
        send(me(), Answer(reference, 2));
        for number in [1, 2] {
            let found = mailbox.receive_since(reference, own, None).await;
            assert_eq!(found, Some(Answer(reference, number)));
        }
        assert_eq!(mailbox.receive::<Tagged>().await, Tagged(1));
        assert_eq!(mailbox.len(), 1);
    });
}

#[test]
fn mbx_016_a_fresh_reference_spares_the_scan_of_older_messages() {
    both("MBX-16", async || {
        let mut mailbox = mailbox();
        let stranger = make_ref();
        for number in 0..200 {
            send(me(), Answer(stranger, number));
        }
        let own = info(me()).await.expect("a running process has info");
        assert_eq!(own.message_queue_len, 200);
        let looked_at = AtomicUsize::new(0);
        let reference = make_ref();
        send(me(), Answer(reference, 1));
        let answer = |answer: &Answer| {
            looked_at.fetch_add(1, Ordering::Relaxed);
            answer.0 == reference
        };
        assert!(
            mailbox
                .receive_since(reference, answer, None)
                .await
                .is_some()
        );
        assert_eq!(
            looked_at.load(Ordering::Relaxed),
            1,
            "older messages were scanned"
        );
    });
}

#[test]
fn mbx_017_a_fatal_signal_runs_no_clause() {
    both("MBX-17", async || {
        let mut mailbox = mailbox();
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        let (child, reference) = spawn_monitor(async move |mut mailbox: Mailbox| {
            receive! { mailbox;
                _ in Stop => flag.store(true, Ordering::SeqCst),
            }
        });
        exit(child, ExitReason::other("fatal"));
        send(child, Stop);
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("fatal")
        );
        assert!(!ran.load(Ordering::SeqCst));
    });
}

#[test]
fn mbx_017_a_fatal_signal_runs_no_after_body() {
    on_threads("MBX-17 after", &[1, 2], async || {
        let mut mailbox = mailbox();
        let parent = me();
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        let (child, reference) = spawn_monitor(async move |mut mailbox: Mailbox| {
            send(parent, "waiting");
            receive! { mailbox;
                _ in Stop => (),
                after Duration::from_secs(3600) => flag.store(true, Ordering::SeqCst),
            }
        });
        mailbox.receive::<&'static str>().await;
        exit(child, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Killed);
        settle().await;
        assert!(!ran.load(Ordering::SeqCst));
    });
}
