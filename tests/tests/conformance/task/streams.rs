//! TASK-55 to TASK-66: what a stream of tasks emits, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use beamline::prelude::*;
use beamline::task::{OnTimeout, StreamError};
use beamline_tests::{both, down};

use super::{nothing_comes, panic_text};
use crate::sig::boom;

/// Waits longer for smaller numbers, and squares.
async fn slowest_first(n: u64) -> u64 {
    sleep(Duration::from_micros(500 - 100 * n)).await;
    n * n
}

#[test]
fn task_055_a_function_is_applied_to_each_item_when_asked_for() {
    both("TASK-55", async || {
        let mut mailbox = mailbox();
        let root = me();
        let mut stream = Task::stream(1..=3_u64, async move |n| {
            send(root, n);
            n * 10
        });
        nothing_comes(&mut mailbox).await;
        stream = stream.timeout(None);
        let mut values = Vec::new();
        while let Some(outcome) = stream.next().await {
            values.push(outcome.expect("no task fails"));
        }
        assert_eq!(values, [10, 20, 30]);
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(mailbox.receive::<u64>().await);
        }
        seen.sort_unstable();
        assert_eq!(seen, [1, 2, 3]);
    });
}

#[test]
fn task_056_eight_tasks_run_at_once_unless_told_otherwise() {
    both("TASK-56", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let work = async move |n: u64| {
            send(root, n);
            std::future::pending::<()>().await;
        };
        let mut stream = Task::stream(0..20, work).timeout(None);
        {
            let mut next = std::pin::pin!(stream.next());
            std::future::poll_fn(|task| {
                let polled = next.as_mut().poll(task);
                assert!(polled.is_pending(), "no task ends");
                std::task::Poll::Ready(())
            })
            .await;
        }
        let mut begun = std::collections::BTreeSet::new();
        while begun.len() < 8 {
            begun.insert(mailbox.receive::<u64>().await);
        }
        assert!(begun.iter().copied().eq(0..8));
        let ninth = mailbox
            .receive_timeout::<u64>(Duration::from_millis(1))
            .await;
        assert_eq!(ninth, None);
    });
}

#[test]
fn task_057_no_concurrency_is_refused() {
    both("TASK-57", async || {
        let mut mailbox = mailbox();
        let (_, consumer) = spawn_monitor(async |_: Mailbox| {
            let _ = Task::stream([1], async |n: i32| n).max_concurrency(0);
        });
        let reason = down(&mut mailbox, consumer).await;
        assert!(panic_text(&reason).contains("greater than zero"));
    });
}

#[test]
fn task_058_items_are_taken_only_when_a_task_can_begin() {
    both("TASK-58", async || {
        let taken = Arc::new(AtomicUsize::new(0));
        let count = taken.clone();
        let items = (0..6_usize).inspect(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let running = Arc::new(AtomicUsize::new(0));
        let mut stream = Task::stream(items, move |n| {
            let running = running.clone();
            async move {
                let others = running.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                (n, others)
            }
        })
        .max_concurrency(2)
        .ordered(false)
        .timeout(None);
        let mut emitted = 0;
        while let Some(outcome) = stream.next().await {
            let (_, others) = outcome.expect("no task fails");
            assert!(others < 2, "{others} others run");
            // What has been taken beyond what has been emitted runs, or has just come.
            assert!(taken.load(Ordering::SeqCst) <= emitted + 2);
            emitted += 1;
        }
        assert_eq!(emitted, 6);
    });
}

#[test]
fn task_059_outcomes_come_in_the_order_of_the_items() {
    both("TASK-59", async || {
        let stream = Task::stream(1..=4, slowest_first).max_concurrency(2);
        let values = stream.timeout(None).collect().await;
        assert_eq!(values, [Ok(1), Ok(4), Ok(9), Ok(16)]);
    });
}

#[test]
fn task_060_outcomes_come_in_the_order_of_the_ends_if_asked_for() {
    both("TASK-60", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let mut stream = Task::stream([1, 2_u64], async move |n| {
            if n == 1 {
                send(root, me());
                beamline::mailbox().receive::<()>().await;
            }
            n
        })
        .ordered(false)
        .timeout(None);
        assert_eq!(stream.next().await, Some(Ok(2)));
        let first = mailbox.receive::<Pid>().await;
        send(first, ());
        assert_eq!(stream.next().await, Some(Ok(1)));
        assert_eq!(stream.next().await, None);
    });
}

#[test]
fn task_061_a_trapping_consumer_gets_failures_as_outcomes_and_no_exits() {
    both("TASK-61", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        for max_concurrency in [1, 3] {
            let stream = Task::stream(1..=3, async |n| match n {
                2 => exit_now(boom()),
                n => n,
            });
            let stream = stream.max_concurrency(max_concurrency).timeout(None);
            assert_eq!(stream.collect().await, [Ok(1), Err(boom()), Ok(3)]);
        }
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_062_a_failing_task_takes_an_untrapping_consumer_along() {
    both("TASK-62", async || {
        let mut mailbox = mailbox();
        let (_, consumer) = spawn_monitor(async |_: Mailbox| {
            let stream = Task::stream([1], async |_: i32| -> i32 { exit_now(boom()) });
            stream.timeout(None).collect().await;
            std::future::pending::<()>().await;
        });
        assert_eq!(down(&mut mailbox, consumer).await, boom());
    });
}

#[test]
fn task_063_a_late_task_ends_its_consumer_and_the_others() {
    both("TASK-63", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (_, consumer) = spawn_monitor(async move |_: Mailbox| {
            let stream = Task::stream(0..2, async move |n: i32| {
                send(root, me());
                std::future::pending::<()>().await;
                n
            });
            let stream = stream.timeout(Duration::from_millis(1)).max_concurrency(2);
            stream.collect().await;
        });
        let reason = down(&mut mailbox, consumer).await;
        assert_eq!(reason.error_ref(), Some(&StreamError::Timeout));
        while let Some(task) = mailbox.receive_timeout::<Pid>(Duration::ZERO).await {
            super::ended(&mut mailbox, task).await;
        }
    });
}

#[test]
fn task_064_a_late_task_is_killed_and_the_stream_goes_on_if_asked_for() {
    both("TASK-64", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let stream = Task::stream([1, 2_u64], async move |n| {
            send(root, me());
            std::future::pending::<()>().await;
            n
        });
        let stream = stream
            .timeout(Duration::from_millis(1))
            .on_timeout(OnTimeout::Kill);
        let late = Err(ExitReason::Timeout);
        assert_eq!(stream.collect().await, [late.clone(), late]);
        // Those that were killed before their first step have said nothing.
        while let Some(task) = mailbox.receive_timeout::<Pid>(Duration::ZERO).await {
            super::ended(&mut mailbox, task).await;
        }
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_065_failures_carry_their_items_if_asked_for() {
    both("TASK-65", async || {
        trap_exit(true);
        let work = async |n: u64| match n {
            1 => exit_now(boom()),
            2 => std::future::pending().await,
            n => n,
        };
        let stream = Task::stream(1..=2, work)
            .timeout(Duration::from_millis(1))
            .on_timeout(OnTimeout::Kill)
            .zip_input_on_exit();
        let outcomes = stream.collect().await;
        // In the simulator any deadline may win, however early the task ended.
        assert!(
            [boom(), ExitReason::Timeout]
                .map(|r| Err((1, r)))
                .contains(&outcomes[0])
        );
        assert_eq!(outcomes[1], Err((2, ExitReason::Timeout)));
    });
}

#[test]
fn task_066_the_time_of_a_task_runs_while_the_consumer_does_something_else() {
    both("TASK-66", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let mut stream = Task::stream([1, 2_u64], async move |n| {
            if n == 2 {
                send(root, me());
                std::future::pending::<()>().await;
            }
            n
        })
        .max_concurrency(2)
        .ordered(false)
        .on_timeout(OnTimeout::Kill)
        .timeout(Duration::from_millis(1));
        let first = stream.next().await;
        assert!(first.is_some());
        // The second is killed though nobody asks the stream.
        if let Some(late) = mailbox
            .receive_timeout::<Pid>(Duration::from_millis(1))
            .await
        {
            let reason = super::ended(&mut mailbox, late).await;
            assert!([ExitReason::Killed, ExitReason::NoProc].contains(&reason));
        }
    });
}

#[test]
fn task_074_no_items_make_no_outcomes() {
    both("TASK-74", async || {
        let mut mailbox = mailbox();
        let stream = Task::stream(Vec::<u64>::new(), async |n| n);
        assert_eq!(stream.collect().await, []);
        nothing_comes(&mut mailbox).await;
    });
}
