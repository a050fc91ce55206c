//! Workloads that pass messages: W3, W3X, W5, W6 and W7.

use crate::Places;
use crate::collector::{Collector, Number, collector};
use crate::measure::{Figures, Stopwatch};
use crate::shape;
use actix::{Actor, Addr, Context, Handler, Message};
use std::time::Duration;
use tokio::sync::oneshot;

struct Ping {
    rounds: u64,
    pong: Option<Addr<Pong>>,
    watch: Stopwatch,
    done: Option<oneshot::Sender<Figures>>,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Start(Addr<Pong>);

impl Actor for Ping {
    type Context = Context<Self>;
}

impl Ping {
    fn next(&mut self, number: u64) {
        if number == self.rounds {
            let done = self.done.take().expect("no message after the last");
            let _ = done.send(self.watch.stop(self.rounds));
        } else {
            self.pong.as_ref().expect("started").do_send(Number(number));
        }
    }
}

impl Handler<Start> for Ping {
    type Result = ();

    fn handle(&mut self, Start(pong): Start, _context: &mut Context<Self>) {
        self.pong = Some(pong);
        self.watch = Stopwatch::start();
        self.next(0);
    }
}

impl Handler<Number> for Ping {
    type Result = ();

    fn handle(&mut self, Number(number): Number, _context: &mut Context<Self>) {
        self.next(number);
    }
}

struct Pong {
    ping: Addr<Ping>,
}

impl Actor for Pong {
    type Context = Context<Self>;
}

impl Handler<Number> for Pong {
    type Result = ();

    fn handle(&mut self, Number(number): Number, _context: &mut Context<Self>) {
        self.ping.do_send(Number(number + 1));
    }
}

/// W3: round trips between two actors; W3X where they live on two arbiters.
pub(crate) async fn ping_pong(n: u64, places: Places) -> Figures {
    let (done, figures) = oneshot::channel();
    let watch = Stopwatch::start();
    let ping = Ping {
        rounds: n,
        pong: None,
        watch,
        done: Some(done),
    }
    .start();
    let answer_to = ping.clone();
    let pong = Pong::start_in_arbiter(places.of(1), move |_| Pong { ping: answer_to });
    ping.do_send(Start(pong));
    figures.await.expect("the figures")
}

/// A producer of W5: told how many numbers to send, it sends them all in one go.
struct Producer {
    consumer: Addr<Collector>,
}

impl Actor for Producer {
    type Context = Context<Self>;
}

impl Handler<Number> for Producer {
    type Result = ();

    fn handle(&mut self, Number(numbers): Number, _context: &mut Context<Self>) {
        for number in 0..numbers {
            self.consumer.do_send(Number(number));
        }
    }
}

/// W5: several producers, one consumer, which is alone on its arbiter if there are two.
pub(crate) async fn fan_in(n: u64, places: Places) -> Figures {
    let each = n / shape::PRODUCERS;
    let total = each * shape::PRODUCERS;
    let (consumer, sum) = collector(total);
    let mut producers = Vec::new();
    for _ in 0..shape::PRODUCERS {
        let consumer = consumer.clone();
        producers.push(Producer::start_in_arbiter(places.of(1), |_| Producer {
            consumer,
        }));
    }
    let watch = Stopwatch::start();
    for producer in &producers {
        producer.do_send(Number(each));
    }
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(total);
    assert_eq!(sum, shape::PRODUCERS * (each * (each - 1) / 2));
    figures
}

struct Subscriber {
    missing: u64,
    sum: u64,
    done: Addr<Collector>,
}

impl Actor for Subscriber {
    type Context = Context<Self>;
}

impl Handler<Number> for Subscriber {
    type Result = ();

    fn handle(&mut self, Number(number): Number, _context: &mut Context<Self>) {
        self.sum += number;
        self.missing -= 1;
        if self.missing == 0 {
            self.done.do_send(Number(self.sum));
        }
    }
}

/// W6: one publisher sends to each of its subscribers, round after round.
pub(crate) async fn fan_out(n: u64) -> Figures {
    let rounds = n / shape::SUBSCRIBERS;
    let (done, sum) = collector(shape::SUBSCRIBERS);
    let subscriber = || {
        Subscriber {
            missing: rounds,
            sum: 0,
            done: done.clone(),
        }
        .start()
    };
    let subscribers: Vec<_> = (0..shape::SUBSCRIBERS).map(|_| subscriber()).collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let watch = Stopwatch::start();
    for round in 0..rounds {
        for subscriber in &subscribers {
            subscriber.do_send(Number(round));
        }
    }
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(rounds * shape::SUBSCRIBERS);
    assert_eq!(sum, shape::SUBSCRIBERS * (rounds * (rounds - 1) / 2));
    figures
}

/// A member of the ring of W7.
struct Member {
    next: Option<Addr<Member>>,
    done: Addr<Collector>,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Next(Addr<Member>);

#[derive(Message)]
#[rtype(result = "()")]
struct Token(u64);

impl Actor for Member {
    type Context = Context<Self>;
}

impl Handler<Next> for Member {
    type Result = ();

    fn handle(&mut self, Next(next): Next, _context: &mut Context<Self>) {
        self.next = Some(next);
    }
}

impl Handler<Token> for Member {
    type Result = ();

    fn handle(&mut self, Token(hops): Token, _context: &mut Context<Self>) {
        if hops == 1 {
            self.done.do_send(Number(1));
        } else {
            self.next
                .as_ref()
                .expect("a closed ring")
                .do_send(Token(hops - 1));
        }
    }
}

/// W7A and W7P: a ring of actors; each token makes `n / tokens` hops. With two arbiters, each
/// has one half of the ring.
pub(crate) async fn ring(n: u64, tokens: u64, places: Places) -> Figures {
    let hops = n / tokens;
    let (done, home) = collector(tokens);
    let share = shape::RING as usize / places.count();
    let mut members = Vec::new();
    for position in 0..shape::RING as usize {
        let done = done.clone();
        let place = places.of(position / share);
        members.push(Member::start_in_arbiter(place, |_| Member {
            next: None,
            done,
        }));
    }
    for (position, member) in members.iter().enumerate() {
        member.do_send(Next(members[(position + 1) % members.len()].clone()));
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    let watch = Stopwatch::start();
    for _ in 0..tokens {
        members[0].do_send(Token(hops));
    }
    home.await.expect("all tokens");
    watch.stop(hops * tokens)
}
