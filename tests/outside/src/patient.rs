//! The customer who knows which answer belongs to which question.

use beamline::prelude::*;
use std::time::Duration;

#[derive(Debug)]
struct Ask(&'static str, Ref, Pid);
#[derive(Debug)]
struct Price(u32, Ref);

/// A server that knows what things cost, and says which question it answers.
pub async fn shop(mut mailbox: Mailbox) {
    loop {
        let Ask(item, question, customer) = mailbox.receive().await;
        let price = if item == "tea" { 3 } else { 5 };
        send(customer, Price(price, question));
    }
}

/// What an item costs; `None` if the shop takes longer than a second. An answer that comes too late
/// is not mistaken for that to a later question.
pub async fn price(mailbox: &mut Mailbox, shop: Pid, item: &'static str) -> Option<u32> {
    let question = make_ref();
    send(shop, Ask(item, question, me()));
    let second = Duration::from_secs(1);
    let Price(price, _) = mailbox
        .receive_where_timeout(second, |price: &Price| price.1 == question)
        .await?;
    Some(price)
}
