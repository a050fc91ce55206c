//! Workers: they bring orders to their end.
//!
//! Everything a worker does may have been done before, by itself or by another, up to any point.
//! The ledger decides what becomes of the order; all the rest follows what it has decided.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{always, sometimes};

use super::carriers::cheapest;
use super::database::Database;
use super::ledger::{self, ledger};
use super::news::Closed;
use super::order::{Fate, Receipt, Wish};
use super::queue::{self, Done, Job, Taken, queue};
use super::session::Desk;
use super::stock::{self, stock};

/// What a worker is called.
pub const LABEL: &str = "worker";

/// How long a worker that cannot go on waits before it ends and is replaced.
const PAUSE: Duration = Duration::from_millis(1);

/// The life of a worker: it does one job after another, until one fails. Then it ends, its job
/// goes to somebody else, and its supervisor starts another one.
pub async fn work(desk: Desk) -> Result<(), ExitReason> {
    set_label(LABEL);
    loop {
        let done = do_one(&desk).await;
        if done.is_err() {
            sleep(PAUSE).await;
            return done;
        }
    }
}

async fn do_one(desk: &Desk) -> Result<(), ExitReason> {
    let Taken { ticket, job } = queue().call(queue::Ask::Take).no_timeout().await?;
    let receipt = close(&desk.database, job).await?;
    let id = job.order.id;
    desk.news
        .dispatch(&id, |readers| {
            for (reader, ()) in readers {
                send(*reader, Closed(receipt));
            }
        })
        .await;
    queue().cast(Done(ticket)).await;
    Ok(())
}

/// Brings an order to its end; how that was.
async fn close(database: &Database, job: Job) -> Result<Receipt, ExitReason> {
    let Job { order, wish } = job;
    let offer = match wish {
        Wish::Ship => cheapest().await?,
        Wish::Cancel => None,
    };
    sometimes!("worker.nobody_ships", wish == Wish::Ship && offer.is_none());
    let wanted = offer.unwrap_or(Fate::Cancelled);
    let receipt = ledger()
        .call(|caller| ledger::Ask::Settle(order, wanted, caller))
        .await?;
    sometimes!("worker.settled_before", receipt.fate != wanted);
    let fate = receipt.fate;
    stock()
        .call(|caller| stock::Ask::Settle(order, fate, caller))
        .await?;
    if let Some(before) = database.closed.get(&order.id).await {
        always!(
            "worker.closed_once",
            before == receipt,
            "{before:?}, then {receipt:?}"
        );
    }
    database.closed.put(order.id, receipt).await;
    database.open.remove(&order.id).await;
    Ok(receipt)
}
