//! Exact counts: how many runs a naive depth-first search makes of small programs, and how many
//! of them differ.
//!
//! The numbers are known by arithmetic. A search that makes fewer runs misses an order; one that
//! makes more takes a choice where there is none.

use beamline::prelude::*;
use beamline_sim::{Check, Delivery, Exploration, Granularity, always, outcome};

/// Searches all of a program, with fused steps.
fn search<F, Fut>(name: &str, delivery: Delivery, body: F) -> Exploration
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let check = Check::new(name)
        .granularity(Granularity::Fused)
        .delivery(delivery);
    let found = check.regressions(None).explore(async move || body().await);
    assert!(found.complete, "{name}: the search did not finish");
    found
}

fn factorial(n: u64) -> u64 {
    (1..=n).product()
}

/// The number of orders of `senders` times `each` messages that keep each sender's order.
fn interleavings(senders: u64, each: u64) -> u64 {
    factorial(senders * each) / factorial(each).pow(senders as u32)
}

/// The root takes `each` messages from each of `senders` processes, in any order.
async fn collect(senders: u64, each: u64) -> Vec<u64> {
    let (mut mailbox, root) = (mailbox(), me());
    for sender in 0..senders {
        spawn(async move |_: Mailbox| {
            for _ in 0..each {
                send(root, sender);
            }
        });
    }
    let mut order = Vec::new();
    for _ in 0..senders * each {
        order.push(mailbox.receive::<u64>().await);
    }
    order
}

#[test]
fn n_senders_to_one_receiver_take_n_factorial_runs() {
    for senders in 1..=6 {
        let found = search("n senders", Delivery::Pairwise, move || async move {
            outcome(format!("{:?}", collect(senders, 1).await));
        });
        let expected = factorial(senders);
        assert_eq!(
            (found.runs, found.traces),
            (expected, expected),
            "{senders} senders"
        );
        assert_eq!(found.outcomes.len() as u64, expected, "{senders} senders");
        assert_eq!(found.failing_traces, 0);
    }
}

#[test]
fn senders_of_several_messages_keep_their_order() {
    for (senders, each, expected) in [(2, 3, 20), (3, 2, 90), (2, 5, 252)] {
        assert_eq!(interleavings(senders, each), expected);
        let found = search(
            "senders of several",
            Delivery::Pairwise,
            move || async move {
                outcome(format!("{:?}", collect(senders, each).await));
            },
        );
        assert_eq!(
            (found.runs, found.traces),
            (expected, expected),
            "{senders} x {each}"
        );
        assert_eq!(found.outcomes.len() as u64, expected, "{senders} x {each}");
    }
}

/// One order of all is wrong: the one in which the messages arrive last sender first.
#[test]
fn one_reversed_order_fails_once() {
    for (senders, expected) in [(4, 24), (6, 720)] {
        let found = search("reversed", Delivery::Pairwise, move || async move {
            let order = collect(senders, 1).await;
            always!("reversed.never", !order.is_sorted_by(|a, b| a > b));
        });
        assert_eq!(
            (found.runs, found.traces),
            (expected, expected),
            "{senders} senders"
        );
        assert_eq!(found.failing_traces, 1, "{senders} senders");
    }
}

/// What a relay passes on may overtake what was sent before it, but only while signals may be
/// under way for as long as they like.
#[test]
fn an_effect_overtakes_its_cause_in_one_trace_of_two() {
    for (delivery, traces, failing) in [(Delivery::Pairwise, 2, 1), (Delivery::Immediate, 1, 0)] {
        let found = search("indirect", delivery, async || {
            let (mut mailbox, root) = (mailbox(), me());
            let relay = spawn(async move |mut mailbox: Mailbox| {
                let effect: u64 = mailbox.receive().await;
                send(root, effect);
            });
            spawn(async move |_: Mailbox| {
                send(root, 1u64);
                send(relay, 2u64);
            });
            let first: u64 = mailbox.receive().await;
            let second: u64 = mailbox.receive().await;
            always!("indirect.cause_first", first < second);
        });
        assert_eq!(
            (found.traces, found.failing_traces),
            (traces, failing),
            "{delivery:?}"
        );
    }
}
