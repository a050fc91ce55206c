//! A worker waits for ever for someone to take its result.
//!
//! Known from kubernetes#5316 and grpc-go#660 (both in the GoKer collection): who asked for the
//! work has a timeout, and the worker hands over the result only when it is asked to.
//!
//! Failing order: the timeout of the one who asked fires, then the worker finishes.
//!
//! Mend: the worker monitors the one it works for.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::abandoned_worker", broken)
            .about("a worker whose result nobody takes is leaked")
            .broken("leak", 4)
            .mended("mended::abandoned_worker")
            .no_leaks(),
        Scenario::new("mended::abandoned_worker", mended)
            .about("a worker ends with the one it works for")
            .expects(["abandoned_worker.handed_over", "abandoned_worker.given_up"])
            .no_leaks(),
    ]
}

#[derive(Debug)]
struct Finished;

#[derive(Debug)]
struct Take;

#[derive(Debug)]
struct Product(u32);

async fn work(mut mailbox: Mailbox, client: Pid) {
    send(client, Finished);
    mailbox.receive::<Take>().await;
    send(client, Product(42));
}

async fn work_monitored(mut mailbox: Mailbox, client: Pid) {
    let reference = monitor(client);
    send(client, Finished);
    receive! { mailbox;
        Take in Take => send(client, Product(42)),
        Down { reference: down, .. } in Down where down == reference => {
            sometimes!("abandoned_worker.given_up", true);
        },
    }
}

/// Takes the result of `worker`, if it comes in time.
async fn client(mailbox: &mut Mailbox, worker: Pid) {
    if mailbox
        .receive_timeout::<Finished>(Duration::from_secs(1))
        .await
        .is_some()
    {
        send(worker, Take);
        let Product(product) = mailbox.receive().await;
        sometimes!("abandoned_worker.handed_over", true);
        always!("abandoned_worker.product", product == 42);
    }
}

async fn broken() {
    let client = me();
    let worker = spawn(move |mailbox| work(mailbox, client));
    self::client(&mut mailbox(), worker).await;
}

async fn mended() {
    let client = me();
    let worker = spawn(move |mailbox| work_monitored(mailbox, client));
    self::client(&mut mailbox(), worker).await;
}
