//! A client gives up waiting for a worker, gets it all the same, and never gives it back.
//!
//! Known from poolboy#70; inaka/worker_pool#37 is of the same kind.
//!
//! A pool has one worker, and someone has it. A client waits for it, with a timeout. Failing
//! order: the timeout fires, then the worker comes back and the pool hands it to the client, who
//! no longer looks. The pool counts it as in use for ever.
//!
//! Mend: a client that gives up says so. The pool takes it off the queue, or takes back the worker
//! that is on its way to it.

use std::collections::VecDeque;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::pool_leak", broken)
            .about("a worker handed to a client that gave up is lost to the pool")
            .broken("always pool.returned", 11)
            .mended("mended::pool_leak"),
        Scenario::new("mended::pool_leak", mended)
            .about("a client that gives up says so, and the pool takes the worker back")
            .expects(["pool.checked_out", "pool.left_the_queue", "pool.taken_back"]),
    ]
}

#[derive(Debug)]
enum Request {
    CheckOut(Pid, Ref),
    CheckIn(Pid, Ref),
    GiveUp(Ref),
    CountIdle(Pid),
}

#[derive(Debug)]
struct Worker(Ref);

#[derive(Debug)]
struct CheckedIn;

#[derive(Debug)]
struct Idle(usize);

/// A pool of one worker: who has it, and who waits for it.
async fn pool(mut mailbox: Mailbox) {
    let mut user: Option<Ref> = None;
    let mut waiting: VecDeque<(Pid, Ref)> = VecDeque::new();
    loop {
        match mailbox.receive().await {
            Request::CheckOut(client, reference) => waiting.push_back((client, reference)),
            Request::CheckIn(client, reference) => {
                user = user.filter(|user| *user != reference);
                send(client, CheckedIn);
            }
            Request::GiveUp(reference) if user == Some(reference) => {
                sometimes!("pool.taken_back", true);
                user = None;
            }
            Request::GiveUp(reference) => {
                sometimes!("pool.left_the_queue", true);
                waiting.retain(|(_, waiting)| *waiting != reference);
            }
            Request::CountIdle(client) => send(client, Idle(usize::from(user.is_none()))),
        }
        if user.is_none()
            && let Some((client, reference)) = waiting.pop_front()
        {
            user = Some(reference);
            send(client, Worker(reference));
        }
    }
}

async fn check_in(mailbox: &mut Mailbox, pool: Pid, reference: Ref) {
    send(pool, Request::CheckIn(me(), reference));
    mailbox.receive::<CheckedIn>().await;
}

#[derive(Debug)]
struct InUse;

/// Uses the worker for a while.
async fn first_user(mut mailbox: Mailbox, pool: Pid, root: Pid) {
    send(pool, Request::CheckOut(me(), make_ref()));
    let Worker(reference) = mailbox.receive().await;
    send(root, InUse);
    sleep(Duration::from_millis(1)).await;
    check_in(&mut mailbox, pool, reference).await;
}

#[derive(PartialEq)]
enum OnTimeout {
    JustLeave,
    GiveUp,
}

async fn use_pool(on_timeout: OnTimeout) {
    let mut mailbox = mailbox();
    let pool = spawn(pool);
    let root = me();
    let (_, first) = spawn_monitor(move |mailbox| first_user(mailbox, pool, root));
    mailbox.receive::<InUse>().await;

    let reference = make_ref();
    send(pool, Request::CheckOut(me(), reference));
    match mailbox
        .receive_timeout::<Worker>(Duration::from_millis(2))
        .await
    {
        Some(Worker(reference)) => {
            sometimes!("pool.checked_out", true);
            check_in(&mut mailbox, pool, reference).await;
        }
        None if on_timeout == OnTimeout::GiveUp => send(pool, Request::GiveUp(reference)),
        None => {}
    }

    mailbox
        .receive_where(|down: &Down| down.reference == first)
        .await;
    send(pool, Request::CountIdle(me()));
    let Idle(idle) = mailbox.receive().await;
    always!(
        "pool.returned",
        idle == 1,
        "nobody uses the worker, but {idle} are idle"
    );
}

async fn broken() {
    use_pool(OnTimeout::JustLeave).await;
}

async fn mended() {
    use_pool(OnTimeout::GiveUp).await;
}
