//! Workloads that set timers: W9A, W9B and W9C. A timer that sends is a task that sleeps first.

use crate::measure::{Figures, Stopwatch};
use crate::shape;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

fn send_after(to: &UnboundedSender<u64>, number: u64, after: Duration) -> JoinHandle<()> {
    let to = to.clone();
    tokio::spawn(async move {
        tokio::time::sleep(after).await;
        to.send(number).expect("the driver");
    })
}

/// W9A: timers set, fired and received within a second or so.
pub(crate) async fn fire(n: u64) -> Figures {
    let (to_me, mut inbox) = unbounded_channel();
    let watch = Stopwatch::start();
    for number in 0..n {
        send_after(&to_me, number, shape::soon(number));
    }
    let mut sum = 0;
    for _ in 0..n {
        sum += inbox.recv().await.expect("a timer");
    }
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// W9B: timers set and cancelled in groups.
pub(crate) async fn cancel_in_groups(n: u64) -> Figures {
    let groups = n / shape::GROUP;
    let (to_me, mut inbox) = unbounded_channel();
    let mut timers = Vec::new();
    let watch = Stopwatch::start();
    for _ in 0..groups {
        for number in 0..shape::GROUP {
            timers.push(send_after(&to_me, number, shape::late(number)));
        }
        for timer in timers.drain(..) {
            timer.abort();
        }
        // The aborted tasks end only when the executor comes to them.
        tokio::task::yield_now().await;
    }
    let figures = watch.stop(groups * shape::GROUP);
    assert!(inbox.try_recv().is_err());
    figures
}

/// W9C: all timers set, then all cancelled.
pub(crate) async fn cancel_all(n: u64) -> Figures {
    let (to_me, mut inbox) = unbounded_channel();
    let mut timers = Vec::with_capacity(n as usize);
    let watch = Stopwatch::start();
    for number in 0..n {
        timers.push(send_after(&to_me, number, shape::late(number)));
    }
    // A task arms its timer when it first runs, and ends some time after it is aborted.
    tokio::task::yield_now().await;
    for timer in timers {
        timer.abort();
    }
    tokio::task::yield_now().await;
    let figures = watch.stop(n);
    assert!(inbox.try_recv().is_err());
    figures
}
