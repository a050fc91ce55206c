//! Publish and subscribe: what is published to a topic goes to its subscribers.
//!
//! The usual version never forgets a subscriber. This one monitors them and forgets the dead.

use std::collections::BTreeMap;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::pubsub", pubsub)
            .about("topics with subscribers that may die")
            .expects(["pubsub.forgotten", "pubsub.still_known"])
            .no_leaks(),
    ]
}

type Topic = &'static str;

#[derive(Default)]
struct PubSub(BTreeMap<Topic, Vec<Pid>>);

#[derive(Debug)]
enum Request {
    Subscribe(Topic, Pid, Caller<()>),
    Count(Topic, Caller<usize>),
}

#[derive(Debug)]
struct Publish(Topic, u32);

#[derive(Debug, PartialEq)]
struct News(Topic, u32);

impl GenServer for PubSub {
    type Args = ();
    type Call = Request;
    type Cast = Publish;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(PubSub::default().into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Subscribe(topic, pid, caller) => {
                monitor(pid);
                self.0.entry(topic).or_default().push(pid);
                caller.reply(());
            }
            Request::Count(topic, caller) => {
                caller.reply(self.0.get(topic).map_or(0, Vec::len));
            }
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Publish(topic, number): Publish) -> Flow<Self> {
        for subscriber in self.0.get(topic).into_iter().flatten() {
            send(*subscriber, News(topic, number));
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        if let Ok(Down { process, .. }) = message.downcast::<Down>() {
            for subscribers in self.0.values_mut() {
                subscribers.retain(|subscriber| process != *subscriber);
            }
        }
        Ok(Next::Wait)
    }
}

/// Reads one number of the news and goes.
async fn reader(mut mailbox: Mailbox, server: Server<PubSub>, root: Pid) -> Result<(), ExitReason> {
    let subscribe = |caller| Request::Subscribe("news", me(), caller);
    server.call(subscribe).no_timeout().await?;
    send(root, "subscribed");
    let News(_, number) = mailbox.receive().await;
    always!("pubsub.first_news", number == 1, "begins with {number}");
    Ok(())
}

async fn pubsub() -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    let server = PubSub::start_link(()).name("pubsub").await?;
    let (_, gone) = spawn_monitor(move |mailbox| reader(mailbox, server, root));
    mailbox.receive::<&str>().await;
    let subscribe = |caller| Request::Subscribe("news", root, caller);
    server.call(subscribe).no_timeout().await?;
    for number in [1, 2] {
        server.cast(Publish("news", number));
    }
    server.cast(Publish("weather", 3));
    for number in [1, 2] {
        let news = mailbox.receive::<News>().await;
        always!("pubsub.in_order", news == News("news", number), "{news:?}");
    }
    mailbox
        .receive_where(|down: &Down| down.reference == gone)
        .await;
    let count = |caller| Request::Count("news", caller);
    let count = server.call(count).no_timeout().await?;
    always!("pubsub.count", matches!(count, 1 | 2), "{count}");
    // The server may learn of the death later than this process.
    sometimes!("pubsub.forgotten", count == 1);
    sometimes!("pubsub.still_known", count == 2);
    Ok(server.stop().await?)
}
