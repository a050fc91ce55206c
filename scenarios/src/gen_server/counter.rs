//! A named counter: increments and decrements are cast, the value is asked for.
//!
//! A cast is not heard of again. Who wants to know that it was counted asks afterwards: what one
//! process sends is handled in order (GS-43).

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::counter", counter)
            .about("a named counter with two clients")
            .expects(["counter.both_counted", "counter.some_timed_out"])
            .no_leaks(),
    ]
}

struct Counter(i64);

#[derive(Debug)]
struct Get(Caller<i64>);

#[derive(Debug)]
enum Change {
    Increment,
    Decrement,
}

impl GenServer for Counter {
    type Args = i64;
    type Call = Get;
    type Cast = Change;
    type Info = Message;
    type Continue = Never;

    async fn init(initial: i64) -> Init<Self> {
        Ok(Counter(initial).into())
    }

    async fn handle_call(&mut self, Get(caller): Get) -> Flow<Self> {
        caller.reply(self.0);
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, change: Change) -> Flow<Self> {
        match change {
            Change::Increment => self.0 += 1,
            Change::Decrement => self.0 -= 1,
        }
        Ok(Next::Wait)
    }
}

/// The one counter of this program, wherever it runs.
fn named() -> Server<Counter, Name> {
    Server::named("counter")
}

/// Counts two up and one down; the value it sees then, unless that takes too long.
async fn client(mut mailbox: Mailbox, root: Pid) -> Result<(), ExitReason> {
    for change in [Change::Increment, Change::Decrement, Change::Increment] {
        named().cast(change).await;
    }
    let seen = match named().call(Get).await {
        Err(CallError::Timeout) => None,
        seen => Some(seen?),
    };
    send(root, seen);
    mailbox.receive::<()>().await;
    Ok(())
}

async fn counter() -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    let counter = Counter::start_link(0).name("counter").await?;
    let clients = [(); 2].map(|()| spawn(move |mailbox| client(mailbox, root)));
    let mut answered = 0;
    for _ in clients {
        if let Some(seen) = mailbox.receive::<Option<i64>>().await {
            // The client's own steps make 1; those of the other may stand anywhere.
            always!("counter.own_counted", (1..=3).contains(&seen), "{seen}");
            answered += 1;
        }
    }
    let total = counter.call(Get).no_timeout().await?;
    sometimes!("counter.both_counted", answered == 2);
    sometimes!("counter.some_timed_out", answered < 2);
    let right = answered < 2 || total == 2;
    always!("counter.total", right, "two clients make {total}");
    for client in clients {
        send(client, ());
    }
    Ok(counter.stop().await?)
}
