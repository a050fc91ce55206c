//! Two servers that call each other inside their callbacks: each waits for the other.
//!
//! Known from grpc-go#1353 and every pair of servers that grew towards each other. With the usual
//! timeout it is no deadlock but a pause of five seconds, and then a crash of both.
//!
//! Failing order: each server takes its client's request before the other's question.
//!
//! Mend: a server never waits in a callback for one that may call it. It keeps its caller, asks
//! without waiting, and answers when the answer comes.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::servers_call_each_other", broken)
            .about("two servers wait for each other in their callbacks")
            .broken("deadlock", 9)
            .mended("mended::servers_call_each_other"),
        Scenario::new("mended::servers_call_each_other", mended)
            .about("the caller is kept, and answered when the other has")
            .expects(["each_other.crossed", "each_other.one_by_one"]),
    ]
}

struct Shop {
    stock: u32,
    peer: Option<Server<Shop>>,
    keeps: bool,
    /// Questions to the peer that are on their way.
    asked: u32,
}

#[derive(Debug)]
enum Request {
    Meet(Server<Shop>, Caller<()>),
    Stock(Caller<u32>),
    Total(Caller<u32>),
}

/// The peer's stock has come, by way of a process that waited for it.
#[derive(Debug)]
struct Came(u32, Caller<u32>);

impl Shop {
    /// Asks the peer, and answers when it has.
    fn ask_aside(&mut self, peer: Server<Shop>, caller: Caller<u32>) {
        let shop: Server<Shop> = Server::of(me());
        self.asked += 1;
        spawn(async move |_: Mailbox| -> Result<(), ExitReason> {
            let stock = peer.call(Request::Stock).no_timeout().await?;
            shop.cast(Came(stock, caller));
            Ok(())
        });
    }
}

impl GenServer for Shop {
    type Args = (u32, bool);
    type Call = Request;
    type Cast = Came;
    type Info = Message;
    type Continue = Never;

    async fn init((stock, keeps): (u32, bool)) -> Init<Self> {
        Ok(Shop {
            stock,
            peer: None,
            keeps,
            asked: 0,
        }
        .into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match (request, self.peer) {
            (Request::Meet(peer, caller), _) => {
                self.peer = Some(peer);
                caller.reply(());
            }
            (Request::Stock(caller), _) => {
                sometimes!("each_other.crossed", self.asked > 0);
                sometimes!("each_other.one_by_one", self.asked == 0);
                caller.reply(self.stock);
            }
            (Request::Total(caller), Some(peer)) if self.keeps => self.ask_aside(peer, caller),
            (Request::Total(caller), Some(peer)) => {
                let other = peer.call(Request::Stock).no_timeout().await?;
                caller.reply(self.stock + other);
            }
            (Request::Total(caller), None) => caller.reply(self.stock),
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Came(other, caller): Came) -> Flow<Self> {
        self.asked -= 1;
        caller.reply(self.stock + other);
        Ok(Next::Wait)
    }
}

async fn count(keeps: bool) -> Result<(), ExitReason> {
    let left = Shop::start_link((1, keeps)).name("left").await?;
    let right = Shop::start_link((2, keeps)).name("right").await?;
    for (shop, peer) in [(left, right), (right, left)] {
        let meet = |caller| Request::Meet(peer, caller);
        shop.call(meet).no_timeout().await?;
    }
    let totals = [
        left.request(Request::Total).await,
        right.request(Request::Total).await,
    ];
    for total in totals {
        let total = total.receive().await?;
        always!("each_other.total", total == 3, "total {total}");
    }
    Ok(())
}

async fn broken() -> Result<(), ExitReason> {
    count(false).await
}

async fn mended() -> Result<(), ExitReason> {
    count(true).await
}
