//! The world through small programs: counts that must come out exactly, time, faults, verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use beamline::backend::{Property, PropertyKind, context};
use beamline::prelude::*;

use super::*;
use crate::choice::Kinds;
use crate::faults::Faults;
use crate::mode::{Delivery, Granularity};
use crate::seed::{RunSeeds, Seed};
use crate::strategy::{Calibration, Canonical, DepthFirst, Sampler, Strategy};

struct Search {
    runs: u64,
    traces: BTreeSet<u64>,
    failing: BTreeSet<u64>,
    verdicts: BTreeMap<String, u64>,
}

fn search(body: &Body, options: &RunOptions) -> Search {
    let mut world = World::new();
    let mut chooser = DepthFirst::new(Kinds::NONE, 1_000_000);
    let seed = RunSeeds::new(Seed(0), "test").run(0);
    let mut search = Search {
        runs: 0,
        traces: BTreeSet::new(),
        failing: BTreeSet::new(),
        verdicts: BTreeMap::new(),
    };
    loop {
        let run = world.run(body, &mut chooser, &seed, options);
        search.runs += 1;
        search.traces.insert(run.hash);
        if let Some(verdict) = run.verdict {
            search.failing.insert(run.hash);
            *search.verdicts.entry(verdict.id).or_default() += 1;
        }
        assert_eq!(chooser.divergence(), None);
        if !chooser.advance() {
            return search;
        }
    }
}

fn exhaustive() -> RunOptions {
    RunOptions {
        early_firings: Some(2),
        ..RunOptions::default()
    }
}

fn senders(n: u64) -> Body {
    Body::new(async move || {
        let root = me();
        for value in 0..n {
            spawn(async move |_| send(root, value));
        }
        let mut mailbox = mailbox();
        let mut order = Vec::new();
        for _ in 0..n {
            order.push(mailbox.receive::<u64>().await);
        }
        assert!(n < 3 || !order.is_sorted_by(|a, b| a > b), "reversed");
    })
}

#[test]
fn n_senders_have_n_factorial_orders() {
    for (n, factorial) in [(2, 2), (3, 6), (4, 24), (5, 120), (6, 720)] {
        let found = search(&senders(n), &exhaustive());
        assert_eq!(
            (found.runs, found.traces.len() as u64),
            (factorial, factorial),
            "n = {n}"
        );
        assert_eq!(found.failing.len(), usize::from(n >= 3), "n = {n}");
    }
}

#[test]
fn causality_is_not_promised() {
    let body = Body::new(async || {
        let (root, mut mailbox) = (me(), mailbox());
        let relay = spawn(async move |mut mailbox: Mailbox| {
            send(root, mailbox.receive::<&str>().await);
        });
        spawn(async move |_| {
            send(root, "first");
            send(relay, "second");
        });
        let order = (
            mailbox.receive::<&str>().await,
            mailbox.receive::<&str>().await,
        );
        assert_eq!(order, ("first", "second"));
    });
    let pairwise = search(&body, &exhaustive());
    assert_eq!((pairwise.traces.len(), pairwise.failing.len()), (2, 1));
    let immediate = RunOptions {
        delivery: Delivery::Immediate,
        ..exhaustive()
    };
    let immediate = search(&body, &immediate);
    assert_eq!((immediate.traces.len(), immediate.failing.len()), (1, 0));
}

#[test]
fn time_jumps_only_when_nothing_else_can_happen() {
    let mut world = World::new();
    let body = Body::new(async || {
        let mut mailbox = mailbox();
        let begin = now();
        send_after(me(), 1u8, Duration::from_secs(60));
        assert_eq!(
            mailbox
                .receive_timeout::<u8>(Duration::from_secs(3600))
                .await,
            Some(1)
        );
        sleep(Duration::from_secs(86_400)).await;
        assert_eq!(begin.elapsed(), Duration::from_secs(86_460));
        assert_eq!(
            mailbox.receive_timeout::<u8>(Duration::from_secs(1)).await,
            None
        );
    });
    let seed = RunSeeds::new(Seed(0), "test").run(0);
    let run = world.run(&body, &mut Canonical, &seed, &RunOptions::default());
    assert_eq!(run.verdict, None);
    assert_eq!(run.time, 86_461_000_000_000);
}

#[test]
fn deadlocks_and_leaks_are_verdicts() {
    let mutual = Body::new(async || {
        let other = spawn(async |mut mailbox: Mailbox| {
            let asker: Pid = mailbox.receive().await;
            send(asker, me());
            mailbox.receive::<u8>().await;
        });
        set_label("asker");
        send(other, me());
        mailbox().receive::<u8>().await;
    });
    let seed = RunSeeds::new(Seed(0), "test").run(0);
    let mut world = World::new();
    let run = world.run(&mutual, &mut Canonical, &seed, &RunOptions::default());
    let verdict = run.verdict.expect("a deadlock");
    assert_eq!(verdict.id, "deadlock");
    assert!(
        verdict
            .detail
            .contains("a circle: 0 \"asker\" -> 0.0 -> 0 \"asker\""),
        "{verdict}"
    );
    let leaky = Body::new(async || {
        spawn(async |mut mailbox: Mailbox| {
            mailbox.receive::<u8>().await;
        });
    });
    let options = RunOptions {
        no_leaks: true,
        ..RunOptions::default()
    };
    let run = world.run(&leaky, &mut Canonical, &seed, &options);
    assert_eq!(
        run.verdict.map(|verdict| verdict.id).as_deref(),
        Some("leak")
    );
}

#[test]
fn crashes_strike_and_worlds_can_be_used_again() {
    let body = Body::new(async || {
        let mut mailbox = mailbox();
        let (_, reference) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox.receive_timeout::<u8>(Duration::from_secs(1)).await;
        });
        let down = mailbox.receive::<Down>().await;
        assert_eq!(down.reference, reference);
        assert_eq!(down.reason, ExitReason::Normal);
    });
    let faults = Faults::none().crashes(1);
    let options = RunOptions {
        faults: faults.clone(),
        ..RunOptions::default()
    };
    let calibration = Arc::new(Calibration::default());
    let mut sampler =
        Sampler::new(Strategy::Random, Granularity::Fused, faults, calibration).expect("sampling");
    let mut seeds = RunSeeds::new(Seed(1), "test");
    let mut world = World::new();
    let mut verdicts = BTreeMap::<Option<String>, u32>::new();
    for index in 0..200 {
        let run = world.run(&body, &mut sampler, &seeds.run(index), &options);
        let id = run
            .verdict
            .map(|verdict| verdict.id.split(' ').next().unwrap_or("").to_string());
        *verdicts.entry(id).or_default() += 1;
    }
    assert!(
        verdicts[&None] > 20 && verdicts[&Some("panic".into())] > 20,
        "{verdicts:?}"
    );
}

/// Spawns when it is dropped.
#[derive(Debug)]
struct Spawner;

impl Drop for Spawner {
    fn drop(&mut self) {
        let options = SpawnOptions::new().label("left over");
        let _ = spawn_with(options, async |_| {});
    }
}

#[test]
fn what_a_destructor_spawns_after_the_run_leaves_nothing_to_the_next() {
    let body = Body::new(async || {
        let child = spawn(async |mut mailbox: Mailbox| {
            mailbox.receive::<Spawner>().await;
        });
        for pid in [me(), child] {
            let info = info(pid).await.expect("it is alive");
            assert_eq!(info.label, None);
        }
        // On its way when the run ends.
        send(child, Spawner);
    });
    let mut world = World::new();
    let seed = RunSeeds::new(Seed(0), "spawner").run(0);
    for _ in 0..3 {
        let run = world.run(&body, &mut Canonical, &seed, &RunOptions::default());
        assert_eq!(run.verdict.map(|verdict| verdict.to_string()), None);
    }
}

/// The compiler keeps the place of one look at as many addresses as it likes.
#[test]
fn looks_from_one_place_are_of_one_property() {
    let body = Body::new(async || {
        let here = Location::caller();
        let look = |held, location| {
            let (kind, detail) = (PropertyKind::Eventually, None);
            let property = Property {
                kind,
                id: "done",
                held,
                detail,
                location,
            };
            context::current().backend().property(property);
        };
        look(false, here);
        look(true, Box::leak(Box::new(*here)));
    });
    let mut world = World::new();
    let seed = RunSeeds::new(Seed(0), "places").run(0);
    let run = world.run(&body, &mut Canonical, &seed, &RunOptions::default());
    assert_eq!(run.verdict, None);
    assert_eq!(world.sites().len(), 1);
}
