//! The reply pattern: a request carries the pid that the result goes to.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::calculator", calculator)
            .about("a server that replies, a caller that waits a second")
            .expects(["calculator.result", "calculator.timeout"])
            .no_leaks(),
    ]
}

#[derive(Debug)]
enum Calc {
    Add(i64, i64, Pid),
    Stop,
}

#[derive(Debug)]
struct Sum(i64);

async fn calculate(mut mailbox: Mailbox) {
    loop {
        match mailbox.receive().await {
            Calc::Add(a, b, caller) => send(caller, Sum(a + b)),
            Calc::Stop => return,
        }
    }
}

async fn calculator() {
    let mut mailbox = mailbox();
    let calculator = spawn(calculate);
    send(calculator, Calc::Add(5, 3, me()));
    receive! { mailbox;
        Sum(value) in Sum => {
            sometimes!("calculator.result", true);
            always!("calculator.sum", value == 8, "5 + 3 = {value}");
        },
        after Duration::from_secs(1) => sometimes!("calculator.timeout", true),
    }
    send(calculator, Calc::Stop);
}
