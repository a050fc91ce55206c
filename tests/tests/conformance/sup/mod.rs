//! SUP, DSUP: supervisors.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::prelude::*;
use beamline::{
    ChildState, Counts, FailedToStart, Reach, StartError, Strategy, SupervisorError,
    SupervisorEvent, SupervisorReport, report,
};
use beamline_tests::{both, down, expect_nothing, settle};

mod auto;
mod budget;
mod dynamic;
mod dynamic_ends;
mod dynamic_restarts;
mod ends;
mod events;
mod flags;
mod library;
mod partition;
mod partition_changes;
mod process;
mod reports;
mod requests;
mod retries;
mod specs;
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
    /// Its start begins; only those tell that are slow.
    Begins(&'static str),
}

/// What a child is asked by the test.
#[derive(Debug, Clone)]
struct End(ExitReason);

/// How a child takes being asked to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Polite,
    Slow(Duration),
    /// Tells that it stops, and then takes this time.
    Hesitant(Duration),
    Deaf,
    /// Tells that it was asked to stop, and ends only with its supervisor.
    Stubborn,
}

async fn live(mut mailbox: Mailbox, id: &'static str, log: Log, manner: Manner) -> ExitReason {
    loop {
        receive! { mailbox;
            end in End => return end.0,
            exit in Exit => {
                match manner {
                    Manner::Deaf => continue,
                    Manner::Slow(time) => sleep(time).await,
                    Manner::Polite | Manner::Hesitant(_) | Manner::Stubborn => {}
                }
                log.tell(Told::Stops(id));
                match manner {
                    Manner::Stubborn if exit.reason == ExitReason::Shutdown => continue,
                    Manner::Hesitant(time) => sleep(time).await,
                    _ => {}
                }
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

/// A child whose first start succeeds, and the next so many fail. One that fails for ever takes a
/// moment each time, or a schedule that always prefers its supervisor would never get on.
fn failing(id: &'static str, failures: u32) -> (ChildSpec, Arc<AtomicU32>) {
    let starts = Arc::new(AtomicU32::new(0));
    let (log, counted) = (log(), Arc::clone(&starts));
    let spec = ChildSpec::new(id, move || {
        let (attempt, log) = (counted.fetch_add(1, Ordering::SeqCst), log.clone());
        async move {
            if (1..=failures).contains(&attempt) {
                if failures == u32::MAX {
                    sleep(Duration::from_millis(1)).await;
                }
                return Err(StartError::Failed(boom()));
            }
            start(id, log, Manner::Polite).await
        }
    });
    (spec.shutdown(Shutdown::Infinity), starts)
}

/// A child that ends with this reason when it is asked to stop.
fn ends_with(id: &'static str, reason: ExitReason) -> ChildSpec {
    let spec = ChildSpec::new(id, move || {
        let reason = reason.clone();
        let options = beamline::start::StartOptions::new().link();
        let started = beamline::start::start(options, "child", move |mut mailbox| async move {
            trap_exit(true);
            let life = async move {
                mailbox.receive::<Exit>().await;
                reason
            };
            Ok(((), life))
        });
        async move { Ok::<_, StartError>(started.await?.pid) }
    });
    spec.shutdown(Shutdown::Infinity)
}

/// A child that decides not to run a second time.
fn once(id: &'static str) -> ChildSpec {
    let (begun, log) = (Arc::new(AtomicU32::new(0)), log());
    ChildSpec::new(id, move || {
        let (first, log) = (begun.fetch_add(1, Ordering::SeqCst) == 0, log.clone());
        async move {
            match first {
                true => start(id, log, Manner::Polite).await,
                false => Err(StartError::Ignore),
            }
        }
    })
}

/// A child that cannot be started.
fn broken(id: &'static str) -> ChildSpec {
    ChildSpec::new(id, || async { Err::<Pid, _>(StartError::Failed(boom())) })
}

/// A child whose start takes this time.
fn slow_start(id: &'static str, time: Duration) -> ChildSpec {
    let log = log();
    let spec = ChildSpec::new(id, move || {
        let log = log.clone();
        async move {
            log.tell(Told::Begins(id));
            sleep(time).await;
            start(id, log, Manner::Polite).await
        }
    });
    spec.shutdown(Shutdown::Infinity)
}

fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// The next child that comes up.
async fn up() -> (&'static str, Pid) {
    match log().next().await {
        Told::Up(id, pid) => (id, pid),
        other => panic!("a child should come up, but {other:?}"),
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

/// Suspends a supervisor. In the simulator the time for that may be up at any moment; then it is
/// asked again, which is the same (SYS-6).
async fn suspended(supervisor: &(impl Reach + Clone)) {
    let timeout = Err(CallError::Timeout);
    while beamline::sys::suspend(supervisor.clone()).await == timeout {}
}

/// Lets it go on.
async fn resumed(supervisor: &(impl Reach + Clone)) {
    let timeout = Err(CallError::Timeout);
    while beamline::sys::resume(supervisor.clone()).await == timeout {}
}

/// The ids of all children, the last one first.
async fn listed(supervisor: &Supervisor) -> Vec<Name> {
    let children = supervisor.which_children().await.expect("it runs");
    children.into_iter().filter_map(|info| info.id).collect()
}

/// Waits until so many messages wait for a process that takes none.
async fn queue_of(pid: Pid, length: usize) {
    while info(pid).await.expect("it runs").message_queue_len < length {
        sleep(Duration::from_millis(1)).await;
    }
}

/// The reports that are there: all that a supervisor made before it answered.
async fn reports(mailbox: &mut Mailbox) -> Vec<SupervisorReport> {
    let mut found = Vec::new();
    while let Some(report) = mailbox.receive_timeout(Duration::ZERO).await {
        found.push(report);
    }
    found
}

/// The reports of children that did not stop as they were asked.
async fn complaints(mailbox: &mut Mailbox) -> Vec<ExitReason> {
    let reports = reports(mailbox).await.into_iter();
    let complaints = reports.filter_map(|report| match report.event {
        SupervisorEvent::ShutdownError(reason) => Some(reason),
        _ => None,
    });
    complaints.collect()
}

/// A monitor that is there when this is over.
async fn watch(pid: Pid) -> Ref {
    let watch = monitor(pid);
    // A question comes after the monitor.
    assert!(alive(pid).await);
    watch
}
