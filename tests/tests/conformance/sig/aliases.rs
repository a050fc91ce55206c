//! SIG-17 and SIG-33 to SIG-37: aliases.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::outcome;
use beamline_tests::{both, down, idle};

use super::{Go, Item, reached, set};

/// Everything was sent.
#[derive(Debug)]
struct Sent;

#[test]
fn sig_017_a_message_to_a_reference_that_is_no_alias_vanishes() {
    both(
        "sig_017_a_message_to_a_reference_that_is_no_alias_vanishes",
        async || {
            let mut mailbox = mailbox();
            send(make_ref(), Item(1));
            send(monitor(idle()), Item(2));
            assert_eq!(
                mailbox
                    .receive_timeout::<Item>(Duration::from_millis(2))
                    .await,
                None
            );
        },
    );
}

#[test]
fn sig_033_an_alias_reaches_the_process_that_made_it() {
    both(
        "sig_033_an_alias_reaches_the_process_that_made_it",
        async || {
            let mut mailbox = mailbox();
            let (one, two) = (alias(), alias());
            assert_ne!(one, two, "aliases of one process are independent");
            spawn(async move |_: Mailbox| {
                send(one, Item(1));
                send(two, Item(2));
            });
            assert_eq!(mailbox.receive::<Item>().await, Item(1));
            assert_eq!(mailbox.receive::<Item>().await, Item(2));
        },
    );
}

#[test]
fn sig_034_unalias_says_whether_there_was_an_alias() {
    both(
        "sig_034_unalias_says_whether_there_was_an_alias",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let own = alias();
            assert!(unalias(own));
            assert!(!unalias(own), "it is no alias any more");
            assert!(!unalias(make_ref()), "this never was one");
            spawn(async move |mut mailbox: Mailbox| {
                send(root, alias());
                mailbox.receive::<Go>().await;
            });
            let foreign: Ref = mailbox.receive().await;
            assert!(!unalias(foreign), "only its creator can end an alias");
        },
    );
}

#[test]
fn sig_035_an_ended_alias_drops_messages_but_not_those_received_before() {
    both(
        "sig_035_an_ended_alias_drops_messages_but_not_those_received_before",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let address = alias();
            let sender = spawn(async move |mut mailbox: Mailbox| {
                send(address, Item(1));
                send(root, Sent);
                mailbox.receive::<Go>().await;
                send(address, Item(2));
                send(root, Sent);
            });
            mailbox.receive::<Sent>().await;
            assert!(unalias(address));
            send(sender, Go);
            mailbox.receive::<Sent>().await;
            assert_eq!(mailbox.receive::<Item>().await, Item(1));
            assert_eq!(mailbox.receive_timeout::<Item>(Duration::ZERO).await, None);
        },
    );
}

#[test]
fn sig_035_the_alias_counts_when_the_message_is_received() {
    let seen = reached(
        "sig_035_the_alias_counts_when_the_message_is_received",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let address = alias();
            spawn(async move |_: Mailbox| {
                send(address, Item(1));
                send(root, Sent);
            });
            yield_now().await;
            unalias(address);
            mailbox.receive::<Sent>().await;
            let kept = mailbox
                .receive_timeout::<Item>(Duration::ZERO)
                .await
                .is_some();
            outcome(if kept { "kept" } else { "dropped" });
        },
    );
    assert_eq!(seen, set(&["dropped", "kept"]));
}

#[test]
fn sig_036_an_alias_for_one_reply_takes_one_message() {
    both(
        "sig_036_an_alias_for_one_reply_takes_one_message",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let once = alias_once();
            for number in 1..=2 {
                spawn(async move |_: Mailbox| {
                    send(once, Item(number));
                    send(once, Item(number + 10));
                    send(root, Sent);
                });
            }
            mailbox.receive::<Sent>().await;
            mailbox.receive::<Sent>().await;
            let Item(number) = mailbox.receive().await;
            assert!(
                [1, 2].contains(&number),
                "got {number}: a sender's first message comes first"
            );
            assert_eq!(mailbox.receive_timeout::<Item>(Duration::ZERO).await, None);
            assert!(!unalias(once), "the first message ended it");
        },
    );
}

#[test]
fn sig_037_an_alias_dies_with_its_process() {
    both("sig_037_an_alias_dies_with_its_process", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (_, watch) = spawn_monitor(async move |_: Mailbox| send(root, alias()));
        let orphan: Ref = mailbox.receive().await;
        down(&mut mailbox, watch).await;
        let heirs: Vec<Pid> = (0..20).map(|_| idle()).collect();
        send(orphan, Item(1));
        for heir in heirs {
            assert_eq!(info(heir).await.expect("it waits").message_queue_len, 0);
        }
        assert_eq!(mailbox.len(), 0);
    });
}
