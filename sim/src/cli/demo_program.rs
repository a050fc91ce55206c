//! The program of the demonstration: two cash machines and one account.
//!
//! Each machine asks for the balance, adds what was paid in, and has the sum stored. Between the
//! two, the other machine can do the same, and one deposit is lost.

use beamline::prelude::*;

use crate::always;
use crate::scenario::Scenario;

/// The name of the scenario.
pub(super) const NAME: &str = "demo::account";

/// The scenario.
pub(super) fn scenario() -> Scenario {
    Scenario::new(NAME, two_deposits)
        .about("two cash machines lose a deposit")
        .broken("always account.balance", 10)
}

#[derive(Debug)]
enum Request {
    Balance(Pid),
    Store { balance: u64, customer: Pid },
}

#[derive(Debug)]
struct Balance(u64);

#[derive(Debug)]
struct Stored;

async fn account(mut mailbox: Mailbox) {
    let mut balance = 0;
    loop {
        match mailbox.receive().await {
            Request::Balance(client) => send(client, Balance(balance)),
            Request::Store {
                balance: new,
                customer,
            } => {
                balance = new;
                send(customer, Stored);
            }
        }
    }
}

async fn balance_of(mailbox: &mut Mailbox, account: Pid) -> u64 {
    send(account, Request::Balance(me()));
    let Balance(balance) = mailbox.receive().await;
    balance
}

async fn machine(mut mailbox: Mailbox, account: Pid, customer: Pid) {
    let balance = balance_of(&mut mailbox, account).await;
    let balance = balance + 50;
    send(account, Request::Store { balance, customer });
}

async fn two_deposits() {
    let mut mailbox = mailbox();
    let (customer, account) = (me(), spawn(account));
    for _ in 0..2 {
        spawn(move |mailbox| machine(mailbox, account, customer));
    }
    for _ in 0..2 {
        mailbox.receive::<Stored>().await;
    }
    let balance = balance_of(&mut mailbox, account).await;
    always!(
        "account.balance",
        balance == 100,
        "50 and 50 were paid in, and the balance is {balance}"
    );
}
