//! Supervisors at their smallest: crashes of children at each event under each strategy, and stops
//! against whatever else may happen meanwhile.
//!
//! Every search is exhaustive, with the number of its traces pinned. In each trace nobody is left
//! alive at the end, and nothing is left in the mailbox of whoever started the supervisor. Programs
//! of one child are searched with signals on their way, larger ones with signals that arrive at
//! once, and a deadline that may pass early at any choice: that is when the supervisor is stopped.
//! An outcome names the children in the order of their starts, then what the supervisor complained
//! of and how it ended.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::prelude::*;
use beamline::{Strategy, SupervisorEvent, SupervisorReport, report};
use beamline_sim::{Check, Delivery, Faults, Granularity, outcome};

use crate::program::{Go, SOON, boom};

/// Searches a program in which so many processes with the label `victim` may be killed, each at any
/// event: its outcomes, and how many traces it has.
fn search<Fut>(
    name: &str,
    delivery: Delivery,
    crashes: u32,
    program: fn() -> Fut,
) -> (BTreeSet<String>, u64)
where
    Fut: Future<Output = String> + Send + 'static,
{
    let (granularity, early_firings) = match delivery {
        Delivery::Pairwise => (Granularity::Fused, 0),
        _ => (Granularity::Fused, 1),
    };
    let found = Check::new(name)
        .regressions(None)
        .no_leaks()
        .runs(300_000)
        .faults(Faults::none().crashes(crashes).victims(["victim"]))
        .early_firings(early_firings)
        .granularity(granularity)
        .delivery(delivery)
        .explore(async move || outcome(program().await));
    assert!(found.complete, "{name}: the search did not finish: {found}");
    assert_eq!(found.failing_traces, 0, "{name}: {found}");
    (found.outcomes.into_keys().collect(), found.traces)
}

/// Declares what a search must find.
macro_rules! searches {
    ($($name:ident, $delivery:ident, $crashes:literal => $traces:literal, [
        $($outcome:literal),+ $(,)?
    ];)+) => {
        $(
            #[test]
            fn $name() {
                let delivery = Delivery::$delivery;
                let found = search(stringify!($name), delivery, $crashes, programs::$name);
                let outcomes = BTreeSet::from([$($outcome.to_string()),+]);
                assert_eq!(found, (outcomes, $traces));
            }
        )+
    };
}

searches! {
    stop_against_a_crash, Pairwise, 1 => 20, ["a", "aa"];
    stop_against_two_crashes, Pairwise, 2 => 30, ["a", "aa", "aa, ended: shutdown"];
    stop_against_a_restart, Pairwise, 1 => 20, ["a", "aa"];
    one_for_one_against_a_crash, Immediate, 1 => 24, ["ab", "aba", "abb"];
    one_for_all_against_a_crash, Immediate, 1 => 40, ["ab", "abab"];
    rest_for_one_against_a_crash, Immediate, 1 => 32, ["ab", "abab", "abb"];
    one_for_one_against_two_crashes, Immediate, 2 => 32, [
        "ab", "aba", "aba, ended: shutdown", "abb", "abb, ended: shutdown",
    ];
    one_for_all_against_two_crashes, Immediate, 2 => 56, ["ab", "abab", "abab, ended: shutdown"];
    rest_for_one_against_two_crashes, Immediate, 2 => 44, [
        "ab", "abab", "abab, ended: shutdown", "abb", "abb, ended: shutdown",
    ];
    stop_against_the_end_of_the_child, Immediate, 0 => 8, ["a", "aa"];
    stop_against_a_deaf_child, Immediate, 1 => 16, [
        "a, complaint: killed", "aa", "aa, complaint: killed",
    ];
    stop_against_a_kill, Immediate, 0 => 12, ["ab", "ab, ended: killed"];
    terminate_child_against_its_end, Immediate, 0 => 8, ["a", "aa"];
    nested_supervisors_against_a_crash, Immediate, 1 => 16, ["a", "aa"];
    dynamic_stop_against_two_crashes, Immediate, 2 => 32, [
        "ab", "aba", "aba, ended: shutdown", "abb", "abb, ended: shutdown",
    ];
    dynamic_terminate_child_against_its_end, Immediate, 0 => 16, [
        "ab, terminated: true", "abb, terminated: false",
    ];
}

/// The starts of children, noted by the supervisor alone.
#[derive(Debug, Clone, Default)]
struct Starts(Arc<Mutex<String>>);

impl Starts {
    fn note(&self, id: &str) {
        self.0.lock().expect("nobody panics here").push_str(id);
    }

    fn told(&self) -> String {
        self.0.lock().expect("nobody panics here").clone()
    }
}

/// How a child lives: until it is told to go, and then it crashes.
async fn live(mut mailbox: Mailbox) -> ExitReason {
    mailbox.receive::<Go>().await;
    boom()
}

/// The same without hearing that it is to stop.
async fn live_on(mailbox: Mailbox) -> ExitReason {
    trap_exit(true);
    live(mailbox).await
}

/// The same, taking two steps to stop.
async fn live_slowly(mut mailbox: Mailbox) -> ExitReason {
    trap_exit(true);
    let asked = mailbox.receive::<Exit>().await;
    yield_now().await;
    asked.reason
}

/// A child that lives like this, and may be killed.
fn child<Fut>(id: &'static str, starts: &Starts, body: fn(Mailbox) -> Fut) -> ChildSpec
where
    Fut: Future<Output = ExitReason> + Send + 'static,
{
    let starts = starts.clone();
    let spec = ChildSpec::new(id, move || {
        starts.note(id);
        let options = SpawnOptions::new().link().label("victim");
        let spawned = spawn_with(options, body).map(|spawned| spawned.pid);
        std::future::ready(spawned.map_err(|_| StartError::Failed(boom())))
    });
    spec.shutdown(Shutdown::Infinity)
}

/// Stops a supervisor, if it still runs, and tells what came of it all.
async fn stopped(supervisor: Supervisor, starts: &Starts) -> String {
    let mut mailbox = mailbox();
    let stopped = supervisor.stop().await;
    let mut told = starts.told();
    let ended = mailbox.receive::<Exit>().await.reason;
    while let Some(message) = mailbox.receive_any_timeout(Duration::ZERO).await {
        match message
            .peek::<SupervisorReport>()
            .map(|report| &report.event)
        {
            Some(SupervisorEvent::ShutdownError(reason)) => {
                told.push_str(&format!(", complaint: {reason}"));
            }
            Some(_) => {}
            None => told.push_str(", something else"),
        }
    }
    match stopped {
        Ok(()) => told,
        Err(_) => told + &format!(", ended: {ended}"),
    }
}

mod programs {
    use super::*;

    /// A supervisor that may restart once.
    async fn supervisor(strategy: Strategy, children: Vec<ChildSpec>) -> Supervisor {
        trap_exit(true);
        let supervisor = Supervisor::start_link(children)
            .strategy(strategy)
            .max_restarts(1, Duration::from_secs(600))
            .await;
        supervisor.expect("it starts")
    }

    pub(super) async fn stop_against_a_crash() -> String {
        let starts = Starts::default();
        let children = vec![child("a", &starts, live)];
        let supervisor = supervisor(Strategy::OneForOne, children).await;
        stopped(supervisor, &starts).await
    }

    pub(super) async fn stop_against_two_crashes() -> String {
        stop_against_a_crash().await
    }

    pub(super) async fn stop_against_a_restart() -> String {
        let starts = Starts::default();
        let noted = starts.clone();
        let slow = ChildSpec::new("a", move || {
            let starts = noted.clone();
            async move {
                starts.note("a");
                yield_now().await;
                let options = SpawnOptions::new().link().label("victim");
                let spawned = spawn_with(options, live).map(|spawned| spawned.pid);
                yield_now().await;
                spawned.map_err(|_| StartError::Failed(boom()))
            }
        });
        let slow = slow.shutdown(Shutdown::Infinity);
        let supervisor = supervisor(Strategy::OneForOne, vec![slow]).await;
        stopped(supervisor, &starts).await
    }

    /// A supervisor of two that is stopped at any time.
    async fn two(strategy: Strategy) -> String {
        let starts = Starts::default();
        let children = vec![child("a", &starts, live), child("b", &starts, live)];
        let supervisor = supervisor(strategy, children).await;
        sleep(SOON).await;
        stopped(supervisor, &starts).await
    }

    pub(super) async fn one_for_one_against_a_crash() -> String {
        two(Strategy::OneForOne).await
    }

    pub(super) async fn one_for_all_against_a_crash() -> String {
        two(Strategy::OneForAll).await
    }

    pub(super) async fn rest_for_one_against_a_crash() -> String {
        two(Strategy::RestForOne).await
    }

    pub(super) async fn one_for_one_against_two_crashes() -> String {
        two(Strategy::OneForOne).await
    }

    pub(super) async fn one_for_all_against_two_crashes() -> String {
        two(Strategy::OneForAll).await
    }

    pub(super) async fn rest_for_one_against_two_crashes() -> String {
        two(Strategy::RestForOne).await
    }

    /// A supervisor of one child that is told to go at some time, and whose reports are read.
    async fn one(child: ChildSpec) -> Supervisor {
        let supervisor = supervisor(Strategy::OneForOne, vec![child]).await;
        report::subscribe().await;
        let child = supervisor.which_child("a").await.expect("it is a child");
        let child = child.child.pid().unwrap_or_else(me);
        spawn(async move |_: Mailbox| {
            sleep(SOON).await;
            send(child, Go);
        });
        supervisor
    }

    pub(super) async fn stop_against_the_end_of_the_child() -> String {
        let starts = Starts::default();
        let supervisor = one(child("a", &starts, live)).await;
        sleep(SOON).await;
        stopped(supervisor, &starts).await
    }

    pub(super) async fn stop_against_a_deaf_child() -> String {
        let starts = Starts::default();
        let deaf = child("a", &starts, live_on).shutdown(SOON);
        let supervisor = supervisor(Strategy::OneForOne, vec![deaf]).await;
        report::subscribe().await;
        yield_now().await;
        stopped(supervisor, &starts).await
    }

    pub(super) async fn stop_against_a_kill() -> String {
        let starts = Starts::default();
        let children = vec![child("a", &starts, live_slowly), child("b", &starts, live)];
        let supervisor = supervisor(Strategy::OneForOne, children).await;
        let pid = supervisor.whereis().await.unwrap_or_else(me);
        spawn(async move |_: Mailbox| {
            yield_now().await;
            exit(pid, ExitReason::Kill);
        });
        stopped(supervisor, &starts).await
    }

    pub(super) async fn terminate_child_against_its_end() -> String {
        let starts = Starts::default();
        let supervisor = one(child("a", &starts, live)).await;
        sleep(SOON).await;
        let terminated = supervisor.terminate_child("a").await;
        assert_eq!(terminated, Ok(()));
        let counts = supervisor.count_children().await.expect("it runs");
        assert_eq!((counts.specs, counts.active), (1, 0));
        stopped(supervisor, &starts).await
    }

    pub(super) async fn nested_supervisors_against_a_crash() -> String {
        let starts = Starts::default();
        let children = [child("a", &starts, live)];
        let inner = Supervisor::start_link(children).max_restarts(0, SOON);
        let outer = supervisor(Strategy::OneForOne, vec![inner.child()]).await;
        sleep(SOON).await;
        stopped(outer, &starts).await
    }

    /// One of two children that come and go.
    async fn dynamic(starts: &Starts) -> (DynamicSupervisor, Pid) {
        trap_exit(true);
        let supervisor = DynamicSupervisor::start_link().max_restarts(1, SOON).await;
        let supervisor = supervisor.expect("it starts");
        let mut last = me();
        for id in ["a", "b"] {
            let started = supervisor.start_child(child(id, starts, live)).await;
            last = started.unwrap_or(last);
        }
        (supervisor, last)
    }

    pub(super) async fn dynamic_stop_against_two_crashes() -> String {
        let starts = Starts::default();
        let (supervisor, _) = dynamic(&starts).await;
        let pid = supervisor.whereis().await;
        sleep(SOON).await;
        stopped(Supervisor::of(pid.unwrap_or_else(me)), &starts).await
    }

    pub(super) async fn dynamic_terminate_child_against_its_end() -> String {
        let starts = Starts::default();
        let (supervisor, b) = dynamic(&starts).await;
        let pid = supervisor.whereis().await.unwrap_or_else(me);
        spawn(async move |_: Mailbox| {
            sleep(SOON).await;
            send(b, Go);
        });
        sleep(SOON).await;
        let terminated = supervisor.terminate_child(b).await.is_ok();
        let told = stopped(Supervisor::of(pid), &starts).await;
        format!("{told}, terminated: {terminated}")
    }
}
