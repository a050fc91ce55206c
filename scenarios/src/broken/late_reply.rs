//! A reply that comes after its timeout is taken for the reply to the next request.
//!
//! Known from OTP-17038 (a logging proxy crashed by such a reply), from the notes on calls through
//! a proxy in OTP's state machines, and from every textbook server loop whose client receives
//! "the reply" without asking to what.
//!
//! A customer asks a shop for a price, gives up after five seconds and asks for another. Failing
//! order: the timeout of the first question fires, then the first reply arrives, then the second
//! question's receive takes it.
//!
//! Mend: a reply quotes the reference of its question.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::late_reply", broken)
            .about("a late reply is taken for the next one")
            .broken("always late_reply.own_answer", 5)
            .mended("mended::late_reply"),
        Scenario::new("mended::late_reply", mended)
            .about("a reply quotes the reference of its question")
            .expects(["late_reply.in_time", "late_reply.late"]),
    ]
}

#[derive(Debug)]
struct Question {
    item: &'static str,
    from: Pid,
    reference: Ref,
}

#[derive(Debug)]
struct Price {
    cents: u64,
    reference: Ref,
}

fn price_of(item: &str) -> u64 {
    if item == "tea" { 300 } else { 450 }
}

async fn shop(mut mailbox: Mailbox) {
    loop {
        let Question {
            item,
            from,
            reference,
        } = mailbox.receive().await;
        send(
            from,
            Price {
                cents: price_of(item),
                reference,
            },
        );
    }
}

const PATIENCE: Duration = Duration::from_secs(5);

async fn ask_carelessly(mailbox: &mut Mailbox, shop: Pid, item: &'static str) -> Option<u64> {
    send(
        shop,
        Question {
            item,
            from: me(),
            reference: make_ref(),
        },
    );
    mailbox
        .receive_timeout::<Price>(PATIENCE)
        .await
        .map(|price| price.cents)
}

async fn broken() {
    let mut mailbox = mailbox();
    let shop = spawn(shop);
    ask_carelessly(&mut mailbox, shop, "tea").await;
    let coffee = ask_carelessly(&mut mailbox, shop, "coffee").await;
    let own = coffee.is_none_or(|cents| cents == price_of("coffee"));
    always!("late_reply.own_answer", own, "coffee for {coffee:?}");
}

async fn ask(mailbox: &mut Mailbox, shop: Pid, item: &'static str) -> Option<u64> {
    let reference = make_ref();
    send(
        shop,
        Question {
            item,
            from: me(),
            reference,
        },
    );
    receive! { mailbox;
        Price { cents, reference: quoted } in Price where quoted == reference => Some(cents),
        after PATIENCE => None,
    }
}

async fn mended() {
    let mut mailbox = mailbox();
    let shop = spawn(shop);
    let tea = ask(&mut mailbox, shop, "tea").await;
    let coffee = ask(&mut mailbox, shop, "coffee").await;
    // The shop answers in order: with the coffee's price here, the tea's has arrived too.
    sometimes!("late_reply.in_time", tea.is_some() && coffee.is_some());
    sometimes!("late_reply.late", tea.is_none() && coffee.is_some());
    let own = coffee.is_none_or(|cents| cents == price_of("coffee"));
    always!("late_reply.own_answer", own, "coffee for {coffee:?}");
}
