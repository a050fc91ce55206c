//! Workloads that set timers: W9A, W9B and W9C.

use super::collector::{Item, sum};
use crate::measure::{Figures, Stopwatch};
use crate::shape;
use beamline::prelude::*;

/// W9A: timers set, fired and received within a second or so.
pub(crate) async fn fire(mut mailbox: Mailbox, n: u64) -> Figures {
    let watch = Stopwatch::start();
    for number in 0..n {
        send_after(me(), Item(number), shape::soon(number));
    }
    let sum = sum(&mut mailbox, n).await;
    let figures = watch.stop(n);
    assert_eq!(sum, n * (n - 1) / 2);
    figures
}

/// W9B: timers set and cancelled in groups.
pub(crate) async fn cancel_in_groups(mailbox: Mailbox, n: u64) -> Figures {
    let groups = n / shape::GROUP;
    let mut timers = Vec::new();
    let watch = Stopwatch::start();
    for _ in 0..groups {
        for number in 0..shape::GROUP {
            timers.push(send_after(me(), Item(number), shape::late(number)));
        }
        for timer in timers.drain(..) {
            assert!(cancel(timer).await.is_some());
        }
    }
    let figures = watch.stop(groups * shape::GROUP);
    assert!(mailbox.is_empty());
    figures
}

/// W9C: all timers set, then all cancelled.
pub(crate) async fn cancel_all(mailbox: Mailbox, n: u64) -> Figures {
    let mut timers = Vec::with_capacity(n as usize);
    let watch = Stopwatch::start();
    for number in 0..n {
        timers.push(send_after(me(), Item(number), shape::late(number)));
    }
    for timer in timers {
        assert!(cancel(timer).await.is_some());
    }
    let figures = watch.stop(n);
    assert!(mailbox.is_empty());
    figures
}
