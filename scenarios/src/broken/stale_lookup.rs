//! A registry hands out a worker that is already dead.
//!
//! Known from discord/gen_registry#15; Elixir's registry dropped its promise of liveness for the
//! same reason.
//!
//! The registry forgets a worker when it is told of its end, and a worker ends by itself when its
//! last user leaves. Failing order: the worker ends, a client looks it up, then the news of its
//! end reaches the registry. The client calls a dead process.
//!
//! Mend: whoever finds the worker dead asks again, and the registry asks whether a worker is
//! alive before it hands it out. Twice is enough, as the worker of the second answer is new.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::stale_lookup", broken)
            .about("a lookup returns a worker that has just died")
            .broken("always stale_lookup.answered", 8)
            .mended("mended::stale_lookup"),
        Scenario::new("mended::stale_lookup", mended)
            .about("a client that meets a dead worker looks it up again")
            .expects(["stale_lookup.first_try", "stale_lookup.second_try"]),
    ]
}

#[derive(Debug)]
struct Lookup(Pid);

#[derive(Debug)]
struct Found(Pid);

#[derive(Debug)]
enum Request {
    Work(Pid),
    Leave,
}

#[derive(Debug)]
struct Worked(Pid);

/// Serves until the first user leaves.
async fn work(mut mailbox: Mailbox) {
    loop {
        match mailbox.receive().await {
            Request::Work(from) => send(from, Worked(me())),
            Request::Leave => return,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Check {
    TrustTable,
    AskAlive,
}

/// Knows one worker and starts it when there is none.
async fn registry(mut mailbox: Mailbox, check: Check) {
    let mut entry: Option<(Pid, Ref)> = None;
    loop {
        receive! { mailbox;
            Lookup(client) in Lookup => {
                if let Some((worker, reference)) = entry
                    && check == Check::AskAlive
                    && !alive(worker).await
                {
                    demonitor_flush(reference);
                    entry = None;
                }
                let (worker, _) = *entry.get_or_insert_with(|| spawn_monitor(work));
                send(client, Found(worker));
            },
            Down { reference: down, .. } in Down => {
                entry = entry.filter(|(_, reference)| *reference != down);
            },
        }
    }
}

async fn lookup(mailbox: &mut Mailbox, registry: Pid) -> Pid {
    send(registry, Lookup(me()));
    let Found(worker) = mailbox.receive().await;
    worker
}

async fn call(mailbox: &mut Mailbox, worker: Pid) -> Result<(), ExitReason> {
    let reference = monitor(worker);
    send(worker, Request::Work(me()));
    let result = receive! { mailbox;
        Worked(from) in Worked where from == worker => Ok(()),
        Down { reference: down, reason, .. } in Down where down == reference => Err(reason),
    };
    demonitor_flush(reference);
    result
}

/// A registry whose worker has one user, who leaves at some time.
async fn start(mailbox: &mut Mailbox, check: Check) -> Pid {
    let registry = spawn(move |mailbox| self::registry(mailbox, check));
    let worker = lookup(mailbox, registry).await;
    spawn(async move |_: Mailbox| send(worker, Request::Leave));
    registry
}

async fn broken() {
    let mut mailbox = mailbox();
    let registry = start(&mut mailbox, Check::TrustTable).await;
    let worker = lookup(&mut mailbox, registry).await;
    let result = call(&mut mailbox, worker).await;
    always!("stale_lookup.answered", result.is_ok(), "{result:?}");
}

async fn mended() {
    let mut mailbox = mailbox();
    let registry = start(&mut mailbox, Check::AskAlive).await;
    let worker = lookup(&mut mailbox, registry).await;
    let mut result = call(&mut mailbox, worker).await;
    sometimes!("stale_lookup.first_try", result.is_ok());
    sometimes!("stale_lookup.second_try", result.is_err());
    if result.is_err() {
        let worker = lookup(&mut mailbox, registry).await;
        result = call(&mut mailbox, worker).await;
    }
    always!("stale_lookup.answered", result.is_ok(), "{result:?}");
}
