//! Three senders, four messages, one receiver: 1 of 12 arrival orders fails.
//!
//! The second sender sends twice. The failing order c, b, a, B needs three reversals.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

/// `kernel::b3_order`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::b3_order", body)
        .about("one arrival order of four messages: 1 of 12 classes fails")
        .classes(1, 12)
        .broken("always kernel.order", 3)
}

#[derive(Debug)]
struct Letter(char);

async fn body() {
    let mut mailbox = mailbox();
    let receiver = me();
    for letters in ["a", "bB", "c"] {
        spawn(async move |_: Mailbox| {
            for letter in letters.chars() {
                send(receiver, Letter(letter));
            }
        });
    }
    let mut word = String::new();
    for _ in 0..4 {
        let Letter(letter) = mailbox.receive().await;
        word.push(letter);
    }
    always!("kernel.order", word != "cbaB", "{word}");
}
