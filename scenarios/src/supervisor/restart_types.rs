//! Permanent, transient and temporary children, ended in every way.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

use super::member::{Journal, at_rest, boom, end, member, pid_of};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::restart_types", restart_types)
            .about("who is started again after which end")
            .expects(["restart_types.not_seen_yet", "restart_types.seen"])
            .no_leaks(),
    ]
}

async fn restart_types() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let journal = Journal::start_link(()).await?;
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
            let child = member("child", journal).restart(restart);
            let supervisor = Supervisor::start_link([child])
                .max_restarts(3, Duration::from_secs(5))
                .await?;
            let children = supervisor.which_children().await?;
            let Some(before) = pid_of(&children, "child") else {
                return Err(ExitReason::other("the child did not start"));
            };
            end(&mut mailbox, before, reason.clone()).await;
            let at_once = pid_of(&supervisor.which_children().await?, "child");
            // The supervisor may list a child that has ended, until it hears of that.
            sometimes!("restart_types.not_seen_yet", at_once == Some(before));
            sometimes!("restart_types.seen", at_once != Some(before));
            let children = at_rest(&supervisor).await?;
            let runs = pid_of(&children, "child").is_some();
            let wanted = match restart {
                Restart::Permanent => true,
                Restart::Transient => reason.is_abnormal(),
                Restart::Temporary => false,
            };
            always!(
                "restart_types.as_specified",
                runs == wanted,
                "{restart:?} after {reason}: runs: {runs}"
            );
            always!(
                "restart_types.only_temporary_ones_are_forgotten",
                children.is_empty() == (restart == Restart::Temporary),
                "{restart:?}: {children:?}"
            );
            supervisor.stop().await?;
        }
    }
    journal.stop().await?;
    Ok(())
}
