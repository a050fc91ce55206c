//! Workloads that pass messages: W3, W5, W5B, W6 and W7.

use super::collector::{Item, Sum, collector, sum};
use super::ring::{Home, Token, ring_of};
use crate::measure::{Figures, Stopwatch};
use crate::shape;
use beamline::prelude::*;
use std::sync::mpsc;

/// How many messages a producer of W5B sends before it waits until they are received.
pub(crate) const WINDOW: u64 = 512;

#[derive(Debug)]
struct Ping(Pid, u64);

#[derive(Debug)]
struct Pong(u64);

/// W3: round trips between two processes.
pub(crate) async fn ping_pong(mut mailbox: Mailbox, n: u64) -> Figures {
    let other = spawn(async |mut mailbox: Mailbox| {
        loop {
            let Ping(from, number) = mailbox.receive().await;
            send(from, Pong(number + 1));
        }
    });
    let watch = Stopwatch::start();
    for number in 0..n {
        send(other, Ping(me(), number));
        let Pong(answer) = mailbox.receive().await;
        assert_eq!(answer, number + 1);
    }
    watch.stop(n)
}

/// W3X: round trips between two systems of one worker each, so that each message crosses from one
/// thread to another and finds both receiver and worker waiting.
pub(crate) fn ping_pong_across(n: u64) -> Figures {
    // Types of its own, so that the code of W3 is not shared and stays as it would be alone.
    #[derive(Debug)]
    struct There(Pid, u64);
    #[derive(Debug)]
    struct Back(u64);
    let start = || Runtime::new().workers(1).start().expect("two threads");
    let (near, far) = (start(), start());
    let (to_near, to_far) = (near.handle(), far.handle());
    let other = to_far.spawn(async move |mut mailbox: Mailbox| {
        loop {
            let There(from, number) = mailbox.receive().await;
            to_near.send(from, Back(number + 1));
        }
    });
    let (answer, figures) = mpsc::channel();
    near.handle().spawn(async move |mut mailbox: Mailbox| {
        let watch = Stopwatch::start();
        for number in 0..n {
            to_far.send(other, There(me(), number));
            let Back(answer) = mailbox.receive().await;
            assert_eq!(answer, number + 1);
        }
        answer.send(watch.stop(n)).expect("the answer is awaited");
    });
    figures.recv().expect("the driver ended normally")
}

/// W5: several producers, one consumer; each producer sends all it has in one go.
pub(crate) async fn fan_in(mut mailbox: Mailbox, n: u64) -> Figures {
    let each = n / shape::PRODUCERS;
    let total = each * shape::PRODUCERS;
    let consumer = collector(total);
    let watch = Stopwatch::start();
    for _ in 0..shape::PRODUCERS {
        spawn(async move |_| {
            for number in 0..each {
                send(consumer, Item(number));
            }
        });
    }
    let Sum(sum) = mailbox.receive().await;
    let figures = watch.stop(total);
    assert_eq!(sum, shape::PRODUCERS * (each * (each - 1) / 2));
    figures
}

/// What a producer of W5B sends.
#[derive(Debug)]
enum Load {
    Number(u64),
    /// To be confirmed when it is received, and with it all that was sent before.
    Confirm(Pid),
}

#[derive(Debug)]
struct Confirmed;

/// W5B: the same, but a producer has no more than a window of messages under way.
pub(crate) async fn fan_in_by_windows(mut mailbox: Mailbox, n: u64) -> Figures {
    let windows = n / shape::PRODUCERS / WINDOW;
    let each = windows * WINDOW;
    let total = each * shape::PRODUCERS;
    let driver = me();
    let consumer = spawn(async move |mut mailbox: Mailbox| {
        let (mut missing, mut sum) = (total, 0);
        while missing > 0 {
            match mailbox.receive().await {
                Load::Number(number) => (missing, sum) = (missing - 1, sum + number),
                Load::Confirm(producer) => send(producer, Confirmed),
            }
        }
        send(driver, Sum(sum));
    });
    let watch = Stopwatch::start();
    for _ in 0..shape::PRODUCERS {
        spawn(async move |mut mailbox: Mailbox| {
            for window in 0..windows {
                for number in 0..WINDOW {
                    send(consumer, Load::Number(window * WINDOW + number));
                }
                send(consumer, Load::Confirm(me()));
                let Confirmed = mailbox.receive().await;
            }
        });
    }
    let Sum(sum) = mailbox.receive().await;
    let figures = watch.stop(total);
    assert_eq!(sum, shape::PRODUCERS * (each * (each - 1) / 2));
    figures
}

/// W6: one publisher sends to each of its subscribers, round after round.
pub(crate) async fn fan_out(mut mailbox: Mailbox, n: u64) -> Figures {
    let rounds = n / shape::SUBSCRIBERS;
    let done = collector(shape::SUBSCRIBERS);
    let subscribers: Vec<Pid> = (0..shape::SUBSCRIBERS)
        .map(|_| {
            spawn(async move |mut mailbox: Mailbox| {
                let sum = sum(&mut mailbox, rounds).await;
                send(done, Item(sum));
            })
        })
        .collect();
    yield_now().await;
    let watch = Stopwatch::start();
    for round in 0..rounds {
        for &subscriber in &subscribers {
            send(subscriber, Item(round));
        }
    }
    let Sum(sum) = mailbox.receive().await;
    let figures = watch.stop(rounds * shape::SUBSCRIBERS);
    assert_eq!(sum, shape::SUBSCRIBERS * (rounds * (rounds - 1) / 2));
    figures
}

/// W7A and W7P: a ring of processes; each token makes `n / tokens` hops.
pub(crate) async fn ring(mut mailbox: Mailbox, n: u64, tokens: u64) -> Figures {
    let hops = n / tokens;
    let first = ring_of(shape::RING, me());
    yield_now().await;
    let watch = Stopwatch::start();
    for _ in 0..tokens {
        send(first, Token(hops));
    }
    for _ in 0..tokens {
        let Home = mailbox.receive().await;
    }
    watch.stop(hops * tokens)
}
