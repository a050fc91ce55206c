//! The ledger: all accounts, and the last word on each order.
//!
//! # Invariants
//! - Money only moves: the sum of all accounts is what it was in the beginning.
//! - An order is charged once and settled once. Whatever is asked again gets the answer that was
//!   given, or would have been given, the first time; so a caller that lost an answer asks again.
//! - Once an order is settled nothing of it is charged any more, however late the request.
//!
//! A change is written before it is made, so that a restarted ledger knows all that was answered.

use std::collections::BTreeMap;

use beamline::prelude::*;
use beamline_sim::{always, reachable};

use super::database::Table;
use super::order::{Carrier, Cents, Customer, Fate, Order, OrderId, Receipt};

/// Whose money it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// A customer's.
    Of(Customer),
    /// Paid for orders that are not settled.
    Escrow,
    /// The shop's.
    Shop,
    /// A carrier's.
    Carrier(Carrier),
}

/// What each account holds.
pub type Books = BTreeMap<Account, Cents>;

/// What is known of an order's money: one row of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    customer: Customer,
    amount: Cents,
    fate: Option<Fate>,
}

/// What came of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charged {
    /// The money is in escrow.
    Paid,
    /// The customer has not got it.
    NoFunds,
    /// The order is settled, one way or the other.
    Settled,
}

/// What the ledger is asked.
#[derive(Debug)]
pub enum Ask {
    /// To charge the customer of an order.
    Charge(Order, Cents, Caller<Charged>),
    /// To settle an order like this, unless it is settled.
    Settle(Order, Fate, Caller<Receipt>),
    /// What each account holds.
    Books(Caller<Books>),
}

/// Accounts, and the payments that made them what they are.
#[derive(Debug)]
pub struct Ledger {
    table: Table<OrderId, Payment>,
    payments: BTreeMap<OrderId, Payment>,
    books: Books,
}

/// The name of the ledger.
pub const NAME: &str = "ledger";

/// The ledger, whoever it is at the time.
pub fn ledger() -> Server<Ledger, Name> {
    Server::named(NAME)
}

impl GenServer for Ledger {
    /// The payments so far, and what each account held before the first of them.
    type Args = (Table<OrderId, Payment>, Books);
    type Call = Ask;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((table, opening): Self::Args) -> Init<Self> {
        let mut ledger = Ledger {
            payments: table.all().await,
            books: opening,
            table,
        };
        for payment in ledger.payments.clone().into_values() {
            ledger.hold(payment);
            ledger.release(payment);
        }
        Ok(ledger.into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Charge(order, amount, caller) => caller.reply(self.charge(order, amount).await),
            Ask::Settle(order, fate, caller) => caller.reply(self.settle(order, fate).await),
            Ask::Books(caller) => caller.reply(self.books.clone()),
        }
        Ok(Next::Wait)
    }
}

impl Ledger {
    async fn charge(&mut self, order: Order, amount: Cents) -> Charged {
        if let Some(known) = self.payments.get(&order.id) {
            reachable!("ledger.charged_again");
            return match known.fate {
                None => Charged::Paid,
                Some(_) => Charged::Settled,
            };
        }
        if self.balance(Account::Of(order.customer)) < amount {
            return Charged::NoFunds;
        }
        let payment = Payment {
            customer: order.customer,
            amount,
            fate: None,
        };
        self.write(order.id, payment).await;
        self.hold(payment);
        Charged::Paid
    }

    async fn settle(&mut self, order: Order, fate: Fate) -> Receipt {
        let mut payment = match self.payments.get(&order.id) {
            Some(payment) => *payment,
            // Cancelled before it was paid: noted, or a charge that comes late would be accepted.
            None => Payment {
                customer: order.customer,
                amount: 0,
                fate: None,
            },
        };
        if payment.fate.is_none() {
            let unpaid = payment.amount == 0 && fate != Fate::Cancelled;
            always!("ledger.paid_before_shipped", !unpaid, "{order:?}");
            payment.fate = Some(fate);
            self.write(order.id, payment).await;
            self.release(payment);
        }
        match payment.fate {
            Some(fate @ Fate::Shipped { .. }) => Receipt {
                fate,
                paid: payment.amount,
            },
            _ => Receipt {
                fate: Fate::Cancelled,
                paid: 0,
            },
        }
    }

    async fn write(&mut self, id: OrderId, payment: Payment) {
        self.table.put(id, payment).await;
        self.payments.insert(id, payment);
    }

    /// From the customer into escrow.
    fn hold(&mut self, payment: Payment) {
        let customer = Account::Of(payment.customer);
        self.transfer(customer, Account::Escrow, payment.amount);
    }

    /// From escrow to whom it belongs by the order's fate.
    fn release(&mut self, payment: Payment) {
        let Payment {
            customer,
            amount,
            fate,
        } = payment;
        match fate {
            None => {}
            Some(Fate::Cancelled) => self.transfer(Account::Escrow, Account::Of(customer), amount),
            Some(Fate::Shipped { carrier, fee }) => {
                self.transfer(Account::Escrow, Account::Shop, amount - fee);
                self.transfer(Account::Escrow, Account::Carrier(carrier), fee);
            }
        }
    }

    fn transfer(&mut self, from: Account, to: Account, amount: Cents) {
        *self.books.entry(from).or_default() -= amount;
        *self.books.entry(to).or_default() += amount;
    }

    fn balance(&self, account: Account) -> Cents {
        self.books.get(&account).copied().unwrap_or_default()
    }
}
