//! Workloads that spawn: W1, W2 and W8.

use crate::measure::{Figures, Stopwatch, resident_bytes};
use crate::shape;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// W1: each task sends one message to a collector and ends.
pub(crate) async fn short_lives(n: u64) -> Figures {
    let (to_collector, mut inbox) = unbounded_channel();
    let collector = tokio::spawn(async move {
        let mut sum = 0;
        for _ in 0..n {
            sum += inbox.recv().await.expect("a sender");
        }
        sum
    });
    let watch = Stopwatch::start();
    for number in 0..n {
        let to_collector = to_collector.clone();
        tokio::spawn(async move { to_collector.send(number).expect("the collector") });
    }
    let sum: u64 = collector.await.expect("the collector ends");
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// A request to an idle server: whom to answer.
struct Get(UnboundedSender<u64>);

async fn server(state: u64, mut inbox: UnboundedReceiver<Get>) {
    shape::started(state);
    while let Some(Get(reply_to)) = inbox.recv().await {
        reply_to.send(state).expect("the driver");
    }
}

/// W2: idle servers that hold a number; then one message to and one reply from each.
pub(crate) async fn idle_servers(n: u64) -> Figures {
    let before = resident_bytes();
    let watch = Stopwatch::start();
    let mut servers = Vec::with_capacity(n as usize);
    for number in 0..n {
        let (to_server, inbox) = unbounded_channel();
        tokio::spawn(server(number, inbox));
        servers.push(to_server);
    }
    while !shape::all_started(n) {
        tokio::task::yield_now().await;
    }
    let figures = watch.stop(n);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let bytes = (resident_bytes() - before) / n as f64;
    let (reply_to, mut replies) = unbounded_channel();
    let watch = Stopwatch::start();
    for to_server in &servers {
        to_server.send(Get(reply_to.clone())).expect("a server");
    }
    let mut sum = 0;
    for _ in 0..n {
        sum += replies.recv().await.expect("a reply");
    }
    let reply = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    let used = (resident_bytes() - before) / n as f64;
    figures
        .with("bytes", bytes)
        .with("used_bytes", used)
        .with("reply_ns", reply.ns())
        .with("reply_cpu_ns", reply.cpu_ns())
}

/// W8: a tree of tasks whose `n` leaves send their numbers up, summed at every node.
pub(crate) async fn skynet(n: u64) -> Figures {
    let watch = Stopwatch::start();
    let (to_root, mut root) = unbounded_channel();
    spawn_node(to_root, 0, n);
    let sum = root.recv().await.expect("the sum");
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

fn spawn_node(to_parent: UnboundedSender<u64>, first: u64, leaves: u64) {
    tokio::spawn(async move {
        if leaves == 1 {
            return to_parent.send(first).expect("the parent");
        }
        let (to_me, mut inbox) = unbounded_channel();
        let share = leaves / shape::BRANCHES;
        for child in 0..shape::BRANCHES {
            spawn_node(to_me.clone(), first + child * share, share);
        }
        let mut sum = 0;
        for _ in 0..shape::BRANCHES {
            sum += inbox.recv().await.expect("a child");
        }
        to_parent.send(sum).expect("the parent");
    });
}
