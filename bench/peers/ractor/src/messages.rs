//! Workloads that pass messages: W3, W4, W5, W6 and W7.

use crate::collector::collector;
use crate::measure::{Figures, Stopwatch};
use crate::shape;
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, call_t};
use tokio::sync::oneshot;

struct Ping;

enum ToPing {
    Start(ActorRef<u64>),
    Answer(u64),
}

struct Game {
    rounds: u64,
    pong: Option<ActorRef<u64>>,
    watch: Stopwatch,
    done: Option<oneshot::Sender<Figures>>,
}

impl Actor for Ping {
    type Msg = ToPing;
    type State = Game;
    type Arguments = Game;

    async fn pre_start(
        &self,
        _myself: ActorRef<ToPing>,
        game: Game,
    ) -> Result<Game, ActorProcessingErr> {
        Ok(game)
    }

    async fn handle(
        &self,
        _myself: ActorRef<ToPing>,
        message: ToPing,
        game: &mut Game,
    ) -> Result<(), ActorProcessingErr> {
        let number = match message {
            ToPing::Start(pong) => {
                game.pong = Some(pong);
                game.watch = Stopwatch::start();
                0
            }
            ToPing::Answer(number) => number,
        };
        if number == game.rounds {
            let done = game.done.take().expect("no message after the last");
            let _ = done.send(game.watch.stop(game.rounds));
        } else {
            game.pong.as_ref().expect("started").send_message(number)?;
        }
        Ok(())
    }
}

struct Pong;

impl Actor for Pong {
    type Msg = u64;
    type State = ActorRef<ToPing>;
    type Arguments = ActorRef<ToPing>;

    async fn pre_start(
        &self,
        _myself: ActorRef<u64>,
        ping: ActorRef<ToPing>,
    ) -> Result<ActorRef<ToPing>, ActorProcessingErr> {
        Ok(ping)
    }

    async fn handle(
        &self,
        _myself: ActorRef<u64>,
        number: u64,
        ping: &mut ActorRef<ToPing>,
    ) -> Result<(), ActorProcessingErr> {
        ping.send_message(ToPing::Answer(number + 1))?;
        Ok(())
    }
}

/// W3: round trips between two actors.
pub(crate) async fn ping_pong(n: u64) -> Figures {
    let (done, figures) = oneshot::channel();
    let game = Game {
        rounds: n,
        pong: None,
        watch: Stopwatch::start(),
        done: Some(done),
    };
    let (ping, _) = Actor::spawn(None, Ping, game).await.expect("ping");
    let (pong, _) = Actor::spawn(None, Pong, ping.clone()).await.expect("pong");
    ping.send_message(ToPing::Start(pong)).expect("ping");
    figures.await.expect("the figures")
}

/// A producer of W5: told how many numbers to send, it sends them all in one go.
struct Producer;

impl Actor for Producer {
    type Msg = u64;
    type State = ActorRef<u64>;
    type Arguments = ActorRef<u64>;

    async fn pre_start(
        &self,
        _myself: ActorRef<u64>,
        consumer: ActorRef<u64>,
    ) -> Result<ActorRef<u64>, ActorProcessingErr> {
        Ok(consumer)
    }

    async fn handle(
        &self,
        _myself: ActorRef<u64>,
        numbers: u64,
        consumer: &mut ActorRef<u64>,
    ) -> Result<(), ActorProcessingErr> {
        for number in 0..numbers {
            consumer.send_message(number)?;
        }
        Ok(())
    }
}

/// W5: several producers, one consumer.
pub(crate) async fn fan_in(n: u64) -> Figures {
    let each = n / shape::PRODUCERS;
    let total = each * shape::PRODUCERS;
    let (consumer, sum) = collector(total).await;
    let mut producers = Vec::new();
    for _ in 0..shape::PRODUCERS {
        let spawned = Actor::spawn(None, Producer, consumer.clone()).await;
        producers.push(spawned.expect("a producer").0);
    }
    let watch = Stopwatch::start();
    for producer in &producers {
        producer.send_message(each).expect("a producer");
    }
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(total);
    assert_eq!(sum, shape::PRODUCERS * (each * (each - 1) / 2));
    figures
}

struct Subscriber;

struct Subscription {
    missing: u64,
    sum: u64,
    done: ActorRef<u64>,
}

impl Actor for Subscriber {
    type Msg = u64;
    type State = Subscription;
    type Arguments = Subscription;

    async fn pre_start(
        &self,
        _myself: ActorRef<u64>,
        subscription: Subscription,
    ) -> Result<Subscription, ActorProcessingErr> {
        Ok(subscription)
    }

    async fn handle(
        &self,
        _myself: ActorRef<u64>,
        number: u64,
        subscription: &mut Subscription,
    ) -> Result<(), ActorProcessingErr> {
        subscription.sum += number;
        subscription.missing -= 1;
        if subscription.missing == 0 {
            subscription.done.send_message(subscription.sum)?;
        }
        Ok(())
    }
}

/// W6: one publisher sends to each of its subscribers, round after round.
pub(crate) async fn fan_out(n: u64) -> Figures {
    let rounds = n / shape::SUBSCRIBERS;
    let (done, sum) = collector(shape::SUBSCRIBERS).await;
    let mut subscribers = Vec::new();
    for _ in 0..shape::SUBSCRIBERS {
        let subscription = Subscription {
            missing: rounds,
            sum: 0,
            done: done.clone(),
        };
        let spawned = Actor::spawn(None, Subscriber, subscription).await;
        subscribers.push(spawned.expect("a subscriber").0);
    }
    let watch = Stopwatch::start();
    for round in 0..rounds {
        for subscriber in &subscribers {
            subscriber.send_message(round).expect("a subscriber");
        }
    }
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(rounds * shape::SUBSCRIBERS);
    assert_eq!(sum, shape::SUBSCRIBERS * (rounds * (rounds - 1) / 2));
    figures
}

/// A member of the ring of W7.
struct Member;

enum ToMember {
    Next(ActorRef<ToMember>),
    Token(u64),
}

struct Place {
    next: Option<ActorRef<ToMember>>,
    done: ActorRef<u64>,
}

impl Actor for Member {
    type Msg = ToMember;
    type State = Place;
    type Arguments = ActorRef<u64>;

    async fn pre_start(
        &self,
        _myself: ActorRef<ToMember>,
        done: ActorRef<u64>,
    ) -> Result<Place, ActorProcessingErr> {
        Ok(Place { next: None, done })
    }

    async fn handle(
        &self,
        _myself: ActorRef<ToMember>,
        message: ToMember,
        place: &mut Place,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            ToMember::Next(next) => place.next = Some(next),
            ToMember::Token(1) => place.done.send_message(1)?,
            ToMember::Token(hops) => {
                let next = place.next.as_ref().expect("a closed ring");
                next.send_message(ToMember::Token(hops - 1))?;
            }
        }
        Ok(())
    }
}

/// W7A and W7P: a ring of actors; each token makes `n / tokens` hops.
pub(crate) async fn ring(n: u64, tokens: u64) -> Figures {
    let hops = n / tokens;
    let (done, home) = collector(tokens).await;
    let mut members = Vec::new();
    for _ in 0..shape::RING {
        let spawned = Actor::spawn(None, Member, done.clone()).await;
        members.push(spawned.expect("a member").0);
    }
    for (position, member) in members.iter().enumerate() {
        let next = members[(position + 1) % members.len()].clone();
        member.send_message(ToMember::Next(next)).expect("a member");
    }
    tokio::task::yield_now().await;
    let watch = Stopwatch::start();
    for _ in 0..tokens {
        members[0]
            .send_message(ToMember::Token(hops))
            .expect("a member");
    }
    home.await.expect("all tokens");
    watch.stop(hops * tokens)
}

/// How long a call of W4 waits for its answer, in milliseconds.
const PATIENCE_MS: u64 = 5_000;

/// The server of W4.
struct Server;

enum Ask {
    Say(u64, RpcReplyPort<u64>),
}

impl Actor for Server {
    type Msg = Ask;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _myself: ActorRef<Ask>, (): ()) -> Result<(), ActorProcessingErr> {
        Ok(())
    }

    async fn handle(
        &self,
        _myself: ActorRef<Ask>,
        Ask::Say(number, answer): Ask,
        (): &mut (),
    ) -> Result<(), ActorProcessingErr> {
        answer.send(number)?;
        Ok(())
    }
}

/// W4: calls of a server, with a timeout; its end drops the port that the answer comes through.
pub(crate) async fn call_a_server(n: u64) -> Figures {
    let (server, _) = Actor::spawn(None, Server, ()).await.expect("a server");
    let watch = Stopwatch::start();
    for number in 0..n {
        let answer = call_t!(server, Ask::Say, PATIENCE_MS, number);
        assert_eq!(answer.expect("an answer"), number);
    }
    watch.stop(n)
}
