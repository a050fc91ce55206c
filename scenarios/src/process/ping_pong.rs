//! Ping-pong: a message carries the pid to answer, and the answer carries the one who answers.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::ping_pong", ping_pong)
            .about("one ping, one pong, then a rally of ten")
            .no_leaks(),
    ]
}

#[derive(Debug)]
struct Ping(Pid);

#[derive(Debug)]
struct Pong(Pid);

async fn play(mut mailbox: Mailbox, rounds: usize) {
    for _ in 0..rounds {
        let Ping(from) = mailbox.receive().await;
        send(from, Pong(me()));
    }
}

async fn ping_pong() {
    let mut mailbox = mailbox();
    for rounds in [1, 10] {
        let child = spawn(move |mailbox| play(mailbox, rounds));
        for _ in 0..rounds {
            send(child, Ping(me()));
            let Pong(from) = mailbox.receive().await;
            always!("ping_pong.from_child", from == child);
        }
    }
    always!("ping_pong.nothing_left", mailbox.is_empty());
}
