//! A pool lists a worker as ready twice, and gives it work while it works.
//!
//! Known from a published guide to Elixir's processes: the coordinator lists a worker when it
//! says `done`, and the worker says `ready` each time it comes back into its loop. Each job done
//! adds one entry too many.
//!
//! Failing order: a worker's `done` and the `ready` that follows both reach the coordinator while
//! the worker waits; work scheduled twice then goes to it twice, though another worker is free.
//!
//! Mend: one of the two words counts. The whole pool, mended, is `process::worker_pool`.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::worker_pool", broken)
            .about("a worker is listed as ready twice")
            .broken("always pool.ready_once", 8)
            .mended("mended::worker_pool"),
        Scenario::new("mended::worker_pool", mended)
            .about("a worker is listed as ready on its own word alone")
            .expects(["pool.same_worker", "pool.other_worker"]),
    ]
}

#[derive(Debug)]
struct Work;

#[derive(Debug)]
enum Report {
    Ready(Pid),
    Done(Pid),
}

async fn work(mut mailbox: Mailbox, coordinator: Pid) {
    loop {
        send(coordinator, Report::Ready(me()));
        mailbox.receive::<Work>().await;
        send(coordinator, Report::Done(me()));
    }
}

#[derive(PartialEq)]
enum ReadyOn {
    EitherWord,
    Ready,
}

async fn coordinate(ready_on: ReadyOn) {
    let mut mailbox = mailbox();
    let coordinator = me();
    for _ in 0..2 {
        spawn(move |mailbox| work(mailbox, coordinator));
    }
    let mut ready = Vec::new();
    let mut to_do = 3;
    let mut done = Vec::new();
    while done.len() < 3 {
        let worker = match mailbox.receive().await {
            Report::Ready(worker) => worker,
            Report::Done(worker) => {
                sometimes!("pool.same_worker", done.contains(&worker));
                sometimes!(
                    "pool.other_worker",
                    !done.is_empty() && !done.contains(&worker)
                );
                done.push(worker);
                if ready_on == ReadyOn::Ready {
                    continue;
                }
                worker
            }
        };
        always!("pool.ready_once", !ready.contains(&worker));
        ready.push(worker);
        if to_do > 0
            && let Some(worker) = ready.pop()
        {
            to_do -= 1;
            send(worker, Work);
        }
    }
}

async fn broken() {
    coordinate(ReadyOn::EitherWord).await;
}

async fn mended() {
    coordinate(ReadyOn::Ready).await;
}
