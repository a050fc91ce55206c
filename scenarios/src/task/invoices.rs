//! Invoices in parallel: a task for each, totals in the order of the invoices.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("task::parallel_invoices", parallel_invoices)
            .about("the totals of invoices, computed at once")
            .no_leaks(),
        Scenario::new("task::invoice_stream", invoice_stream)
            .about("the same as a stream, two at a time")
            .no_leaks(),
    ]
}

#[derive(Debug, Clone)]
struct Invoice {
    id: u32,
    cents: Vec<u64>,
}

#[derive(Debug, PartialEq, Eq)]
struct Total {
    id: u32,
    cents: u64,
}

/// An invoice with tax, which takes longer the more items it has.
async fn total_of(invoice: Invoice) -> Total {
    sleep(Duration::from_millis(invoice.cents.len() as u64)).await;
    let net: u64 = invoice.cents.iter().sum();
    Total {
        id: invoice.id,
        cents: net + net / 10,
    }
}

fn invoices() -> Vec<Invoice> {
    (1..=4)
        .map(|id| Invoice {
            id,
            cents: vec![100; 5 - id as usize],
        })
        .collect()
}

fn judge(totals: &[Total]) {
    let expected = (1..=4).map(|id| Total {
        id,
        cents: 110 * (5 - u64::from(id)),
    });
    always!(
        "invoices.totals",
        totals.iter().eq(&expected.collect::<Vec<_>>()),
        "{totals:?}"
    );
}

async fn parallel_invoices() -> Result<(), ExitReason> {
    let tasks = invoices().into_iter().map(|it| Task::spawn(total_of(it)));
    judge(&Task::join_all(tasks, None).await?);
    Ok(())
}

async fn invoice_stream() -> Result<(), ExitReason> {
    let stream = Task::stream(invoices(), total_of).max_concurrency(2);
    let totals: Result<Vec<_>, _> = stream.timeout(None).collect().await.into_iter().collect();
    judge(&totals?);
    Ok(())
}
