//! A server whose state changes its shape while it is suspended; requests wait meanwhile.

use beamline::prelude::*;
use beamline::sys;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::code_change", code_change)
            .about("a state that changes its shape between two requests")
            .expects(["code_change.before", "code_change.after"])
            .no_leaks(),
    ]
}

/// A sum; in its second version with the number of what was added.
enum Sum {
    One(u64),
    Two { sum: u64, added: u64 },
}

#[derive(Debug)]
enum Request {
    Add(u64, Caller<()>),
    Get(Caller<(u64, Option<u64>)>),
}

impl GenServer for Sum {
    type Args = ();
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Sum::One(0).into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match (request, self) {
            (Request::Add(n, caller), Sum::One(sum)) => {
                *sum += n;
                caller.reply(());
            }
            (Request::Add(n, caller), Sum::Two { sum, added }) => {
                (*sum, *added) = (*sum + n, *added + 1);
                caller.reply(());
            }
            (Request::Get(caller), Sum::One(sum)) => caller.reply((*sum, None)),
            (Request::Get(caller), Sum::Two { sum, added }) => {
                caller.reply((*sum, Some(*added)));
            }
        }
        Ok(Next::Wait)
    }

    async fn code_change(&mut self, _: &str, _: Message) -> Result<(), ExitReason> {
        if let Sum::One(sum) = *self {
            *self = Sum::Two { sum, added: 0 };
        }
        Ok(())
    }
}

/// Follows an order again if its answer was late: twice is the same as once.
async fn insist<E: PartialEq + From<CallError>, F>(order: impl Fn() -> F) -> Result<(), E>
where
    F: Future<Output = Result<(), E>>,
{
    loop {
        match order().await {
            Err(error) if error == CallError::Timeout.into() => {}
            done => return done,
        }
    }
}

async fn code_change() -> Result<(), ExitReason> {
    let (mut mailbox, sum) = (mailbox(), Sum::start_link(()).await?);
    let (_, added) = spawn_monitor(async move |_: Mailbox| {
        let add = |caller| Request::Add(5, caller);
        sum.call(add).no_timeout().await
    });
    insist(|| sys::suspend(sum)).await?;
    let changed = insist(|| sys::change_code(sum, "1", ())).await;
    always!("code_change.changed", changed.is_ok(), "{changed:?}");
    insist(|| sys::resume(sum)).await?;
    mailbox
        .receive_where(|down: &Down| down.reference == added)
        .await;
    let (total, count) = sum.call(Request::Get).no_timeout().await?;
    always!(
        "code_change.kept",
        total == 5 && count.is_some(),
        "{total}, {count:?}"
    );
    sometimes!("code_change.before", count == Some(0));
    sometimes!("code_change.after", count == Some(1));
    Ok(sum.stop().await?)
}
