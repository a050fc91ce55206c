//! GS-1 to GS-16, PL: starting.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{both, down, expect_nothing, settle};

use crate::servers::{Ask, Begin, Do, Plan, Player, boom, player_with, watched};

const SHORT: Duration = Duration::from_millis(2);

fn begin(begin: Begin) -> Plan {
    Plan {
        init: Some(begin),
        ..Plan::default()
    }
}

async fn failure(plan: Plan) -> StartError {
    match Player::start(plan).name("player").await {
        Ok(server) => panic!("{server:?} runs"),
        Err(error) => error,
    }
}

#[test]
fn gs_001_a_start_waits_for_init() {
    both("gs_001_a_start_waits_for_init", async || {
        let begun = now();
        let server = player_with(begin(Begin::Sleep(SHORT))).await;
        assert!(begun.elapsed() >= SHORT);
        server.stop().await
    });
}

#[test]
fn gs_002_every_good_init_gives_a_server() {
    both("gs_002_every_good_init_gives_a_server", async || {
        let goods = [
            Do::Timeout(Duration::from_secs(9)),
            Do::Hibernate,
            Do::Continue(vec![1]),
        ];
        for good in goods {
            let server = player_with(begin(Begin::Then(good))).await;
            let echo = server.call(|caller| Ask::Echo(1, caller)).no_timeout();
            assert_eq!(echo.await, Ok(1));
            server.stop().await?;
        }
        let (server, watch) = Player::start_monitor(Plan::default()).await?;
        server.stop().await?;
        let mut mailbox = mailbox();
        assert!(down(&mut mailbox, watch).await.is_normal());
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_003_ignore_ends_normally_and_frees_the_name() {
    both(
        "gs_003_ignore_ends_normally_and_frees_the_name",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            let started = Player::start_link(begin(Begin::Ignore))
                .name("player")
                .await;
            assert_eq!(started, Err(StartError::Ignore));
            assert_eq!(whereis("player").await, None);
            settle().await;
            expect_nothing(&mut mailbox, "no exit is left").await;
        },
    );
}

#[test]
fn gs_004_stop_is_an_error_with_the_reason() {
    both("gs_004_stop_is_an_error_with_the_reason", async || {
        let error = failure(begin(Begin::Stop(boom()))).await;
        assert_eq!(error, StartError::Failed(boom()));
        assert_eq!(whereis("player").await, None);
    });
}

#[test]
fn gs_005_an_error_is_told_and_the_end_is_normal() {
    both(
        "gs_005_an_error_is_told_and_the_end_is_normal",
        async || {
            // Linked and not trapping: a crash would end this process.
            let started = Player::start_link(begin(Begin::Error(boom()))).await;
            assert_eq!(started, Err(StartError::Declined(boom())));
        },
    );
}

#[test]
fn gs_006_a_crash_of_init_is_its_reason() {
    both("gs_006_a_crash_of_init_is_its_reason", async || {
        match failure(begin(Begin::Panic)).await {
            StartError::Failed(ExitReason::Panicked(info)) => assert_eq!(info.message, "init"),
            other => panic!("{other:?}"),
        }
        let error = failure(begin(Begin::Exit(boom()))).await;
        assert_eq!(error, StartError::Failed(boom()));
    });
}

#[test]
fn gs_010_a_failing_start_link_takes_an_untrapping_starter_along() {
    both(
        "gs_010_a_failing_start_link_takes_an_untrapping_starter_along",
        async || {
            let mut mailbox = mailbox();
            for (how, reason) in [
                (Begin::Stop(boom()), boom()),
                (Begin::Exit(ExitReason::Shutdown), ExitReason::Shutdown),
                (Begin::Stop(ExitReason::Normal), ExitReason::other("alive")),
                (Begin::Ignore, ExitReason::other("alive")),
            ] {
                let (_, watch) = spawn_monitor(async move |_: Mailbox| {
                    let started = Player::start_link(begin(how)).await;
                    assert!(started.is_err());
                    settle().await;
                    ExitReason::other("alive")
                });
                assert_eq!(down(&mut mailbox, watch).await, reason);
            }
        },
    );
}

#[test]
fn gs_011_a_trapping_starter_finds_no_exit_of_a_failed_start() {
    both(
        "gs_011_a_trapping_starter_finds_no_exit_of_a_failed_start",
        async || {
            let mut mailbox = mailbox();
            trap_exit(true);
            for how in [Begin::Stop(boom()), Begin::Panic, Begin::Exit(boom())] {
                let started = Player::start_link(begin(how)).await;
                assert!(matches!(started, Err(StartError::Failed(_))));
            }
            settle().await;
            expect_nothing(&mut mailbox, "no exit is left").await;
        },
    );
}

#[test]
fn gs_012_a_start_that_takes_too_long_is_killed() {
    both("gs_012_a_start_that_takes_too_long_is_killed", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let start = Player::start_link(begin(Begin::Forever)).name("slow");
        assert_eq!(start.timeout(SHORT).await, Err(StartError::Timeout));
        assert_eq!(whereis("slow").await, None);
        settle().await;
        expect_nothing(&mut mailbox, "no exit is left").await;
        assert!(info(me()).await.expect("it lives").links.is_empty());
    });
}

#[test]
fn gs_013_a_name_that_is_taken_harms_nobody() {
    both("gs_013_a_name_that_is_taken_harms_nobody", async || {
        let mut mailbox = mailbox();
        let first = Player::start(Plan::default()).name("player").await?;
        // Its init would end this process.
        let second = Player::start_link(begin(Begin::Stop(boom()))).name("player");
        let taken = StartError::AlreadyStarted(Some(first.pid()));
        assert_eq!(second.await, Err(taken));
        assert_eq!(whereis("player").await, Some(first.pid()));
        settle().await;
        expect_nothing(&mut mailbox, "nothing is left of it").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_014_a_failed_start_can_be_tried_again_at_once() {
    both(
        "gs_014_a_failed_start_can_be_tried_again_at_once",
        async || {
            for how in [Begin::Stop(boom()), Begin::Ignore, Begin::Panic] {
                for _ in 0..3 {
                    let error = failure(begin(how.clone())).await;
                    assert!(!matches!(error, StartError::AlreadyStarted(_)), "{error:?}");
                }
            }
            let server = Player::start(Plan::default()).name("player").await?;
            Ok::<(), ExitReason>(server.stop().await?)
        },
    );
}

#[test]
fn gs_016_without_a_link_nobody_is_its_parent() {
    both("gs_016_without_a_link_nobody_is_its_parent", async || {
        let plan = Plan {
            traps: true,
            ..watched()
        };
        let server = player_with(plan).await;
        let parent = me();
        send(
            server.pid(),
            Exit {
                from: parent,
                reason: boom(),
            },
        );
        let echo = server.call(|caller| Ask::Echo(1, caller)).no_timeout();
        assert_eq!(echo.await, Ok(1));
    });
}
