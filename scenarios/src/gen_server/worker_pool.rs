//! A pool of workers, each a server; tasks are dealt to them in turn, and wait for each other only
//! where they share a worker.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("gen_server::worker_pool", worker_pool)
            .about("tasks dealt to workers in turn")
            .expects(["worker_pool.in_order", "worker_pool.overtaken"])
            .no_leaks(),
    ]
}

const WORKERS: usize = 2;
const TASKS: usize = 3;

struct Worker(usize);

#[derive(Debug)]
struct Work(usize, Caller<Done>);

#[derive(Debug, PartialEq)]
struct Done {
    task: usize,
    worker: usize,
}

impl GenServer for Worker {
    type Args = usize;
    type Call = Work;
    type Cast = Never;
    type Info = Message;
    type Continue = Never;

    async fn init(id: usize) -> Init<Self> {
        Ok(Worker(id).into())
    }

    async fn handle_call(&mut self, Work(task, caller): Work) -> Flow<Self> {
        sleep(Duration::from_millis(1)).await;
        let worker = self.0;
        caller.reply(Done { task, worker });
        Ok(Next::Wait)
    }
}

async fn worker_pool() -> Result<(), ExitReason> {
    let (mut mailbox, root) = (mailbox(), me());
    let mut workers = Vec::new();
    for id in 0..WORKERS {
        workers.push(Worker::start_link(id).await?);
    }
    for (task, worker) in (0..TASKS).zip(workers.clone().into_iter().cycle()) {
        spawn(async move |_: Mailbox| -> Result<(), ExitReason> {
            let work = |caller| Work(task, caller);
            send(root, worker.call(work).no_timeout().await?);
            Ok(())
        });
    }
    let mut finished = Vec::new();
    for _ in 0..TASKS {
        let Done { task, worker } = mailbox.receive().await;
        always!(
            "worker_pool.dealt",
            task % WORKERS == worker,
            "{task} by {worker}"
        );
        always!(
            "worker_pool.once",
            !finished.contains(&task),
            "{task} twice"
        );
        finished.push(task);
    }
    sometimes!("worker_pool.in_order", finished.is_sorted());
    sometimes!("worker_pool.overtaken", !finished.is_sorted());
    for worker in workers {
        worker.stop().await?;
    }
    Ok(())
}
