//! Workloads that spawn: W1, W2 and W8.

use crate::collector::{Collector, collector, start};
use crate::measure::{Figures, Stopwatch, resident_bytes};
use crate::shape;
use kameo::Actor;
use kameo::actor::{ActorRef, Recipient};
use kameo::error::Infallible;
use kameo::message::{Context, Message};
use std::time::Duration;

/// An actor of W1: sends its number once it has started, and stops.
struct Short {
    number: u64,
    collector: ActorRef<Collector>,
}

impl Actor for Short {
    type Args = Short;
    type Error = Infallible;

    async fn on_start(short: Short, myself: ActorRef<Short>) -> Result<Short, Infallible> {
        short
            .collector
            .tell(short.number)
            .try_send()
            .expect("the collector");
        myself.stop_gracefully().await.expect("this actor");
        Ok(short)
    }
}

/// W1: each actor sends one message to a collector and stops.
pub(crate) async fn short_lives(n: u64) -> Figures {
    let (to_collector, sum) = collector(n);
    let watch = Stopwatch::start();
    for number in 0..n {
        start(Short {
            number,
            collector: to_collector.clone(),
        });
    }
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// An idle server of W2, which holds a number.
struct Server {
    number: u64,
}

impl Actor for Server {
    type Args = Server;
    type Error = Infallible;

    async fn on_start(server: Server, _myself: ActorRef<Server>) -> Result<Server, Infallible> {
        shape::started(server.number);
        Ok(server)
    }
}

/// A request to an idle server: whom to answer.
struct Get(ActorRef<Collector>);

impl Message<Get> for Server {
    type Reply = ();

    async fn handle(&mut self, Get(reply_to): Get, _context: &mut Context<Self, ()>) {
        reply_to
            .tell(self.number)
            .try_send()
            .expect("the collector");
    }
}

/// W2: idle servers that hold a number; then one message to and one reply from each.
pub(crate) async fn idle_servers(n: u64) -> Figures {
    let (reply_to, sum) = collector(n);
    let before = resident_bytes();
    let watch = Stopwatch::start();
    let servers: Vec<_> = (0..n).map(|number| start(Server { number })).collect();
    while !shape::all_started(n) {
        tokio::task::yield_now().await;
    }
    let figures = watch.stop(n);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let bytes = (resident_bytes() - before) / n as f64;
    let watch = Stopwatch::start();
    for server in &servers {
        server
            .tell(Get(reply_to.clone()))
            .try_send()
            .expect("a server");
    }
    let sum = sum.await.expect("the sum");
    let reply = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    let used = (resident_bytes() - before) / n as f64;
    figures
        .with("bytes", bytes)
        .with("used_bytes", used)
        .with("reply_ns", reply.ns())
        .with("reply_cpu_ns", reply.cpu_ns())
}

/// A node of the tree of W8.
struct Node {
    first: u64,
    leaves: u64,
    parent: Recipient<u64>,
    missing: u64,
    sum: u64,
}

impl Node {
    fn new(first: u64, leaves: u64, parent: Recipient<u64>) -> Node {
        Node {
            first,
            leaves,
            parent,
            missing: shape::BRANCHES,
            sum: 0,
        }
    }
}

impl Actor for Node {
    type Args = Node;
    type Error = Infallible;

    async fn on_start(node: Node, myself: ActorRef<Node>) -> Result<Node, Infallible> {
        if node.leaves == 1 {
            node.parent.tell(node.first).try_send().expect("the parent");
            myself.stop_gracefully().await.expect("this actor");
            return Ok(node);
        }
        let share = node.leaves / shape::BRANCHES;
        for child in 0..shape::BRANCHES {
            let parent = myself.clone().recipient();
            start(Node::new(node.first + child * share, share, parent));
        }
        Ok(node)
    }
}

impl Message<u64> for Node {
    type Reply = ();

    async fn handle(&mut self, number: u64, context: &mut Context<Self, ()>) {
        self.sum += number;
        self.missing -= 1;
        if self.missing == 0 {
            self.parent.tell(self.sum).try_send().expect("the parent");
            context.stop();
        }
    }
}

/// W8: a tree of actors whose `n` leaves send their numbers up, summed at every node.
pub(crate) async fn skynet(n: u64) -> Figures {
    let (root, sum) = collector(1);
    let watch = Stopwatch::start();
    start(Node::new(0, n, root.recipient()));
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}
