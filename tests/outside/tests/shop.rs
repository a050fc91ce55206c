//! Every price is the price of the item that was asked for.

use beamline::prelude::*;
use beamline_sim::{always, check};

#[test]
fn each_item_has_its_price() {
    check("each_item_has_its_price", async || {
        let mut mailbox = mailbox();
        let shop = spawn(shop::shop);
        for (item, cost) in [("tea", 3), ("coffee", 5)] {
            if let Some(price) = shop::price(&mut mailbox, shop, item).await {
                always!("shop.price", price == cost, "{item} for {price}");
            }
        }
    });
}
