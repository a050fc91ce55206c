//! A server that loads what it needs after its start: nobody waits for the start, and nobody finds
//! it unloaded.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::continuation", continuation)
            .about("a start that goes on after it has returned")
            .expects(["continuation.started_first"])
            .no_leaks(),
    ]
}

struct Catalogue {
    watcher: Pid,
    prices: Vec<u32>,
}

#[derive(Debug)]
struct Load;

#[derive(Debug)]
struct Loaded;

#[derive(Debug)]
struct Prices(Caller<Vec<u32>>);

impl GenServer for Catalogue {
    type Args = Pid;
    type Call = Prices;
    type Cast = Never;
    type Info = Message;
    type Continue = Load;

    async fn init(watcher: Pid) -> Init<Self> {
        let prices = Vec::new();
        Ok(Ready::then(
            Catalogue { watcher, prices },
            Next::Continue(Load),
        ))
    }

    async fn handle_continue(&mut self, Load: Load) -> Flow<Self> {
        sleep(Duration::from_millis(1)).await;
        self.prices = vec![300, 450];
        send(self.watcher, Loaded);
        Ok(Next::Wait)
    }

    async fn handle_call(&mut self, Prices(caller): Prices) -> Flow<Self> {
        caller.reply(self.prices.clone());
        Ok(Next::Wait)
    }
}

async fn continuation() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let catalogue = Catalogue::start_link(me()).await?;
    let loaded = mailbox.receive_timeout::<Loaded>(Duration::ZERO).await;
    sometimes!("continuation.started_first", loaded.is_none());
    let prices = catalogue.call(Prices).no_timeout().await?;
    always!("continuation.loaded", prices == [300, 450], "{prices:?}");
    Ok(catalogue.stop().await?)
}
