//! The service in the simulator: a few orders, three crashes, two early timeouts.

use beamline::application::{Config, Release, StartType};
use beamline::prelude::*;
use beamline_sim::faults::Faults;
use beamline_sim::{Limits, Scenario, always, sometimes};

use super::app::{self, Orders};
use super::customer::buy;
use super::database::Database;
use super::ledger::Books;
use super::order::{Customer, Fate, Order, OrderId, Receipt};
use super::{
    audit, carriers, ledger, limiter, prices, queue, resumer, session, shop, stock, worker,
};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("orders::service", service)
            .about("orders that come to one end and cost what the receipt says, despite crashes")
            .limits(Limits::default().fair_after(FAIR_AFTER))
            .faults(Faults::none().crashes(3).timeouts(2).victims(VICTIMS))
            .expects(REACHED),
    ]
}

/// What has to have happened in a campaign, or it has shown nothing.
const REACHED: [&str; 17] = [
    "orders.shipped",
    "orders.cancelled",
    "customer.asked_again",
    "customer.withdrew",
    "limiter.throttled",
    "session.sold_out",
    "session.no_funds",
    "resumer.resumed",
    "ledger.charged_again",
    "stock.reserved_again",
    "prices.hit",
    "prices.expired",
    "queue.taken_back",
    "queue.recovered_jobs",
    "carriers.late",
    "carriers.down",
    "worker.nobody_ships",
];

/// Events after which a run is scheduled fairly: a run without trouble takes some 600, and one that
/// starves somebody for longer than this teaches nothing new.
const FAIR_AFTER: u64 = 1_200;

/// Who may be killed: everybody below the topmost supervisor, whose end is that of the application.
/// Of the registries it is the processes that hold the entries.
const VICTIMS: [&str; 18] = [
    ledger::NAME,
    stock::NAME,
    prices::NAME,
    limiter::NAME,
    "news.PIDPartition0",
    "fulfilment",
    queue::NAME,
    carriers::NAME,
    carriers::LABEL,
    worker::LABEL,
    "checkout",
    "sessions.PIDPartition0",
    session::SUPERVISOR,
    session::LABEL,
    resumer::NAME,
    shop::REQUESTS,
    shop::LABEL,
    shop::NAME,
];

const CUSTOMERS: u32 = 2;
const ORDERS_EACH: u32 = 2;

/// One piece less than is ordered, and money for one order or two: not everything can be had.
const PIECES: usize = 3;
const BALANCE: i64 = 650;

async fn service() -> Result<(), ExitReason> {
    let database = Database::default();
    let config = Config::new()
        .set(app::NAME, &app::CUSTOMERS, CUSTOMERS)
        .set(app::NAME, &app::BALANCE, BALANCE)
        .set(app::NAME, &app::PIECES, PIECES);
    // A crash can spoil a start. Of an application that is not temporary it would be the end.
    let release = Release::new().with_type(Orders(database.clone()), StartType::Temporary);
    let applications = release.config(config).start_link().await?;
    while applications.start_all().await.is_err() {}
    let opening = app::opening(&applications.environment(app::NAME)).await?;

    let customers = (0..CUSTOMERS).map(|number| Task::spawn(customer(number, opening.clone())));
    let receipts = Task::join_all(customers.collect::<Vec<_>>(), None)
        .await?
        .concat();
    let settled = audit::settled(&opening, &audit::books().await, &receipts);
    always!("orders.settled", settled.is_ok(), "{settled:?}");
    let running = applications.running().await?;
    always!(
        "orders.never_went_down",
        running == [Name::from(app::NAME)],
        "{running:?}"
    );

    applications.shutdown().await?;
    let kept = audit::kept(&database, &receipts, PIECES).await;
    always!("orders.kept", kept.is_ok(), "{kept:?}");
    Ok(())
}

/// A customer with some orders, who looks at the books after each.
async fn customer(number: u32, opening: Books) -> Vec<(Order, Receipt)> {
    let mut receipts = Vec::new();
    for nth in 0..ORDERS_EACH {
        let order = Order {
            id: OrderId(ORDERS_EACH * number + nth),
            customer: Customer(number),
            item: "tea",
        };
        let receipt = buy(order).await;
        let shipped = receipt.fate != Fate::Cancelled;
        sometimes!("orders.shipped", shipped);
        sometimes!("orders.cancelled", !shipped);
        let conserved = audit::conserved(&opening, &audit::books().await);
        always!(
            "orders.money_is_conserved",
            conserved.is_ok(),
            "{conserved:?}"
        );
        receipts.push((order, receipt));
    }
    receipts
}
