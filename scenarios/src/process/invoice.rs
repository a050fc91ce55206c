//! Invoice processing with spawn: each total is computed in a process of its own.
//!
//! A crash while computing must not cost the caller its five seconds: the worker is monitored.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::invoice", invoice)
            .about("an invoice total from a spawned process, with a timeout and a crash")
            .expects(["invoice.total_in_time", "invoice.timeout", "invoice.crash"])
            .no_leaks(),
    ]
}

#[derive(Debug, Clone)]
struct Item {
    price_cents: u64,
    quantity: u64,
}

#[derive(Debug)]
struct Total {
    from: Pid,
    cents: u64,
}

/// What the items cost, with a tax of a tenth.
fn total_cents(items: &[Item]) -> u64 {
    let subtotal: u64 = items
        .iter()
        .map(|item| item.price_cents * item.quantity)
        .sum();
    assert!(subtotal > 0, "an invoice over nothing");
    subtotal + subtotal / 10
}

async fn process_invoice(mailbox: &mut Mailbox, items: Vec<Item>) -> Result<u64, ExitReason> {
    let parent = me();
    let (worker, reference) = spawn_monitor(async move |_: Mailbox| {
        send(
            parent,
            Total {
                from: me(),
                cents: total_cents(&items),
            },
        );
    });
    let result = receive! { mailbox;
        Total { from, cents } in Total where from == worker => Ok(cents),
        Down { reference: down, reason, .. } in Down where down == reference => Err(reason),
        after Duration::from_secs(5) => Err(ExitReason::Timeout),
    };
    demonitor_flush(reference);
    result
}

async fn invoice() {
    let mut mailbox = mailbox();
    let items = vec![
        Item {
            price_cents: 10_000,
            quantity: 2,
        },
        Item {
            price_cents: 5_000,
            quantity: 1,
        },
    ];
    let total = process_invoice(&mut mailbox, items).await;
    sometimes!("invoice.total_in_time", total == Ok(27_500));
    sometimes!("invoice.timeout", total == Err(ExitReason::Timeout));
    let right = matches!(total, Ok(27_500) | Err(ExitReason::Timeout));
    always!("invoice.total", right, "{total:?}");

    let total = process_invoice(&mut mailbox, vec![]).await;
    let crashed = matches!(total, Err(ExitReason::Panicked(_)));
    sometimes!("invoice.crash", crashed);
    always!(
        "invoice.crash_or_timeout",
        crashed || total == Err(ExitReason::Timeout),
        "{total:?}"
    );
}
