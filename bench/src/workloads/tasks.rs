//! E4 to E6: tasks, one by one and as a stream, and calls of an agent.

use crate::measure::{Figures, Stopwatch};
use beamline::prelude::*;
use std::time::Duration;

/// E4: a task for each number, waited for before the next.
pub(crate) async fn spawn_and_join(_: Mailbox, n: u64) -> Figures {
    let watch = Stopwatch::start();
    let mut sum = 0;
    for number in 0..n {
        let task = Task::spawn(async move { number });
        sum += task
            .join(Duration::from_secs(5))
            .await
            .expect("no task fails");
    }
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// E5: a stream over all numbers, eight tasks at a time.
pub(crate) async fn stream(_: Mailbox, n: u64) -> Figures {
    let watch = Stopwatch::start();
    let mut stream = Task::stream(0..n, async |number| number).max_concurrency(8);
    let mut sum = 0;
    while let Some(outcome) = stream.next().await {
        sum += outcome.expect("no task fails");
    }
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// E6: a value read from an agent, again and again.
pub(crate) async fn get_of_an_agent(_: Mailbox, n: u64) -> Figures {
    let agent = Agent::start_link(|| 1_u64).await.expect("it starts");
    let watch = Stopwatch::start();
    let mut sum = 0;
    for _ in 0..n {
        sum += agent.get(|value| *value).await.expect("it answers");
    }
    let figures = watch.stop(n);
    assert_eq!(sum, n);
    figures
}
