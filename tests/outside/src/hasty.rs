//! The customer who takes any price for the one that was asked for.

use beamline::prelude::*;
use std::time::Duration;

#[derive(Debug)]
struct Ask(&'static str, Pid);
#[derive(Debug)]
struct Price(u32);

/// A server that knows what things cost.
pub async fn shop(mut mailbox: Mailbox) {
    loop {
        let Ask(item, customer) = mailbox.receive().await;
        send(customer, Price(if item == "tea" { 3 } else { 5 }));
    }
}

/// What an item costs; `None` if the shop takes longer than a second.
pub async fn price(mailbox: &mut Mailbox, shop: Pid, item: &'static str) -> Option<u32> {
    send(shop, Ask(item, me()));
    let Price(price) = mailbox.receive_timeout(Duration::from_secs(1)).await?;
    Some(price)
}
