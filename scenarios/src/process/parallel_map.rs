//! Parallel map: a process for each item, and the results in the order of the items.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::parallel_map", parallel_squares)
            .about("a process for each item, results in the order of the items")
            .no_leaks(),
    ]
}

/// The results of `work` on each item, computed at once by as many processes.
async fn parallel_map<T, R, W, Fut>(mailbox: &mut Mailbox, items: Vec<T>, work: W) -> Vec<R>
where
    T: Send + 'static,
    R: Term,
    W: Fn(T) -> Fut + Copy + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
{
    let parent = me();
    let workers: Vec<Pid> = items
        .into_iter()
        .map(|item| spawn(async move |_: Mailbox| send(parent, (me(), work(item).await))))
        .collect();
    let mut results = Vec::new();
    for worker in workers {
        let (_, result) = mailbox
            .receive_where(|(from, _): &(Pid, R)| *from == worker)
            .await;
        results.push(result);
    }
    results
}

async fn expensive_computation(n: u64) -> u64 {
    sleep(Duration::from_millis(10)).await;
    n * n
}

async fn parallel_squares() {
    let mut mailbox = mailbox();
    let squares = parallel_map(&mut mailbox, vec![1, 2, 3, 4, 5], expensive_computation).await;
    always!(
        "parallel_map.in_order",
        squares == [1, 4, 9, 16, 25],
        "{squares:?}"
    );
    always!("parallel_map.nothing_left", mailbox.is_empty());
}
