//! Customers: they want their orders brought to an end, and ask until they are.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::reachable;

use super::order::{Order, Receipt};
use super::shop::{Place, Withdraw, shop};

/// How long a customer waits before it loses interest.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long until a customer asks again.
const PAUSE: Duration = Duration::from_millis(2);

/// Places an order and waits for its end, however often that takes asking.
///
/// Whoever got no answer knows nothing, so it is the same order that is placed again. A customer
/// that has waited for too long withdraws it; what that comes to, only the end will tell.
pub async fn buy(order: Order) -> Receipt {
    let place = |caller| Place(order, caller);
    let mut answer = shop().call(place).timeout(PATIENCE).await;
    if answer == Err(CallError::Timeout) {
        reachable!("customer.withdrew");
        shop().cast(Withdraw(order.id)).await;
    }
    loop {
        match answer {
            Ok(receipt) => return receipt,
            Err(_) => sleep(PAUSE).await,
        }
        reachable!("customer.asked_again");
        answer = shop().call(place).no_timeout().await;
    }
}
