//! A pool takes a worker back while it still works for a client that is gone.
//!
//! Known from poolboy#56 and pgapp#20: the pool hears that a client has died, and hands its worker
//! to the next one, who queues behind a job that nobody waits for.
//!
//! Failing order: the client is killed after the worker has begun its job, and the next client has
//! the worker before the job is done.
//!
//! Mend: the worker itself says when it is free.

use std::collections::VecDeque;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::busy_worker", || pool(true))
            .about("the worker of a dead client is handed out while it works")
            .broken("always pool.idle", 15)
            .mended("mended::busy_worker"),
        Scenario::new("mended::busy_worker", || pool(false))
            .about("a worker is handed out when it says that it is free")
            .expects(["pool.died_working", "pool.died_after"]),
    ]
}

/// A client wants a job done.
#[derive(Debug)]
struct Wanted(Pid);

/// A job of this client.
#[derive(Debug)]
struct Job(Pid);

/// The worker has done the job of this client.
#[derive(Debug)]
struct Free(Pid);

/// Works a while on each job.
async fn worker(mut mailbox: Mailbox, pool: Pid) {
    loop {
        let Job(client) = mailbox.receive().await;
        sleep(Duration::from_millis(2)).await;
        send(pool, Free(client));
    }
}

/// Wants a job done, and waits for ever.
async fn client(pool: Pid) {
    send(pool, Wanted(me()));
    std::future::pending::<()>().await;
}

/// The root is the pool. One of its two clients is killed at some time.
async fn pool(on_death: bool) {
    let (mut mailbox, root) = (mailbox(), me());
    let worker = spawn(move |mailbox: Mailbox| worker(mailbox, root));
    let (first, watch) = spawn_monitor(move |_: Mailbox| client(root));
    let second = spawn(move |_: Mailbox| client(root));
    spawn(async move |_: Mailbox| {
        sleep(Duration::from_millis(1)).await;
        exit(first, ExitReason::Kill);
    });
    let (mut waiting, mut worked_for) = (VecDeque::new(), Vec::new());
    let (mut busy, mut at_work, mut died) = (false, 0, false);
    while !(died && at_work == 0 && worked_for.contains(&second)) {
        receive! { mailbox;
            Wanted(client) in Wanted => waiting.push_back(client),
            Free(client) in Free => {
                worked_for.push(client);
                (busy, at_work) = (false, at_work - 1);
            },
            _down in Down where _down.reference == watch => {
                died = true;
                sometimes!("pool.died_working", at_work == 1 && !worked_for.contains(&first));
                sometimes!("pool.died_after", worked_for.contains(&first));
                if on_death {
                    busy = false;
                }
            },
        }
        if !busy && let Some(client) = waiting.pop_front() {
            always!("pool.idle", at_work == 0, "the worker is at another job");
            (busy, at_work) = (true, at_work + 1);
            send(worker, Job(client));
        }
    }
}
