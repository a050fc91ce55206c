//! Destructors that run while a process dies: what they may do, and that a panic in one of them
//! harms nobody else.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, settle};

use super::{Log, Marker, told};
use crate::sig::{Go, Item, boom};

/// Runs its closure when it is dropped.
struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> OnDrop<F> {
    fn new(action: F) -> Self {
        OnDrop(Some(action))
    }
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(action) = self.0.take() {
            action();
        }
    }
}

/// A message that runs a function on its way out, unless a panic is under way already.
#[derive(Debug)]
struct Parting(Pid, fn(Pid));

impl Drop for Parting {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            (self.1)(self.0);
        }
    }
}

/// A process that holds `guard` and waits to be stopped.
fn holding<F: FnOnce() + Send + 'static>(action: F) -> (Pid, Ref) {
    let guard = OnDrop::new(action);
    spawn_monitor(async move |mut mailbox: Mailbox| {
        let _held = guard;
        mailbox.receive::<Stop>().await;
    })
}

#[test]
fn death_drop_of_the_body_may_send() {
    both("death_drop_of_the_body_may_send", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (pid, watch) = holding(move || send(root, (me(), Item(1))));
        exit(pid, ExitReason::Kill);
        // What the body sends comes before the news of its death, as everything else it sent.
        let first = mailbox.receive_any().await.downcast::<(Pid, Item)>();
        assert_eq!(first.expect("the body's last message"), (pid, Item(1)));
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
    });
}

#[test]
fn death_drop_of_the_body_may_spawn() {
    both("death_drop_of_the_body_may_spawn", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (pid, watch) = holding(move || {
            spawn(async move |_: Mailbox| send(root, Item(1)));
        });
        exit(pid, boom());
        assert_eq!(down(&mut mailbox, watch).await, boom());
        assert_eq!(mailbox.receive::<Item>().await, Item(1));
    });
}

#[test]
fn death_drop_of_the_body_may_link_and_monitor_and_leaves_nothing() {
    both(
        "death_drop_of_the_body_may_link_and_monitor_and_leaves_nothing",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            trap_exit(true);
            let (pid, watch) = holding(move || {
                link(root);
                monitor(root);
                trap_exit(true);
                exit(me(), ExitReason::Timeout);
                send(me(), Item(1));
                send_after(me(), Item(2), Duration::from_millis(1));
            });
            exit(pid, ExitReason::Kill);
            let exit = mailbox.receive::<Exit>().await;
            assert_eq!(exit.from, pid);
            assert!(
                [ExitReason::Killed, ExitReason::NoProc].contains(&exit.reason),
                "{exit:?}"
            );
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            assert!(
                mailbox
                    .receive_any_timeout(Duration::from_millis(3))
                    .await
                    .is_none()
            );
            assert!(info(root).await.expect("it runs").links.is_empty());
            // The end of its monitor may still be under way.
            while !info(root).await.expect("it runs").monitored_by.is_empty() {
                settle().await;
            }
        },
    );
}

#[test]
fn death_drop_of_the_body_may_panic() {
    both("death_drop_of_the_body_may_panic", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let log = Log::default();
        let (pid, watch) = holding(|| panic!("out of a destructor"));
        register("death_drop_of_the_body_may_panic", pid)
            .await
            .expect("the name is free");
        link(pid);
        send(pid, Marker(log.clone(), "message"));
        exit(pid, ExitReason::Kill);
        // The first fatal signal has decided the reason; the panic comes after it.
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        assert_eq!(mailbox.receive::<Exit>().await.reason, ExitReason::Killed);
        assert_eq!(whereis("death_drop_of_the_body_may_panic").await, None);
        while told(&log).is_empty() {
            settle().await;
        }
        assert!(
            mailbox
                .receive_any_timeout(Duration::from_millis(2))
                .await
                .is_none()
        );
    });
}

#[test]
fn death_by_a_panic_whose_payload_panics_when_dropped() {
    both(
        "death_by_a_panic_whose_payload_panics_when_dropped",
        async || {
            let mut mailbox = mailbox();
            let (_, watch) = spawn_monitor(async |_: Mailbox| -> ExitReason {
                std::panic::panic_any(Parting(me(), |_| panic!("out of a payload")));
            });
            let reason = down(&mut mailbox, watch).await;
            assert!(matches!(reason, ExitReason::Panicked(_)), "{reason:?}");
            // The runtime is as good as before.
            let (_, watch) = spawn_monitor(async |_: Mailbox| boom());
            assert_eq!(down(&mut mailbox, watch).await, boom());
        },
    );
}

#[test]
fn death_drop_of_a_message_may_panic() {
    both("death_drop_of_a_message_may_panic", async || {
        let mut mailbox = mailbox();
        let log = Log::default();
        let (pid, watch) = holding(|| {});
        send(pid, Marker(log.clone(), "before"));
        send(pid, Parting(pid, |_| panic!("out of a message")));
        send(pid, Parting(pid, |_| panic!("out of another")));
        send(pid, Marker(log.clone(), "after"));
        assert_eq!(info(pid).await.expect("it waits").message_queue_len, 4);
        exit(pid, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        while told(&log).len() < 2 {
            settle().await;
        }
        assert_eq!(told(&log), ["before", "after"]);
        let (_, watch) = spawn_monitor(async |_: Mailbox| boom());
        assert_eq!(down(&mut mailbox, watch).await, boom());
    });
}

/// A message through an alias that has ended is dropped on receipt, one to a dying process with
/// everything else: in neither case is there a body that could catch its panic.
#[test]
fn death_drop_of_a_message_through_an_alias_may_panic() {
    both(
        "death_drop_of_a_message_through_an_alias_may_panic",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                let ended = alias();
                unalias(ended);
                send(root, (ended, alias()));
                mailbox.receive::<Stop>().await;
            });
            let (ended, open) = mailbox.receive::<(Ref, Ref)>().await;
            send(
                ended,
                Parting(pid, |_| panic!("out of a message nobody wants")),
            );
            assert!(
                alive(pid).await,
                "what it was never meant to see does not touch it"
            );
            send(
                open,
                Parting(pid, |_| panic!("out of a message in the mailbox")),
            );
            exit(pid, boom());
            send(
                open,
                Parting(pid, |_| panic!("out of a message that came too late")),
            );
            assert_eq!(down(&mut mailbox, watch).await, boom());
            send(
                open,
                Parting(pid, |_| panic!("out of a message to the dead")),
            );
            let (_, watch) = spawn_monitor(async |_: Mailbox| ExitReason::Shutdown);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        },
    );
}

/// A send to the dead is silent (SIG-13), whatever the message does when it is dropped.
#[test]
fn death_drop_of_a_message_to_the_dead_may_panic() {
    both(
        "death_drop_of_a_message_to_the_dead_may_panic",
        async || {
            let mut mailbox = mailbox();
            let (dead, watch) = spawn_monitor(async |_: Mailbox| {});
            down(&mut mailbox, watch).await;
            let (_, watch) = spawn_monitor(async move |_: Mailbox| {
                send(
                    dead,
                    Parting(dead, |_| panic!("out of a message to the dead")),
                );
                yield_now().await;
                boom()
            });
            assert_eq!(down(&mut mailbox, watch).await, boom());
        },
    );
}

/// An exit reason whose last owner panics.
#[derive(Debug)]
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("out of an exit reason");
        }
    }
}

impl PartialEq for Fragile {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[test]
fn death_drop_of_the_exit_reason_may_panic() {
    both("death_drop_of_the_exit_reason_may_panic", async || {
        let mut mailbox = mailbox();
        // Nobody is told, so the runtime itself drops the reason.
        let unseen = spawn(async |_: Mailbox| ExitReason::other(Fragile));
        while alive(unseen).await {
            settle().await;
        }
        let (_, watch) = spawn_monitor(async |_: Mailbox| boom());
        assert_eq!(down(&mut mailbox, watch).await, boom());
    });
}

#[test]
fn death_drop_of_a_message_may_send() {
    both("death_drop_of_a_message_may_send", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (pid, watch) = holding(|| {});
        send(pid, Parting(root, |root| send(root, Item(1))));
        // One more to the process that is just being emptied: it vanishes and ends there.
        send(pid, Parting(pid, |pid| send(pid, Item(2))));
        send(pid, Parting(root, |root| send(root, Item(3))));
        exit(pid, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        let mut got = [mailbox.receive::<Item>().await, mailbox.receive().await];
        got.sort_by_key(|item| item.0);
        assert_eq!(got, [Item(1), Item(3)]);
        assert_eq!(
            mailbox
                .receive_timeout::<Item>(Duration::from_millis(2))
                .await,
            None
        );
    });
}

#[test]
fn death_drop_of_a_message_to_the_dead_may_send() {
    both("death_drop_of_a_message_to_the_dead_may_send", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (dead, watch) = spawn_monitor(async |_: Mailbox| {});
        down(&mut mailbox, watch).await;
        send(dead, Parting(root, |root| send(root, Item(1))));
        assert_eq!(mailbox.receive::<Item>().await, Item(1));
    });
}

#[test]
fn death_drop_of_a_received_message_is_the_bodys_own_panic() {
    both(
        "death_drop_of_a_received_message_is_the_bodys_own_panic",
        async || {
            let mut mailbox = mailbox();
            let (pid, watch) = spawn_monitor(async |mut mailbox: Mailbox| {
                mailbox.receive::<Parting>().await;
                mailbox.receive::<Go>().await;
            });
            send(pid, Parting(pid, |_| panic!("out of a message")));
            let reason = down(&mut mailbox, watch).await;
            let ExitReason::Panicked(panic) = &reason else {
                panic!("{reason:?}")
            };
            assert_eq!(panic.message, "out of a message");
        },
    );
}

#[test]
fn death_of_a_process_whose_messages_hold_each_other() {
    both(
        "death_of_a_process_whose_messages_hold_each_other",
        async || {
            let mut mailbox = mailbox();
            let log = Log::default();
            let (pid, watch) = holding(|| {});
            let inner = Message::new(Marker(log.clone(), "inner"));
            send(pid, (Message::new(Marker(log.clone(), "middle")), inner));
            exit(pid, boom());
            assert_eq!(down(&mut mailbox, watch).await, boom());
            while told(&log).len() < 2 {
                settle().await;
            }
            assert_eq!(told(&log), ["middle", "inner"]);
        },
    );
}
