//! Prices: a cache whose entries expire, beside a source that is slow and changes its mind.

use std::collections::BTreeMap;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::sometimes;

use super::order::{Cents, Item};

/// How long a price is good for.
const LIFE: Duration = Duration::from_millis(4);

/// How long the source takes.
const LOOK_UP: Duration = Duration::from_millis(1);

/// What items cost, and until when.
#[derive(Debug, Default)]
pub struct Prices(BTreeMap<Item, (Cents, Instant)>);

/// What an item costs, if that is known.
#[derive(Debug)]
pub struct Get(Item, Caller<Option<Cents>>);

/// What an item costs from now on.
#[derive(Debug)]
pub struct Put(Item, Cents);

/// The name of the cache.
pub const NAME: &str = "prices";

impl GenServer for Prices {
    type Args = ();
    type Call = Get;
    type Cast = Put;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Prices::default().into())
    }

    async fn handle_call(&mut self, Get(item, caller): Get) -> Flow<Self> {
        let known = self.0.get(item).copied();
        let fresh = known.filter(|(_, end)| now() < *end);
        sometimes!("prices.hit", fresh.is_some());
        sometimes!("prices.expired", known.is_some() && fresh.is_none());
        caller.reply(fresh.map(|(price, _)| price));
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Put(item, price): Put) -> Flow<Self> {
        self.0.insert(item, (price, now() + LIFE));
        Ok(Next::Wait)
    }
}

/// What an item costs. Whoever finds it missing in the cache asks the source and fills it in, so
/// that nobody else has to wait; and if there is no cache, there is still the source.
pub async fn price(item: Item) -> Cents {
    let cache = Server::<Prices, Name>::named(NAME);
    if let Ok(Some(price)) = cache.call(|caller| Get(item, caller)).await {
        return price;
    }
    sleep(LOOK_UP).await;
    let price = [300, 350][random_range(0..2) as usize];
    cache.cast(Put(item, price)).await;
    price
}
