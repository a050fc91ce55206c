//! A client casts its question to a server and receives the answer itself: a late answer is taken
//! for the one to its next question.
//!
//! Known from servers that answer by a plain message, because the client "has no time for a call",
//! and from calls rebuilt by hand.
//!
//! Failing order: the first wait times out, then the first answer arrives, then the second
//! question is asked.
//!
//! Mend: a call, whose late answer is dropped (GS-22).

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::server_late_reply", broken)
            .about("an answer received by hand, without asking to what")
            .broken("always server_late_reply.own", 6)
            .mended("mended::server_late_reply"),
        Scenario::new("mended::server_late_reply", mended)
            .about("a call, whose late answer is dropped")
            .expects(["server_late_reply.in_time", "server_late_reply.late"]),
    ]
}

const PATIENCE: Duration = Duration::from_secs(5);

struct Shop;

#[derive(Debug)]
struct PriceOf(&'static str, Caller<u64>);

#[derive(Debug)]
struct TellPrice(&'static str, Pid);

#[derive(Debug)]
struct Price(u64);

fn price_of(item: &str) -> u64 {
    if item == "tea" { 300 } else { 450 }
}

impl GenServer for Shop {
    type Args = ();
    type Call = PriceOf;
    type Cast = TellPrice;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Shop.into())
    }

    async fn handle_call(&mut self, PriceOf(item, caller): PriceOf) -> Flow<Self> {
        caller.reply(price_of(item));
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, TellPrice(item, customer): TellPrice) -> Flow<Self> {
        send(customer, Price(price_of(item)));
        Ok(Next::Wait)
    }
}

fn judge(coffee: Option<u64>) {
    let own = coffee.is_none_or(|cents| cents == price_of("coffee"));
    always!("server_late_reply.own", own, "coffee for {coffee:?}");
}

async fn broken() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let shop = Shop::start_link(()).name("shop").await?;
    let mut told = None;
    for item in ["tea", "coffee"] {
        shop.cast(TellPrice(item, me()));
        told = mailbox.receive_timeout::<Price>(PATIENCE).await;
    }
    judge(told.map(|Price(cents)| cents));
    Ok(())
}

async fn mended() -> Result<(), ExitReason> {
    let shop = Shop::start_link(()).name("shop").await?;
    let ask = |item| {
        shop.call(move |caller| PriceOf(item, caller))
            .timeout(PATIENCE)
    };
    let tea = ask("tea").await.ok();
    let coffee = ask("coffee").await.ok();
    sometimes!("server_late_reply.in_time", tea.is_some());
    sometimes!("server_late_reply.late", tea.is_none() && coffee.is_some());
    judge(coffee);
    Ok(())
}
