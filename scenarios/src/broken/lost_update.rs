//! Two clients read a counter, add one and write it back: one of the two additions is lost.
//!
//! The oldest race of all, possible between processes as soon as a server offers `get` and `set`
//! where it should offer the operation.
//!
//! Failing order: the second client's `get` is served between the first one's `get` and `set`.
//!
//! Mend: the server adds.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::lost_update", broken)
            .about("get then set loses an addition")
            .broken("always lost_update.total", 11)
            .mended("mended::lost_update"),
        Scenario::new("mended::lost_update", mended)
            .about("the server does the addition itself")
            .expects([
                "lost_update.first_client_first",
                "lost_update.second_client_first",
            ]),
    ]
}

#[derive(Debug)]
enum Request {
    Get(Pid),
    Set(u64),
    Add(u64, Pid),
}

#[derive(Debug)]
struct Count(u64);

async fn count(mut mailbox: Mailbox) {
    let mut count = 0;
    loop {
        match mailbox.receive().await {
            Request::Get(from) => send(from, Count(count)),
            Request::Set(value) => count = value,
            Request::Add(value, from) => {
                count += value;
                send(from, Count(count));
            }
        }
    }
}

async fn get(mailbox: &mut Mailbox, counter: Pid) -> u64 {
    send(counter, Request::Get(me()));
    let Count(count) = mailbox.receive().await;
    count
}

async fn broken() {
    let mut mailbox = mailbox();
    let counter = spawn(count);
    let clients = [(); 2].map(|()| {
        spawn_monitor(async move |mut mailbox: Mailbox| {
            let count = get(&mut mailbox, counter).await;
            send(counter, Request::Set(count + 1));
            // The answer to this proves that the one before it was served.
            get(&mut mailbox, counter).await;
        })
    });
    for (_, reference) in clients {
        mailbox
            .receive_where(|down: &Down| down.reference == reference)
            .await;
    }
    let total = get(&mut mailbox, counter).await;
    always!(
        "lost_update.total",
        total == 2,
        "two additions make {total}"
    );
}

#[derive(Debug)]
struct Saw(Pid, u64);

async fn mended() {
    let mut mailbox = mailbox();
    let root = me();
    let counter = spawn(count);
    let clients = [(); 2].map(|()| {
        spawn(async move |mut mailbox: Mailbox| {
            send(counter, Request::Add(1, me()));
            let Count(count) = mailbox.receive().await;
            send(root, Saw(me(), count));
        })
    });
    for _ in clients {
        let Saw(client, count) = mailbox.receive().await;
        sometimes!(
            "lost_update.first_client_first",
            count == 1 && client == clients[0]
        );
        sometimes!(
            "lost_update.second_client_first",
            count == 1 && client == clients[1]
        );
    }
    let total = get(&mut mailbox, counter).await;
    always!(
        "lost_update.total",
        total == 2,
        "two additions make {total}"
    );
}
