//! The order in which a tree stops, and children that take too long.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

use super::member::{Journal, Note, member, notes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::shutdown_order", shutdown_order)
            .about("children stop in reverse, and who takes too long is killed")
            .expects(["shutdown.killed", "shutdown.in_time"])
            .no_leaks(),
    ]
}

/// A server that takes its time to stop.
struct Slow(Duration);

impl GenServer for Slow {
    type Args = Duration;
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init(time: Duration) -> Init<Self> {
        trap_exit(true);
        Ok(Slow(time).into())
    }

    async fn terminate(&mut self, _: &ExitReason) {
        sleep(self.0).await;
    }
}

async fn shutdown_order() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let journal = Journal::start_link(()).await?;
    let time = Duration::from_millis(random_range(0..3) * 20);
    let slow = Slow::child(time).shutdown(Duration::from_millis(30));
    let inner = Supervisor::child([member("b", journal), member("c", journal)]).id("inner");
    let children = [member("a", journal), inner, slow, member("d", journal)];
    let supervisor = Supervisor::start_link(children).await?;
    let child = supervisor.which_child("Slow").await;
    let Some(slow) = child.ok().and_then(|info| info.child.pid()) else {
        return Err(ExitReason::other("a child does not run"));
    };
    let watch = monitor(slow);
    // A question comes after the monitor.
    always!("shutdown.runs", alive(slow).await);
    notes(journal).await?;
    let begun = now();
    supervisor.stop().await?;
    let stopped = ["d", "c", "b", "a"].map(Note::Stopped);
    let notes = notes(journal).await?;
    always!("shutdown.reverse", notes == stopped, "{notes:?}");
    let is_it = |down: &Down| down.reference == watch;
    let reason = mailbox.receive_where(is_it).await.reason;
    let killed = reason == ExitReason::Killed;
    sometimes!("shutdown.killed", killed);
    sometimes!("shutdown.in_time", !killed);
    always!(
        "shutdown.asked",
        killed || reason == ExitReason::Shutdown,
        "{reason}"
    );
    always!(
        "shutdown.not_before_its_time",
        !killed || begun.elapsed() >= Duration::from_millis(30)
    );
    journal.stop().await?;
    Ok(())
}
