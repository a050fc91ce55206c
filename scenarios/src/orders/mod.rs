//! Group `orders`: an order-processing service that uses everything at once.
//!
//! Customers place orders with a [`shop`]. Each order has a [`session`], a state machine that
//! reserves a piece of the [`stock`], has the [`ledger`] charge the customer the present one of the
//! [`prices`], and leaves the rest to the job [`queue`]. A [`worker`] asks all [`carriers`] for
//! offers, has the ledger settle the order one way or the other, and publishes how it ended
//! ([`news`]). The [`app`] has them all under one tree.
//!
//! What is promised, whoever is killed wherever he stands, and whatever time is up too soon:
//! - each order that was placed comes to one end, shipped or cancelled, and to no other later;
//! - it costs what the receipt says, once, or nothing if it was cancelled;
//! - no money is made or lost, at any moment; and no piece is sold that was not there.
//!
//! How: what must not be forgotten is in the [`database`], which is written before anybody is
//! answered; every request carries the number of its order, so that whoever got no answer asks
//! again; the ledger, one process, decides, and everybody else does what it has decided, twice if
//! need be. All other processes may forget everything.
//!
//! The same service runs on threads, under kills for as long as you like ([`soak`]):
//! `cargo run --release -p beamline-scenarios --example orders -- --seconds 60`.

use beamline_sim::Scenario;

pub mod app;
pub mod audit;
pub mod carriers;
pub mod customer;
pub mod database;
pub mod ledger;
pub mod limiter;
pub mod news;
pub mod order;
pub mod prices;
pub mod queue;
pub mod resumer;
mod service;
pub mod session;
pub mod shop;
pub mod soak;
pub mod stock;
pub mod worker;

/// The scenarios of this group.
pub fn scenarios() -> Vec<Scenario> {
    service::scenarios()
}
