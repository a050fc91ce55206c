//! A pool with calls: checking a worker out is a call, and its answer may come too late.
//!
//! Known from poolboy#70, as [`pool_leak`](super::pool_leak), here as such pools are written: with
//! a server that keeps the callers it cannot serve yet.
//!
//! Failing order: the client's time is up, then the worker comes back, and the pool answers the
//! client's call with it. Answers to a call that was given up are dropped, and the worker with it.
//!
//! Mend: a client whose time is up tells the pool so, by the ticket that it asked with. The pool
//! takes it off the queue, or takes back the worker.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::pool_checkout", broken)
            .about("a worker is the answer to a call that was given up, and lost to the pool")
            .broken("always pool.returned", 12)
            .mended("mended::pool_checkout"),
        Scenario::new("mended::pool_checkout", mended)
            .about("a client whose time is up says so, and the pool takes the worker back")
            .expects(["pool.checked_out", "pool.left_the_queue", "pool.taken_back"]),
    ]
}

type WorkerId = u32;

#[derive(Debug)]
enum Request {
    /// The ticket names this wish.
    CheckOut(Ref, Caller<WorkerId>),
    CheckIn(Ref, Caller<()>),
    CountIdle(Caller<usize>),
}

/// The time of whoever asked with this ticket was up.
#[derive(Debug)]
struct GiveUp(Ref);

/// A pool of so many workers.
struct Pool {
    idle: Vec<WorkerId>,
    in_use: BTreeMap<Ref, WorkerId>,
    waiting: VecDeque<(Ref, Caller<WorkerId>)>,
}

impl GenServer for Pool {
    type Args = WorkerId;
    type Call = Request;
    type Cast = GiveUp;
    type Info = Message;
    type Continue = Never;

    async fn init(size: WorkerId) -> Init<Self> {
        let pool = Pool {
            idle: (0..size).collect(),
            in_use: BTreeMap::new(),
            waiting: VecDeque::new(),
        };
        Ok(pool.into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::CheckOut(ticket, client) => self.waiting.push_back((ticket, client)),
            Request::CheckIn(ticket, client) => {
                self.take_back(ticket);
                client.reply(());
            }
            Request::CountIdle(caller) => caller.reply(self.idle.len()),
        }
        self.serve();
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, GiveUp(ticket): GiveUp) -> Flow<Self> {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, _)| *waiting != ticket);
        sometimes!("pool.left_the_queue", self.waiting.len() < before);
        sometimes!("pool.taken_back", self.take_back(ticket));
        self.serve();
        Ok(Next::Wait)
    }
}

impl Pool {
    fn take_back(&mut self, ticket: Ref) -> bool {
        let worker = self.in_use.remove(&ticket);
        self.idle.extend(worker);
        worker.is_some()
    }

    fn serve(&mut self) {
        while let Some(worker) = self.idle.pop() {
            let Some((ticket, client)) = self.waiting.pop_front() else {
                self.idle.push(worker);
                return;
            };
            self.in_use.insert(ticket, worker);
            client.reply(worker);
        }
    }
}

#[derive(Debug)]
struct InUse;

/// Uses the worker for a while.
async fn first_user(pool: Server<Pool>, root: Pid) -> Result<(), CallError> {
    let ticket = make_ref();
    let worker = pool.call(|client| Request::CheckOut(ticket, client));
    worker.no_timeout().await?;
    send(root, InUse);
    sleep(Duration::from_millis(1)).await;
    let back = pool.call(|client| Request::CheckIn(ticket, client));
    back.no_timeout().await
}

/// Asks for the worker while another has it; what to do when the time is up is the question.
async fn use_pool(on_timeout: fn(Server<Pool>, Ref)) -> Result<(), ExitReason> {
    let pool = Pool::start_link(1).await?;
    let first = Task::spawn(first_user(pool, me()));
    mailbox().receive::<InUse>().await;

    let ticket = make_ref();
    let worker = pool.call(|client| Request::CheckOut(ticket, client));
    match worker.timeout(Duration::from_millis(2)).await {
        Ok(_) => {
            sometimes!("pool.checked_out", true);
            let back = pool.call(|client| Request::CheckIn(ticket, client));
            back.no_timeout().await?;
        }
        Err(CallError::Timeout) => on_timeout(pool, ticket),
        Err(error) => return Err(error.into()),
    }

    first.join(None).await??;
    let idle = pool.call(Request::CountIdle).no_timeout().await?;
    always!(
        "pool.returned",
        idle == 1,
        "nobody uses the worker, but {idle} are idle"
    );
    Ok(())
}

async fn broken() -> Result<(), ExitReason> {
    use_pool(|_, _| ()).await
}

async fn mended() -> Result<(), ExitReason> {
    use_pool(|pool, ticket| pool.cast(GiveUp(ticket))).await
}
