//! Two clients of a server read its count, add one and write it back: one addition is lost.
//!
//! A server handles one message at a time, which is no help where an operation takes two: known
//! from every cache and counter with `get` and `set` that is shared.
//!
//! Failing order: the second client's `Get` is handled between the first one's `Get` and `Set`.
//!
//! Mend: the server offers the operation.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::server_lost_update", broken)
            .about("two calls of a server where one would do")
            .broken("always server_lost_update.total", 12)
            .mended("mended::server_lost_update"),
        Scenario::new("mended::server_lost_update", mended)
            .about("the server does the addition in one call")
            .expects(["server_lost_update.first", "server_lost_update.second"]),
    ]
}

struct Counter(u64);

#[derive(Debug)]
enum Request {
    Get(Caller<u64>),
    Set(u64, Caller<()>),
    Add(u64, Caller<u64>),
}

impl GenServer for Counter {
    type Args = ();
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Counter(0).into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Get(caller) => caller.reply(self.0),
            Request::Set(value, caller) => {
                self.0 = value;
                caller.reply(());
            }
            Request::Add(value, caller) => {
                self.0 += value;
                caller.reply(self.0);
            }
        }
        Ok(Next::Wait)
    }
}

/// Has two clients count one up each; what they were told, and what is there in the end.
async fn count<F>(add_one: fn(Server<Counter>) -> F) -> Result<([u64; 2], u64), ExitReason>
where
    F: Future<Output = Result<u64, CallError>> + Send + 'static,
{
    let (mut mailbox, root) = (mailbox(), me());
    let counter = Counter::start_link(()).name("counter").await?;
    for number in 0..2usize {
        spawn(async move |_: Mailbox| -> Result<(), ExitReason> {
            let told = add_one(counter).await?;
            send(root, (number, told));
            Ok(())
        });
    }
    let mut told = [0; 2];
    for _ in 0..2 {
        let (number, value): (usize, u64) = mailbox.receive().await;
        told[number] = value;
    }
    let total = counter.call(Request::Get).no_timeout().await?;
    always!(
        "server_lost_update.total",
        total == 2,
        "two additions make {total}"
    );
    Ok((told, total))
}

async fn broken() -> Result<(), ExitReason> {
    async fn add_one(counter: Server<Counter>) -> Result<u64, CallError> {
        let value = counter.call(Request::Get).no_timeout().await? + 1;
        let set = |caller| Request::Set(value, caller);
        counter.call(set).no_timeout().await?;
        Ok(value)
    }
    count(add_one).await?;
    Ok(())
}

async fn mended() -> Result<(), ExitReason> {
    async fn add_one(counter: Server<Counter>) -> Result<u64, CallError> {
        let add = |caller| Request::Add(1, caller);
        counter.call(add).no_timeout().await
    }
    let (told, _) = count(add_one).await?;
    sometimes!("server_lost_update.first", told == [1, 2]);
    sometimes!("server_lost_update.second", told == [2, 1]);
    Ok(())
}
