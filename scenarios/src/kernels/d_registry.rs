//! Three clients look a name up and register it unless it is taken: 72 of 90 classes fail.
//!
//! Each client sends the registry two messages, the second of which is to register or to use what
//! it found. Sound are the 18 orders of the six in which the first client's two come first.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

/// `kernel::d_registry`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::d_registry", body)
        .about("check then register: 72 of 90 classes fail")
        .classes(72, 90)
        .broken("always kernel.unique", 9)
}

#[derive(Debug)]
enum Request {
    Lookup(Pid),
    Register,
    Use,
}

#[derive(Debug)]
struct Taken(bool);

async fn client(mut mailbox: Mailbox, registry: Pid) {
    send(registry, Request::Lookup(me()));
    let Taken(taken) = mailbox.receive().await;
    send(
        registry,
        if taken {
            Request::Use
        } else {
            Request::Register
        },
    );
}

async fn body() {
    let mut mailbox = mailbox();
    let registry = me();
    for _ in 0..3 {
        spawn(move |mailbox| client(mailbox, registry));
    }
    let mut owners = 0;
    for _ in 0..6 {
        match mailbox.receive().await {
            Request::Lookup(from) => send(from, Taken(owners > 0)),
            Request::Register => owners += 1,
            Request::Use => {}
        }
    }
    always!("kernel.unique", owners == 1, "{owners} owners of one name");
}
