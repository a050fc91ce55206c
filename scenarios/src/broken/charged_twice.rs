//! A customer is charged, the answer is late, and whoever asks again charges once more.
//!
//! Known from every payment system that was built without keys of idempotency: a call that has
//! timed out says nothing about what was done, and "try again" is only right for what may be done
//! twice.
//!
//! Failing order: the caller's time is up after the charge and before its answer.
//!
//! Mend: the request carries the number of the order, and the [ledger](crate::orders::ledger)
//! knows what it was charged for.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

use crate::orders::database::Database;
use crate::orders::ledger::{Account, Ask, Books, Ledger};
use crate::orders::order::{Cents, Customer, Order, OrderId};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::charged_twice", broken)
            .about("a charge that is tried again when its answer is late")
            .broken("always charge.once", 7)
            .mended("mended::charged_twice"),
        Scenario::new("mended::charged_twice", mended)
            .about("a charge that carries the number of its order")
            .expects(["charge.tried_again"])
            .no_leaks(),
    ]
}

const BALANCE: Cents = 1_000;
const PRICE: Cents = 300;

/// A ledger that does what it is told, as often as it is told.
struct Forgetful(Cents);

#[derive(Debug)]
enum Request {
    Charge(Cents, Caller<()>),
    Balance(Caller<Cents>),
}

impl GenServer for Forgetful {
    type Args = Cents;
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init(balance: Cents) -> Init<Self> {
        Ok(Forgetful(balance).into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Charge(amount, caller) => {
                self.0 -= amount;
                caller.reply(());
            }
            Request::Balance(caller) => caller.reply(self.0),
        }
        Ok(Next::Wait)
    }
}

async fn broken() -> Result<(), ExitReason> {
    let ledger = Forgetful::start_link(BALANCE).await?;
    let charge = |caller| Request::Charge(PRICE, caller);
    while ledger.call(charge).await == Err(CallError::Timeout) {}
    let left = ledger.call(Request::Balance).no_timeout().await?;
    always!("charge.once", left == BALANCE - PRICE, "{left} left");
    Ok(ledger.stop().await?)
}

async fn mended() -> Result<(), ExitReason> {
    let customer = Customer(1);
    let opening = Books::from([(Account::Of(customer), BALANCE)]);
    let ledger = Ledger::start_link((Database::default().payments, opening)).await?;
    let order = Order {
        id: OrderId(7),
        customer,
        item: "tea",
    };
    let charge = |caller| Ask::Charge(order, PRICE, caller);
    while ledger.call(charge).await == Err(CallError::Timeout) {
        sometimes!("charge.tried_again", true);
    }
    let books = ledger.call(Ask::Books).no_timeout().await?;
    let left = books[&Account::Of(customer)];
    always!("charge.once", left == BALANCE - PRICE, "{left} left");
    Ok(ledger.stop().await?)
}
