//! Answers that wait: a lock whose requests are kept until it is free.
//!
//! The server never waits itself. It keeps the callers, and monitors who has the lock.

use std::collections::VecDeque;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::delayed_reply", delayed_reply)
            .about("a lock that keeps its callers until it is free")
            .expects(["delayed_reply.first_first", "delayed_reply.second_first"])
            .no_leaks(),
    ]
}

#[derive(Default)]
struct Lock {
    holder: Option<(Pid, Ref)>,
    waiting: VecDeque<Caller<()>>,
}

#[derive(Debug)]
enum Request {
    Acquire(Caller<()>),
    Release(Caller<()>),
}

impl Lock {
    fn hand_on(&mut self) {
        self.holder = self.waiting.pop_front().map(|caller| {
            let pid = caller.pid();
            caller.reply(());
            (pid, monitor(pid))
        });
    }
}

impl GenServer for Lock {
    type Args = ();
    type Call = Request;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Lock::default().into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Acquire(caller) => self.waiting.push_back(caller),
            Request::Release(caller) => {
                if let Some((_, watch)) = self.holder.take_if(|holder| holder.0 == caller.pid()) {
                    demonitor_flush(watch);
                }
                caller.reply(());
            }
        }
        if self.holder.is_none() {
            self.hand_on();
        }
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        if let Ok(down) = message.downcast::<Down>()
            && self
                .holder
                .is_some_and(|(_, watch)| watch == down.reference)
        {
            self.hand_on();
        }
        Ok(Next::Wait)
    }
}

#[derive(Debug, PartialEq)]
enum Told {
    Has(u8),
    HadEnough(u8),
}

/// Takes the lock; the first gives it back, the second dies with it.
async fn user(number: u8, lock: Server<Lock>, root: Pid) -> Result<(), ExitReason> {
    lock.call(Request::Acquire).no_timeout().await?;
    send(root, Told::Has(number));
    yield_now().await;
    send(root, Told::HadEnough(number));
    if number == 0 {
        lock.call(Request::Release).no_timeout().await?;
    }
    Ok(())
}

async fn delayed_reply() -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    let lock = Lock::start_link(()).await?;
    for number in 0..2 {
        spawn(move |_: Mailbox| user(number, lock, root));
    }
    let mut order = Vec::new();
    for _ in 0..2 {
        // What the two tell may be mixed on its way, but not when they had the lock.
        let first = mailbox
            .receive_where(|told: &Told| matches!(told, Told::Has(_)))
            .await;
        if let Told::Has(number) = first {
            order.push(number);
        }
    }
    sometimes!("delayed_reply.first_first", order == [0, 1]);
    sometimes!("delayed_reply.second_first", order == [1, 0]);
    // Whoever had it has given it back, or died.
    lock.call(Request::Acquire).no_timeout().await?;
    let mut left = 0;
    while let Told::HadEnough(_) = mailbox.receive().await {
        left += 1;
        if left == 2 {
            break;
        }
    }
    always!("delayed_reply.all_had_it", left == 2, "{left}");
    Ok(lock.stop().await?)
}
