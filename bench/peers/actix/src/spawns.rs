//! Workloads that spawn: W1, W2 and W8.

use crate::collector::{Collector, Number, collector};
use crate::measure::{Figures, Stopwatch, resident_bytes};
use crate::shape;
use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, Recipient};
use std::time::Duration;

/// An actor of W1: sends its number once it has started, and stops.
struct Short {
    number: u64,
    collector: Addr<Collector>,
}

impl Actor for Short {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        self.collector.do_send(Number(self.number));
        context.stop();
    }
}

/// W1: each actor sends one message to a collector and stops.
pub(crate) async fn short_lives(n: u64) -> Figures {
    let (to_collector, sum) = collector(n);
    let watch = Stopwatch::start();
    for number in 0..n {
        Short {
            number,
            collector: to_collector.clone(),
        }
        .start();
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
    type Context = Context<Self>;

    fn started(&mut self, _context: &mut Context<Self>) {
        shape::started(self.number);
    }
}

/// A request to an idle server: whom to answer.
#[derive(Message)]
#[rtype(result = "()")]
struct Get(Addr<Collector>);

impl Handler<Get> for Server {
    type Result = ();

    fn handle(&mut self, Get(reply_to): Get, _context: &mut Context<Self>) {
        reply_to.do_send(Number(self.number));
    }
}

/// W2: idle servers that hold a number; then one message to and one reply from each.
pub(crate) async fn idle_servers(n: u64) -> Figures {
    let (reply_to, sum) = collector(n);
    let before = resident_bytes();
    let watch = Stopwatch::start();
    let servers: Vec<_> = (0..n).map(|number| Server { number }.start()).collect();
    while !shape::all_started(n) {
        tokio::task::yield_now().await;
    }
    let figures = watch.stop(n);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let bytes = (resident_bytes() - before) / n as f64;
    let watch = Stopwatch::start();
    for server in &servers {
        server.do_send(Get(reply_to.clone()));
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
    parent: Recipient<Number>,
    missing: u64,
    sum: u64,
}

impl Node {
    fn new(first: u64, leaves: u64, parent: Recipient<Number>) -> Node {
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
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        if self.leaves == 1 {
            self.parent.do_send(Number(self.first));
            return context.stop();
        }
        let share = self.leaves / shape::BRANCHES;
        for child in 0..shape::BRANCHES {
            let parent = context.address().recipient();
            Node::new(self.first + child * share, share, parent).start();
        }
    }
}

impl Handler<Number> for Node {
    type Result = ();

    fn handle(&mut self, Number(number): Number, context: &mut Context<Self>) {
        self.sum += number;
        self.missing -= 1;
        if self.missing == 0 {
            self.parent.do_send(Number(self.sum));
            context.stop();
        }
    }
}

/// W8: a tree of actors whose `n` leaves send their numbers up, summed at every node.
pub(crate) async fn skynet(n: u64) -> Figures {
    let (root, sum) = collector(1);
    let watch = Stopwatch::start();
    Node::new(0, n, root.recipient()).start();
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}
