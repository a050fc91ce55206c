//! The invoice calculator: totals on request, and statistics over all of them.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::invoice_calculator", invoice_calculator)
            .about("an invoice calculator that keeps statistics")
            .expects(["invoice_calculator.in_time", "invoice_calculator.timeout"])
            .no_leaks(),
    ]
}

#[derive(Debug, Clone)]
struct Invoice {
    id: u32,
    /// Prices in cents, with quantities.
    items: Vec<(u64, u64)>,
    tax_percent: u64,
}

#[derive(Debug, Clone, PartialEq)]
struct Totals {
    invoice: u32,
    subtotal: u64,
    tax: u64,
    total: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Stats {
    processed: u64,
    revenue: u64,
}

#[derive(Default)]
struct InvoiceCalculator(Stats);

#[derive(Debug)]
enum Request {
    Calculate(Invoice, Caller<Totals>),
    Stats(Caller<Stats>),
}

impl GenServer for InvoiceCalculator {
    type Args = ();
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(InvoiceCalculator::default().into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Calculate(invoice, caller) => {
                let lines = invoice
                    .items
                    .iter()
                    .map(|(price, quantity)| price * quantity);
                let subtotal: u64 = lines.sum();
                let tax = subtotal * invoice.tax_percent / 100;
                let total = subtotal + tax;
                self.0.processed += 1;
                self.0.revenue += total;
                caller.reply(Totals {
                    invoice: invoice.id,
                    subtotal,
                    tax,
                    total,
                });
            }
            Request::Stats(caller) => caller.reply(self.0),
        }
        Ok(Next::Wait)
    }
}

async fn calculate(server: Server<InvoiceCalculator>, invoice: Invoice) -> Option<Totals> {
    let request = |caller| Request::Calculate(invoice, caller);
    let totals = server.call(request).timeout(Duration::from_secs(10)).await;
    sometimes!(
        "invoice_calculator.timeout",
        totals == Err(CallError::Timeout)
    );
    totals.ok()
}

async fn invoice_calculator() -> Result<(), ExitReason> {
    let server = InvoiceCalculator::start_link(()).name("calculator").await?;
    let invoices = [(1, (100, 2), 220), (2, (50, 5), 275)];
    for (id, item, total) in invoices {
        let invoice = Invoice {
            id,
            items: vec![item],
            tax_percent: 10,
        };
        if let Some(totals) = calculate(server, invoice).await {
            let right = totals.invoice == id && totals.total == total;
            always!("invoice_calculator.total", right, "{totals:?}");
            let parts = totals.subtotal + totals.tax;
            always!(
                "invoice_calculator.parts",
                parts == totals.total,
                "{totals:?}"
            );
            sometimes!("invoice_calculator.in_time", true);
        }
    }
    // What timed out was calculated all the same (GS-29).
    let stats = server.call(Request::Stats).no_timeout().await?;
    let expected = Stats {
        processed: 2,
        revenue: 495,
    };
    always!("invoice_calculator.stats", stats == expected, "{stats:?}");
    Ok(server.stop().await?)
}
