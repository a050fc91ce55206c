//! The stock: pieces that are there, kept for an order, or sold.
//!
//! As in the [ledger](super::ledger), an order has one piece at most, what is asked again is
//! answered again, and nothing is reserved for an order that has been settled.

use std::collections::BTreeMap;

use beamline::prelude::*;
use beamline_sim::reachable;

use super::database::Table;
use super::order::{Fate, Item, Order, OrderId};

/// The piece of an order: one row of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// It is kept for the order.
    Reserved(Item),
    /// It has left.
    Sold(Item),
    /// The order has none, and gets none any more.
    Released,
}

/// What came of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// A piece is kept.
    Yes,
    /// There is none left.
    SoldOut,
    /// The order is settled.
    Settled,
}

/// What the stock is asked.
#[derive(Debug)]
pub enum Ask {
    /// To keep a piece for an order.
    Reserve(Order, Caller<Reserved>),
    /// To hand it out, or put it back.
    Settle(Order, Fate, Caller<()>),
}

/// What is there.
#[derive(Debug)]
pub struct Stock {
    table: Table<OrderId, Piece>,
    pieces: BTreeMap<OrderId, Piece>,
    /// How many pieces of each item there are at all, and how many are reserved or sold.
    opening: usize,
    gone: BTreeMap<Item, usize>,
}

/// The name of the stock.
pub const NAME: &str = "stock";

/// The stock, whoever it is at the time.
pub fn stock() -> Server<Stock, Name> {
    Server::named(NAME)
}

impl GenServer for Stock {
    type Args = (Table<OrderId, Piece>, usize);
    type Call = Ask;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((table, opening): Self::Args) -> Init<Self> {
        let mut stock = Stock {
            pieces: table.all().await,
            table,
            opening,
            gone: BTreeMap::new(),
        };
        for piece in stock.pieces.clone().into_values() {
            stock.count(None, piece);
        }
        Ok(stock.into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Reserve(order, caller) => caller.reply(self.reserve(order).await),
            Ask::Settle(order, fate, caller) => {
                self.settle(order, fate).await;
                caller.reply(());
            }
        }
        Ok(Next::Wait)
    }
}

impl Stock {
    async fn reserve(&mut self, order: Order) -> Reserved {
        match self.pieces.get(&order.id) {
            Some(Piece::Reserved(_)) => {
                reachable!("stock.reserved_again");
                Reserved::Yes
            }
            Some(_) => Reserved::Settled,
            None if self.gone.get(order.item) == Some(&self.opening) => Reserved::SoldOut,
            None => {
                self.write(order.id, Piece::Reserved(order.item)).await;
                Reserved::Yes
            }
        }
    }

    async fn settle(&mut self, order: Order, fate: Fate) {
        let piece = match (self.pieces.get(&order.id), fate) {
            (Some(Piece::Sold(_) | Piece::Released), _) => return,
            (_, Fate::Cancelled) => Piece::Released,
            (_, Fate::Shipped { .. }) => Piece::Sold(order.item),
        };
        self.write(order.id, piece).await;
    }

    async fn write(&mut self, id: OrderId, piece: Piece) {
        self.table.put(id, piece).await;
        let before = self.pieces.insert(id, piece);
        self.count(before, piece);
    }

    /// Counts what a row has become.
    fn count(&mut self, before: Option<Piece>, piece: Piece) {
        if let Some(Piece::Reserved(item)) = before {
            *self.gone.entry(item).or_default() -= 1;
        }
        if let Piece::Reserved(item) | Piece::Sold(item) = piece {
            *self.gone.entry(item).or_default() += 1;
        }
    }
}
