//! PL: starting any process by the start protocol, and its crash reports.

use std::time::Duration;

use beamline::prelude::*;
use beamline::start::{StartOptions, Unready, start};
use beamline::{
    Ancestor, CrashPhase, CrashReport, Started, ancestors, initial_call, report, set_label,
};
use beamline_tests::{Stop, both, down, expect_nothing, settle};

use crate::servers::{boom, player};

const SHORT: Duration = Duration::from_millis(2);

/// How a process begins.
#[derive(Debug, Clone)]
enum Begin {
    Ready(u64),
    Panic,
    Exit(ExitReason),
    Refuse(Unready),
    Hang,
}

/// How it ends when it is told to stop.
#[derive(Debug, Clone)]
enum End {
    Reason(ExitReason),
    Panic,
    ExitNow(ExitReason),
}

/// Starts a process that tells `root` who it is.
async fn begin(
    options: StartOptions,
    begin: Begin,
    end: End,
    root: Pid,
) -> Result<Started<u64>, StartError> {
    start(options, "worker", move |mut mailbox: Mailbox| async move {
        send(root, me());
        let value = match begin {
            Begin::Ready(value) => value,
            Begin::Panic => panic!("init"),
            Begin::Exit(reason) => exit_now(reason),
            Begin::Refuse(unready) => return Err(unready),
            Begin::Hang => std::future::pending().await,
        };
        let life = async move {
            mailbox.receive::<Stop>().await;
            match end {
                End::Reason(reason) => reason,
                End::Panic => panic!("life"),
                End::ExitNow(reason) => exit_now(reason),
            }
        };
        Ok((value, life))
    })
    .await
}

async fn begin_with(options: StartOptions, how: Begin) -> Result<Started<u64>, StartError> {
    begin(options, how, End::Reason(ExitReason::Normal), me()).await
}

/// The report, if there is one, of a process that ends like this.
async fn reported(mailbox: &mut Mailbox, end: End) -> Option<CrashReport> {
    let started = begin(StartOptions::new(), Begin::Ready(1), end, me()).await;
    let pid = mailbox.receive::<Pid>().await;
    assert_eq!(started.map(|started| started.pid), Ok(pid));
    let watch = monitor(pid);
    send(pid, Stop);
    down(mailbox, watch).await;
    // Sent before the down, by the same process.
    mailbox.receive_timeout(Duration::ZERO).await
}

#[test]
fn pl_001_a_process_knows_who_started_it() {
    both("pl_001_a_process_knows_who_started_it", async || {
        register("top", me()).await?;
        let outer = start(StartOptions::new(), "outer", |_| async {
            let inner = start(StartOptions::new(), "inner", |_| async {
                let seen = (ancestors(), initial_call());
                Ok((seen, async { ExitReason::Normal }))
            });
            let inner = inner.await.expect("it starts");
            Ok(((inner.value, me()), async { ExitReason::Normal }))
        });
        let ((seen, called), outer) = outer.await?.value;
        let name = Some("top".into());
        let expected = [
            Ancestor {
                pid: outer,
                name: None,
            },
            Ancestor { pid: me(), name },
        ];
        assert_eq!((&seen[..], called), (&expected[..], Some("inner")));
        assert!(ancestors().is_empty() && initial_call().is_none());
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn pl_002_a_crash_is_reported_once() {
    both("pl_002_a_crash_is_reported_once", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        for end in [End::Panic, End::Reason(boom()), End::ExitNow(boom())] {
            let report = reported(&mut mailbox, end.clone()).await.expect("a report");
            match end {
                End::Panic => assert!(matches!(report.reason, ExitReason::Panicked(_))),
                _ => assert_eq!(report.reason, boom()),
            }
            expect_nothing(&mut mailbox, "it is reported once").await;
        }
    });
}

#[test]
fn pl_003_orderly_ends_are_not_reported() {
    both("pl_003_orderly_ends_are_not_reported", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let shutdown = ExitReason::shutdown_with(1u8);
        for reason in [ExitReason::Normal, ExitReason::Shutdown, shutdown] {
            for end in [End::Reason(reason.clone()), End::ExitNow(reason)] {
                assert_eq!(reported(&mut mailbox, end).await, None);
            }
        }
    });
}

#[test]
fn pl_004_killed_is_reported_only_when_the_process_says_so_itself() {
    both(
        "pl_004_killed_is_reported_only_when_the_process_says_so_itself",
        async || {
            let mut mailbox = mailbox();
            report::subscribe().await;
            let own = reported(&mut mailbox, End::ExitNow(ExitReason::Killed)).await;
            assert_eq!(own.map(|report| report.reason), Some(ExitReason::Killed));
            for reason in [ExitReason::Kill, boom()] {
                let started = begin_with(StartOptions::new(), Begin::Ready(1)).await?;
                mailbox.receive::<Pid>().await;
                let watch = monitor(started.pid);
                exit(started.pid, reason);
                down(&mut mailbox, watch).await;
                expect_nothing(&mut mailbox, "a signal is no crash").await;
            }
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn pl_006_a_report_says_who_it_was() {
    both("pl_006_a_report_says_who_it_was", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let options = StartOptions::new().address(Name::from("worker"));
        let started = start(options, "worker", |mut mailbox: Mailbox| async move {
            let life = async move {
                mailbox.receive::<Stop>().await;
                boom()
            };
            Ok(((), life))
        });
        let pid = started.await?.pid;
        send(pid, Stop);
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!((report.pid, report.name), (pid, Some("worker".into())));
        assert_eq!(report.behaviour, Some("worker"));
        assert_eq!(report.phase, CrashPhase::Running);
        assert_eq!(report.ancestors[0].pid, me());
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn pl_007_a_report_carries_the_label() {
    both("pl_007_a_report_carries_the_label", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        for relabel in [false, true] {
            let options = match relabel {
                false => StartOptions::new().label("first"),
                true => StartOptions::new(),
            };
            let started = start(options, "worker", move |_| async move {
                if relabel {
                    set_label("second");
                }
                Ok(((), async { boom() }))
            });
            started.await?;
            let label = mailbox.receive::<CrashReport>().await.label;
            let expected = if relabel { "second" } else { "first" };
            assert_eq!(label.as_deref(), Some(expected));
        }
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn pl_010_a_start_gives_what_the_process_says_when_it_is_ready() {
    both(
        "pl_010_a_start_gives_what_the_process_says_when_it_is_ready",
        async || {
            let mut mailbox = mailbox();
            let started = begin_with(StartOptions::new(), Begin::Ready(7)).await?;
            assert_eq!((started.value, started.monitor), (7, None));
            assert_eq!(mailbox.receive::<Pid>().await, started.pid);
            assert!(alive(started.pid).await);
            expect_nothing(&mut mailbox, "its readiness is no message").await;
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn pl_011_a_death_before_that_is_an_error_with_its_reason() {
    both(
        "pl_011_a_death_before_that_is_an_error_with_its_reason",
        async || {
            for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
                let how = Begin::Exit(reason.clone());
                let failed = begin_with(StartOptions::new(), how).await;
                assert_eq!(failed, Err(StartError::Failed(reason)));
            }
            let failed = begin_with(StartOptions::new(), Begin::Panic).await;
            let Err(StartError::Failed(ExitReason::Panicked(_))) = failed else {
                panic!("{failed:?}")
            };
        },
    );
}

#[test]
fn pl_012_a_start_that_takes_too_long_is_killed() {
    both("pl_012_a_start_that_takes_too_long_is_killed", async || {
        let mut mailbox = mailbox();
        let begun = now();
        let options = StartOptions::new().timeout(SHORT);
        let failed = begin_with(options, Begin::Hang).await;
        assert_eq!(failed, Err(StartError::Timeout));
        assert!(begun.elapsed() >= SHORT);
        // It may have been killed before it could say so.
        if let Some(pid) = mailbox.receive_timeout::<Pid>(Duration::ZERO).await {
            assert!(!alive(pid).await);
        }
    });
}

#[test]
fn pl_013_a_linked_start_that_takes_too_long_leaves_no_exit() {
    both(
        "pl_013_a_linked_start_that_takes_too_long_leaves_no_exit",
        async || {
            let mut mailbox = mailbox();
            for traps in [true, false] {
                trap_exit(traps);
                let options = StartOptions::new().link().timeout(SHORT);
                let failed = begin_with(options, Begin::Hang).await;
                assert_eq!(failed, Err(StartError::Timeout));
                settle().await;
                mailbox.receive_timeout::<Pid>(Duration::ZERO).await;
                expect_nothing(&mut mailbox, "no exit is left").await;
            }
        },
    );
}

#[test]
fn pl_014_an_untrapping_starter_dies_with_what_it_starts() {
    both(
        "pl_014_an_untrapping_starter_dies_with_what_it_starts",
        async || {
            let mut mailbox = mailbox();
            let (_, watch) = spawn_monitor(async |_: Mailbox| {
                let how = Begin::Exit(boom());
                let failed = begin_with(StartOptions::new().link(), how).await;
                ExitReason::other(format!("the start returned {failed:?}"))
            });
            assert_eq!(down(&mut mailbox, watch).await, boom());
        },
    );
}

#[test]
fn pl_015_a_trapping_starter_gets_an_error_and_no_exit() {
    both(
        "pl_015_a_trapping_starter_gets_an_error_and_no_exit",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            let how = Begin::Exit(boom());
            let failed = begin_with(StartOptions::new().link(), how).await;
            assert_eq!(failed, Err(StartError::Failed(boom())));
            settle().await;
            mailbox.receive::<Pid>().await;
            expect_nothing(&mut mailbox, "no exit is left").await;
        },
    );
}

#[test]
fn pl_017_after_a_failed_start_the_process_has_ended() {
    both(
        "pl_017_after_a_failed_start_the_process_has_ended",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            for how in [
                Begin::Exit(boom()),
                Begin::Panic,
                Begin::Refuse(Unready::ignore()),
                Begin::Refuse(Unready::stop(boom())),
            ] {
                assert!(begin_with(StartOptions::new().link(), how).await.is_err());
                let pid = mailbox.receive::<Pid>().await;
                assert!(!alive(pid).await);
                expect_nothing(&mut mailbox, "its exit is taken out").await;
            }
        },
    );
}

#[test]
fn pl_018_what_is_told_and_the_reason_may_differ() {
    both(
        "pl_018_what_is_told_and_the_reason_may_differ",
        async || {
            let mut mailbox = mailbox();
            report::subscribe().await;
            let told = StartError::Declined(ExitReason::other("told"));
            let unready = Unready {
                error: told.clone(),
                reason: boom(),
            };
            let failed = begin_with(StartOptions::new(), Begin::Refuse(unready)).await;
            assert_eq!(failed, Err(told));
            assert_eq!(mailbox.receive::<CrashReport>().await.reason, boom());
        },
    );
}

#[test]
fn pl_019_a_monitor_comes_with_the_process() {
    both("pl_019_a_monitor_comes_with_the_process", async || {
        let mut mailbox = mailbox();
        let options = || StartOptions::new().monitor();
        let started = begin_with(options(), Begin::Ready(1)).await?;
        send(started.pid, Stop);
        let watch = started.monitor.expect("it was asked for");
        assert!(down(&mut mailbox, watch).await.is_normal());
        mailbox.receive::<Pid>().await;
        let failed = begin_with(options(), Begin::Exit(boom())).await;
        assert_eq!(failed, Err(StartError::Failed(boom())));
        mailbox.receive::<Pid>().await;
        settle().await;
        expect_nothing(&mut mailbox, "a failed start leaves no down").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn pl_022_stop_waits_for_the_end_with_that_reason() {
    both(
        "pl_022_stop_waits_for_the_end_with_that_reason",
        async || {
            for reason in [ExitReason::Normal, ExitReason::Shutdown, boom()] {
                let server = player().await;
                assert_eq!(beamline::stop(server, reason, None).await, Ok(()));
                assert!(!alive(server.pid()).await);
            }
        },
    );
}

#[test]
fn pl_025_a_crash_after_hibernation_is_reported() {
    both("pl_025_a_crash_after_hibernation_is_reported", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let started = start(StartOptions::new(), "sleepy", |_| async {
            let life = async {
                hibernate().await;
                panic!("woken")
            };
            Ok(((), life))
        });
        let pid = started.await?.pid;
        send(pid, Stop);
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!((report.pid, report.behaviour), (pid, Some("sleepy")));
        Ok::<(), ExitReason>(())
    });
}
