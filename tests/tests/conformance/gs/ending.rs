//! GS-66 to GS-91, PL-22 to PL-24, LOG: ends of servers.

use std::time::Duration;

use beamline::prelude::*;
use beamline::{CrashPhase, CrashReport, report};
use beamline_tests::{both, down, expect_nothing, settle};

use crate::servers::{
    Ask, Begin, Do, Ending, Noted, Plan, Player, Tell, boom, player_with, watched,
};

const SHORT: Duration = Duration::from_millis(2);

#[test]
fn gs_066_stop_terminates_and_ends() {
    both("gs_066_stop_terminates_and_ends", async || {
        let mut mailbox = mailbox();
        let server = player_with(watched()).await;
        let watch = monitor(server.pid());
        server.cast(Tell::Next(Do::Stop(boom())));
        assert_eq!(mailbox.receive::<Noted>().await, Noted::Terminate(boom()));
        assert_eq!(down(&mut mailbox, watch).await, boom());
    });
}

#[test]
fn gs_067_terminate_runs_before_the_reply_is_sent() {
    both(
        "gs_067_terminate_runs_before_the_reply_is_sent",
        async || {
            let mut mailbox = mailbox();
            for ending in [Ending::Quiet, Ending::Panic] {
                let plan = Plan {
                    ending,
                    ..watched()
                };
                let server = player_with(plan).await;
                let stop = |caller| Ask::StopReply(ExitReason::Shutdown, caller);
                assert_eq!(server.call(stop).no_timeout().await, Ok("bye"));
                let noted = mailbox.receive_any_timeout(Duration::ZERO).await;
                let noted = noted.and_then(|message| message.downcast::<Noted>().ok());
                assert_eq!(noted, Some(Noted::Terminate(ExitReason::Shutdown)));
            }
        },
    );
}

#[test]
fn gs_068_stop_without_a_reply_tells_the_reason() {
    both("gs_068_stop_without_a_reply_tells_the_reason", async || {
        let server = player_with(Plan::default()).await;
        let stop = |caller| Ask::Instead(Do::Stop(boom()), caller);
        let answer = server.call(stop).no_timeout().await;
        assert_eq!(answer, Err(CallError::Down(boom())));
        let server = player_with(Plan {
            ending: Ending::Sleep(SHORT),
            ..Plan::default()
        });
        let fail = |caller| Ask::Instead(Do::Fail(boom()), caller);
        let answer = server.await.call(fail).no_timeout().await;
        assert_eq!(answer, Err(CallError::Down(boom())));
    });
}

#[test]
fn gs_070_an_exit_signal_that_is_not_trapped_skips_terminate() {
    both(
        "gs_070_an_exit_signal_that_is_not_trapped_skips_terminate",
        async || {
            let mut mailbox = mailbox();
            for (traps, reason, end) in [
                (false, ExitReason::Shutdown, ExitReason::Shutdown),
                (true, ExitReason::Kill, ExitReason::Killed),
            ] {
                let plan = Plan { traps, ..watched() };
                let server = player_with(plan).await;
                let watch = monitor(server.pid());
                exit(server.pid(), reason);
                assert_eq!(down(&mut mailbox, watch).await, end);
                expect_nothing(&mut mailbox, "there is no terminate").await;
            }
        },
    );
}

#[test]
fn gs_071_a_crash_is_the_reason_that_terminate_gets() {
    both(
        "gs_071_a_crash_is_the_reason_that_terminate_gets",
        async || {
            let mut mailbox = mailbox();
            let server = player_with(watched()).await;
            server.cast(Tell::Panic);
            match mailbox.receive::<Noted>().await {
                Noted::Terminate(ExitReason::Panicked(info)) => assert_eq!(info.message, "cast"),
                other => panic!("{other:?}"),
            }
            let server = player_with(watched()).await;
            server.cast(Tell::Next(Do::Fail(boom())));
            assert_eq!(mailbox.receive::<Noted>().await, Noted::Terminate(boom()));
        },
    );
}

#[test]
fn gs_072_a_crash_of_terminate_is_the_reason_instead() {
    both(
        "gs_072_a_crash_of_terminate_is_the_reason_instead",
        async || {
            let mut mailbox = mailbox();
            let plan = Plan {
                ending: Ending::Panic,
                ..Plan::default()
            };
            let server = player_with(plan).await;
            let watch = monitor(server.pid());
            server.cast(Tell::Next(Do::Stop(boom())));
            match down(&mut mailbox, watch).await {
                ExitReason::Panicked(info) => assert_eq!(info.message, "terminate"),
                other => panic!("{other:?}"),
            }
        },
    );
}

#[test]
fn gs_074_stop_waits_for_the_end() {
    both("gs_074_stop_waits_for_the_end", async || {
        let mut mailbox = mailbox();
        let server = player_with(watched()).await;
        server.stop_with(boom(), None).await?;
        assert_eq!(mailbox.receive::<Noted>().await, Noted::Terminate(boom()));
        assert!(!alive(server.pid()).await);
        assert_eq!(server.stop().await, Err(CallError::NoProc));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_075_stopping_oneself_fails() {
    both("gs_075_stopping_oneself_fails", async || {
        let myself: Server<Player> = Server::of(me());
        assert_eq!(myself.stop().await, Err(CallError::CallingSelf));
    });
}

#[test]
fn pl_023_stop_tells_what_happened_instead() {
    both("pl_023_stop_tells_what_happened_instead", async || {
        let plan = Plan {
            ending: Ending::Panic,
            ..Plan::default()
        };
        let server = player_with(plan).await;
        match server.stop().await {
            Err(CallError::Down(ExitReason::Panicked(info))) => {
                assert_eq!(info.message, "terminate");
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn pl_024_a_stop_that_times_out_may_still_happen() {
    both(
        "pl_024_a_stop_that_times_out_may_still_happen",
        async || {
            let mut mailbox = mailbox();
            let plan = Plan {
                ending: Ending::Sleep(Duration::from_millis(20)),
                ..Plan::default()
            };
            let server = player_with(plan).await;
            let watch = monitor(server.pid());
            let stopped = server.stop_with(ExitReason::Normal, Some(SHORT)).await;
            assert!([Ok(()), Err(CallError::Timeout)].contains(&stopped));
            assert!(down(&mut mailbox, watch).await.is_normal());
        },
    );
}

#[test]
fn gs_089_a_crash_is_reported_once() {
    both("gs_089_a_crash_is_reported_once", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let server = Player::start(Plan::default()).name("player").await?;
        server
            .call(|caller| Ask::Add(2, caller))
            .no_timeout()
            .await?;
        let answer = server.call(Ask::Panic).no_timeout().await;
        assert!(matches!(answer, Err(CallError::Down(_))));
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!(report.pid, server.pid());
        assert_eq!(report.name, Some("player".into()));
        assert_eq!(report.phase, CrashPhase::Serving);
        assert!(
            report
                .behaviour
                .is_some_and(|name| name.ends_with("Player"))
        );
        assert!(matches!(report.reason, ExitReason::Panicked(_)));
        assert_eq!(report.state.as_deref(), Some("number 2"));
        let last = report.last_message.expect("it was handling a call");
        assert_eq!(last.caller, Some(me()));
        assert_eq!(report.ancestors[0].pid, me());
        settle().await;
        expect_nothing(&mut mailbox, "it is reported once").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_091_a_failing_init_is_reported_as_such() {
    both("gs_091_a_failing_init_is_reported_as_such", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        for how in [Begin::Ignore, Begin::Error(boom()), Begin::Stop(boom())] {
            let plan = Plan {
                init: Some(how),
                ..Plan::default()
            };
            assert!(Player::start(plan).await.is_err());
        }
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!(
            (report.phase, report.reason),
            (CrashPhase::Starting, boom())
        );
        expect_nothing(&mut mailbox, "nothing else is a crash").await;
    });
}

#[test]
fn gs_092_a_crash_of_format_status_harms_nobody() {
    both("gs_092_a_crash_of_format_status_harms_nobody", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let server = player_with(Plan::default()).await;
        server
            .call(|caller| Ask::Add(13, caller))
            .no_timeout()
            .await?;
        server.cast(Tell::Next(Do::Stop(boom())));
        let report = mailbox.receive::<CrashReport>().await;
        assert_eq!(report.reason, boom());
        let state = report.state.expect("it says that there is none");
        assert!(state.contains("format_status"), "{state}");
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn log_001_a_panic_of_a_plain_process_is_reported() {
    both(
        "log_001_a_panic_of_a_plain_process_is_reported",
        async || {
            let mut mailbox = mailbox();
            report::subscribe().await;
            let crashed = spawn(async |_: Mailbox| panic!("oops"));
            let report = mailbox.receive::<CrashReport>().await;
            assert_eq!((report.pid, report.behaviour), (crashed, None));
        },
    );
}

#[test]
fn log_002_exits_of_plain_processes_are_not_reported() {
    both(
        "log_002_exits_of_plain_processes_are_not_reported",
        async || {
            let mut mailbox = mailbox();
            report::subscribe().await;
            let (_, watch) = spawn_monitor(async |_: Mailbox| boom());
            down(&mut mailbox, watch).await;
            let (_, watch) = spawn_monitor(async |_: Mailbox| exit_now(boom()));
            down(&mut mailbox, watch).await;
            settle().await;
            expect_nothing(&mut mailbox, "neither is a crash").await;
        },
    );
}

#[test]
fn log_004_orderly_ends_are_not_reported() {
    both("log_004_orderly_ends_are_not_reported", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        for reason in [
            ExitReason::Normal,
            ExitReason::Shutdown,
            ExitReason::shutdown_with(1u8),
        ] {
            let server = player_with(Plan::default()).await;
            server.stop_with(reason, None).await?;
        }
        let server = player_with(Plan::default()).await;
        let watch = monitor(server.pid());
        exit(server.pid(), boom());
        down(&mut mailbox, watch).await;
        settle().await;
        expect_nothing(&mut mailbox, "none is a crash").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_090_terminate_comes_before_the_report_and_that_before_the_news() {
    both(
        "gs_090_terminate_comes_before_the_report_and_that_before_the_news",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            report::subscribe().await;
            let plan = Plan {
                traps: true,
                ..watched()
            };
            let server = Player::start_link(plan).await?;
            server.cast(Tell::Next(Do::Stop(boom())));
            let first = mailbox.receive_any().await;
            let noted = first.downcast::<Noted>().ok();
            assert_eq!(noted, Some(Noted::Terminate(boom())));
            let second = mailbox.receive_any().await;
            let report = second.downcast::<CrashReport>().ok();
            assert_eq!(report.map(|report| report.reason), Some(boom()));
            let third = mailbox.receive_any().await;
            let exit = third.downcast::<Exit>().ok();
            assert_eq!(exit.map(|exit| exit.reason), Some(boom()));
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn log_003_a_report_reads_like_a_log_line() {
    both("log_003_a_report_reads_like_a_log_line", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        let server = Player::start(Plan::default()).name("player").await?;
        let fail = |caller| Ask::Instead(Do::Fail(boom()), caller);
        let answer = server.call(fail).no_timeout().await;
        assert_eq!(answer, Err(CallError::Down(boom())));
        let report = mailbox.receive::<CrashReport>().await;
        let text = report.to_string();
        assert!(text.contains("Player player crashed: "), "{text}");
        assert!(text.ends_with("state: number 0"), "{text}");
        let last = report.last_message.expect("it was handling a call");
        assert!(last.type_name.ends_with("Ask"), "{last:?}");
        assert_eq!(last.caller, Some(me()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn log_005_the_phase_tells_reports_apart() {
    both("log_005_the_phase_tells_reports_apart", async || {
        let mut mailbox = mailbox();
        report::subscribe().await;
        spawn(async |_: Mailbox| panic!("oops"));
        let running = mailbox.receive::<CrashReport>().await;
        let plan = Plan {
            init: Some(Begin::Panic),
            ..Plan::default()
        };
        assert!(Player::start(plan).await.is_err());
        let starting = mailbox.receive::<CrashReport>().await;
        player_with(Plan::default()).await.cast(Tell::Panic);
        let serving = mailbox.receive::<CrashReport>().await;
        assert_eq!(
            [running.phase, starting.phase, serving.phase],
            [
                CrashPhase::Running,
                CrashPhase::Starting,
                CrashPhase::Serving
            ]
        );
    });
}
