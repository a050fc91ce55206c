//! The code itself.

use beamline::prelude::*;
use beamline_sim::{always, check};

#[derive(Debug)]
struct Take(Caller<bool>);
struct Stock(u32);
impl GenServer for Stock {
    type Args = u32;
    type Call = Take;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;
    async fn init(pieces: u32) -> Init<Self> {
        Ok(Stock(pieces).into())
    }
    async fn handle_call(&mut self, Take(caller): Take) -> Flow<Self> {
        caller.reply(self.0 > 0);
        self.0 = self.0.saturating_sub(1);
        Ok(Next::Wait)
    }
}

#[test]
fn a_piece_is_sold_once() {
    check("a_piece_is_sold_once", async || {
        let stock = Stock::start_link(1).await.expect("it starts");
        let sold = [stock.call(Take).await, stock.call(Take).await];
        always!("stock.once", sold != [Ok(true), Ok(true)]);
    });
}
