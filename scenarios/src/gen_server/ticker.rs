//! A ticker: a server that sends itself a message after each interval.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::ticker", ticker)
            .about("a ticker that never runs ahead of its clock")
            .expects(["ticker.ticked", "ticker.late"])
            .no_leaks(),
    ]
}

const INTERVAL: Duration = Duration::from_millis(4);

struct Ticker {
    count: u32,
    timer: Timer,
}

#[derive(Debug)]
struct Tick;

#[derive(Debug)]
struct Count(Caller<u32>);

fn schedule_tick() -> Timer {
    send_after(me(), Tick, INTERVAL)
}

impl GenServer for Ticker {
    type Args = ();
    type Call = Count;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        let timer = schedule_tick();
        Ok(Ticker { count: 0, timer }.into())
    }

    async fn handle_call(&mut self, Count(caller): Count) -> Flow<Self> {
        caller.reply(self.count);
        Ok(Next::Wait)
    }

    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        if message.is::<Tick>() {
            self.count += 1;
            self.timer = schedule_tick();
        }
        Ok(Next::Wait)
    }

    async fn terminate(&mut self, _: &ExitReason) {
        cancel(self.timer).await;
    }
}

async fn ticker() -> Result<(), ExitReason> {
    let begun = now();
    let ticker = Ticker::start_link(()).await?;
    for _ in 0..3 {
        sleep(INTERVAL).await;
        let count = ticker.call(Count).no_timeout().await?;
        let passed = begun.elapsed();
        always!(
            "ticker.not_early",
            INTERVAL * count <= passed,
            "{count} after {passed:?}"
        );
        sometimes!("ticker.ticked", count >= 2);
        sometimes!("ticker.late", INTERVAL * (count + 1) <= passed);
    }
    Ok(ticker.stop().await?)
}
