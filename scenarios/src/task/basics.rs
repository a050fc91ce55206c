//! Starting tasks and waiting for them, in all the ways there are.

use std::time::Duration;

use beamline::prelude::*;
use beamline::task::{JoinError, YieldMany};
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("task::join", join)
            .about("a task computes while its owner does something else")
            .expects(["join.in_time", "join.too_late"])
            .no_leaks(),
        Scenario::new("task::join_all", join_all)
            .about("several tasks, results in their order")
            .no_leaks(),
        Scenario::new("task::start", start)
            .about("work on the side that nobody waits for, linked and not")
            .no_leaks(),
        Scenario::new("task::yield_or_shutdown", yield_or_shutdown)
            .about("a result if it comes in time, and no task left in any case")
            .expects(["yield.result", "yield.shut_down"])
            .no_leaks(),
        Scenario::new("task::yield_many", yield_many)
            .about("whatever has come to its end by a deadline")
            .no_leaks(),
    ]
}

async fn expensive_computation() -> u64 {
    sleep(Duration::from_millis(20)).await;
    42
}

async fn join() {
    let mailbox = mailbox();
    let task = Task::spawn(expensive_computation());
    // The owner does something else meanwhile.
    sleep(Duration::from_millis(10)).await;
    match task.join(Duration::from_millis(30)).await {
        Ok(result) => {
            sometimes!("join.in_time", true);
            always!("join.result", result == 42);
        }
        Err(error) => {
            sometimes!("join.too_late", true);
            always!("join.only_late", error == JoinError::Timeout, "{error}");
        }
    }
    sleep(Duration::from_millis(30)).await;
    always!("join.nothing_left", mailbox.is_empty());
}

async fn join_all() -> Result<(), JoinError> {
    let tasks = (1..=4_u64).map(|n| {
        Task::spawn(async move {
            sleep(Duration::from_millis(random_range(0..5))).await;
            n * n
        })
    });
    let squares = Task::join_all(tasks, None).await?;
    always!("join_all.in_order", squares == [1, 4, 9, 16], "{squares:?}");
    Ok(())
}

async fn start() {
    let (mut mailbox, root) = (mailbox(), me());
    Task::start(async move { send(root, "unlinked") });
    Task::start_link(async move { send(root, "linked") });
    Task::start(async { panic!("nobody falls with it") });
    let words = [
        mailbox.receive::<&str>().await,
        mailbox.receive::<&str>().await,
    ];
    always!(
        "start.both",
        words.contains(&"linked") && words.contains(&"unlinked")
    );
}

async fn yield_or_shutdown() {
    let mailbox = mailbox();
    let mut task = Task::spawn(expensive_computation());
    let pid = task.pid();
    let outcome = match task.yield_for(Duration::from_millis(20)).await {
        Some(outcome) => Some(outcome),
        None => task.shutdown().await,
    };
    match outcome {
        Some(outcome) => {
            sometimes!("yield.result", true);
            always!("yield.value", outcome == Ok(42), "{outcome:?}");
        }
        None => {
            sometimes!("yield.shut_down", true);
            if let Some(pid) = pid {
                let lives = alive(pid).await;
                always!("yield.nothing_runs", !lives);
            }
        }
    }
    always!("yield.nothing_left", mailbox.is_empty());
}

async fn yield_many() {
    let mut tasks: Vec<Task<u64>> = (1..=3)
        .map(|n| {
            Task::spawn(async move {
                sleep(Duration::from_millis(10 * n)).await;
                n
            })
        })
        .collect();
    let by_then = YieldMany::from(Duration::from_millis(20));
    let outcomes = Task::yield_many(&mut tasks, by_then).await;
    for (n, outcome) in (1..).zip(&outcomes) {
        let right = matches!(outcome, None | Some(Ok(_)));
        let value = outcome.as_ref().and_then(|outcome| outcome.as_ref().ok());
        always!(
            "yield_many.value",
            right && value.is_none_or(|value| *value == n)
        );
    }
    for task in tasks {
        task.shutdown().await;
    }
}
