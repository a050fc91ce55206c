//! Workloads that pass messages: W3, W3X, W4, W4C, W5, W5B, W6 and W7.

use crate::measure::{Figures, Stopwatch};
use crate::shape;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How many messages the channel of W5B holds.
const CAPACITY: usize = 1_024;
/// How many casts of W4C the server confirms at once.
const WINDOW: u64 = 512;
/// How long a call waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers every message until the other side is gone.
async fn pong(mut inbox: UnboundedReceiver<u64>, to_ping: UnboundedSender<u64>) {
    while let Some(number) = inbox.recv().await {
        if to_ping.send(number + 1).is_err() {
            return;
        }
    }
}

async fn ping(n: u64, mut inbox: UnboundedReceiver<u64>, to_pong: UnboundedSender<u64>) -> Figures {
    let watch = Stopwatch::start();
    for number in 0..n {
        to_pong.send(number).expect("pong");
        let answer = inbox.recv().await.expect("an answer");
        assert_eq!(answer, number + 1);
    }
    watch.stop(n)
}

/// W3: round trips between two tasks.
pub(crate) async fn ping_pong(n: u64) -> Figures {
    let (to_pong, pong_inbox) = unbounded_channel();
    let (to_ping, ping_inbox) = unbounded_channel();
    tokio::spawn(pong(pong_inbox, to_ping));
    ping(n, ping_inbox, to_pong).await
}

/// W3X: the same between two threads, each with a runtime of its own.
pub(crate) fn ping_pong_across(n: u64) -> Figures {
    let (to_pong, pong_inbox) = unbounded_channel();
    let (to_ping, ping_inbox) = unbounded_channel();
    let runtime = || {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    };
    let other = std::thread::spawn(move || runtime().block_on(pong(pong_inbox, to_ping)));
    let figures = runtime().block_on(ping(n, ping_inbox, to_pong));
    other.join().expect("the other thread ends");
    figures
}

/// What the server of W4 and W4C is asked and told; an answer goes through a channel of its own.
enum ToServer {
    Say(u64, oneshot::Sender<u64>),
    Add(u64),
    Count(oneshot::Sender<u64>),
}

fn server() -> UnboundedSender<ToServer> {
    let (to_server, mut inbox) = unbounded_channel();
    tokio::spawn(async move {
        let mut count = 0;
        while let Some(request) = inbox.recv().await {
            // Whoever asked may have gone.
            let _ = match request {
                ToServer::Say(number, answer) => answer.send(number),
                ToServer::Add(number) => {
                    count += number;
                    Ok(())
                }
                ToServer::Count(answer) => answer.send(count),
            };
        }
    });
    to_server
}

/// A request and its answer, unless that takes too long or the server is gone.
async fn call(
    server: &UnboundedSender<ToServer>,
    make: impl FnOnce(oneshot::Sender<u64>) -> ToServer,
) -> Option<u64> {
    let (answer, answered) = oneshot::channel();
    server.send(make(answer)).ok()?;
    timeout(PATIENCE, answered).await.ok()?.ok()
}

/// W4: calls of a server, with a timeout.
pub(crate) async fn call_a_server(n: u64) -> Figures {
    let server = server();
    let watch = Stopwatch::start();
    for number in 0..n {
        let answer = call(&server, |answer| ToServer::Say(number, answer)).await;
        assert_eq!(answer, Some(number));
    }
    watch.stop(n)
}

/// W4C: casts to a server, which confirms each window.
pub(crate) async fn cast_to_a_server(n: u64) -> Figures {
    let server = server();
    let windows = n / WINDOW;
    let watch = Stopwatch::start();
    for window in 1..=windows {
        for _ in 0..WINDOW {
            server.send(ToServer::Add(1)).ok().expect("the server");
        }
        let count = call(&server, ToServer::Count).await;
        assert_eq!(count, Some(window * WINDOW));
    }
    watch.stop(windows * WINDOW)
}

/// W5: several producers, one consumer.
pub(crate) async fn fan_in(n: u64) -> Figures {
    let each = n / shape::PRODUCERS;
    let total = each * shape::PRODUCERS;
    let (to_consumer, mut inbox) = unbounded_channel();
    let consumer = tokio::spawn(async move {
        let mut sum = 0;
        for _ in 0..total {
            sum += inbox.recv().await.expect("a producer");
        }
        sum
    });
    let watch = Stopwatch::start();
    for _ in 0..shape::PRODUCERS {
        let to_consumer = to_consumer.clone();
        tokio::spawn(async move {
            for number in 0..each {
                to_consumer.send(number).expect("the consumer");
            }
        });
    }
    let sum: u64 = consumer.await.expect("the consumer ends");
    let figures = watch.stop(total);
    assert_eq!(sum, shape::PRODUCERS * (each * (each - 1) / 2));
    figures
}

/// W5B: the same over a bounded channel, at which producers wait when it is full.
pub(crate) async fn fan_in_bounded(n: u64) -> Figures {
    let each = n / shape::PRODUCERS;
    let total = each * shape::PRODUCERS;
    let (to_consumer, mut inbox) = channel(CAPACITY);
    let consumer = tokio::spawn(async move {
        let mut sum = 0;
        for _ in 0..total {
            sum += inbox.recv().await.expect("a producer");
        }
        sum
    });
    let watch = Stopwatch::start();
    for _ in 0..shape::PRODUCERS {
        let to_consumer = to_consumer.clone();
        tokio::spawn(async move {
            for number in 0..each {
                to_consumer.send(number).await.expect("the consumer");
            }
        });
    }
    let sum: u64 = consumer.await.expect("the consumer ends");
    let figures = watch.stop(total);
    assert_eq!(sum, shape::PRODUCERS * (each * (each - 1) / 2));
    figures
}

/// W6: one publisher sends to each of its subscribers, round after round.
pub(crate) async fn fan_out(n: u64) -> Figures {
    let rounds = n / shape::SUBSCRIBERS;
    let (done, mut finished) = unbounded_channel();
    let mut subscribers = Vec::new();
    for _ in 0..shape::SUBSCRIBERS {
        let (to_subscriber, mut inbox) = unbounded_channel::<u64>();
        let done = done.clone();
        tokio::spawn(async move {
            let mut sum = 0;
            for _ in 0..rounds {
                sum += inbox.recv().await.expect("the publisher");
            }
            done.send(sum).expect("the driver");
        });
        subscribers.push(to_subscriber);
    }
    tokio::task::yield_now().await;
    let watch = Stopwatch::start();
    for round in 0..rounds {
        for subscriber in &subscribers {
            subscriber.send(round).expect("a subscriber");
        }
    }
    let mut sum = 0;
    for _ in 0..shape::SUBSCRIBERS {
        sum += finished.recv().await.expect("a subscriber");
    }
    let figures = watch.stop(rounds * shape::SUBSCRIBERS);
    assert_eq!(sum, shape::SUBSCRIBERS * (rounds * (rounds - 1) / 2));
    figures
}

/// W7A and W7P: a ring of tasks; each token makes `n / tokens` hops.
pub(crate) async fn ring(n: u64, tokens: u64) -> Figures {
    let hops = n / tokens;
    let (done, mut finished) = unbounded_channel();
    let (to_first, mut inbox) = unbounded_channel::<u64>();
    for _ in 1..shape::RING {
        let (to_next, next_inbox) = unbounded_channel();
        tokio::spawn(member(inbox, to_next, done.clone()));
        inbox = next_inbox;
    }
    tokio::spawn(member(inbox, to_first.clone(), done));
    tokio::task::yield_now().await;
    let watch = Stopwatch::start();
    for _ in 0..tokens {
        to_first.send(hops).expect("a member");
    }
    for _ in 0..tokens {
        finished.recv().await.expect("a token comes home");
    }
    watch.stop(hops * tokens)
}

/// Passes each token on with one hop less to go; reports those that have none left.
async fn member(
    mut inbox: UnboundedReceiver<u64>,
    to_next: UnboundedSender<u64>,
    done: UnboundedSender<()>,
) {
    while let Some(hops) = inbox.recv().await {
        // Sends fail only after the last token came home, when the ring is being dropped.
        let _ = match hops {
            1 => done.send(()).is_ok(),
            _ => to_next.send(hops - 1).is_ok(),
        };
    }
}
