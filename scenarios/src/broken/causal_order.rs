//! A message that was caused by another overtakes it.
//!
//! The order of messages is promised between two processes, and no further (the litmus program
//! "indirect causality"). Who delivers a message at the instant of its sending never sees this.
//!
//! A shop writes an order to the ledger and then tells the warehouse, and the warehouse writes
//! the shipment. Failing order: the shipment reaches the ledger before the order does.
//!
//! Mend: the ledger sets a shipment aside until its order has come. (Or the shop waits for the
//! ledger's word before it tells the warehouse.)

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::causal_order", broken)
            .about("an effect arrives before its cause")
            .broken("always causal_order.known", 4)
            .mended("mended::causal_order"),
        Scenario::new("mended::causal_order", mended)
            .about("an effect waits for its cause")
            .expects(["causal_order.kept", "causal_order.inverted"])
            .no_leaks(),
    ]
}

#[derive(Debug)]
enum Entry {
    Ordered(u32),
    Shipped(u32),
}

#[derive(Debug)]
struct Ship(u32);

async fn warehouse(mut mailbox: Mailbox, ledger: Pid) {
    let Ship(order) = mailbox.receive().await;
    send(ledger, Entry::Shipped(order));
}

async fn shop(ledger: Pid, warehouse: Pid) {
    send(ledger, Entry::Ordered(7));
    send(warehouse, Ship(7));
}

/// Opens a shop and its warehouse, which write to the caller's ledger.
fn open() {
    let ledger = me();
    let warehouse = spawn(move |mailbox| warehouse(mailbox, ledger));
    spawn(move |_: Mailbox| shop(ledger, warehouse));
}

async fn broken() {
    let mut mailbox = mailbox();
    open();
    let mut ordered = Vec::new();
    for _ in 0..2 {
        match mailbox.receive().await {
            Entry::Ordered(order) => ordered.push(order),
            Entry::Shipped(order) => {
                always!(
                    "causal_order.known",
                    ordered.contains(&order),
                    "order {order} unknown"
                );
            }
        }
    }
}

async fn mended() {
    let mut mailbox = mailbox();
    open();
    let mut shipped_early = false;
    loop {
        match mailbox.receive().await {
            Entry::Ordered(_) => break,
            Entry::Shipped(_) => shipped_early = true,
        }
    }
    sometimes!("causal_order.inverted", shipped_early);
    sometimes!("causal_order.kept", !shipped_early);
    if !shipped_early {
        let shipment = mailbox.receive().await;
        always!(
            "causal_order.known",
            matches!(shipment, Entry::Shipped(7)),
            "{shipment:?}"
        );
    }
}
