//! What everybody here talks about: orders, and how they end.

/// Money, in the smallest coin.
pub type Cents = i64;

/// What can be bought.
pub type Item = &'static str;

/// Who brings it.
pub type Carrier = &'static str;

/// The number of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Customer(pub u32);

/// The number of an order. The customer gives it, so that asking again is asking for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u32);

/// One piece of an item for one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// Whose it is.
    pub customer: Customer,
    /// What it is about.
    pub item: Item,
}

/// What is to become of an order, if it is not too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It is to be shipped.
    Ship,
    /// It is not.
    Cancel,
}

/// What has become of an order, once and for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is on its way.
    Shipped {
        /// With whom.
        carrier: Carrier,
        /// What they take of the price.
        fee: Cents,
    },
    /// It is not, and whatever was paid has been paid back.
    Cancelled,
}

/// What the customer is told in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// What has become of the order.
    pub fate: Fate,
    /// What it has cost the customer; nothing, unless it was shipped.
    pub paid: Cents,
}
