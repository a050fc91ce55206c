//! A database, a cache that reads it and a web server that reads the cache: who is restarted with
//! whom, under each strategy.

use std::time::Duration;

use beamline::Strategy;
use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

use super::member::{Journal, Note, at_rest, boom, end, member, notes, pid_of};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("supervisor::strategies", strategies)
            .about("one of three children crashes, under one of three strategies")
            .expects([
                "strategies.one_for_one",
                "strategies.one_for_all",
                "strategies.rest_for_one",
                "strategies.absorbed",
            ])
            .no_leaks(),
    ]
}

const CHILDREN: [&str; 3] = ["database", "cache", "web"];

/// The children that are started again when this one crashes.
fn restarted(strategy: Strategy, crashed: usize) -> &'static [&'static str] {
    match strategy {
        Strategy::OneForOne => &CHILDREN[crashed..=crashed],
        Strategy::OneForAll => &CHILDREN,
        Strategy::RestForOne => &CHILDREN[crashed..],
    }
}

async fn strategies() -> Result<(), ExitReason> {
    let mut mailbox = mailbox();
    let journal = Journal::start_link(()).await?;
    let all = [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ];
    let strategy = all[random_range(0..3) as usize];
    let crashed = random_range(0..3) as usize;
    sometimes!("strategies.one_for_one", strategy == Strategy::OneForOne);
    sometimes!("strategies.one_for_all", strategy == Strategy::OneForAll);
    sometimes!("strategies.rest_for_one", strategy == Strategy::RestForOne);

    let supervisor = Supervisor::start_link(CHILDREN.map(|id| member(id, journal)))
        .strategy(strategy)
        .max_restarts(3, Duration::from_secs(5))
        .await?;
    let before = at_rest(&supervisor).await?;
    notes(journal).await?;
    let Some(victim) = pid_of(&before, CHILDREN[crashed]) else {
        return Err(ExitReason::other("a child does not run"));
    };
    end(&mut mailbox, victim, boom()).await;
    let after = at_rest(&supervisor).await?;
    let notes = notes(journal).await?;

    let expected = restarted(strategy, crashed);
    for id in CHILDREN {
        let kept = pid_of(&before, id) == pid_of(&after, id);
        always!(
            "strategies.those_and_no_others",
            kept != expected.contains(&id),
            "{strategy:?}, {} crashed: {id} kept: {kept}",
            CHILDREN[crashed]
        );
    }
    let siblings = expected.iter().rev().filter(|id| **id != CHILDREN[crashed]);
    let stops = siblings.map(|id| Note::Stopped(id));
    let in_order: Vec<Note> = stops
        .chain(expected.iter().map(|id| Note::Up(id)))
        .collect();
    always!("strategies.in_order", notes == in_order, "{notes:?}");

    // Two crashes at once: under one for all the supervisor may see to both in one go.
    for id in ["database", "web"] {
        if let Some(pid) = pid_of(&after, id) {
            end(&mut mailbox, pid, boom()).await;
        }
    }
    let last = at_rest(&supervisor).await?;
    always!(
        "strategies.all_run",
        CHILDREN.iter().all(|id| pid_of(&last, id).is_some())
    );
    let ups = super::member::notes(journal).await?;
    let ups = ups
        .iter()
        .filter(|note| matches!(note, Note::Up(_)))
        .count();
    sometimes!(
        "strategies.absorbed",
        strategy == Strategy::OneForAll && ups == 3
    );
    supervisor.stop().await?;
    journal.stop().await?;
    Ok(())
}
