//! A supervisor of jobs that ends when the last of them is done, and takes what helped them along.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

use super::member::{Journal, Note, member, notes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::auto_shutdown", auto_shutdown)
            .about("a tree that ends with its last job")
            .expects(["jobs.crashed", "jobs.smooth"])
            .no_leaks(),
    ]
}

const JOBS: u64 = 2;

#[derive(Debug)]
struct Done(u64);

/// A job that tells when it is done. It crashes now and then, and is tried again.
async fn job(number: u64, root: Pid) -> Result<(), ExitReason> {
    sleep(Duration::from_millis(1)).await;
    let crashes = random_range(0..4) == 0;
    sometimes!("jobs.crashed", crashes);
    sometimes!("jobs.smooth", !crashes);
    if crashes {
        return Err(ExitReason::other("bad luck"));
    }
    send(root, Done(number));
    Ok(())
}

async fn auto_shutdown() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    trap_exit(true);
    let (root, journal) = (me(), Journal::start_link(()).await?);
    let job = |number| {
        let spec = Task::child(move || job(number, root)).id(format!("job {number}"));
        spec.restart(Restart::Transient).significant(true)
    };
    let children = std::iter::once(member("helper", journal)).chain((0..JOBS).map(job));
    let supervisor = Supervisor::start_link(children)
        .auto_shutdown(AutoShutdown::AllSignificant)
        .max_restarts(1_000, Duration::from_secs(1))
        .await?;
    let pid = supervisor.whereis().await;
    let mut done = Vec::new();
    let exit = loop {
        receive! { mailbox;
            Done(number) in Done => done.push(number),
            exit in Exit where pid.is_none_or(|pid| exit.from == pid) => break exit,
        }
    };
    // Their last messages may still be on their way.
    while (done.len() as u64) < JOBS {
        done.push(mailbox.receive::<Done>().await.0);
    }
    done.sort_unstable();
    always!("jobs.each_once", done == [0, 1], "{done:?}");
    always!(
        "jobs.orderly",
        exit.reason == ExitReason::Shutdown,
        "{}",
        exit.reason
    );
    let notes = notes(journal).await?;
    let helped = [Note::Up("helper"), Note::Stopped("helper")];
    always!("jobs.helper_stopped", notes == helped, "{notes:?}");
    journal.stop().await?;
    Ok(())
}
