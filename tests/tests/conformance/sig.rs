//! SIG: signals. Here delivery and sending (SIG-4 to SIG-6, SIG-13 to SIG-18).

mod aliases;
mod exits;
mod order;

use std::collections::BTreeSet;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Check, Granularity};
use beamline_tests::{Stop, both, down, idle, settle};

/// A numbered message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Item(pub(crate) u32);

/// Tells a process to go on.
#[derive(Debug)]
pub(crate) struct Go;

/// A reason of the program's own.
pub(crate) fn boom() -> ExitReason {
    ExitReason::other("boom")
}

/// The outcomes of a search, as a set to compare with.
pub(crate) fn set(outcomes: &[&str]) -> BTreeSet<String> {
    outcomes.iter().map(|outcome| outcome.to_string()).collect()
}

/// The outcomes that a body records in any order of events, every await being a choice.
pub(crate) fn reached<F, Fut>(name: &str, body: F) -> BTreeSet<String>
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let check = Check::new(name)
        .granularity(Granularity::Fine)
        .regressions(None);
    let found = check.explore(async move || body().await);
    assert!(
        found.complete && found.failing_traces == 0,
        "{name}: {found} {:?}",
        found.verdicts
    );
    found.outcomes.into_keys().collect()
}

/// The number that an [`Item`] or a trapped exit carries.
fn number(message: Message) -> u32 {
    match message.downcast::<Item>() {
        Ok(Item(number)) => number,
        Err(other) => {
            let exit = other.downcast::<Exit>().expect("an item or a trapped exit");
            *exit.reason.downcast_ref().expect("a number as the reason")
        }
    }
}

#[test]
fn sig_004_nothing_is_lost_and_every_sender_keeps_its_order() {
    both(
        "sig_004_nothing_is_lost_and_every_sender_keeps_its_order",
        async || {
            const SENDERS: usize = 4;
            const EACH: u32 = 25;
            let (mut mailbox, root) = (mailbox(), me());
            for sender in 0..SENDERS {
                spawn(async move |_: Mailbox| {
                    for number in 0..EACH {
                        send(root, (sender, number));
                        if number % 7 == 0 {
                            yield_now().await;
                        }
                    }
                });
            }
            let mut next = [0; SENDERS];
            for _ in 0..SENDERS as u32 * EACH {
                let (sender, number) = mailbox.receive::<(usize, u32)>().await;
                assert_eq!(number, next[sender], "sender {sender}");
                next[sender] += 1;
            }
            settle().await;
            assert_eq!(mailbox.len(), 0, "nothing arrives twice");
        },
    );
}

#[test]
fn sig_005_signals_reach_a_process_that_never_receives() {
    both(
        "sig_005_signals_reach_a_process_that_never_receives",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            let sleeper = spawn(async |_: Mailbox| -> ExitReason {
                for _ in 0..50 {
                    yield_now().await;
                }
                loop {
                    sleep(Duration::from_secs(3_600)).await;
                }
            });
            link(sleeper);
            let watch = monitor(sleeper);
            let seen = info(sleeper).await.expect("it never ends by itself");
            assert_eq!((seen.links, seen.monitored_by), (vec![root], vec![root]));
            exit(sleeper, ExitReason::Kill);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            assert_eq!(mailbox.receive::<Exit>().await.from, sleeper);
        },
    );
}

#[test]
fn sig_006_whatever_becomes_a_message_is_appended_in_order_of_receipt() {
    both(
        "sig_006_whatever_becomes_a_message_is_appended_in_order_of_receipt",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            let worker = spawn_link(async move |_: Mailbox| {
                send(root, Item(1));
                exit(root, ExitReason::other(2u32));
                send(root, Item(3));
                ExitReason::other(4u32)
            });
            let watch = monitor(worker);
            // Selecting the last of them shows that the others have kept their places.
            mailbox
                .receive_where(|down: &Down| down.reference == watch)
                .await;
            mailbox
                .receive_where(|exit: &Exit| exit.reason == ExitReason::other(4u32))
                .await;
            for expected in 1..=3 {
                assert_eq!(number(mailbox.receive_any().await), expected);
            }
        },
    );
}

#[test]
fn sig_013_a_message_to_a_dead_process_vanishes() {
    both("sig_013_a_message_to_a_dead_process_vanishes", async || {
        let mut mailbox = mailbox();
        let (dead, watch) = spawn_monitor(async |_: Mailbox| {});
        down(&mut mailbox, watch).await;
        send(dead, Item(1));
        // Processes that may now live where the dead one did hear nothing of it.
        let heirs: Vec<Pid> = (0..20).map(|_| idle()).collect();
        send(dead, Item(2));
        for heir in heirs {
            let seen = info(heir).await.expect("it waits to be stopped");
            assert_eq!((heir == dead, seen.message_queue_len), (false, 0));
        }
    });
}

#[test]
fn sig_014_sending_to_a_name_that_nobody_has_fails_in_the_sender() {
    both(
        "sig_014_sending_to_a_name_that_nobody_has_fails_in_the_sender",
        async || {
            assert!(send("sig_014", Item(1)).await.is_err());
            register("sig_014", me()).await.expect("the name is free");
            assert!(send("sig_014", Item(2)).await.is_ok());
            unregister("sig_014")
                .await
                .expect("the name was given above");
            assert!(send("sig_014", Item(3)).await.is_err());
            assert_eq!(mailbox().receive::<Item>().await, Item(2));
        },
    );
}

#[test]
fn sig_016_a_name_is_looked_up_when_the_send_executes() {
    both(
        "sig_016_a_name_is_looked_up_when_the_send_executes",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let owner = async move |mut mailbox: Mailbox| {
                let Item(number) = mailbox.receive().await;
                send(root, (me(), number));
                mailbox.receive::<Stop>().await;
            };
            let (first, second) = (spawn(owner), spawn(owner));
            register("sig_016", first).await.expect("the name is free");
            send("sig_016", Item(1))
                .await
                .expect("the first has the name");
            unregister("sig_016").await.expect("the first has the name");
            register("sig_016", second)
                .await
                .expect("the name is free again");
            send("sig_016", Item(2))
                .await
                .expect("the second has the name");
            let mut got = [
                mailbox.receive::<(Pid, u32)>().await,
                mailbox.receive().await,
            ];
            got.sort_by_key(|&(_, number)| number);
            assert_eq!(got, [(first, 1), (second, 2)]);
        },
    );
}

#[test]
fn sig_018_what_a_process_sends_itself_is_there_at_once() {
    both(
        "sig_018_what_a_process_sends_itself_is_there_at_once",
        async || {
            let mut mailbox = mailbox();
            send(me(), Item(1));
            send(alias(), Item(2));
            assert_eq!(mailbox.len(), 2);
            assert_eq!(mailbox.receive_timeout(Duration::ZERO).await, Some(Item(1)));
            assert_eq!(mailbox.receive_timeout(Duration::ZERO).await, Some(Item(2)));
            assert_eq!(mailbox.receive_timeout::<Item>(Duration::ZERO).await, None);
        },
    );
}
