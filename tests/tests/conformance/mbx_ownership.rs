//! A mailbox stays with its process.

use beamline::prelude::*;
use beamline_tests::{both, down};

use crate::sig::Item;

/// A mailbox on its way to somebody who has no use for it.
#[derive(Debug)]
struct Foreign(#[expect(dead_code, reason = "only sent and dropped")] Mailbox);

#[test]
fn a_mailbox_that_was_moved_to_another_process_says_so() {
    both(
        "a_mailbox_that_was_moved_to_another_process_says_so",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            // The one in the middle has a child use its mailbox; the root learns how that ends.
            spawn(async move |theirs: Mailbox| {
                let child = spawn(async move |_| {
                    let mut theirs = theirs;
                    link(root);
                    theirs.receive::<Item>().await;
                });
                send(child, Item(1));
            });
            let reason = mailbox.receive::<Exit>().await.reason.to_string();
            assert!(
                reason.contains("the mailbox of another process"),
                "{reason}"
            );
        },
    );
}

#[test]
fn a_mailbox_that_is_dropped_elsewhere_frees_nobody_elses() {
    both(
        "a_mailbox_that_is_dropped_elsewhere_frees_nobody_elses",
        async || {
            let mut mailbox = mailbox();
            let (child, watch) = spawn_monitor(async |mut mailbox: Mailbox| {
                drop(mailbox.receive::<Foreign>().await);
                let _second = beamline::mailbox();
            });
            spawn(async move |theirs: Mailbox| send(child, Foreign(theirs)));
            let reason = down(&mut mailbox, watch).await.to_string();
            assert!(reason.contains("the mailbox is taken"), "{reason}");
        },
    );
}

#[test]
fn a_body_whose_closure_drops_the_mailbox_may_ask_for_it() {
    both(
        "a_body_whose_closure_drops_the_mailbox_may_ask_for_it",
        async || {
            let mut mailbox = mailbox();
            // No async closure: the mailbox is dropped before there is a process to have it.
            let (child, watch) = spawn_monitor(|_| async {
                beamline::mailbox().receive::<Item>().await;
            });
            send(child, Item(1));
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
            // And the parent still has its own, once.
            let (_, watch) = spawn_monitor(async |mut mailbox: Mailbox| {
                spawn(|_| async {});
                let _second = beamline::mailbox();
                mailbox.receive::<Item>().await;
            });
            let reason = down(&mut mailbox, watch).await.to_string();
            assert!(reason.contains("the mailbox is taken"), "{reason}");
        },
    );
}

#[test]
fn a_closure_that_panics_leaves_no_trace_on_the_next_mailbox() {
    both(
        "a_closure_that_panics_leaves_no_trace_on_the_next_mailbox",
        async || {
            let mut mailbox = mailbox();
            let failed = std::panic::catch_unwind(|| {
                spawn(|theirs| {
                    std::mem::forget(theirs);
                    if true {
                        panic!("no body");
                    }
                    async {}
                })
            });
            assert!(failed.is_err());
            // It has the slot that the other one would have had.
            let (child, watch) = spawn_monitor(async |given: Mailbox| {
                drop(given);
                beamline::mailbox().receive::<Item>().await;
            });
            send(child, Item(1));
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
        },
    );
}
