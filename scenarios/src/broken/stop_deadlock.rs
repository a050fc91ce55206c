//! A system that stops waits for a process that, to stop, asks the one that waits.
//!
//! Known from init:stop (OTP-13802): a process that was being terminated called the code server,
//! which was waiting for it.
//!
//! Failing order: the worker has something to save when it is told to stop. It asks the storage,
//! which is the one that stops it.
//!
//! Mend: what a process needs in order to stop is told, not asked.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::stop_deadlock", || system(Way::Asks))
            .about("a worker that stops asks the server that waits for its end")
            .broken("deadlock", 15)
            .mended("mended::stop_deadlock"),
        Scenario::new("mended::stop_deadlock", || system(Way::Tells))
            .about("a worker that stops tells the server that waits for its end")
            .expects(["stop.saved", "stop.nothing_to_save"]),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Asks,
    Tells,
}

/// The server that stops the worker before itself.
struct Storage(Server<Worker>);

#[derive(Debug)]
enum Request {
    Save(u32, Caller<()>),
    StopAll(Caller<()>),
}

#[derive(Debug)]
struct Saved(u32);

impl GenServer for Storage {
    type Args = Way;
    type Call = Request;
    type Cast = Saved;
    type Info = Message;
    type Continue = Never;

    async fn init(way: Way) -> Init<Self> {
        let storage = Server::of(me());
        Ok(Storage(Worker::start_link((way, storage)).await?).into())
    }

    async fn handle_call(&mut self, request: Request) -> Flow<Self> {
        match request {
            Request::Save(value, caller) => {
                always!("stop.value", value == 1, "{value}");
                caller.reply(());
            }
            Request::StopAll(caller) => {
                self.0.stop().await?;
                caller.reply(());
            }
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Saved(value): Saved) -> Flow<Self> {
        always!("stop.value", value == 1, "{value}");
        Ok(Next::Wait)
    }
}

/// Works, and saves what it has done when it stops.
struct Worker {
    way: Way,
    storage: Server<Storage>,
    done: u32,
}

#[derive(Debug)]
struct Work;

impl GenServer for Worker {
    type Args = (Way, Server<Storage>);
    type Call = Never;
    type Cast = Work;
    type Info = Message;
    type Continue = Never;

    async fn init((way, storage): Self::Args) -> Init<Self> {
        let done = 0;
        Ok(Worker { way, storage, done }.into())
    }

    async fn handle_cast(&mut self, Work: Work) -> Flow<Self> {
        self.done += 1;
        Ok(Next::Wait)
    }

    async fn terminate(&mut self, _: &ExitReason) {
        sometimes!("stop.nothing_to_save", self.done == 0);
        if self.done == 0 {
            return;
        }
        sometimes!("stop.saved", true);
        let done = self.done;
        match self.way {
            Way::Asks => {
                let saved = self.storage.call(|caller| Request::Save(done, caller));
                let saved = saved.no_timeout().await;
                always!("stop.answered", saved.is_ok(), "{saved:?}");
            }
            Way::Tells => self.storage.cast(Saved(done)),
        }
    }
}

/// Who the worker is.
async fn worker_of(storage: Server<Storage>) -> Option<Server<Worker>> {
    let state = beamline::sys::with_state(storage, |state: &mut Storage| state.0.pid()).await;
    state.ok().map(Server::of)
}

async fn system(way: Way) -> Result<(), ExitReason> {
    let storage = Storage::start_link(way).await?;
    let Some(worker) = worker_of(storage).await else {
        return Ok(());
    };
    spawn(async move |_: Mailbox| worker.cast(Work));
    storage.call(Request::StopAll).no_timeout().await?;
    Ok(())
}
