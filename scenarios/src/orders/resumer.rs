//! The resumer: it sees to it that each open order has a session, when their supervisor is new.
//!
//! A session that crashes is restarted by its supervisor. But when that one ends, all sessions are
//! gone, and whoever placed an order need not come back to ask for it.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::reachable;

use super::session::{Desk, find_or_start};

/// How long until what could not be done is tried again.
const RETRY: Duration = Duration::from_millis(2);

/// Starts sessions.
#[derive(Debug)]
pub struct Resumer(Desk);

/// The name of the resumer.
pub const NAME: &str = "resumer";

impl GenServer for Resumer {
    type Args = Desk;
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Continue = ();

    async fn init(desk: Desk) -> Init<Self> {
        Ok(Ready::then(Resumer(desk), Next::Continue(())))
    }

    async fn handle_continue(&mut self, (): ()) -> Flow<Self> {
        Ok(match self.resume().await {
            Ok(()) => Next::Wait,
            Err(_) => Next::Timeout(RETRY),
        })
    }

    async fn handle_timeout(&mut self) -> Flow<Self> {
        self.handle_continue(()).await
    }

    /// The end of a session. One that was found may have been of the supervisor before, and only
    /// not dead yet: then it has to be started again.
    async fn handle_info(&mut self, message: Message) -> Flow<Self> {
        match message.downcast() {
            Ok(Down { reason, .. }) if reason.is_abnormal() => self.handle_continue(()).await,
            _ => Ok(Next::Wait),
        }
    }
}

impl Resumer {
    async fn resume(&self) -> Result<(), ExitReason> {
        let Resumer(desk) = self;
        for order in desk.database.open.all().await.into_values() {
            monitor(find_or_start(order, desk).await?.pid());
            reachable!("resumer.resumed");
        }
        Ok(())
    }
}
