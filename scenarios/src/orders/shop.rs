//! The shop: the one address that customers know.
//!
//! Each request has a task of its own. Should it crash, or the session that it waits for, the
//! customer learns that there is no answer, and asks again: an order has the customer's number.

use beamline::prelude::*;

use super::limiter::{self, limiter};
use super::order::{Order, OrderId, Receipt};
use super::session::{Cancel, Desk, Outcome, Session, find_or_start};

/// The shop.
#[derive(Debug)]
pub struct Shop(Desk);

/// An order. Answered when it has come to its end.
#[derive(Debug)]
pub struct Place(pub Order, pub Caller<Receipt>);

/// The customer does not want it any more, if it is not too late.
#[derive(Debug)]
pub struct Withdraw(pub OrderId);

/// The name of the shop.
pub const NAME: &str = "shop";

/// The name of the supervisor of its tasks.
pub const REQUESTS: &str = "requests";

/// What a request's task is called.
pub const LABEL: &str = "request";

/// The shop, whoever it is at the time.
pub fn shop() -> Server<Shop, Name> {
    Server::named(NAME)
}

impl GenServer for Shop {
    type Args = Desk;
    type Call = Place;
    type Cast = Withdraw;
    type Info = Message;
    type Continue = Never;

    async fn init(desk: Desk) -> Init<Self> {
        Ok(Shop(desk).into())
    }

    async fn handle_call(&mut self, Place(order, caller): Place) -> Flow<Self> {
        let desk = self.0.clone();
        if let Some(tasks) = TaskSupervisor::whereis(REQUESTS).await {
            // If it cannot be started, the caller learns that nobody answers.
            let _ = tasks.start_child(place(order, desk, caller)).await;
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Withdraw(id): Withdraw) -> Flow<Self> {
        let desk = self.0.clone();
        if let Some(tasks) = TaskSupervisor::whereis(REQUESTS).await {
            let _ = tasks.start_child(withdraw(id, desk)).await;
        }
        Ok(Next::Wait)
    }
}

async fn place(order: Order, desk: Desk, caller: Caller<Receipt>) -> Result<(), ExitReason> {
    set_label(LABEL);
    let take = |caller| limiter::Take(order.customer, caller);
    limiter().call(take).no_timeout().await?;
    let receipt = match desk.database.closed.get(&order.id).await {
        Some(receipt) => receipt,
        None => {
            let session = find_or_start(order, &desk).await?;
            session.call(Outcome).await?
        }
    };
    caller.reply(receipt);
    Ok(())
}

async fn withdraw(id: OrderId, desk: Desk) {
    set_label(LABEL);
    let session: StateMachine<Session, _> = StateMachine::at(via(&desk.sessions, id));
    session.cast(Cancel).await;
}
