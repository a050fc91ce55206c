//! LNK-5, LNK-14 and LNK-15: links made and undone while the other side does the same or dies.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::outcome;
use beamline_tests::{both, down, outcomes};

use super::links;
use crate::sig::{Go, boom, reached, set};

const SOON: Duration = Duration::from_millis(2);

/// A process that dies with [`boom`] at the first [`Go`].
fn fuse() -> Pid {
    spawn(async |mut mailbox: Mailbox| {
        mailbox.receive::<Go>().await;
        boom()
    })
}

#[test]
fn lnk_005_a_link_made_while_the_other_dies_gives_its_reason_or_noproc() {
    let name = "lnk_005_a_link_made_while_the_other_dies_gives_its_reason_or_noproc";
    let body = async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let dying = fuse();
        send(dying, Go);
        yield_now().await;
        link(dying);
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!(exit.from, dying);
        assert!([boom(), ExitReason::NoProc].contains(&exit.reason));
        assert!(mailbox.receive_any_timeout(SOON).await.is_none());
        outcome(if exit.reason == boom() {
            "real"
        } else {
            "noproc"
        });
    };
    both(name, body);
    assert_eq!(reached(name, body), set(&["noproc", "real"]));
}

/// A process that a signal ends may take in what came right behind it before it is dead.
#[test]
fn lnk_005_behind_a_fatal_signal_there_is_nobody() {
    let name = "lnk_005_behind_a_fatal_signal_there_is_nobody";
    both(name, async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        for reason in [boom(), ExitReason::Kill] {
            let doomed = fuse();
            exit(doomed, reason);
            link(doomed);
            let told = mailbox.receive::<Exit>().await;
            assert_eq!((told.from, told.reason), (doomed, ExitReason::NoProc));
        }
        assert!(mailbox.receive_any_timeout(SOON).await.is_none());
    });
}

/// The peer dies while its link stands, and its exit is still under way when the root, which
/// learnt of the death from a third process, undoes the link and makes a new one. The new link
/// is to a dead process; the old exit must not pass for the answer to it.
#[test]
fn lnk_014_old_exit_is_not_taken_for_a_new_link() {
    let name = "lnk_014_old_exit_is_not_taken_for_a_new_link";
    let body = async || {
        let (mut mailbox, root) = (mailbox(), me());
        trap_exit(true);
        let peer = fuse();
        link(peer);
        spawn(async move |mut mailbox: Mailbox| {
            let watch = monitor(peer);
            send(peer, Go);
            down(&mut mailbox, watch).await;
            send(root, Go);
        });
        mailbox.receive::<Go>().await;
        let early = mailbox.receive_timeout::<Exit>(Duration::ZERO).await;
        unlink(peer);
        link(peer);
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!((exit.from, exit.reason), (peer, ExitReason::NoProc));
        assert!(mailbox.receive_any_timeout(SOON).await.is_none());
        assert!(links(root).await.is_empty());
        outcome(if early.is_some() {
            "came first"
        } else {
            "under way"
        });
    };
    both(name, body);
    assert_eq!(outcomes(name, body), set(&["came first", "under way"]));
}

/// As above, but the peer may be alive, dying or dead when the second link reaches it.
#[test]
fn lnk_014_a_link_made_again_gives_exactly_one_exit() {
    both(
        "lnk_014_a_link_made_again_gives_exactly_one_exit",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            let peer = fuse();
            link(peer);
            send(peer, Go);
            yield_now().await;
            let before = mailbox.receive_timeout::<Exit>(Duration::ZERO).await;
            unlink(peer);
            yield_now().await;
            let between = mailbox.receive_timeout::<Exit>(Duration::ZERO).await;
            assert!(between.is_none(), "an undone link counted: {between:?}");
            link(peer);
            let after = mailbox.receive::<Exit>().await;
            assert!(mailbox.receive_any_timeout(SOON).await.is_none());
            if before.is_some() {
                assert_eq!(after.reason, ExitReason::NoProc);
            } else {
                assert!([boom(), ExitReason::NoProc].contains(&after.reason));
            }
        },
    );
}

/// What an [`agree`]ing process found in the end: whether it is linked to the other.
#[derive(Debug)]
struct Linked(bool);

/// All steps of one side are done.
#[derive(Debug)]
struct Done;

/// Links to or unlinks from the peer as told, then reports how things stand once every signal
/// of both sides has been handled.
fn agree(root: Pid, steps: Option<Vec<bool>>) -> Pid {
    spawn(async move |mut mailbox: Mailbox| {
        let peer: Pid = mailbox.receive().await;
        let steps = steps.unwrap_or_else(|| (0..8).map(|_| random_range(0..2) == 0).collect());
        for connect in steps {
            if connect {
                link(peer)
            } else {
                unlink(peer)
            }
            yield_now().await;
        }
        // What was sent before this is handled there before this is received.
        send(peer, Done);
        mailbox.receive::<Done>().await;
        send(root, Linked(links(me()).await.contains(&peer)));
        mailbox.receive::<Done>().await;
    })
}

/// Lets two processes run their steps against each other; whether they end linked.
async fn crossing(one: Option<Vec<bool>>, two: Option<Vec<bool>>) -> bool {
    let (mut mailbox, root) = (mailbox(), me());
    let (one, two) = (agree(root, one), agree(root, two));
    send(one, two);
    send(two, one);
    let (Linked(left), Linked(right)) = (mailbox.receive().await, mailbox.receive().await);
    assert_eq!(left, right, "linked on one side only");
    left
}

#[test]
fn lnk_015_a_link_that_crosses_an_unlink_is_seen_alike_on_both_sides() {
    let name = "lnk_015_a_link_that_crosses_an_unlink_is_seen_alike_on_both_sides";
    let body = async || {
        let linked = crossing(Some(vec![true, false]), Some(vec![true])).await;
        outcome(if linked { "linked" } else { "not linked" });
    };
    both(name, body);
    assert_eq!(outcomes(name, body), set(&["linked", "not linked"]));
}

#[test]
fn lnk_015_random_links_and_unlinks_stay_symmetric() {
    both(
        "lnk_015_random_links_and_unlinks_stay_symmetric",
        async || {
            crossing(None, None).await;
        },
    );
}
