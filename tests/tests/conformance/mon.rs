//! MON: monitors.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::outcome;
use beamline_tests::{Stop, both, down, idle, settle};

use crate::sig::{Go, Item, boom, reached, set};

mod aliases;
mod demonitor;

/// What monitors this process has made.
async fn monitors(pid: Pid) -> Vec<Monitored> {
    info(pid).await.expect("the process is alive").monitors
}

/// Nothing else arrives.
async fn nothing_more(mailbox: &mut Mailbox) {
    let more = mailbox.receive_any_timeout(Duration::from_millis(2)).await;
    assert!(more.is_none(), "{more:?}");
}

#[test]
fn mon_001_every_monitor_is_independent() {
    both("mon_001_every_monitor_is_independent", async || {
        let mut mailbox = mailbox();
        let watched = idle();
        let (one, two, three) = (monitor(watched), monitor(watched), monitor(watched));
        assert!(one != two && two != three && one != three);
        assert!(demonitor(two));
        exit(watched, boom());
        assert_eq!(down(&mut mailbox, three).await, boom());
        assert_eq!(down(&mut mailbox, one).await, boom());
        nothing_more(&mut mailbox).await;
    });
}

#[test]
fn mon_002_a_death_gives_one_down_with_the_reason_and_ends_the_monitor() {
    both(
        "mon_002_a_death_gives_one_down_with_the_reason_and_ends_the_monitor",
        async || {
            let mut mailbox = mailbox();
            let long: Vec<u64> = (0..2_000).collect();
            let reasons = [
                ExitReason::Normal,
                ExitReason::Shutdown,
                ExitReason::Kill,
                boom(),
                ExitReason::other(long),
            ];
            for reason in reasons {
                let carried = reason.clone();
                let (pid, watch) = spawn_monitor(async move |_: Mailbox| carried);
                let death = mailbox.receive::<Down>().await;
                assert_eq!(
                    (death.reference, death.reason, death.tag),
                    (watch, reason, None)
                );
                assert_eq!(death.process, Monitored::Pid(pid));
                assert!(monitors(me()).await.is_empty());
            }
            nothing_more(&mut mailbox).await;
        },
    );
}

#[test]
fn mon_003_a_monitor_of_the_dead_gives_noproc() {
    both("mon_003_a_monitor_of_the_dead_gives_noproc", async || {
        let mut mailbox = mailbox();
        let (dead, first) = spawn_monitor(async |_: Mailbox| boom());
        assert_eq!(down(&mut mailbox, first).await, boom());
        let second = monitor(dead);
        let death = mailbox.receive::<Down>().await;
        assert_eq!(
            (death.reference, death.reason),
            (second, ExitReason::NoProc)
        );
        assert_eq!(death.process, Monitored::Pid(dead));
        assert!(monitors(me()).await.is_empty());
    });
}

#[test]
fn mon_004_monitoring_does_not_wait_for_the_watched() {
    both(
        "mon_004_monitoring_does_not_wait_for_the_watched",
        async || {
            let mut mailbox = mailbox();
            let watched = idle();
            suspend(watched).await.expect("it lives");
            let watch = monitor(watched);
            nothing_more(&mut mailbox).await;
            // Even a process that may not run receives the signals that were sent to it.
            exit(watched, boom());
            assert_eq!(down(&mut mailbox, watch).await, boom());
        },
    );
}

#[test]
fn mon_005_a_race_with_death_gives_the_reason_or_noproc() {
    let name = "mon_005_a_race_with_death_gives_the_reason_or_noproc";
    let body = async || {
        let mut mailbox = mailbox();
        let dying = spawn(async |_: Mailbox| boom());
        yield_now().await;
        let watch = monitor(dying);
        let reason = down(&mut mailbox, watch).await;
        nothing_more(&mut mailbox).await;
        assert!([boom(), ExitReason::NoProc].contains(&reason));
        outcome(if reason == boom() { "real" } else { "noproc" });
    };
    both(name, body);
    assert_eq!(reached(name, body), set(&["noproc", "real"]));
}

/// A process that a signal ends may take in what came right behind it before it is dead.
#[test]
fn mon_005_behind_a_fatal_signal_there_is_nobody() {
    let name = "mon_005_behind_a_fatal_signal_there_is_nobody";
    both(name, async || {
        let mut mailbox = mailbox();
        for reason in [boom(), ExitReason::Kill] {
            let doomed = idle();
            exit(doomed, reason);
            let watch = monitor(doomed);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::NoProc);
        }
        nothing_more(&mut mailbox).await;
    });
}

#[test]
fn mon_006_the_death_of_the_watcher_does_not_touch_the_watched() {
    both(
        "mon_006_the_death_of_the_watcher_does_not_touch_the_watched",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let watched = idle();
            let watcher = spawn(async move |mut mailbox: Mailbox| {
                monitor(watched);
                monitor(watched);
                // Answered only after the monitors have been received.
                assert!(alive(watched).await);
                send(root, Go);
                mailbox.receive::<Stop>().await;
                boom()
            });
            mailbox.receive::<Go>().await;
            let seen = info(watched).await.expect("it waits to be stopped");
            assert_eq!(
                seen.monitored_by
                    .iter()
                    .filter(|&&pid| pid == watcher)
                    .count(),
                2
            );
            let watch = monitor(watcher);
            send(watcher, Stop);
            assert_eq!(down(&mut mailbox, watch).await, boom());
            while !info(watched)
                .await
                .expect("it lives")
                .monitored_by
                .is_empty()
            {
                settle().await;
            }
            assert!(alive(watched).await);
        },
    );
}

#[test]
fn mon_006_the_watched_may_kill_its_watcher_and_go_in_either_order() {
    both(
        "mon_006_the_watched_may_kill_its_watcher_and_go_in_either_order",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            for kill_first in [true, false] {
                let (watched, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                    let watcher: Pid = mailbox.receive().await;
                    if kill_first {
                        exit(watcher, ExitReason::Kill);
                        yield_now().await;
                    } else {
                        spawn(async move |_: Mailbox| exit(watcher, ExitReason::Kill));
                    }
                    boom()
                });
                let (watcher, other) =
                    spawn_monitor(async move |mut mailbox: Mailbox| -> ExitReason {
                        monitor(watched);
                        send(root, Go);
                        loop {
                            mailbox.receive_any().await;
                        }
                    });
                mailbox.receive::<Go>().await;
                send(watched, watcher);
                assert_eq!(down(&mut mailbox, watch).await, boom());
                assert_eq!(down(&mut mailbox, other).await, ExitReason::Killed);
            }
        },
    );
}

#[test]
fn mon_007_a_monitor_of_oneself_is_a_reference_and_nothing_else() {
    both(
        "mon_007_a_monitor_of_oneself_is_a_reference_and_nothing_else",
        async || {
            let mut mailbox = mailbox();
            let watch = monitor(me());
            let own = info(me()).await.expect("it runs");
            assert_eq!((own.monitors, own.monitored_by), (vec![], vec![]));
            assert!(!demonitor(watch));
            nothing_more(&mut mailbox).await;
        },
    );
}

#[test]
fn mon_008_a_name_is_resolved_once_at_the_call() {
    both("mon_008_a_name_is_resolved_once_at_the_call", async || {
        let mut mailbox = mailbox();
        let (first, second) = (idle(), idle());
        register("mon_008", first).await.expect("the name is free");
        let watch = monitor("mon_008").await;
        unregister("mon_008").await.expect("the first has it");
        register("mon_008", second).await.expect("it is free again");
        exit(second, boom());
        nothing_more(&mut mailbox).await;
        exit(first, ExitReason::Timeout);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Timeout);
    });
}

#[test]
fn mon_009_the_down_of_a_monitor_by_name_carries_the_name() {
    both(
        "mon_009_the_down_of_a_monitor_by_name_carries_the_name",
        async || {
            let mut mailbox = mailbox();
            let watched = idle();
            register("mon_009", watched)
                .await
                .expect("the name is free");
            let by_name = monitor("mon_009").await;
            let by_pid = monitor(watched);
            exit(watched, boom());
            let is = |reference| move |down: &Down| down.reference == reference;
            let death = mailbox.receive_where(is(by_name)).await;
            assert_eq!(
                (death.process, death.reason),
                (Monitored::Name("mon_009".into()), boom())
            );
            let death = mailbox.receive_where(is(by_pid)).await;
            assert_eq!(
                (death.process, death.reason),
                (Monitored::Pid(watched), boom())
            );
        },
    );
}

#[test]
fn mon_010_a_monitor_of_a_name_that_nobody_has_gives_noproc() {
    both(
        "mon_010_a_monitor_of_a_name_that_nobody_has_gives_noproc",
        async || {
            let mut mailbox = mailbox();
            let watch = monitor("mon_010").await;
            let death = mailbox.receive::<Down>().await;
            assert_eq!((death.reference, death.reason), (watch, ExitReason::NoProc));
            assert_eq!(death.process, Monitored::Name("mon_010".into()));
            nothing_more(&mut mailbox).await;
        },
    );
}

#[test]
fn mon_011_the_name_of_the_dead_is_free_when_the_down_arrives() {
    both(
        "mon_011_the_name_of_the_dead_is_free_when_the_down_arrives",
        async || {
            let mut mailbox = mailbox();
            for _ in 0..5 {
                let named = idle();
                register("mon_011", named)
                    .await
                    .expect("the one before has left it");
                let watch = monitor("mon_011").await;
                exit(named, ExitReason::Kill);
                assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            }
            assert_eq!(whereis("mon_011").await, None);
        },
    );
}

#[test]
fn mon_026_a_process_watched_while_it_dies_gives_exactly_one_down() {
    both(
        "mon_026_a_process_watched_while_it_dies_gives_exactly_one_down",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let dying = spawn(async |mut mailbox: Mailbox| {
                mailbox.receive::<Stop>().await;
                boom()
            });
            for _ in 0..3 {
                spawn(async move |mut mailbox: Mailbox| {
                    let watch = monitor(dying);
                    let reason = down(&mut mailbox, watch).await;
                    let more = mailbox.receive_any_timeout(Duration::from_millis(2)).await;
                    send(root, (reason, more.is_none()));
                });
            }
            send(dying, Stop);
            for _ in 0..3 {
                let (reason, once) = mailbox.receive::<(ExitReason, bool)>().await;
                assert!([boom(), ExitReason::NoProc].contains(&reason) && once);
            }
        },
    );
}

#[test]
fn mon_027_very_many_monitors_are_all_cleaned_up() {
    both(
        "mon_027_very_many_monitors_are_all_cleaned_up",
        async || {
            let mut mailbox = mailbox();
            let watched = idle();
            let watches: Vec<Ref> = (0..300).map(|_| monitor(watched)).collect();
            assert_eq!(monitors(me()).await.len(), 300);
            let (gone, kept) = watches.split_at(100);
            assert!(gone.iter().all(|&watch| demonitor(watch)));
            let seen = info(watched).await.expect("it waits to be stopped");
            assert_eq!(seen.monitored_by.len(), 200);
            exit(watched, boom());
            for &watch in kept {
                assert_eq!(down(&mut mailbox, watch).await, boom());
            }
            assert!(monitors(me()).await.is_empty());
            nothing_more(&mut mailbox).await;
        },
    );
}

#[test]
fn mon_029_what_was_sent_before_the_monitor_is_received_before_it() {
    both(
        "mon_029_what_was_sent_before_the_monitor_is_received_before_it",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let watched = spawn(async move |mut mailbox: Mailbox| {
                mailbox.receive::<Go>().await;
                let own = info(me()).await.expect("it runs");
                send(
                    root,
                    (own.monitored_by.contains(&root), own.message_queue_len),
                );
                mailbox.receive::<Stop>().await;
            });
            spawn(async move |_: Mailbox| send(watched, Go));
            send(watched, Item(1));
            send(watched, Item(2));
            monitor(watched);
            let (watches, queued) = mailbox.receive::<(bool, usize)>().await;
            assert!(
                !watches || queued == 2,
                "watched with {queued} of 2 messages received"
            );
        },
    );
}
