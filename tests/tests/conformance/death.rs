//! How a process dies: its body is dropped, its names are freed, its exit and down signals are
//! sent, its mailbox is closed and emptied (P-34, P-35, P-37, P-38, SIG-8, LNK-5, MON-26).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::outcome;
use beamline_tests::{Stop, both, down, settle};

use crate::sig::{Go, Item, boom, reached, set};

mod drops;
mod late;

/// What happened, in order, told by destructors.
pub(crate) type Log = Arc<Mutex<Vec<&'static str>>>;

/// Writes its text into a log when it is dropped.
#[derive(Debug)]
pub(crate) struct Marker(pub(crate) Log, pub(crate) &'static str);

impl Drop for Marker {
    fn drop(&mut self) {
        self.0.lock().expect("no holder panics").push(self.1);
    }
}

/// What a log says so far.
pub(crate) fn told(log: &Log) -> Vec<&'static str> {
    log.lock().expect("no holder panics").clone()
}

#[test]
fn death_drops_the_body_before_anybody_learns_of_it() {
    both(
        "death_drops_the_body_before_anybody_learns_of_it",
        async || {
            let mut mailbox = mailbox();
            for reason in [ExitReason::Kill, boom(), ExitReason::Shutdown] {
                let log = Log::default();
                let guard = Marker(log.clone(), "body");
                let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                    let _held = guard;
                    mailbox.receive::<Stop>().await;
                });
                yield_now().await;
                exit(pid, reason);
                down(&mut mailbox, watch).await;
                assert_eq!(told(&log), ["body"]);
            }
        },
    );
}

#[test]
fn death_before_the_first_step_runs_nothing_and_drops_the_body() {
    let name = "death_before_the_first_step_runs_nothing_and_drops_the_body";
    let body = async || {
        let mut mailbox = mailbox();
        let (log, ran) = (Log::default(), Arc::new(AtomicUsize::new(0)));
        let (guard, count) = (Marker(log.clone(), "body"), ran.clone());
        let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
            let _held = guard;
            count.fetch_add(1, Ordering::SeqCst);
            mailbox.receive::<Stop>().await;
            count.fetch_add(1, Ordering::SeqCst);
        });
        exit(pid, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        assert_eq!(told(&log), ["body"]);
        let steps = ran.load(Ordering::SeqCst);
        assert!(steps < 2, "the body went on after it was killed");
        outcome(if steps == 0 { "never ran" } else { "ran" });
    };
    both(name, body);
    assert_eq!(reached(name, body), set(&["never ran", "ran"]));
}

#[test]
fn death_by_kill_runs_nothing_after_the_await_it_hits() {
    both(
        "death_by_kill_runs_nothing_after_the_await_it_hits",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                let nested = async {
                    send(root, Go);
                    mailbox.receive::<Stop>().await;
                    send(root, Item(1));
                };
                nested.await;
                send(root, Item(2));
            });
            mailbox.receive::<Go>().await;
            exit(pid, ExitReason::Kill);
            // Comes after the kill, and so to nobody.
            send(pid, Stop);
            assert!(!alive(pid).await);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            let told = mailbox
                .receive_timeout::<Item>(Duration::from_millis(2))
                .await;
            assert_eq!(told, None);
        },
    );
}

#[test]
fn death_of_oneself_comes_at_the_next_await() {
    both("death_of_oneself_comes_at_the_next_await", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            exit(me(), boom());
            send(root, Item(1));
            yield_now().await;
            send(root, Item(2));
        });
        assert_eq!(down(&mut mailbox, watch).await, boom());
        assert_eq!(mailbox.receive_timeout(Duration::ZERO).await, Some(Item(1)));
        assert_eq!(
            mailbox
                .receive_timeout::<Item>(Duration::from_millis(2))
                .await,
            None
        );
    });
}

/// Whatever is awaited next, and although it could be answered at once.
#[test]
fn death_of_oneself_comes_whatever_the_next_await_is() {
    both(
        "death_of_oneself_comes_whatever_the_next_await_is",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            for kind in 0..6 {
                let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                    send(me(), Item(0));
                    let timer = send_after(root, Go, Duration::from_secs(3_600));
                    mailbox
                        .receive_where_timeout(Duration::ZERO, |_: &Item| false)
                        .await;
                    exit(me(), boom());
                    match kind {
                        0 => _ = mailbox.receive::<Item>().await,
                        1 => drop(register("death_of_oneself", root).await),
                        2 => drop(whereis("death_of_oneself").await),
                        3 => drop(cancel(timer).await),
                        4 => drop(alive(root).await),
                        _ => sleep(Duration::ZERO).await,
                    }
                    send(root, Item(kind));
                });
                assert_eq!(down(&mut mailbox, watch).await, boom());
                assert_eq!(mailbox.receive_timeout::<Item>(Duration::ZERO).await, None);
                assert_eq!(whereis("death_of_oneself").await, None);
            }
        },
    );
}

#[test]
fn death_by_exit_now_unwinds_the_body() {
    both("death_by_exit_now_unwinds_the_body", async || {
        let mut mailbox = mailbox();
        let log = Log::default();
        let (inner, outer) = (Marker(log.clone(), "inner"), Marker(log.clone(), "outer"));
        let (_, watch) = spawn_monitor(async move |_: Mailbox| -> ExitReason {
            let _outer = outer;
            yield_now().await;
            let _inner = inner;
            exit_now(boom());
        });
        assert_eq!(down(&mut mailbox, watch).await, boom());
        assert_eq!(told(&log), ["inner", "outer"]);
    });
}

#[test]
fn death_by_two_signals_has_the_reason_of_the_first() {
    let name = "death_by_two_signals_has_the_reason_of_the_first";
    let body = async || {
        let mut mailbox = mailbox();
        let (pid, watch) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox.receive::<Stop>().await;
        });
        spawn(async move |_: Mailbox| {
            exit(pid, boom());
            exit(pid, ExitReason::Timeout);
        });
        exit(pid, ExitReason::Kill);
        let reason = down(&mut mailbox, watch).await;
        assert!([ExitReason::Killed, boom()].contains(&reason), "{reason:?}");
        assert!(
            mailbox
                .receive_any_timeout(Duration::from_millis(2))
                .await
                .is_none()
        );
        outcome(if reason == boom() { "boom" } else { "killed" });
    };
    both(name, body);
    assert_eq!(reached(name, body), set(&["boom", "killed"]));
}

#[test]
fn death_by_itself_races_with_a_kill() {
    let name = "death_by_itself_races_with_a_kill";
    let body = async || {
        let mut mailbox = mailbox();
        let (pid, watch) = spawn_monitor(async |_: Mailbox| -> ExitReason {
            yield_now().await;
            exit_now(boom());
        });
        spawn(async move |_: Mailbox| exit(pid, ExitReason::Kill));
        let reason = down(&mut mailbox, watch).await;
        assert!([ExitReason::Killed, boom()].contains(&reason), "{reason:?}");
        assert!(
            mailbox
                .receive_any_timeout(Duration::from_millis(2))
                .await
                .is_none()
        );
        assert!(!alive(pid).await);
        outcome(if reason == boom() { "boom" } else { "killed" });
    };
    both(name, body);
    assert_eq!(reached(name, body), set(&["boom", "killed"]));
}

#[test]
fn death_races_with_being_given_a_name() {
    let name = "death_races_with_being_given_a_name";
    let body = async || {
        let mut mailbox = mailbox();
        let (pid, watch) = spawn_monitor(async |_: Mailbox| boom());
        let given = register("death", pid).await;
        assert_eq!(down(&mut mailbox, watch).await, boom());
        assert_eq!(whereis("death").await, None);
        assert_eq!(register("death", me()).await, Ok(()));
        match given {
            Ok(()) => outcome("named"),
            Err(refusal) => {
                assert!(
                    matches!(refusal, RegisterError::NoProc { .. }),
                    "{refusal:?}"
                );
                outcome("dead");
            }
        }
    };
    both(name, body);
    assert_eq!(reached(name, body), set(&["dead", "named"]));
}

/// What a process has asked for when it dies is undone like what it has got (P-67).
#[test]
fn death_of_a_suspender_that_still_waits_undoes_the_suspension() {
    both(
        "death_of_a_suspender_that_still_waits_undoes_the_suspension",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let target = spawn(async move |mut mailbox: Mailbox| {
                mailbox.receive::<Go>().await;
                send(root, Item(1));
            });
            let (suspender, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                let _ = suspend(target).await;
                mailbox.receive::<Stop>().await;
            });
            yield_now().await;
            exit(suspender, ExitReason::Kill);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            send(target, Go);
            assert_eq!(mailbox.receive::<Item>().await, Item(1));
        },
    );
}

/// Every kind of signal reaches a process in the moment of its death: each link gives one exit,
/// each monitor one down, nothing hangs and nothing is left.
#[test]
fn death_meets_links_monitors_and_messages_under_way() {
    both(
        "death_meets_links_monitors_and_messages_under_way",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let dying = spawn(async |mut mailbox: Mailbox| {
                mailbox.receive::<Go>().await;
                boom()
            });
            for _ in 0..3 {
                spawn(async move |mut mailbox: Mailbox| {
                    trap_exit(true);
                    send(dying, Go);
                    link(dying);
                    let watch = monitor(dying);
                    send(dying, Item(1));
                    let reason = down(&mut mailbox, watch).await;
                    let exit = mailbox.receive::<Exit>().await;
                    let more = mailbox.receive_any_timeout(Duration::from_millis(2)).await;
                    let own = info(me()).await.expect("it runs");
                    let clean = own.links.is_empty() && own.monitors.is_empty() && more.is_none();
                    send(root, (reason, exit.reason, clean));
                });
            }
            for _ in 0..3 {
                let (down, exit, clean) = mailbox.receive::<(ExitReason, ExitReason, bool)>().await;
                for reason in [down, exit] {
                    assert!([boom(), ExitReason::NoProc].contains(&reason), "{reason:?}");
                }
                assert!(clean);
            }
        },
    );
}

#[test]
fn death_empties_the_mailbox_after_the_body() {
    both("death_empties_the_mailbox_after_the_body", async || {
        let mut mailbox = mailbox();
        let log = Log::default();
        let guard = Marker(log.clone(), "body");
        let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
            let _held = guard;
            mailbox.receive::<Stop>().await;
        });
        for text in ["first", "second", "third"] {
            send(pid, Marker(log.clone(), text));
        }
        assert_eq!(info(pid).await.expect("it waits").message_queue_len, 3);
        exit(pid, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
        // The down may be here before the last of its messages is gone.
        while told(&log).len() < 4 {
            settle().await;
        }
        assert_eq!(told(&log), ["body", "first", "second", "third"]);
        send(pid, Marker(log.clone(), "late"));
        while told(&log).len() < 5 {
            settle().await;
        }
    });
}
