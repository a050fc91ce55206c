//! Handshakes against the death of either side, at each await of the other: the simulator may
//! kill the victim before any event, and the search tries every place.
//!
//! How many traces there are is pinned, so that a choice that appears or disappears is seen.

use std::collections::BTreeSet;
use std::time::Duration;

use beamline::prelude::*;
use beamline::start::{StartOptions, start};
use beamline_sim::{Check, Faults, Granularity, outcome};

use crate::program::{Go, LATE, SOON};
use crate::server::{Answering, Ask, answering, told, until_told};

/// Searches a program in which a process with the label `victim` may be killed at any event, and
/// a deadline may pass early once: its outcomes, and how many traces it has by steps of this size.
fn search<Fut>(
    name: &str,
    granularity: Granularity,
    program: fn() -> Fut,
) -> (BTreeSet<String>, u64)
where
    Fut: Future<Output = &'static str> + Send + 'static,
{
    let check = Check::new(name).regressions(None).early_firings(1);
    let check = check.faults(Faults::none().crashes(1).victims(["victim"]));
    let found = check
        .granularity(granularity)
        .explore(async move || outcome(program().await));
    assert!(found.complete, "{name}: the search did not finish");
    assert_eq!(found.failing_traces, 0, "{name}: {found}");
    (found.outcomes.into_keys().collect(), found.traces)
}

/// Declares what a search must find.
macro_rules! searches {
    ($($name:ident => $steps:ident $traces:literal, [$($outcome:literal),+ $(,)?];)+) => {
        $(
            #[test]
            fn $name() {
                let found = search(stringify!($name), Granularity::$steps, programs::$name);
                let outcomes = BTreeSet::from([$($outcome.to_string()),+]);
                assert_eq!(found, (outcomes, $traces));
            }
        )+
    };
}

searches! {
    start_against_death_of_the_child => Fine 3, ["killed", "started"];
    linked_start_against_death_of_the_child => Fine 10, ["killed, no exit", "started, then exit"];
    named_start_against_death_of_the_child => Fine 4, ["started, or tried again"];
    linked_start_against_death_of_the_parent => Fused 12, ["ended with it", "never began"];
    start_with_a_timeout_against_death_of_the_child => Fine 11, ["killed", "started", "timeout"];
    call_against_death_of_the_server => Fine 5, ["answered", "killed", "noproc", "not started"];
    call_with_a_timeout_against_death_of_the_server => Fine 16,
        ["answered", "killed", "noproc", "not started", "timeout"];
    call_against_death_of_who_answers => Fine 8, ["answered", "no reply"];
    dropped_call_against_death_of_the_server => Fine 5,
        ["killed", "no reply", "noproc", "not started"];
    server_against_death_of_its_caller => Fused 8, ["answered the next"];
    demonitor_flush_against_death => Fine 6, ["nothing"];
}

mod programs {
    use super::*;

    /// Starts a process that may be killed while it starts.
    async fn doomed(options: StartOptions) -> Result<Pid, StartError> {
        let options = options.label("victim");
        let started = start(options, "child", |mailbox: Mailbox| async move {
            yield_now().await;
            Ok(((), until_told(mailbox)))
        });
        started.await.map(|started| started.pid)
    }

    pub(super) async fn start_against_death_of_the_child() -> &'static str {
        match doomed(StartOptions::new()).await {
            Ok(_) => "started",
            Err(StartError::Failed(ExitReason::Killed)) => "killed",
            Err(_) => "another error",
        }
    }

    pub(super) async fn linked_start_against_death_of_the_child() -> &'static str {
        let mut mailbox = mailbox();
        trap_exit(true);
        match doomed(StartOptions::new().link()).await {
            Ok(child) => {
                // It is killed by now, or never.
                send(child, Go);
                let exit = mailbox.receive::<Exit>().await;
                match exit.from == child {
                    true => "started, then exit",
                    false => "started, then another exit",
                }
            }
            Err(StartError::Failed(ExitReason::Killed)) => {
                match mailbox.receive_any_timeout(LATE).await {
                    None => "killed, no exit",
                    Some(_) => "killed, and an exit",
                }
            }
            Err(_) => "another error",
        }
    }

    pub(super) async fn named_start_against_death_of_the_child() -> &'static str {
        for _ in 0..2 {
            let options = StartOptions::new()
                .label("victim")
                .address(Name::from("it"));
            let started = start(options, "child", |mailbox: Mailbox| async move {
                Ok(((), until_told(mailbox)))
            });
            match started.await {
                Ok(_) => return "started, or tried again",
                Err(StartError::Failed(ExitReason::Killed)) => {}
                // The name must be free when the start has failed (GS-14).
                Err(_) => return "another error",
            }
        }
        "killed twice"
    }

    pub(super) async fn linked_start_against_death_of_the_parent() -> &'static str {
        let (mut mailbox, root) = (mailbox(), me());
        let options = SpawnOptions::new().label("victim").monitor();
        let _ = spawn_with(options, async move |_: Mailbox| {
            let options = StartOptions::new().link();
            let started = start(options, "child", move |mailbox: Mailbox| async move {
                send(root, me());
                yield_now().await;
                Ok(((), until_told(mailbox)))
            });
            let started = started.await.map(|started| started.pid);
            // A crash, which ends the child as well, unless it was killed before.
            Err::<(), _>(ExitReason::other(format!("{:?}", started.is_ok())))
        });
        mailbox.receive::<Down>().await;
        let Some(child) = mailbox.receive_timeout::<Pid>(LATE).await else {
            return "never began";
        };
        // If it lived on, this would wait for ever.
        monitor(child);
        mailbox.receive::<Down>().await;
        "ended with it"
    }

    pub(super) async fn start_with_a_timeout_against_death_of_the_child() -> &'static str {
        match doomed(StartOptions::new().timeout(SOON)).await {
            Ok(_) => "started",
            Err(StartError::Failed(ExitReason::Killed)) => "killed",
            Err(StartError::Timeout) => "timeout",
            Err(_) => "another error",
        }
    }

    /// A server that may be killed, even before it has started.
    async fn doomed_server() -> Option<Server<Answering>> {
        Answering::start(()).label("victim").await.ok()
    }

    pub(super) async fn call_against_death_of_the_server() -> &'static str {
        let Some(server) = doomed_server().await else {
            return "not started";
        };
        told(server.call(|caller| Ask::Now(1, caller)).no_timeout().await)
    }

    pub(super) async fn call_with_a_timeout_against_death_of_the_server() -> &'static str {
        let Some(server) = doomed_server().await else {
            return "not started";
        };
        let call = server.call(|caller| Ask::Now(1, caller)).timeout(SOON);
        match (told(call.await), mailbox().receive_any_timeout(LATE).await) {
            (told, None) => told,
            _ => "something is left",
        }
    }

    pub(super) async fn call_against_death_of_who_answers() -> &'static str {
        let server = answering("server").await;
        told(server.call(Ask::Elsewhere).no_timeout().await)
    }

    pub(super) async fn dropped_call_against_death_of_the_server() -> &'static str {
        let Some(server) = doomed_server().await else {
            return "not started";
        };
        told(server.call(Ask::Drop).no_timeout().await)
    }

    pub(super) async fn server_against_death_of_its_caller() -> &'static str {
        let server = answering("server").await;
        let options = SpawnOptions::new().label("victim");
        let _ = spawn_with(options, async move |_: Mailbox| {
            drop(server.call(|caller| Ask::Now(2, caller)).no_timeout().await);
        });
        match server.call(|caller| Ask::Now(1, caller)).no_timeout().await {
            Ok(1) => "answered the next",
            _ => "another answer",
        }
    }

    pub(super) async fn demonitor_flush_against_death() -> &'static str {
        let mut mailbox = mailbox();
        let options = SpawnOptions::new().label("victim").monitor();
        let spawned = spawn_with(options, async |mut mailbox: Mailbox| {
            mailbox.receive::<Go>().await;
        });
        yield_now().await;
        let watch = spawned.map(|spawned| spawned.monitor);
        if let Ok(Some(watch)) = watch {
            demonitor_flush(watch);
        }
        match mailbox.receive_any_timeout(Duration::from_millis(1)).await {
            None => "nothing",
            Some(_) => "a down",
        }
    }
}
