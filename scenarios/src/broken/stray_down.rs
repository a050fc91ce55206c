//! A `Down` that nobody expects any more stays in the mailbox for good.
//!
//! Known from Elixir, where streams of tasks and the dispatch of a registry left such messages
//! with their callers, who meet them in `handle_info`.
//!
//! A client monitors a server for the time of a call. Failing order: the server answers and ends,
//! its `Down` arrives, then the client ends the monitor. The monitor is gone, the message is not.
//!
//! Mend: end the monitor and take out what it has already sent.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::stray_down", broken)
            .about("a monitor's message is left in the mailbox")
            .broken("always stray_down.mailbox_empty", 4)
            .mended("mended::stray_down"),
        Scenario::new("mended::stray_down", mended)
            .about("the monitor's message is flushed with it")
            .expects(["stray_down.in_time", "stray_down.flushed"]),
    ]
}

#[derive(Debug)]
struct Ask(Pid);

#[derive(Debug)]
struct Answer;

async fn answer_once(mut mailbox: Mailbox) {
    let Ask(from) = mailbox.receive().await;
    send(from, Answer);
}

/// Asks, and does something else before it ends the monitor.
async fn ask(mailbox: &mut Mailbox) -> Ref {
    let server = spawn(answer_once);
    let reference = monitor(server);
    send(server, Ask(me()));
    mailbox.receive::<Answer>().await;
    yield_now().await;
    reference
}

async fn broken() {
    let mut mailbox = mailbox();
    let reference = ask(&mut mailbox).await;
    demonitor(reference);
    always!(
        "stray_down.mailbox_empty",
        mailbox.is_empty(),
        "{} left",
        mailbox.len()
    );
}

async fn mended() {
    let mut mailbox = mailbox();
    let reference = ask(&mut mailbox).await;
    let in_time = demonitor_flush(reference);
    sometimes!("stray_down.in_time", in_time);
    sometimes!("stray_down.flushed", !in_time);
    always!(
        "stray_down.mailbox_empty",
        mailbox.is_empty(),
        "{} left",
        mailbox.len()
    );
}
