//! Workloads that pass messages: W3, W4, W5, W5B, W6 and W7.

use crate::collector::{Collector, bounded_collector, collector, start};
use crate::measure::{Figures, Stopwatch};
use crate::shape;
use kameo::Actor;
use kameo::actor::ActorRef;
use kameo::message::{Context, Message};
use std::time::Duration;
use tokio::sync::oneshot;

#[derive(Actor)]
struct Ping {
    rounds: u64,
    pong: Option<ActorRef<Pong>>,
    watch: Stopwatch,
    done: Option<oneshot::Sender<Figures>>,
}

struct Start(ActorRef<Pong>);

struct Answer(u64);

impl Ping {
    fn next(&mut self, number: u64) {
        if number == self.rounds {
            let done = self.done.take().expect("no message after the last");
            let _ = done.send(self.watch.stop(self.rounds));
        } else {
            let pong = self.pong.as_ref().expect("started");
            pong.tell(number).try_send().expect("pong");
        }
    }
}

impl Message<Start> for Ping {
    type Reply = ();

    async fn handle(&mut self, Start(pong): Start, _context: &mut Context<Self, ()>) {
        self.pong = Some(pong);
        self.watch = Stopwatch::start();
        self.next(0);
    }
}

impl Message<Answer> for Ping {
    type Reply = ();

    async fn handle(&mut self, Answer(number): Answer, _context: &mut Context<Self, ()>) {
        self.next(number);
    }
}

#[derive(Actor)]
struct Pong {
    ping: ActorRef<Ping>,
}

impl Message<u64> for Pong {
    type Reply = ();

    async fn handle(&mut self, number: u64, _context: &mut Context<Self, ()>) {
        self.ping.tell(Answer(number + 1)).try_send().expect("ping");
    }
}

/// W3: round trips between two actors.
pub(crate) async fn ping_pong(n: u64) -> Figures {
    let (done, figures) = oneshot::channel();
    let watch = Stopwatch::start();
    let ping = start(Ping {
        rounds: n,
        pong: None,
        watch,
        done: Some(done),
    });
    let pong = start(Pong { ping: ping.clone() });
    ping.tell(Start(pong)).try_send().expect("ping");
    figures.await.expect("the figures")
}

/// A producer of W5: told how many numbers to send, it sends them all in one go.
#[derive(Actor)]
struct Producer {
    consumer: ActorRef<Collector>,
}

impl Message<u64> for Producer {
    type Reply = ();

    async fn handle(&mut self, numbers: u64, _context: &mut Context<Self, ()>) {
        for number in 0..numbers {
            self.consumer.tell(number).try_send().expect("the consumer");
        }
    }
}

/// Asks a producer of W5B to send so many numbers, waiting whenever the mailbox is full.
struct Patiently(u64);

impl Message<Patiently> for Producer {
    type Reply = ();

    async fn handle(&mut self, Patiently(numbers): Patiently, _context: &mut Context<Self, ()>) {
        for number in 0..numbers {
            self.consumer
                .tell(number)
                .send()
                .await
                .expect("the consumer");
        }
    }
}

/// W5: several producers, one consumer.
pub(crate) async fn fan_in(n: u64) -> Figures {
    let each = n / shape::PRODUCERS;
    let (consumer, sum) = collector(each * shape::PRODUCERS);
    let watch = Stopwatch::start();
    for producer in producers(&consumer) {
        producer.tell(each).try_send().expect("a producer");
    }
    all_in(sum, each, &watch).await
}

/// W5B: the same into a bounded mailbox.
pub(crate) async fn fan_in_bounded(n: u64) -> Figures {
    let each = n / shape::PRODUCERS;
    let (consumer, sum) = bounded_collector(each * shape::PRODUCERS);
    let watch = Stopwatch::start();
    for producer in producers(&consumer) {
        producer
            .tell(Patiently(each))
            .try_send()
            .expect("a producer");
    }
    all_in(sum, each, &watch).await
}

fn producers(consumer: &ActorRef<Collector>) -> impl Iterator<Item = ActorRef<Producer>> {
    (0..shape::PRODUCERS).map(|_| {
        start(Producer {
            consumer: consumer.clone(),
        })
    })
}

async fn all_in(sum: oneshot::Receiver<u64>, each: u64, watch: &Stopwatch) -> Figures {
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(each * shape::PRODUCERS);
    assert_eq!(sum, shape::PRODUCERS * (each * (each - 1) / 2));
    figures
}

#[derive(Actor)]
struct Subscriber {
    missing: u64,
    sum: u64,
    done: ActorRef<Collector>,
}

impl Message<u64> for Subscriber {
    type Reply = ();

    async fn handle(&mut self, number: u64, _context: &mut Context<Self, ()>) {
        self.sum += number;
        self.missing -= 1;
        if self.missing == 0 {
            self.done.tell(self.sum).try_send().expect("the collector");
        }
    }
}

/// W6: one publisher sends to each of its subscribers, round after round.
pub(crate) async fn fan_out(n: u64) -> Figures {
    let rounds = n / shape::SUBSCRIBERS;
    let (done, sum) = collector(shape::SUBSCRIBERS);
    let subscriber = || {
        start(Subscriber {
            missing: rounds,
            sum: 0,
            done: done.clone(),
        })
    };
    let subscribers: Vec<_> = (0..shape::SUBSCRIBERS).map(|_| subscriber()).collect();
    for subscriber in &subscribers {
        subscriber.wait_for_startup().await;
    }
    let watch = Stopwatch::start();
    for round in 0..rounds {
        for subscriber in &subscribers {
            subscriber.tell(round).try_send().expect("a subscriber");
        }
    }
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(rounds * shape::SUBSCRIBERS);
    assert_eq!(sum, shape::SUBSCRIBERS * (rounds * (rounds - 1) / 2));
    figures
}

/// A member of the ring of W7.
#[derive(Actor)]
struct Member {
    next: Option<ActorRef<Member>>,
    done: ActorRef<Collector>,
}

struct Next(ActorRef<Member>);

struct Token(u64);

impl Message<Next> for Member {
    type Reply = ();

    async fn handle(&mut self, Next(next): Next, _context: &mut Context<Self, ()>) {
        self.next = Some(next);
    }
}

impl Message<Token> for Member {
    type Reply = ();

    async fn handle(&mut self, Token(hops): Token, _context: &mut Context<Self, ()>) {
        if hops == 1 {
            self.done.tell(1).try_send().expect("the collector");
        } else {
            let next = self.next.as_ref().expect("a closed ring");
            next.tell(Token(hops - 1))
                .try_send()
                .expect("the next member");
        }
    }
}

/// W7A and W7P: a ring of actors; each token makes `n / tokens` hops.
pub(crate) async fn ring(n: u64, tokens: u64) -> Figures {
    let hops = n / tokens;
    let (done, home) = collector(tokens);
    let member = || {
        start(Member {
            next: None,
            done: done.clone(),
        })
    };
    let members: Vec<_> = (0..shape::RING).map(|_| member()).collect();
    for (position, member) in members.iter().enumerate() {
        let next = members[(position + 1) % members.len()].clone();
        member.tell(Next(next)).try_send().expect("a member");
        member.wait_for_startup().await;
    }
    tokio::task::yield_now().await;
    let watch = Stopwatch::start();
    for _ in 0..tokens {
        members[0].tell(Token(hops)).try_send().expect("a member");
    }
    home.await.expect("all tokens");
    watch.stop(hops * tokens)
}

/// How long a call of W4 waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The server of W4.
#[derive(Actor)]
struct Server;

struct Say(u64);

impl Message<Say> for Server {
    type Reply = u64;

    async fn handle(&mut self, Say(number): Say, _context: &mut Context<Self, u64>) -> u64 {
        number
    }
}

/// W4: calls of a server, with a timeout; its end drops the channel that the answer comes through.
pub(crate) async fn call_a_server(n: u64) -> Figures {
    let server = start(Server);
    let watch = Stopwatch::start();
    for number in 0..n {
        let answer = server.ask(Say(number)).reply_timeout(PATIENCE).await;
        assert_eq!(answer.expect("an answer"), number);
    }
    watch.stop(n)
}
