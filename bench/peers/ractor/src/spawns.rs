//! Workloads that spawn: W1, W2 and W8.

use crate::collector::collector;
use crate::measure::{Figures, Stopwatch, resident_bytes};
use crate::shape;
use ractor::{Actor, ActorProcessingErr, ActorRef};
use std::time::Duration;

/// An actor of W1: sends its number once it has started, and stops.
struct Short;

impl Actor for Short {
    type Msg = ();
    type State = (u64, ActorRef<u64>);
    type Arguments = (u64, ActorRef<u64>);

    async fn pre_start(
        &self,
        _myself: ActorRef<()>,
        arguments: (u64, ActorRef<u64>),
    ) -> Result<(u64, ActorRef<u64>), ActorProcessingErr> {
        Ok(arguments)
    }

    async fn post_start(
        &self,
        myself: ActorRef<()>,
        (number, collector): &mut (u64, ActorRef<u64>),
    ) -> Result<(), ActorProcessingErr> {
        collector.send_message(*number)?;
        myself.stop(None);
        Ok(())
    }
}

/// W1: each actor sends one message to a collector and stops.
pub(crate) async fn short_lives(n: u64) -> Figures {
    let (to_collector, sum) = collector(n).await;
    let watch = Stopwatch::start();
    for number in 0..n {
        let arguments = (number, to_collector.clone());
        Actor::spawn(None, Short, arguments)
            .await
            .expect("a short life");
    }
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// An idle server of W2, which holds a number.
struct Server;

/// A request to an idle server: whom to answer.
struct Get(ActorRef<u64>);

impl Actor for Server {
    type Msg = Get;
    type State = u64;
    type Arguments = u64;

    async fn pre_start(
        &self,
        _myself: ActorRef<Get>,
        number: u64,
    ) -> Result<u64, ActorProcessingErr> {
        Ok(number)
    }

    async fn post_start(
        &self,
        _myself: ActorRef<Get>,
        number: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        shape::started(*number);
        Ok(())
    }

    async fn handle(
        &self,
        _myself: ActorRef<Get>,
        Get(reply_to): Get,
        number: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        reply_to.send_message(*number)?;
        Ok(())
    }
}

/// W2: idle servers that hold a number; then one message to and one reply from each.
pub(crate) async fn idle_servers(n: u64) -> Figures {
    let (reply_to, sum) = collector(n).await;
    let before = resident_bytes();
    let watch = Stopwatch::start();
    let mut servers = Vec::with_capacity(n as usize);
    for number in 0..n {
        servers.push(
            Actor::spawn(None, Server, number)
                .await
                .expect("a server")
                .0,
        );
    }
    while !shape::all_started(n) {
        tokio::task::yield_now().await;
    }
    let figures = watch.stop(n);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let bytes = (resident_bytes() - before) / n as f64;
    let watch = Stopwatch::start();
    for server in &servers {
        server
            .send_message(Get(reply_to.clone()))
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
struct Node;

struct Branch {
    first: u64,
    leaves: u64,
    parent: ActorRef<u64>,
    missing: u64,
    sum: u64,
}

impl Branch {
    fn new(first: u64, leaves: u64, parent: ActorRef<u64>) -> Branch {
        Branch {
            first,
            leaves,
            parent,
            missing: shape::BRANCHES,
            sum: 0,
        }
    }
}

impl Actor for Node {
    type Msg = u64;
    type State = Branch;
    type Arguments = Branch;

    async fn pre_start(
        &self,
        _myself: ActorRef<u64>,
        branch: Branch,
    ) -> Result<Branch, ActorProcessingErr> {
        Ok(branch)
    }

    async fn post_start(
        &self,
        myself: ActorRef<u64>,
        branch: &mut Branch,
    ) -> Result<(), ActorProcessingErr> {
        if branch.leaves == 1 {
            branch.parent.send_message(branch.first)?;
            myself.stop(None);
            return Ok(());
        }
        let share = branch.leaves / shape::BRANCHES;
        for child in 0..shape::BRANCHES {
            let child = Branch::new(branch.first + child * share, share, myself.clone());
            Actor::spawn(None, Node, child).await?;
        }
        Ok(())
    }

    async fn handle(
        &self,
        myself: ActorRef<u64>,
        number: u64,
        branch: &mut Branch,
    ) -> Result<(), ActorProcessingErr> {
        branch.sum += number;
        branch.missing -= 1;
        if branch.missing == 0 {
            branch.parent.send_message(branch.sum)?;
            myself.stop(None);
        }
        Ok(())
    }
}

/// W8: a tree of actors whose `n` leaves send their numbers up, summed at every node.
pub(crate) async fn skynet(n: u64) -> Figures {
    let (root, sum) = collector(1).await;
    let watch = Stopwatch::start();
    Actor::spawn(None, Node, Branch::new(0, n, root))
        .await
        .expect("the tree");
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}
