//! Workloads that spawn: W1, W2 and W8.

use super::collector::{Item, Sum, collector, sum};
use crate::measure::{Figures, Stopwatch, resident_bytes};
use crate::shape;
use beamline::prelude::*;
use std::time::Duration;

/// W1: each process sends one message to a collector and ends.
pub(crate) async fn short_lives(mut mailbox: Mailbox, n: u64) -> Figures {
    let collector = collector(n);
    let watch = Stopwatch::start();
    for number in 0..n {
        spawn(async move |_| send(collector, Item(number)));
    }
    let Sum(sum) = mailbox.receive().await;
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// A request to an idle server: whom to answer.
#[derive(Debug)]
struct Get(Pid);

async fn server(mut mailbox: Mailbox, state: u64) {
    shape::started(state);
    loop {
        let Get(reply_to) = mailbox.receive().await;
        send(reply_to, Item(state));
    }
}

/// W2: idle servers that hold a number; then one message to and one reply from each.
pub(crate) async fn idle_servers(mut mailbox: Mailbox, n: u64) -> Figures {
    let before = resident_bytes();
    let watch = Stopwatch::start();
    let mut servers = Vec::with_capacity(n as usize);
    for number in 0..n {
        servers.push(spawn(move |mailbox| server(mailbox, number)));
    }
    while !shape::all_started(n) {
        yield_now().await;
    }
    let figures = watch.stop(n);
    sleep(Duration::from_millis(100)).await;
    let bytes = (resident_bytes() - before) / n as f64;
    let watch = Stopwatch::start();
    for &server in &servers {
        send(server, Get(me()));
    }
    let sum = sum(&mut mailbox, n).await;
    let reply = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    let used = (resident_bytes() - before) / n as f64;
    figures
        .with("bytes", bytes)
        .with("used_bytes", used)
        .with("reply_ns", reply.ns())
        .with("reply_cpu_ns", reply.cpu_ns())
}

/// W8: a tree of processes whose `n` leaves send their numbers up, summed at every node.
pub(crate) async fn skynet(mut mailbox: Mailbox, n: u64) -> Figures {
    let watch = Stopwatch::start();
    spawn_node(me(), 0, n);
    let Item(sum) = mailbox.receive().await;
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

fn spawn_node(parent: Pid, first: u64, leaves: u64) {
    spawn(async move |mut mailbox: Mailbox| {
        if leaves == 1 {
            return send(parent, Item(first));
        }
        let share = leaves / shape::BRANCHES;
        for child in 0..shape::BRANCHES {
            spawn_node(me(), first + child * share, share);
        }
        let sum = sum(&mut mailbox, shape::BRANCHES).await;
        send(parent, Item(sum));
    });
}
