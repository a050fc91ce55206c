//! LNK: links.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::outcome;
use beamline_tests::{Stop, both, down, idle, outcomes, settle};

use crate::sig::{Go, Item, boom, set};

mod races;

/// The processes linked to this one, as it stands.
async fn links(pid: Pid) -> Vec<Pid> {
    info(pid).await.expect("the process is alive").links
}

/// A process that is dead for certain.
async fn dead(mailbox: &mut Mailbox) -> Pid {
    let (pid, watch) = spawn_monitor(async |_: Mailbox| {});
    down(mailbox, watch).await;
    pid
}

/// A process that links itself to `peer`, tells `to` so, and ends when it gets an [`Item`].
fn linked_to(peer: Pid, to: Pid) -> (Pid, Ref) {
    spawn_monitor(async move |mut mailbox: Mailbox| {
        link(peer);
        // Answered only after the link has been received.
        let _ = alive(peer).await;
        send(to, Go);
        mailbox.receive::<Item>().await;
    })
}

#[test]
fn lnk_001_a_link_is_symmetric_and_there_is_at_most_one() {
    both(
        "lnk_001_a_link_is_symmetric_and_there_is_at_most_one",
        async || {
            let peer = idle();
            link(peer);
            link(peer);
            assert_eq!(
                (links(me()).await, links(peer).await),
                (vec![peer], vec![me()])
            );
            unlink(peer);
            assert_eq!((links(me()).await, links(peer).await), (vec![], vec![]));
            exit(peer, boom());
            assert!(!alive(peer).await);
        },
    );
}

#[test]
fn lnk_001_linking_from_the_other_side_adds_nothing() {
    both(
        "lnk_001_linking_from_the_other_side_adds_nothing",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let peer = spawn_link(async move |mut mailbox: Mailbox| {
                link(root);
                send(root, Go);
                mailbox.receive::<Stop>().await;
            });
            mailbox.receive::<Go>().await;
            assert_eq!(
                (links(root).await, links(peer).await),
                (vec![peer], vec![root])
            );
            unlink(peer);
            assert_eq!((links(root).await, links(peer).await), (vec![], vec![]));
        },
    );
}

#[test]
fn lnk_002_a_process_cannot_link_itself() {
    both("lnk_002_a_process_cannot_link_itself", async || {
        let mut mailbox = mailbox();
        let (_, watch) = spawn_monitor(async |_: Mailbox| {
            trap_exit(true);
            link(me());
            assert!(links(me()).await.is_empty());
            unlink(me());
        });
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
    });
}

/// OTP raises `noproc` in the caller of `link`; here the same reason arrives as an exit signal,
/// whichever process the dead one was (documented difference).
#[test]
fn lnk_003_a_link_to_the_dead_ends_a_process_that_does_not_trap() {
    both(
        "lnk_003_a_link_to_the_dead_ends_a_process_that_does_not_trap",
        async || {
            let mut mailbox = mailbox();
            let dead = dead(&mut mailbox).await;
            let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                link(dead);
                mailbox.receive::<Go>().await;
            });
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::NoProc);
        },
    );
}

#[test]
fn lnk_004_a_link_to_the_dead_is_a_message_to_a_process_that_traps() {
    both(
        "lnk_004_a_link_to_the_dead_is_a_message_to_a_process_that_traps",
        async || {
            let mut mailbox = mailbox();
            let dead = dead(&mut mailbox).await;
            trap_exit(true);
            for _ in 0..2 {
                link(dead);
                let exit = mailbox.receive::<Exit>().await;
                assert_eq!((exit.from, exit.reason), (dead, ExitReason::NoProc));
                assert!(links(me()).await.is_empty());
            }
        },
    );
}

#[test]
fn lnk_007_a_link_is_listed_until_it_is_undone() {
    both("lnk_007_a_link_is_listed_until_it_is_undone", async || {
        let mut mailbox = mailbox();
        let (one, two) = (idle(), idle());
        link(one);
        assert_eq!(links(me()).await, [one]);
        link(two);
        let mut both = links(me()).await;
        both.sort();
        assert_eq!(both, [one.min(two), one.max(two)]);
        unlink(one);
        assert_eq!(links(me()).await, [two]);
        trap_exit(true);
        send(two, Stop);
        mailbox.receive::<Exit>().await;
        assert!(links(me()).await.is_empty());
    });
}

#[test]
fn lnk_008_each_linked_process_gets_one_exit_with_the_reason() {
    both(
        "lnk_008_each_linked_process_gets_one_exit_with_the_reason",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let dying = idle();
            for _ in 0..3 {
                spawn(async move |mut mailbox: Mailbox| {
                    trap_exit(true);
                    link(dying);
                    link(dying);
                    let _ = alive(dying).await;
                    send(root, Go);
                    let exit = mailbox.receive::<Exit>().await;
                    let another = mailbox
                        .receive_timeout::<Exit>(Duration::from_millis(2))
                        .await;
                    send(root, (exit, another.is_some(), links(me()).await));
                });
                mailbox.receive::<Go>().await;
            }
            exit(dying, boom());
            for _ in 0..3 {
                let (exit, twice, left) = mailbox.receive::<(Exit, bool, Vec<Pid>)>().await;
                assert_eq!((exit.from, exit.reason), (dying, boom()));
                assert_eq!((twice, left), (false, vec![]));
            }
        },
    );
}

#[test]
fn lnk_009_a_linked_process_that_ends_normally_takes_nobody_along() {
    both(
        "lnk_009_a_linked_process_that_ends_normally_takes_nobody_along",
        async || {
            let mut mailbox = mailbox();
            let peer = idle();
            link(peer);
            let watch = monitor(peer);
            send(peer, Stop);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
            // The exit may come after the down.
            while !links(me()).await.is_empty() {
                settle().await;
            }
            assert_eq!(mailbox.len(), 0);
        },
    );
}

#[test]
fn lnk_010_a_reason_travels_along_a_chain_of_links() {
    both(
        "lnk_010_a_reason_travels_along_a_chain_of_links",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let head = idle();
            let mut last = head;
            let mut watches = Vec::new();
            for _ in 0..5 {
                let (next, watch) = linked_to(last, root);
                mailbox.receive::<Go>().await;
                watches.push(watch);
                last = next;
            }
            exit(head, boom());
            for watch in watches {
                assert_eq!(down(&mut mailbox, watch).await, boom());
            }
        },
    );
}

#[test]
fn lnk_011_unlinking_what_is_not_linked_does_nothing() {
    both(
        "lnk_011_unlinking_what_is_not_linked_does_nothing",
        async || {
            let mut mailbox = mailbox();
            let (stranger, dead) = (idle(), dead(&mut mailbox).await);
            for target in [stranger, dead, me()] {
                unlink(target);
            }
            assert!(alive(stranger).await);
            assert_eq!((links(me()).await, mailbox.len()), (vec![], 0));
        },
    );
}

#[test]
fn lnk_012_after_unlink_the_link_cannot_affect_the_caller() {
    both(
        "lnk_012_after_unlink_the_link_cannot_affect_the_caller",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            let peer = spawn_link(async |_: Mailbox| boom());
            let watch = monitor(peer);
            yield_now().await;
            let before = mailbox.receive_timeout::<Exit>(Duration::ZERO).await;
            assert!(before.is_none_or(|exit| exit.reason == boom()));
            unlink(peer);
            down(&mut mailbox, watch).await;
            let late = mailbox
                .receive_timeout::<Exit>(Duration::from_millis(2))
                .await;
            assert!(
                late.is_none(),
                "an exit that was under way counted: {late:?}"
            );
        },
    );
}

#[test]
fn lnk_013_an_exit_that_is_already_a_message_stays() {
    both(
        "lnk_013_an_exit_that_is_already_a_message_stays",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            let peer = spawn_link(async |_: Mailbox| boom());
            hibernate().await;
            unlink(peer);
            let exit = mailbox
                .receive_timeout::<Exit>(Duration::ZERO)
                .await
                .expect("it stays");
            assert_eq!((exit.from, exit.reason), (peer, boom()));
        },
    );
}

#[test]
fn lnk_016_unlinking_the_dead_leaves_nothing_behind() {
    both(
        "lnk_016_unlinking_the_dead_leaves_nothing_behind",
        async || {
            let mut mailbox = mailbox();
            let (_, watch) = spawn_monitor(async |mut mailbox: Mailbox| {
                let peer = spawn_link(async |_: Mailbox| {});
                let watch = monitor(peer);
                down(&mut mailbox, watch).await;
                unlink(peer);
                assert!(links(me()).await.is_empty());
                assert!(info(me()).await.expect("it runs").monitors.is_empty());
            });
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
        },
    );
}

#[test]
fn lnk_017_many_links_leave_no_residue() {
    both("lnk_017_many_links_leave_no_residue", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let mut exits = 0;
        for round in 0..90 {
            let peer = idle();
            link(peer);
            match round % 3 {
                0 => unlink(peer),
                1 => exits += 1,
                _ => {
                    unlink(peer);
                    link(peer);
                    exits += 1;
                }
            }
            send(peer, Stop);
        }
        for _ in 0..exits {
            assert_eq!(mailbox.receive::<Exit>().await.reason, ExitReason::Normal);
        }
        let own = info(me()).await.expect("it runs");
        assert_eq!(
            (own.links, own.monitors.len(), own.monitored_by),
            (vec![], 0, vec![])
        );
    });
}

#[test]
fn lnk_018_an_observer_with_link_and_monitor_gets_exit_and_down() {
    both(
        "lnk_018_an_observer_with_link_and_monitor_gets_exit_and_down",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            let peer = idle();
            link(peer);
            let watch = monitor(peer);
            exit(peer, boom());
            assert_eq!(down(&mut mailbox, watch).await, boom());
            let exit = mailbox.receive::<Exit>().await;
            assert_eq!((exit.from, exit.reason), (peer, boom()));
            assert!(
                mailbox
                    .receive_any_timeout(Duration::from_millis(2))
                    .await
                    .is_none()
            );
        },
    );
}

#[test]
fn lnk_019_linked_processes_that_die_at_once_keep_their_own_reasons() {
    let name = "lnk_019_linked_processes_that_die_at_once_keep_their_own_reasons";
    let body = async || {
        let (mut mailbox, root) = (mailbox(), me());
        let one = spawn_with(
            SpawnOptions::new().monitor(),
            async move |mut mailbox: Mailbox| {
                let two = spawn_link(async |mut mailbox: Mailbox| {
                    mailbox.receive::<Go>().await;
                    ExitReason::other(2u32)
                });
                send(root, two);
                mailbox.receive::<Go>().await;
                ExitReason::other(1u32)
            },
        )
        .expect("there is room for a process");
        let two: Pid = mailbox.receive().await;
        let (first, second) = (one.monitor.expect("it was asked for"), monitor(two));
        // Answered only after the monitor has been received.
        assert!(alive(two).await);
        send(one.pid, Go);
        send(two, Go);
        let first = down(&mut mailbox, first).await;
        let second = down(&mut mailbox, second).await;
        let reasons: (&u32, &u32) = (
            first.downcast_ref().expect("a reason of this test"),
            second.downcast_ref().expect("a reason of this test"),
        );
        // Each dies of itself or of the other; both of the other is impossible.
        assert_ne!(reasons, (&2, &1));
        outcome(format!("{reasons:?}"));
    };
    both(name, body);
    assert_eq!(outcomes(name, body), set(&["(1, 1)", "(1, 2)", "(2, 2)"]));
}
