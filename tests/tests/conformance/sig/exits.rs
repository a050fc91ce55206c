//! SIG-19 to SIG-32: exit signals.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{both, down, idle};

use super::{Go, Item, boom};

/// A trapped exit, passed on.
#[derive(Debug)]
struct Trapped(Exit);

/// A process that traps exits and passes each of them on to `to`, after a first [`Go`].
fn trapper(to: Pid) -> Pid {
    spawn(async move |mut mailbox: Mailbox| -> ExitReason {
        trap_exit(true);
        send(to, Go);
        loop {
            let exit = mailbox.receive::<Exit>().await;
            send(to, Trapped(exit));
        }
    })
}

/// A process that links itself to `peer`, says [`Go`] to `to` and then waits.
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
fn sig_019_an_exit_signal_to_the_dead_or_the_deaf_does_nothing() {
    both(
        "sig_019_an_exit_signal_to_the_dead_or_the_deaf_does_nothing",
        async || {
            let mut mailbox = mailbox();
            let (dead, watch) = spawn_monitor(async |_: Mailbox| {});
            down(&mut mailbox, watch).await;
            exit(dead, boom());
            exit(dead, ExitReason::Kill);
            let deaf = idle();
            exit(deaf, ExitReason::Normal);
            assert!(alive(deaf).await);
            assert_eq!(mailbox.len(), 0);
        },
    );
}

#[test]
fn sig_020_an_explicit_exit_signal_of_a_linked_process_is_not_its_links() {
    both(
        "sig_020_an_explicit_exit_signal_of_a_linked_process_is_not_its_links",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            let target = trapper(root);
            mailbox.receive::<Go>().await;
            link(target);
            let watch = monitor(target);
            // Over the link `Kill` would be trapped; sent explicitly it cannot be.
            exit(target, ExitReason::Kill);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        },
    );
}

#[test]
fn sig_021_the_exit_of_a_process_that_is_no_longer_linked_is_dropped() {
    both(
        "sig_021_the_exit_of_a_process_that_is_no_longer_linked_is_dropped",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let (survivor, _) = spawn_monitor(async move |mut mailbox: Mailbox| {
                let peer = spawn_link(async |mut mailbox: Mailbox| {
                    mailbox.receive::<Go>().await;
                    boom()
                });
                let watch = monitor(peer);
                send(peer, Go);
                yield_now().await;
                unlink(peer);
                down(&mut mailbox, watch).await;
                send(root, Item(1));
            });
            // The peer's exit either came before the unlinking, or it never counts.
            let told = mailbox.receive_any().await;
            match told.downcast::<Down>() {
                Ok(death) => assert_eq!((death.process == survivor, death.reason), (true, boom())),
                Err(other) => assert!(other.is::<Item>()),
            }
        },
    );
}

#[test]
fn sig_022_reason_normal_from_another_process_is_dropped() {
    both(
        "sig_022_reason_normal_from_another_process_is_dropped",
        async || {
            let target = idle();
            exit(target, ExitReason::Normal);
            // The answer is given after the signals that were sent before the question.
            let seen = info(target).await.expect("it lives");
            assert_eq!(seen.message_queue_len, 0);
        },
    );
}

#[test]
fn sig_023_kill_cannot_be_trapped_and_becomes_killed() {
    both(
        "sig_023_kill_cannot_be_trapped_and_becomes_killed",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let trapping = trapper(root);
            mailbox.receive::<Go>().await;
            for target in [trapping, idle()] {
                let watch = monitor(target);
                exit(target, ExitReason::Kill);
                assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            }
            assert_eq!(mailbox.len(), 0, "nothing was trapped");
        },
    );
}

#[test]
fn sig_024_an_exit_signal_ends_a_process_that_does_not_trap_with_its_reason() {
    both(
        "sig_024_an_exit_signal_ends_a_process_that_does_not_trap_with_its_reason",
        async || {
            let mut mailbox = mailbox();
            let reasons = [
                boom(),
                ExitReason::Timeout,
                ExitReason::NoProc,
                ExitReason::Killed,
                ExitReason::Shutdown,
            ];
            for reason in reasons {
                let target = idle();
                let watch = monitor(target);
                exit(target, reason.clone());
                assert_eq!(down(&mut mailbox, watch).await, reason);
            }
        },
    );
}

#[test]
fn sig_024_kill_that_comes_over_a_link_stays_kill() {
    both(
        "sig_024_kill_that_comes_over_a_link_stays_kill",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let source = spawn(async |mut mailbox: Mailbox| -> ExitReason {
                mailbox.receive::<Go>().await;
                exit_now(ExitReason::Kill);
            });
            let (_, watch) = linked_to(source, root);
            mailbox.receive::<Go>().await;
            send(source, Go);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Kill);
        },
    );
}

#[test]
fn sig_025_a_process_that_sends_itself_normal_ends() {
    both(
        "sig_025_a_process_that_sends_itself_normal_ends",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                exit(me(), ExitReason::Normal);
                mailbox.receive::<Go>().await;
                send(root, Item(1));
            });
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
            assert_eq!(mailbox.len(), 0);
        },
    );
}

#[test]
fn sig_026_a_trapped_exit_signal_is_a_message_whatever_its_reason_but_kill() {
    both(
        "sig_026_a_trapped_exit_signal_is_a_message_whatever_its_reason_but_kill",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let target = trapper(root);
            mailbox.receive::<Go>().await;
            for reason in [
                ExitReason::Normal,
                ExitReason::Shutdown,
                ExitReason::Killed,
                boom(),
            ] {
                exit(target, reason.clone());
                let Trapped(exit) = mailbox.receive().await;
                assert_eq!((exit.from, exit.reason), (root, reason));
            }
            assert!(alive(target).await);
        },
    );
}

#[test]
fn sig_027_a_trapped_exit_over_a_link_is_a_message_whatever_its_reason() {
    both(
        "sig_027_a_trapped_exit_over_a_link_is_a_message_whatever_its_reason",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            for reason in [
                ExitReason::Normal,
                ExitReason::Kill,
                ExitReason::Shutdown,
                boom(),
            ] {
                let carried = reason.clone();
                let peer = spawn_link(async move |_: Mailbox| carried);
                let exit = mailbox.receive::<Exit>().await;
                assert_eq!((exit.from, exit.reason), (peer, reason));
            }
        },
    );
}

#[test]
fn sig_028_shutdown_is_a_reason_like_any_other_to_the_signals() {
    both(
        "sig_028_shutdown_is_a_reason_like_any_other_to_the_signals",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            for reason in [ExitReason::Shutdown, ExitReason::shutdown_with(7)] {
                let peer = idle();
                let (_, watch) = linked_to(peer, root);
                mailbox.receive::<Go>().await;
                exit(peer, reason.clone());
                assert_eq!(down(&mut mailbox, watch).await, reason);
            }
        },
    );
}

#[test]
fn sig_029_a_link_to_nobody_gives_noproc() {
    both("sig_029_a_link_to_nobody_gives_noproc", async || {
        let mut mailbox = mailbox();
        let (dead, watch) = spawn_monitor(async |_: Mailbox| {});
        down(&mut mailbox, watch).await;
        trap_exit(true);
        link(dead);
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!((exit.from, exit.reason), (dead, ExitReason::NoProc));
    });
}

#[test]
fn sig_030_a_killed_process_passes_on_killed_which_can_be_trapped() {
    both(
        "sig_030_a_killed_process_passes_on_killed_which_can_be_trapped",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            let target = idle();
            let (_, watch) = linked_to(target, root);
            mailbox.receive::<Go>().await;
            link(target);
            exit(target, ExitReason::Kill);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            let exit = mailbox.receive::<Exit>().await;
            assert_eq!((exit.from, exit.reason), (target, ExitReason::Killed));
        },
    );
}

#[test]
fn sig_031_an_explicit_exit_signal_neither_needs_nor_removes_a_link() {
    both(
        "sig_031_an_explicit_exit_signal_neither_needs_nor_removes_a_link",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let target = trapper(root);
            mailbox.receive::<Go>().await;
            exit(target, boom());
            assert_eq!(mailbox.receive::<Trapped>().await.0.from, root);
            link(target);
            exit(target, boom());
            assert_eq!(mailbox.receive::<Trapped>().await.0.from, root);
            assert_eq!(info(target).await.expect("it traps").links, [root]);
            assert_eq!(info(root).await.expect("it runs").links, [target]);
            unlink(target);
        },
    );
}

#[test]
fn sig_032_a_forged_exit_message_looks_like_a_trapped_one() {
    both(
        "sig_032_a_forged_exit_message_looks_like_a_trapped_one",
        async || {
            let mut mailbox = mailbox();
            let stranger = idle();
            send(
                me(),
                Exit {
                    from: stranger,
                    reason: boom(),
                },
            );
            let exit = mailbox
                .receive_timeout::<Exit>(Duration::ZERO)
                .await
                .expect("it was sent");
            assert_eq!((exit.from, exit.reason), (stranger, boom()));
            assert!(alive(stranger).await, "a message is only a message");
        },
    );
}
