//! Two clients get a count and set it to one more: 4 of 6 classes lose one of the two.
//!
//! The classes are the orders of the four requests at the counter; sound are the two in which one
//! client's pair comes before the other's.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

/// `kernel::a_lost_update`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::a_lost_update", body)
        .about("get then set: 4 of 6 classes fail")
        .classes(4, 6)
        .broken("always kernel.total", 7)
}

#[derive(Debug)]
enum Request {
    Get(Pid),
    Set(u32),
}

#[derive(Debug)]
struct Count(u32);

async fn client(mut mailbox: Mailbox, counter: Pid) {
    send(counter, Request::Get(me()));
    let Count(count) = mailbox.receive().await;
    send(counter, Request::Set(count + 1));
}

async fn body() {
    let mut mailbox = mailbox();
    let counter = me();
    for _ in 0..2 {
        spawn(move |mailbox| client(mailbox, counter));
    }
    let mut count = 0;
    for _ in 0..4 {
        match mailbox.receive().await {
            Request::Get(from) => send(from, Count(count)),
            Request::Set(value) => count = value,
        }
    }
    always!("kernel.total", count == 2, "two additions make {count}");
}
