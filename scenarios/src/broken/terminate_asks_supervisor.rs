//! A child that is told to stop asks its supervisor who its siblings are.
//!
//! Known from the documentation of supervisors, which warns of it: while a supervisor waits for a
//! child it serves nobody.
//!
//! Failing order: the child has joined something when it is stopped, and wants to say goodbye.
//!
//! Mend: who is to be told is known before, from a name.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::terminate_asks_supervisor", || team(true))
            .about("a child asks the supervisor that waits for its end")
            .broken("deadlock", 15)
            .mended("mended::terminate_asks_supervisor"),
        Scenario::new("mended::terminate_asks_supervisor", || team(false))
            .about("a child tells its sibling by name")
            .expects(["team.joined", "team.not_joined"]),
    ]
}

/// A member of a team, which says goodbye to its leader if it has joined.
struct Member {
    asks: bool,
    supervisor: Supervisor,
    joined: bool,
}

#[derive(Debug)]
enum Tell {
    Join,
    Goodbye,
}

impl GenServer for Member {
    type Args = (bool, Supervisor);
    type Call = Never;
    type Cast = Tell;
    type Info = Message;
    type Continue = Never;

    async fn init((asks, supervisor): Self::Args) -> Init<Self> {
        trap_exit(true);
        let joined = false;
        let member = Member {
            asks,
            supervisor,
            joined,
        };
        Ok(member.into())
    }

    async fn handle_cast(&mut self, tell: Tell) -> Flow<Self> {
        self.joined = matches!(tell, Tell::Join);
        Ok(Next::Wait)
    }

    async fn terminate(&mut self, _: &ExitReason) {
        sometimes!("team.joined", self.joined);
        sometimes!("team.not_joined", !self.joined);
        if !self.joined {
            return;
        }
        if self.asks {
            let leader = self.supervisor.which_child("leader").await;
            let leader = leader.ok().and_then(|info| info.child.pid());
            if let Some(leader) = leader {
                Server::<Member>::of(leader).cast(Tell::Goodbye);
            }
        } else {
            Server::<Member, _>::at(Name::from("leader"))
                .cast(Tell::Goodbye)
                .await;
        }
    }
}

async fn team(asks: bool) -> Result<(), ExitReason> {
    let above = Supervisor::at(Name::from("team"));
    let member = |id: &'static str| {
        let spec = Member::child((asks, above.clone())).id(id).name(id);
        spec.shutdown(Shutdown::Infinity)
    };
    let children = [member("leader"), member("member")];
    let supervisor = Supervisor::start_link(children).name("team").await?;
    let joins = Server::<Member, _>::at(Name::from("member"));
    spawn(async move |_: Mailbox| joins.cast(Tell::Join).await);
    let stopped = supervisor.stop().await;
    always!("team.stopped", stopped.is_ok(), "{stopped:?}");
    Ok(())
}
