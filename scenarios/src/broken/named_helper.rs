//! A server that starts a named supervisor of its own, linked to it, and is restarted.
//!
//! Known from Logflare#1950 and anubis-mcp#242: the inner supervisor is no child of the tree. When
//! the server crashes, the inner supervisor hears of it over the link and stops in its own time.
//!
//! Failing order: the server is started again before the old inner supervisor has given up its
//! name, the start fails for that, as often as the supervisor allows, and everything stops.
//!
//! Mend: the inner supervisor is a sibling, which is stopped before anybody is started again.

use std::time::Duration;

use beamline::Strategy;
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::named_helper", || restarted(true))
            .about("a restart meets the name of what the last one had started")
            .broken("always helper.tree_survives", 15)
            .mended("mended::named_helper"),
        Scenario::new("mended::named_helper", || restarted(false))
            .about("the helper is a sibling, stopped before anybody is started again")
            .expects(["helper.restarted"]),
    ]
}

/// Hands out what its helpers do.
struct Owner;

#[derive(Debug)]
struct Crash;

impl GenServer for Owner {
    type Args = bool;
    type Call = Never;
    type Cast = Crash;
    type Info = Message;
    type Continue = Never;

    async fn init(starts_helpers: bool) -> Init<Self> {
        if starts_helpers {
            DynamicSupervisor::start_link().name("helpers").await?;
        }
        Ok(Owner.into())
    }

    async fn handle_cast(&mut self, Crash: Crash) -> Flow<Self> {
        Err(ExitReason::other("boom"))
    }
}

async fn restarted(starts_helpers: bool) -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    trap_exit(true);
    let owner = Owner::child(starts_helpers).name("owner");
    let helpers = DynamicSupervisor::start_link().name("helpers").child();
    let helpers = (!starts_helpers).then_some(helpers);
    let children = helpers
        .into_iter()
        .chain([owner.shutdown(Shutdown::Infinity)]);
    let supervisor = Supervisor::start_link(children)
        .strategy(Strategy::OneForAll)
        .max_restarts(1, Duration::from_secs(5))
        .await?;
    let Some(old) = whereis("owner").await else {
        return Ok(());
    };
    let pid = supervisor.whereis().await;
    Server::<Owner>::of(old).cast(Crash);
    loop {
        if whereis("owner").await.is_some_and(|owner| owner != old) {
            sometimes!("helper.restarted", true);
            break;
        }
        let of_it = |exit: &Exit| Some(exit.from) == pid;
        let wait = Duration::from_millis(1);
        let gone = mailbox.receive_where_timeout(wait, of_it).await.is_some();
        always!("helper.tree_survives", !gone, "one crash was too much");
        if gone {
            return Ok(());
        }
    }
    supervisor.stop().await?;
    Ok(())
}
