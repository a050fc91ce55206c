//! The process that receives the results of a workload and tells the driver when all are in.

use beamline::prelude::*;

/// A number to add.
#[derive(Debug)]
pub(crate) struct Item(pub(crate) u64);

/// The sum of all items.
#[derive(Debug)]
pub(crate) struct Sum(pub(crate) u64);

/// Starts a collector of so many items, which sends their sum to the caller.
pub(crate) fn collector(items: u64) -> Pid {
    let owner = me();
    spawn(async move |mut mailbox: Mailbox| {
        let sum = sum(&mut mailbox, items).await;
        send(owner, Sum(sum));
    })
}

/// Receives so many items and adds them.
pub(crate) async fn sum(mailbox: &mut Mailbox, items: u64) -> u64 {
    let mut sum = 0;
    for _ in 0..items {
        sum += mailbox.receive::<Item>().await.0;
    }
    sum
}
