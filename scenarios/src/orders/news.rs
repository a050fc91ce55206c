//! News: a topic for each order, where its end is published.
//!
//! Publishing reaches those who listen at that moment, and is forgotten; who missed it looks into
//! the database.

use beamline::prelude::*;

use super::order::{OrderId, Receipt};

/// Who listens to what.
pub type News = Registry<OrderId>;

/// The name of its process.
pub const NAME: &str = "news";

/// An order has come to its end.
#[derive(Debug)]
pub struct Closed(pub Receipt);
