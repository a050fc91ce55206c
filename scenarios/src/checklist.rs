//! Group `checklist`: the checklist for programs in production, read off running trees.

use beamline::prelude::*;
use beamline::snapshot::{self, Answer, Check, Snapshot, audit};
use beamline_sim::{Scenario, always, sometimes};

/// The scenarios of this group.
pub fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("checklist::followed", followed)
            .about("nothing is found in a tree that follows the checklist, whatever crashes in it")
            .expects(["checklist.seen_whole", "checklist.seen_restarting"])
            .no_leaks(),
        Scenario::new("checklist::ignored", ignored)
            .about("every specification that the checklist warns of is found")
            .expects(["checklist.all_found"])
            .no_leaks(),
    ]
}

/// Does nothing.
struct Worker;

impl GenServer for Worker {
    type Args = ();
    type Call = Never;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Worker.into())
    }
}

async fn look(supervisor: &Supervisor) -> Option<Snapshot> {
    snapshot::take(supervisor.whereis().await?).await
}

/// Whether everybody has answered, and the whole tree is in it.
fn is_whole(seen: &Snapshot, processes: usize) -> bool {
    let seen = seen.processes();
    seen.len() == processes && seen.iter().all(|process| process.answer != Answer::Late)
}

async fn followed() -> Result<(), ExitReason> {
    let nested = Supervisor::child([Worker::child(()).name("inner")]);
    let children = [
        Worker::child(()).name("outer"),
        TaskSupervisor::child().name("tasks"),
        nested,
    ];
    let supervisor = Supervisor::start_link(children).await?;
    if let Some(victim) = whereis("inner").await {
        exit(victim, ExitReason::Kill);
    }
    let Some(seen) = look(&supervisor).await else {
        return Err(ExitReason::NoProc);
    };
    sometimes!("checklist.seen_whole", is_whole(&seen, 5));
    sometimes!("checklist.seen_restarting", !is_whole(&seen, 5));
    // A process that has had no time to answer looks like one that is stuck.
    let found: Vec<_> = audit(&seen)
        .into_iter()
        .filter(|found| found.check != Check::BlockedCallback)
        .collect();
    always!("checklist.nothing_found", found.is_empty(), "{found:?}");
    Ok(supervisor.stop().await?)
}

async fn ignored() -> Result<(), ExitReason> {
    let children = [
        Worker::child(())
            .id("for ever")
            .shutdown(Shutdown::Infinity),
        Worker::child(()).id("brutal").shutdown(Shutdown::Brutal),
        Supervisor::child([]).id("hasty").shutdown(Shutdown::Brutal),
        ChildSpec::new("loose", || Worker::start(())),
    ];
    let supervisor = Supervisor::start_link(children)
        .max_restarts(1_000, SECOND)
        .await?;
    let Some(seen) = look(&supervisor).await else {
        return Err(ExitReason::NoProc);
    };
    let found: Vec<Check> = audit(&seen).into_iter().map(|found| found.check).collect();
    let expected = [
        Check::WorkerShutdown,
        Check::WorkerShutdown,
        Check::NestedShutdown,
        Check::Unlinked,
        Check::CrashLoop,
    ];
    let whole = is_whole(&seen, 5);
    always!("checklist.found", !whole || found == expected, "{found:?}");
    sometimes!("checklist.all_found", found == expected);
    Ok(supervisor.stop().await?)
}

const SECOND: std::time::Duration = std::time::Duration::from_secs(1);
