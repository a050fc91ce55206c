//! SUP, DSUP: supervisors.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::prelude::*;
use beamline::{
    ChildState, Counts, FailedToStart, StartError, Strategy, SupervisorError, SupervisorEvent,
    SupervisorReport, report,
};
use beamline_tests::{both, down, expect_nothing, settle};

mod auto;
mod budget;
mod dynamic;
mod library;
mod partition;
mod reports;
mod requests;
mod starting;
mod stopping;
mod strategies;

const SHORT: Duration = Duration::from_millis(5);
const LONG: Duration = Duration::from_secs(600);

/// What children have told the test, in the order in which it happened. Messages of theirs would
/// come in any order.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<VecDeque<Told>>>);

impl Log {
    fn tell(&self, told: Told) {
        self.0.lock().expect("nobody panics here").push_back(told);
    }

    fn take(&self) -> Option<Told> {
        self.0.lock().expect("nobody panics here").pop_front()
    }

    async fn next(&self) -> Told {
        loop {
            if let Some(told) = self.take() {
                return told;
            }
            sleep(Duration::from_millis(1)).await;
        }
    }
}

/// The log of the test.
fn log() -> Log {
    local::get("log").unwrap_or_else(|| {
        let log = Log::default();
        local::put("log", log.clone());
        log
    })
}

/// What a child tells the test.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Up(&'static str, Pid),
    /// It was asked to stop, and does so.
    Stops(&'static str),
}

/// What a child is asked by the test.
#[derive(Debug, Clone)]
struct End(ExitReason);

/// How a child takes being asked to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Polite,
    Slow(Duration),
    Deaf,
}

async fn live(mut mailbox: Mailbox, id: &'static str, log: Log, manner: Manner) -> ExitReason {
    loop {
        receive! { mailbox;
            end in End => return end.0,
            exit in Exit => {
                match manner {
                    Manner::Deaf => continue,
                    Manner::Slow(time) => sleep(time).await,
                    Manner::Polite => {}
                }
                log.tell(Told::Stops(id));
                return exit.reason;
            },
        }
    }
}

/// A child that tells the test when it starts and stops.
fn child_with(id: &'static str, manner: Manner) -> ChildSpec {
    let log = log();
    let spec = ChildSpec::new(id, move || {
        let log = log.clone();
        start(id, log, manner)
    });
    // Time is nothing to rely on, unless a test is about it.
    spec.shutdown(Shutdown::Infinity)
}

/// Starts a child, which is noted by whoever starts it. It traps exits when this is over.
async fn start(id: &'static str, log: Log, manner: Manner) -> Result<Pid, StartError> {
    let own = log.clone();
    let started = beamline::start::start(
        beamline::start::StartOptions::new().link(),
        "child",
        move |mailbox| async move {
            trap_exit(true);
            Ok(((), live(mailbox, id, own, manner)))
        },
    );
    let pid = started.await?.pid;
    log.tell(Told::Up(id, pid));
    Ok(pid)
}

fn child(id: &'static str) -> ChildSpec {
    child_with(id, Manner::Polite)
}

/// A child whose first start succeeds, and the next so many fail.
fn failing(id: &'static str, failures: u32) -> (ChildSpec, Arc<AtomicU32>) {
    let starts = Arc::new(AtomicU32::new(0));
    let (log, counted) = (log(), Arc::clone(&starts));
    let spec = ChildSpec::new(id, move || {
        let (attempt, log) = (counted.fetch_add(1, Ordering::SeqCst), log.clone());
        async move {
            if (1..=failures).contains(&attempt) {
                return Err(StartError::Failed(boom()));
            }
            start(id, log, Manner::Polite).await
        }
    });
    (spec.shutdown(Shutdown::Infinity), starts)
}

fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// The next child that comes up.
async fn up() -> (&'static str, Pid) {
    match log().next().await {
        Told::Up(id, pid) => (id, pid),
        stops @ Told::Stops(_) => panic!("a child should come up, but {stops:?}"),
    }
}

/// The pids of children that come up in this order, and no others.
async fn ups<const N: usize>(ids: [&'static str; N]) -> [Pid; N] {
    let mut pids = [me(); N];
    for (at, id) in ids.into_iter().enumerate() {
        let (came, pid) = up().await;
        assert_eq!(came, id);
        pids[at] = pid;
    }
    pids
}

/// Children stop in this order.
async fn stops<const N: usize>(ids: [&'static str; N]) {
    for id in ids {
        assert_eq!(log().next().await, Told::Stops(id));
    }
}

/// Ends a child with a reason and waits until it is dead.
async fn end(mailbox: &mut Mailbox, pid: Pid, reason: ExitReason) {
    let watch = monitor(pid);
    send(pid, End(reason));
    down(mailbox, watch).await;
}

/// A supervisor that outlives more restarts than any test makes.
fn patient(children: impl IntoIterator<Item = ChildSpec>) -> beamline::SupervisorOptions {
    Supervisor::start_link(children).max_restarts(1_000, Duration::from_secs(1))
}

/// Where a child stands.
async fn state(supervisor: &Supervisor, id: &str) -> ChildState {
    let found = supervisor.which_child(id).await;
    found.expect("it is a child").child
}

/// Waits until a child stands so.
async fn becomes(supervisor: &Supervisor, id: &str, wanted: ChildState) {
    while state(supervisor, id).await != wanted {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until a supervisor knows nothing of a child.
async fn forgets(supervisor: &Supervisor, id: &str) {
    while supervisor.which_child(id).await != Err(SupervisorError::NotFound) {
        sleep(Duration::from_millis(1)).await;
    }
}

/// A monitor that is there when this is over.
async fn watch(pid: Pid) -> Ref {
    let watch = monitor(pid);
    // A question comes after the monitor.
    assert!(alive(pid).await);
    watch
}
