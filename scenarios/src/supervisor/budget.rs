//! A child that keeps crashing: restarted as often as allowed, and then its supervisor gives up.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

use super::member::{Journal, Note, at_rest, boom, end, member, notes, pid_of};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::crash_budget", crash_budget)
            .about("three restarts within some time, and no fourth")
            .expects(["budget.gave_up", "budget.refreshed"])
            .no_leaks(),
    ]
}

/// Short, since the program runs on threads too; all crashes but the pauses fall into it.
const WINDOW: Duration = Duration::from_millis(100);

/// Crashes the child until the supervisor gives up, and how often it came up.
async fn crash_until_the_end(
    mailbox: &mut Mailbox,
    journal: Server<Journal>,
    supervisor: &Supervisor,
) -> Result<usize, ExitReason> {
    while let Ok(children) = at_rest(supervisor).await {
        let Some(pid) = pid_of(&children, "child") else {
            break;
        };
        end(mailbox, pid, boom()).await;
    }
    let notes = notes(journal).await?;
    let ups = notes.iter().filter(|note| matches!(note, Note::Up(_)));
    Ok(ups.count())
}

async fn crash_budget() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    trap_exit(true);
    let journal = Journal::start_link(()).await?;
    for pauses in [false, true] {
        let supervisor = Supervisor::start_link([member("child", journal)])
            .max_restarts(3, WINDOW)
            .exact_window()
            .await?;
        let pid = supervisor.whereis().await;
        if pauses {
            // Two crashes that are long ago when the others come.
            for _ in 0..2 {
                let children = at_rest(&supervisor).await?;
                let Some(child) = pid_of(&children, "child") else {
                    return Err(ExitReason::other("the child does not run"));
                };
                end(&mut mailbox, child, boom()).await;
            }
            at_rest(&supervisor).await?;
            sleep(2 * WINDOW).await;
            notes(journal).await?;
        }
        let ups = crash_until_the_end(&mut mailbox, journal, &supervisor).await?;
        let expected = if pauses { 3 } else { 4 };
        // Time that passes between the crashes allows for more of them.
        always!("budget.spent", ups >= expected, "{ups} starts");
        sometimes!("budget.gave_up", !pauses && ups == 4);
        sometimes!("budget.refreshed", pauses && ups == 3);
        let of_it = |exit: &Exit| Some(exit.from) == pid;
        let exit = mailbox.receive_where(of_it).await;
        always!(
            "budget.shutdown",
            exit.reason == ExitReason::Shutdown,
            "{}",
            exit.reason
        );
    }
    journal.stop().await?;
    Ok(())
}
