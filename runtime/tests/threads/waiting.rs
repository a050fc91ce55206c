//! Wake-ups: that none is lost, whichever of a process's futures it is for; and deadlines.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::watchdog::{in_time, quiet};
use beamline::prelude::*;

/// Waits for both, polling the first first.
async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut left, mut right) = (None, None);
    std::future::poll_fn(move |cx: &mut Context<'_>| {
        fn step<F: Future>(
            future: &mut Pin<&mut F>,
            value: &mut Option<F::Output>,
            cx: &mut Context<'_>,
        ) -> bool {
            if value.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(cx)
            {
                *value = Some(ready);
            }
            value.is_some()
        }
        let done = (step(&mut a, &mut left, cx), step(&mut b, &mut right, cx));
        match (done, left.take(), right.take()) {
            ((true, true), Some(a), Some(b)) => Poll::Ready((a, b)),
            (_, a, b) => {
                (left, right) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}

/// A partner that is always awake, on the other worker, and answers at once.
fn partner() -> Pid {
    spawn(async |mut mailbox: Mailbox| {
        loop {
            if let Some(from) = mailbox.receive_timeout::<Pid>(Duration::ZERO).await {
                send(from, 1u8);
            }
            yield_now().await;
        }
    })
}

/// Waits for the first; the second is polled after it, and late enough for others to act between.
async fn beside<A: Future, B: Future>(main: A, other: B) -> A::Output {
    let (mut main, mut other) = (pin!(main), pin!(other));
    let mut done = false;
    std::future::poll_fn(move |cx: &mut Context<'_>| {
        let poll = main.as_mut().poll(cx);
        if poll.is_pending() && !done {
            std::thread::sleep(Duration::from_micros(100));
            done = other.as_mut().poll(cx).is_ready();
        }
        poll
    })
    .await
}

#[test]
fn an_answer_taken_by_a_receive_reaches_its_question() {
    in_time(|| {
        let reason = quiet(2).run_with(async |mut mailbox: Mailbox| {
            let partner = partner();
            for _ in 0..300 {
                let begin = now();
                // What the receive takes from the inbox is the answer to the question.
                let receive = mailbox.receive_timeout::<u8>(Duration::from_secs(30));
                assert!(beside(alive(partner), receive).await);
                assert!(begin.elapsed() < Duration::from_secs(20), "woken late");
            }
        });
        assert_eq!(reason, ExitReason::Normal);
    });
}

#[test]
fn a_message_taken_by_a_question_reaches_its_receive() {
    in_time(|| {
        let reason = quiet(3).run_with(async |mut mailbox: Mailbox| {
            let partner = partner();
            // Asleep on its own worker, it answers no question while this one runs.
            let busy = spawn(async |_| {
                loop {
                    std::thread::sleep(Duration::from_millis(1));
                    yield_now().await;
                }
            });
            for _ in 0..300 {
                let begin = now();
                send(partner, me());
                // What the question takes from the inbox is the message, not its answer.
                let receive = mailbox.receive_timeout::<u8>(Duration::from_secs(30));
                assert_eq!(beside(receive, alive(busy)).await, Some(1));
                assert!(begin.elapsed() < Duration::from_secs(20), "woken late");
            }
        });
        assert_eq!(reason, ExitReason::Normal);
    });
}

#[test]
fn deadlines_of_one_process_side_by_side() {
    in_time(|| {
        let reason = quiet(1).run_with(async |mut mailbox: Mailbox| {
            for (a, b) in [(30, 3), (3, 30), (10, 10), (1, 2)] {
                let begin = now();
                let (a, b) = (Duration::from_millis(a), Duration::from_millis(b));
                let (_, none) = both(sleep(a), mailbox.receive_timeout::<u8>(b)).await;
                let (took, longest) = (begin.elapsed(), a.max(b));
                assert_eq!(none, None);
                assert!(took >= longest, "{took:?}");
                assert!(took < longest + Duration::from_millis(500), "{took:?}");
            }
        });
        assert_eq!(reason, ExitReason::Normal);
    });
}

#[test]
fn a_long_wait_that_ended_does_not_hide_a_short_one() {
    in_time(|| {
        let reason = quiet(1).run_with(async |mut mailbox: Mailbox| {
            let year = Duration::from_secs(365 * 24 * 3600);
            for wait in [
                year,
                100 * year,
                Duration::MAX,
                Duration::from_secs(50 * 24 * 3600),
            ] {
                send(me(), 1u8);
                // Refused once, so that the deadline is armed before the message comes.
                send_after(me(), 2u8, Duration::from_millis(1));
                let got = mailbox.receive_where_timeout(wait, |n: &u8| *n == 2).await;
                assert_eq!(got, Some(2));
                let begin = now();
                let none = mailbox
                    .receive_timeout::<u16>(Duration::from_millis(3))
                    .await;
                assert_eq!(none, None);
                assert!(begin.elapsed() < Duration::from_secs(5));
                mailbox.receive::<u8>().await;
            }
        });
        assert_eq!(reason, ExitReason::Normal);
    });
}

#[test]
fn nothing_fires_early() {
    in_time(|| {
        let reason = quiet(2).run_with(async |mut mailbox: Mailbox| {
            let root = me();
            for n in 0..400u64 {
                spawn(async move |mut mailbox: Mailbox| {
                    let wait = Duration::from_micros(n * 37 % 7000);
                    for round in 0..5u64 {
                        let begin = now();
                        match (n + round) % 3 {
                            0 => sleep(wait).await,
                            1 => assert_eq!(mailbox.receive_timeout::<u8>(wait).await, None),
                            _ => {
                                send_after(me(), 'x', wait);
                                mailbox.receive::<char>().await;
                            }
                        }
                        assert!(begin.elapsed() >= wait, "{:?} of {wait:?}", begin.elapsed());
                    }
                    send(root, n);
                });
            }
            for _ in 0..400 {
                mailbox.receive::<u64>().await;
            }
        });
        assert_eq!(reason, ExitReason::Normal);
    });
}

#[test]
fn bursts_after_idleness_lose_no_wake_up() {
    in_time(|| {
        let reason = quiet(2).run_with(async |mut mailbox: Mailbox| {
            let echoes: Vec<Pid> = (0..16)
                .map(|_| {
                    spawn(async |mut mailbox: Mailbox| {
                        loop {
                            let from: Pid = mailbox.receive().await;
                            send(from, ());
                        }
                    })
                })
                .collect();
            for round in 0..400u32 {
                for echo in &echoes {
                    send(*echo, me());
                }
                for _ in &echoes {
                    mailbox.receive::<()>().await;
                }
                // Long enough, in most rounds, for the workers to go to sleep.
                sleep(Duration::from_micros(u64::from(round % 5) * 150)).await;
            }
        });
        assert_eq!(reason, ExitReason::Normal);
    });
}
