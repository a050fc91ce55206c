//! W4 and W4C: calls of a server, and casts to it. W11 and W11R: calls by a process whose mailbox
//! is full of other messages.

use crate::measure::{Figures, Stopwatch};
use crate::workloads::messages::WINDOW;
use beamline::prelude::*;
use std::time::Duration;

/// How many other messages wait in the mailbox of the caller.
const FOREIGN: u64 = 10_000;
/// How long a call waits for its reply.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Foreign(#[expect(dead_code, reason = "never received, that is its point")] u64);

#[derive(Debug)]
struct Reply(Ref, u64);

fn fill_mailbox() {
    for number in 0..FOREIGN {
        send(me(), Foreign(number));
    }
}

/// W11: the reply comes through an alias that ends with it.
pub(crate) async fn through_an_alias(mut mailbox: Mailbox, n: u64) -> Figures {
    #[derive(Debug)]
    struct Call(Ref, u64);

    let server = spawn(async |mut mailbox: Mailbox| {
        loop {
            let Call(reply_to, number) = mailbox.receive().await;
            send(reply_to, Reply(reply_to, number));
        }
    });
    fill_mailbox();
    let watch = Stopwatch::start();
    for number in 0..n {
        let mine = alias_once();
        send(server, Call(mine, number));
        let is_mine = |reply: &Reply| reply.0 == mine;
        let reply = mailbox.receive_since(mine, is_mine, Some(PATIENCE)).await;
        assert_eq!(reply.expect("the server answers").1, number);
    }
    let figures = watch.stop(n);
    assert_eq!(mailbox.len() as u64, FOREIGN);
    figures
}

/// W11R: the reply comes to the pid and is told by a reference.
pub(crate) async fn with_a_reference(mut mailbox: Mailbox, n: u64) -> Figures {
    #[derive(Debug)]
    struct Call(Pid, Ref, u64);

    let server = spawn(async |mut mailbox: Mailbox| {
        loop {
            let Call(from, reference, number) = mailbox.receive().await;
            send(from, Reply(reference, number));
        }
    });
    fill_mailbox();
    let watch = Stopwatch::start();
    for number in 0..n {
        let mine = make_ref();
        send(server, Call(me(), mine, number));
        let is_mine = |reply: &Reply| reply.0 == mine;
        let reply = mailbox.receive_since(mine, is_mine, Some(PATIENCE)).await;
        assert_eq!(reply.expect("the server answers").1, number);
    }
    let figures = watch.stop(n);
    assert_eq!(mailbox.len() as u64, FOREIGN);
    figures
}

/// A server that answers with what it is asked, and counts what it is told.
struct Tally(u64);

#[derive(Debug)]
enum Ask {
    Say(u64, Caller<u64>),
    Count(Caller<u64>),
}

#[derive(Debug)]
struct Add(u64);

impl GenServer for Tally {
    type Args = ();
    type Call = Ask;
    type Cast = Add;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Tally(0).into())
    }

    async fn handle_call(&mut self, ask: Ask) -> Flow<Self> {
        match ask {
            Ask::Say(number, caller) => caller.reply(number),
            Ask::Count(caller) => caller.reply(self.0),
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Add(number): Add) -> Flow<Self> {
        self.0 += number;
        Ok(Next::Wait)
    }
}

/// W4: calls of a server, with a timeout, each of which would learn of the server's end.
pub(crate) async fn of_a_server(_: Mailbox, n: u64) -> Figures {
    let server = Tally::start(()).await.expect("it starts");
    let watch = Stopwatch::start();
    for number in 0..n {
        let answer = server.call(|caller| Ask::Say(number, caller)).await;
        assert_eq!(answer, Ok(number));
    }
    watch.stop(n)
}

/// W4C: casts to a server, which confirms each window.
pub(crate) async fn casts(_: Mailbox, n: u64) -> Figures {
    let server = Tally::start(()).await.expect("it starts");
    let windows = n / WINDOW;
    let watch = Stopwatch::start();
    for window in 1..=windows {
        for _ in 0..WINDOW {
            server.cast(Add(1));
        }
        let count = server.call(Ask::Count).await;
        assert_eq!(count, Ok(window * WINDOW));
    }
    watch.stop(windows * WINDOW)
}
