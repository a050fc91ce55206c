//! Message x comes before message y at each of five servers: 120 of 3,840 classes fail.
//!
//! Two orders at each of five servers, and 120 orders of their reports.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

/// `kernel::g_five_servers`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::g_five_servers", body::<5>)
        .about("x before y at five servers: 120 of 3,840 classes fail")
        .classes(120, 3_840)
        .broken("always kernel.some_y_first", 8)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Letter {
    X,
    Y,
}

#[derive(Debug)]
struct CameFirst(Letter);

async fn serve(mut mailbox: Mailbox, root: Pid) {
    let first = mailbox.receive::<Letter>().await;
    mailbox.receive::<Letter>().await;
    send(root, CameFirst(first));
}

/// At how many servers x came first.
async fn x_first<const SERVERS: usize>() -> usize {
    let mut mailbox = mailbox();
    let root = me();
    let servers = [(); SERVERS].map(|()| spawn(move |mailbox| serve(mailbox, root)));
    for letter in [Letter::X, Letter::Y] {
        spawn(async move |_: Mailbox| {
            for server in servers {
                send(server, letter);
            }
        });
    }
    let mut x_first = 0;
    for _ in servers {
        let CameFirst(letter) = mailbox.receive().await;
        x_first += usize::from(letter == Letter::X);
    }
    x_first
}

async fn body<const SERVERS: usize>() {
    let x_first = x_first::<SERVERS>().await;
    always!(
        "kernel.some_y_first",
        x_first < SERVERS,
        "x came first at every server"
    );
}

#[cfg(test)]
mod tests;
