//! MON-13 to MON-17: ending a monitor.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::outcome;
use beamline_tests::{Stop, both, down, idle};

use super::{monitors, nothing_more};
use crate::sig::{Go, Item, boom, reached, set};

#[test]
fn mon_013_ending_a_monitor_that_is_none_does_nothing() {
    both(
        "mon_013_ending_a_monitor_that_is_none_does_nothing",
        async || {
            let mut mailbox = mailbox();
            assert!(!demonitor(make_ref()));
            let (_, watch) = spawn_monitor(async |_: Mailbox| {});
            down(&mut mailbox, watch).await;
            assert!(!demonitor(watch), "it has fired");
            let watch = monitor(idle());
            assert!(demonitor(watch));
            assert!(!demonitor(watch), "it was ended before");
            assert!(!demonitor_flush(watch));
        },
    );
}

#[test]
fn mon_014_after_demonitor_no_down_arrives() {
    both("mon_014_after_demonitor_no_down_arrives", async || {
        let mut mailbox = mailbox();
        let watched = idle();
        let (ended, kept) = (monitor(watched), monitor(watched));
        assert!(demonitor(ended));
        exit(watched, boom());
        assert_eq!(down(&mut mailbox, kept).await, boom());
        nothing_more(&mut mailbox).await;
    });
}

#[test]
fn mon_014_a_down_that_is_already_a_message_stays() {
    both(
        "mon_014_a_down_that_is_already_a_message_stays",
        async || {
            let mut mailbox = mailbox();
            let (_, watch) = spawn_monitor(async |_: Mailbox| boom());
            hibernate().await;
            assert!(!demonitor(watch));
            let left = mailbox.receive_timeout::<Down>(Duration::ZERO).await;
            assert_eq!(left.map(|down| down.reason), Some(boom()));
        },
    );
}

#[test]
fn mon_014_a_down_under_way_is_dropped() {
    let name = "mon_014_a_down_under_way_is_dropped";
    let body = async || {
        let mut mailbox = mailbox();
        let (dying, kept) = spawn_monitor(async |_: Mailbox| boom());
        let watch = monitor(dying);
        yield_now().await;
        let early = mailbox
            .receive_where_timeout(Duration::ZERO, |down: &Down| down.reference == watch)
            .await;
        let found = demonitor(watch);
        assert_eq!(found, early.is_none());
        down(&mut mailbox, kept).await;
        nothing_more(&mut mailbox).await;
        outcome(if found { "ended" } else { "fired" });
    };
    both(name, body);
    assert_eq!(reached(name, body), set(&["ended", "fired"]));
}

#[test]
fn mon_015_flush_removes_the_queued_down_and_nothing_else() {
    both(
        "mon_015_flush_removes_the_queued_down_and_nothing_else",
        async || {
            let mut mailbox = mailbox();
            let (_, watch) = spawn_monitor(async |_: Mailbox| boom());
            hibernate().await;
            let process = Monitored::Pid(me());
            let foreign = Down {
                reference: make_ref(),
                process,
                reason: boom(),
                tag: None,
            };
            send(me(), foreign);
            send(me(), Item(1));
            assert!(!demonitor_flush(watch));
            assert!(!demonitor_flush(watch), "there is one at most");
            assert_ne!(mailbox.receive::<Down>().await.reference, watch);
            assert_eq!(mailbox.receive::<Item>().await, Item(1));
            nothing_more(&mut mailbox).await;
        },
    );
}

#[test]
fn mon_016_the_answer_says_whether_the_monitor_was_found() {
    both(
        "mon_016_the_answer_says_whether_the_monitor_was_found",
        async || {
            let mut mailbox = mailbox();
            let alive = idle();
            assert!(demonitor(monitor(alive)));
            assert!(demonitor_flush(monitor(alive)));
            let (_, watch) = spawn_monitor(async |_: Mailbox| {});
            hibernate().await;
            assert!(!demonitor_flush(watch), "a flush was needed");
            assert!(!demonitor_flush(watch), "there was nothing at all");
            nothing_more(&mut mailbox).await;
            assert!(monitors(me()).await.is_empty());
        },
    );
}

#[test]
fn mon_017_a_monitor_of_another_process_cannot_be_ended() {
    both(
        "mon_017_a_monitor_of_another_process_cannot_be_ended",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let watched = spawn(async move |mut mailbox: Mailbox| {
                let foreign: Ref = mailbox.receive().await;
                send(root, demonitor(foreign) || demonitor_flush(foreign));
                mailbox.receive::<Go>().await;
                boom()
            });
            let watch = monitor(watched);
            send(watched, watch);
            assert!(!mailbox.receive::<bool>().await);
            // Somebody who watches the same process cannot do it either.
            spawn(async move |_: Mailbox| {
                monitor(watched);
                send(root, demonitor(watch));
            });
            assert!(!mailbox.receive::<bool>().await);
            send(watched, Go);
            assert_eq!(down(&mut mailbox, watch).await, boom());
        },
    );
}

/// Many monitors of many processes, some ended and some left to fire.
#[test]
fn mon_002_a_mixture_of_ended_and_fired_monitors_adds_up() {
    both(
        "mon_002_a_mixture_of_ended_and_fired_monitors_adds_up",
        async || {
            let mut mailbox = mailbox();
            let mut kept = Vec::new();
            for round in 0..40 {
                let watched = idle();
                let watch = monitor(watched);
                kept.push(monitor(watched));
                send(watched, Stop);
                if round % 3 == 0 {
                    yield_now().await;
                }
                if round % 2 == 0 {
                    demonitor_flush(watch);
                } else {
                    kept.push(watch);
                }
            }
            for watch in kept {
                assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
            }
            nothing_more(&mut mailbox).await;
            assert!(monitors(me()).await.is_empty());
        },
    );
}
