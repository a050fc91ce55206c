//! Plans of faults that know the restarts a supervisor allows: what a correct tree must survive,
//! and what it must give up after. A planted bug in the supervisor is found by them, ours is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use beamline::mutant::{Mutant, with};
use beamline::prelude::*;
use beamline_sim::{Check, Faults, Report, always, sometimes};

const SECOND: Duration = Duration::from_secs(1);
/// What the supervisors here allow.
const RESTARTS: u32 = 3;
const PERIOD: Duration = Duration::from_secs(5);
/// When faults end, and when the tree is asked whether it serves.
const TROUBLE: Duration = Duration::from_secs(20);
const TICKS: u32 = 24;
/// How often whoever waits for the tree looks.
const PATIENCE: u32 = 100;

#[derive(Debug)]
struct Ping(Pid, Ref);

#[derive(Debug)]
struct Pong(Ref);

/// A service that answers, below a supervisor of its own; starts are counted.
fn service(starts: &Arc<AtomicU32>) -> ChildSpec {
    let starts = Arc::clone(starts);
    ChildSpec::new("service", move || {
        starts.fetch_add(1, Ordering::Relaxed);
        async {
            Ok::<_, StartError>(spawn_link(async |mut mailbox: Mailbox| {
                set_label("service");
                let _ = register("service", me()).await;
                loop {
                    let Ping(from, about) = mailbox.receive::<Ping>().await;
                    send(from, Pong(about));
                }
            }))
        }
    })
}

/// Asks the service; whether it answers before it ends.
async fn asked(service: Pid) -> bool {
    let (mut mailbox, watched) = (mailbox(), monitor(service));
    send(service, Ping(me(), watched));
    receive! { mailbox;
        Pong(to) in Pong where to == watched => {
            demonitor_flush(watched);
            true
        },
        Down { reference, .. } in Down where reference == watched => false,
    }
}

/// Lets a tree serve for a while; how often its service was started, and the tree.
async fn serve() -> Option<(u32, Pid)> {
    let starts = Arc::new(AtomicU32::new(0));
    let (root, child) = (me(), service(&starts));
    spawn(async move |mut mailbox: Mailbox| {
        trap_exit(true);
        let options = Supervisor::start_link([child]).max_restarts(RESTARTS as usize, PERIOD);
        if let Ok(tree) = options.await {
            send(root, tree);
        }
        loop {
            mailbox.receive::<Exit>().await;
        }
    });
    let tree = mailbox().receive_timeout::<Supervisor>(SECOND).await?;
    let tree = tree.whereis().await?;
    for _ in 0..TICKS {
        if let Some(service) = whereis("service").await {
            asked(service).await;
        }
        sleep(SECOND).await;
    }
    Some((starts.load(Ordering::Relaxed), tree))
}

fn check(name: &str, faults: Faults) -> Check {
    // One that is struck is the service, wherever it stands.
    let faults = faults.victims(["service"]).until(TROUBLE);
    // The property alone: what it finds the oracles would have found before.
    Check::new(name).runs(300).faults(faults).regressions(None)
}

/// Never more crashes than the supervisor allows.
fn survivable(mutant: Option<Mutant>, oracles: bool) -> Report {
    let faults = Faults::none().crashes(12).paced(RESTARTS, PERIOD);
    let check = check("plans::survivable", faults)
        .settles()
        .oracles(oracles);
    with(mutant, || {
        check.report(async || {
            if let Some((starts, tree)) = serve().await {
                sometimes!("plans.restarted", starts > RESTARTS);
                always!(
                    "plans.survives",
                    alive(tree).await,
                    "it ended after {starts} starts"
                );
            }
        })
    })
}

/// One crash more than the supervisor allows, in a row.
fn escalating(mutant: Option<Mutant>, oracles: bool) -> Report {
    let faults = Faults::none().crashes(1).in_bursts_of(RESTARTS + 1);
    let check = check("plans::escalating", faults)
        .settles()
        .oracles(oracles);
    with(mutant, || {
        check.report(async || {
            if let Some((starts, tree)) = serve().await {
                let mut gave_up = false;
                for _ in 0..PATIENCE {
                    gave_up |= !alive(tree).await;
                    if gave_up || starts <= RESTARTS {
                        break;
                    }
                    sleep(SECOND).await;
                }
                sometimes!("plans.gave_up", gave_up);
                always!(
                    "plans.escalates",
                    starts <= RESTARTS || gave_up,
                    "{starts} starts"
                );
            }
        })
    })
}

fn verdict(report: &Report) -> &str {
    let found = report.findings.first();
    found.map_or("none", |found| &found.verdict.id)
}

#[test]
fn a_correct_tree_survives_what_it_must() {
    let report = survivable(None, true);
    assert_eq!(verdict(&report), "none", "{:#?}", report.findings);
    assert_eq!(report.never_seen(), Vec::<&str>::new());
}

#[test]
fn a_correct_tree_escalates_when_it_must() {
    let report = escalating(None, true);
    assert_eq!(verdict(&report), "none", "{:#?}", report.findings);
    assert_eq!(report.never_seen(), Vec::<&str>::new());
}

#[test]
fn a_tree_that_gives_up_too_early_is_found() {
    let early = survivable(Some(Mutant::NeverExpire), false);
    assert_eq!(verdict(&early), "always plans.survives");
    assert_eq!(
        verdict(&survivable(Some(Mutant::NeverExpire), true)),
        "oracle INV-S16"
    );
}

#[test]
fn a_tree_that_gives_up_too_late_is_found() {
    let late = escalating(Some(Mutant::OneMore), false);
    assert_eq!(verdict(&late), "always plans.escalates");
    assert_eq!(
        verdict(&escalating(Some(Mutant::OneMore), true)),
        "oracle INV-S17"
    );
}

/// Once trouble is over a tree has time to settle, and must have what it is to have.
#[test]
fn a_tree_that_does_not_recover_is_found() {
    for (mutant, oracle) in [
        (Mutant::ForgetExits, "oracle INV-S05"),
        (Mutant::ForgetPermanent, "oracle INV-S22"),
    ] {
        assert_eq!(verdict(&survivable(Some(mutant), true)), oracle);
    }
}

/// A window that does not slide lets through what comes on both sides of where it begins.
#[test]
fn a_fixed_window_is_found() {
    let faults = Faults::none().crashes(12);
    let check = check("plans::window", faults);
    let report = with(Mutant::FixedWindow, || {
        check.report(async || {
            serve().await;
        })
    });
    assert_eq!(verdict(&report), "oracle INV-S17");
}
