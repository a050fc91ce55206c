//! A worker pool: a coordinator hands work to whichever worker is ready.
//!
//! A worker that comes back into its loop says that it is ready, and the coordinator lists it on
//! that word alone. To list it on `Done` as well, as one published version does, lists it twice:
//! [`broken::worker_pool`](mod@crate::broken).

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::worker_pool", worker_pool)
            .about("a coordinator hands work to whichever worker is ready")
            .expects(["worker_pool.all_scheduled", "worker_pool.refused"])
            .no_leaks(),
    ]
}

#[derive(Debug)]
enum ToWorker {
    Work {
        id: u32,
        function: fn(u32) -> u32,
        from: Pid,
    },
    Stop,
}

#[derive(Debug)]
enum ToCoordinator {
    Ready(Pid),
    Schedule {
        id: u32,
        function: fn(u32) -> u32,
        from: Pid,
    },
    Stop,
}

#[derive(Debug)]
enum Scheduling {
    Scheduled,
    NoWorkers,
}

#[derive(Debug)]
struct Done {
    id: u32,
    result: u32,
}

async fn work(mut mailbox: Mailbox, coordinator: Pid) {
    loop {
        send(coordinator, ToCoordinator::Ready(me()));
        match mailbox.receive().await {
            ToWorker::Work { id, function, from } => {
                send(
                    from,
                    Done {
                        id,
                        result: function(id),
                    },
                );
            }
            ToWorker::Stop => return,
        }
    }
}

async fn coordinate(mut mailbox: Mailbox, worker_count: usize) {
    let coordinator = me();
    let workers: Vec<Pid> = (0..worker_count)
        .map(|_| spawn(move |mailbox| work(mailbox, coordinator)))
        .collect();
    let mut ready = Vec::new();
    loop {
        match mailbox.receive().await {
            ToCoordinator::Ready(worker) => {
                always!("worker_pool.ready_once", !ready.contains(&worker));
                ready.push(worker);
            }
            ToCoordinator::Schedule { id, function, from } => match ready.pop() {
                Some(worker) => {
                    send(worker, ToWorker::Work { id, function, from });
                    send(from, Scheduling::Scheduled);
                }
                None => send(from, Scheduling::NoWorkers),
            },
            ToCoordinator::Stop => break,
        }
    }
    for worker in workers {
        send(worker, ToWorker::Stop);
    }
}

async fn worker_pool() {
    let mut mailbox = mailbox();
    let from = me();
    let pool = spawn(|mailbox| coordinate(mailbox, 2));
    let mut scheduled = Vec::new();
    for id in 1..=3 {
        send(
            pool,
            ToCoordinator::Schedule {
                id,
                function: |n| n * n,
                from,
            },
        );
        match mailbox.receive().await {
            Scheduling::Scheduled => scheduled.push(id),
            Scheduling::NoWorkers => sometimes!("worker_pool.refused", true),
        }
    }
    sometimes!("worker_pool.all_scheduled", scheduled == [1, 2, 3]);

    for _ in 0..scheduled.len() {
        let Done { id, result } = mailbox.receive().await;
        always!(
            "worker_pool.result",
            result == id * id,
            "work {id} gave {result}"
        );
        let place = scheduled.iter().position(|scheduled| *scheduled == id);
        always!(
            "worker_pool.each_once",
            place.is_some(),
            "work {id} was done twice"
        );
        if let Some(place) = place {
            scheduled.remove(place);
        }
    }
    send(pool, ToCoordinator::Stop);
}
