//! Three senders, one receiver: 1 of 6 arrival orders fails, the reverse one.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

/// `kernel::b2_order`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::b2_order", body)
        .about("one arrival order of three messages: 1 of 6 classes fails")
        .classes(1, 6)
        .broken("always kernel.order", 3)
}

#[derive(Debug, PartialEq)]
struct Letter(char);

async fn body() {
    let mut mailbox = mailbox();
    let receiver = me();
    for letter in ['a', 'b', 'c'] {
        spawn(async move |_: Mailbox| send(receiver, Letter(letter)));
    }
    let mut word = String::new();
    for _ in 0..3 {
        let Letter(letter) = mailbox.receive().await;
        word.push(letter);
    }
    always!("kernel.order", word != "cba", "{word}");
}
