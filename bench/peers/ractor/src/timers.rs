//! Workloads that set timers: W9A, W9B and W9C, by `ActorRef::send_after`.

use crate::collector::collector;
use crate::measure::{Figures, Stopwatch};
use crate::shape;

/// W9A: timers set, fired and received within a second or so.
pub(crate) async fn fire(n: u64) -> Figures {
    let (actor, sum) = collector(n).await;
    let watch = Stopwatch::start();
    for number in 0..n {
        actor.send_after(shape::soon(number), move || number);
    }
    let sum = sum.await.expect("the sum");
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// W9B: timers set and cancelled in groups.
pub(crate) async fn cancel_in_groups(n: u64) -> Figures {
    let groups = n / shape::GROUP;
    let (actor, _sum) = collector(n).await;
    let mut timers = Vec::new();
    let watch = Stopwatch::start();
    for _ in 0..groups {
        for number in 0..shape::GROUP {
            timers.push(actor.send_after(shape::late(number), move || number));
        }
        for timer in timers.drain(..) {
            timer.abort();
        }
        // The aborted tasks end only when the executor comes to them.
        tokio::task::yield_now().await;
    }
    watch.stop(groups * shape::GROUP)
}

/// W9C: all timers set, then all cancelled.
pub(crate) async fn cancel_all(n: u64) -> Figures {
    let (actor, _sum) = collector(n).await;
    let mut timers = Vec::with_capacity(n as usize);
    let watch = Stopwatch::start();
    for number in 0..n {
        timers.push(actor.send_after(shape::late(number), move || number));
    }
    // A task arms its timer when it first runs, and ends some time after it is aborted.
    tokio::task::yield_now().await;
    for timer in timers {
        timer.abort();
    }
    tokio::task::yield_now().await;
    watch.stop(n)
}
