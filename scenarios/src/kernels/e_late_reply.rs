//! A call times out, and its reply is taken for the next one's: 1 of 3 classes fails.
//!
//! The timeout is a timer's message, which is left to arrive when the reply was faster. The
//! classes are its three places among the two replies.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

/// `kernel::e_late_reply`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::e_late_reply", body)
        .about("a late reply: 1 of 3 classes fails")
        .classes(1, 3)
        .broken("always kernel.own_reply", 6)
}

#[derive(Debug)]
struct Question(u32, Pid);

#[derive(Debug)]
enum Mail {
    Reply(u32),
    TimedOut,
}

async fn serve(mut mailbox: Mailbox) {
    for _ in 0..2 {
        let Question(number, from) = mailbox.receive().await;
        send(from, Mail::Reply(number));
    }
}

async fn body() {
    let mut mailbox = mailbox();
    let server = spawn(serve);
    send(server, Question(1, me()));
    send_after(me(), Mail::TimedOut, Duration::from_millis(16));

    let mut asked = 1;
    let mut taken = Vec::new();
    for _ in 0..3 {
        // The reply, or the timeout, of the question that is open ends it.
        match mailbox.receive().await {
            Mail::Reply(number) => taken.push((asked, number)),
            Mail::TimedOut if asked == 1 => {}
            Mail::TimedOut => continue,
        }
        if asked == 1 {
            asked = 2;
            send(server, Question(2, me()));
        }
    }
    let own = taken.first().is_some_and(|(asked, reply)| asked == reply);
    always!("kernel.own_reply", own, "(question, reply): {taken:?}");
}
