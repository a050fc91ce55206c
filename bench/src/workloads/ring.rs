//! A ring of processes that pass tokens on, for W7 and S1.

use beamline::prelude::*;

/// A token with so many hops to go.
#[derive(Debug)]
pub(crate) struct Token(pub(crate) u64);

/// A token has made all its hops.
#[derive(Debug)]
pub(crate) struct Home;

/// Whom the first process of the ring passes tokens to.
#[derive(Debug)]
struct Next(Pid);

/// Starts a ring of so many processes and returns the first; `home` hears of each token that has
/// made all its hops.
pub(crate) fn ring_of(size: u64, home: Pid) -> Pid {
    let first = spawn(async move |mut mailbox: Mailbox| {
        let Next(next) = mailbox.receive().await;
        member(mailbox, next, home).await;
    });
    let mut next = first;
    for _ in 1..size {
        let to = next;
        next = spawn(move |mailbox| member(mailbox, to, home));
    }
    send(first, Next(next));
    first
}

async fn member(mut mailbox: Mailbox, next: Pid, home: Pid) {
    loop {
        match mailbox.receive::<Token>().await {
            Token(1) => send(home, Home),
            Token(hops) => send(next, Token(hops - 1)),
        }
    }
}
