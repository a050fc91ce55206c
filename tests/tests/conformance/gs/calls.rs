//! GS-18 to GS-33: calls.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{both, expect_nothing, on_sim, settle};

use crate::servers::{Ask, Do, Tell, boom, player};

const SHORT: Duration = Duration::from_millis(2);
const LONG: Duration = Duration::from_millis(20);

#[test]
fn gs_018_a_call_gets_the_answer_to_its_own_request() {
    both(
        "gs_018_a_call_gets_the_answer_to_its_own_request",
        async || {
            let mut mailbox = mailbox();
            let server = player().await;
            for number in 0..3 {
                let answer = server
                    .call(|caller| Ask::Echo(number, caller))
                    .no_timeout()
                    .await;
                assert_eq!(answer, Ok(number));
            }
            expect_nothing(&mut mailbox, "an answer is no message").await;
        },
    );
}

#[test]
fn gs_021_nothing_of_a_call_is_left() {
    both("gs_021_nothing_of_a_call_is_left", async || {
        let mut mailbox = mailbox();
        let server = player().await;
        server
            .call(|caller| Ask::Echo(1, caller))
            .no_timeout()
            .await?;
        let slow = server.call(|caller| Ask::Slow(LONG, caller)).timeout(SHORT);
        let _ = slow.await;
        server.stop().await?;
        settle().await;
        expect_nothing(&mut mailbox, "neither answer nor down is left").await;
        let info = info(me()).await.expect("this process lives");
        assert!(info.monitors.is_empty() && info.monitored_by.is_empty());
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_022_a_late_answer_is_dropped() {
    both("gs_022_a_late_answer_is_dropped", async || {
        let mut mailbox = mailbox();
        let server = player().await;
        let first = server.call(Ask::Keep).timeout(SHORT).await;
        assert_eq!(first, Err(CallError::Timeout));
        server.cast(Tell::Release(1));
        // The answer to the first call is never taken for that of the second.
        let second = server
            .call(|caller| Ask::Echo(2, caller))
            .no_timeout()
            .await;
        assert_eq!(second, Ok(2));
        expect_nothing(&mut mailbox, "the late answer is dropped").await;
    });
}

#[test]
fn gs_023_a_failed_call_crashes_who_does_not_handle_it() {
    both(
        "gs_023_a_failed_call_crashes_who_does_not_handle_it",
        async || {
            let mut mailbox = mailbox();
            let server = player().await;
            server.stop().await?;
            let (_, watch) = spawn_monitor(async move |_| -> Result<(), ExitReason> {
                server
                    .call(|caller| Ask::Echo(1, caller))
                    .no_timeout()
                    .await?;
                Ok(())
            });
            let reason = beamline_tests::down(&mut mailbox, watch).await;
            assert_eq!(reason.error_ref::<CallError>(), Some(&CallError::NoProc));
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn gs_024_a_call_waits_no_longer_than_it_is_told() {
    both(
        "gs_024_a_call_waits_no_longer_than_it_is_told",
        async || {
            let server = player().await;
            let begun = now();
            let answer = server.call(Ask::Keep).timeout(SHORT).await;
            assert_eq!(answer, Err(CallError::Timeout));
            assert!(begun.elapsed() >= SHORT);
        },
    );
}

#[test]
fn gs_025_nobody_there_is_noproc() {
    both("gs_025_nobody_there_is_noproc", async || {
        let server = player().await;
        server.stop().await?;
        let answer = server.call(|caller| Ask::Echo(1, caller)).no_timeout();
        assert_eq!(answer.await, Err(CallError::NoProc));
        let nobody: Server<crate::servers::Player, Name> = Server::named("nobody");
        let answer = nobody.call(|caller| Ask::Echo(1, caller)).no_timeout();
        assert_eq!(answer.await, Err(CallError::NoProc));
        Ok::<(), ExitReason>(())
    });
}

/// Both were taken out of the inbox at once, and the call was told the reason of the end.
#[test]
fn gs_025_a_call_behind_the_signal_that_ends_the_server_finds_nobody() {
    both(
        "gs_025_a_call_behind_the_signal_that_ends_the_server_finds_nobody",
        async || {
            for _ in 0..20 {
                let server = player().await;
                exit(server.pid(), ExitReason::Kill);
                let answer = server.call(|caller| Ask::Echo(1, caller)).no_timeout();
                assert_eq!(answer.await, Err(CallError::NoProc));
            }
        },
    );
}

#[test]
fn gs_026_a_server_that_ends_first_gives_its_reason() {
    both(
        "gs_026_a_server_that_ends_first_gives_its_reason",
        async || {
            let reasons = [
                ExitReason::Normal,
                ExitReason::Shutdown,
                ExitReason::Killed,
                boom(),
            ];
            for reason in reasons {
                let server = player().await;
                let wanted = reason.clone();
                let killer = match reason {
                    ExitReason::Killed => ExitReason::Kill,
                    ref reason => reason.clone(),
                };
                server.cast(Tell::Note("busy".into()));
                let pending = server.request(Ask::Keep).await;
                match reason.is_normal() {
                    // An exit signal of reason normal does nothing to others.
                    true => drop(
                        server
                            .call(|caller| Ask::Then(Do::Stop(killer), caller))
                            .await,
                    ),
                    false => {
                        server
                            .call(|caller| Ask::Echo(0, caller))
                            .no_timeout()
                            .await?;
                        exit(server.pid(), killer);
                    }
                }
                assert_eq!(pending.receive().await, Err(CallError::Down(wanted)));
            }
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn gs_026_a_panic_in_the_callback_is_the_reason() {
    both("gs_026_a_panic_in_the_callback_is_the_reason", async || {
        let server = player().await;
        match server.call(Ask::Panic).no_timeout().await {
            Err(CallError::Down(ExitReason::Panicked(info))) => {
                assert_eq!(info.message, "call");
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn gs_027_calling_oneself_fails_at_once() {
    both("gs_027_calling_oneself_fails_at_once", async || {
        let mut mailbox = mailbox();
        let me_as_server: Server<crate::servers::Player> = Server::of(me());
        let answer = me_as_server
            .call(|caller| Ask::Echo(1, caller))
            .no_timeout()
            .await;
        assert_eq!(answer, Err(CallError::CallingSelf));
        expect_nothing(&mut mailbox, "nothing was sent").await;
    });
}

#[test]
fn gs_029_a_timeout_takes_nothing_back() {
    both("gs_029_a_timeout_takes_nothing_back", async || {
        let server = player().await;
        let slow = server.call(|caller| Ask::Slow(LONG, caller)).timeout(SHORT);
        let slow = slow.await;
        let add = server.call(|caller| Ask::Add(5, caller)).timeout(SHORT);
        let first = add.await;
        let sum = server
            .call(|caller| Ask::Add(1, caller))
            .no_timeout()
            .await?;
        assert!(sum == 6, "{slow:?}, {first:?}, then {sum}");
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_031_the_server_learns_nothing_of_a_caller_that_dies() {
    both(
        "gs_031_the_server_learns_nothing_of_a_caller_that_dies",
        async || {
            let server = player().await;
            let caller = spawn(async move |_| drop(server.call(Ask::Keep).no_timeout().await));
            settle().await;
            exit(caller, ExitReason::Kill);
            settle().await;
            server.cast(Tell::Release(1));
            assert_eq!(server.call(Ask::Notes).no_timeout().await, Ok(Vec::new()));
        },
    );
}

#[test]
fn gs_032_any_process_may_answer() {
    both("gs_032_any_process_may_answer", async || {
        let server = player().await;
        assert_eq!(server.call(Ask::Delegate).no_timeout().await, Ok(7));
    });
}

#[test]
fn gs_032_a_kept_caller_is_answered_later() {
    both("gs_032_a_kept_caller_is_answered_later", async || {
        let server = player().await;
        let kept = server.request(Ask::Keep).await;
        server.cast(Tell::Release(9));
        assert_eq!(kept.receive().await, Ok(9));
    });
}

#[test]
fn gs_033_a_request_that_is_dropped_is_told_at_once() {
    both(
        "gs_033_a_request_that_is_dropped_is_told_at_once",
        async || {
            let server = player().await;
            let answer = server.call(Ask::Drop).no_timeout().await;
            assert_eq!(answer, Err(CallError::NoReply));
            // Nothing is the matter with the server.
            assert_eq!(
                server
                    .call(|caller| Ask::Echo(3, caller))
                    .no_timeout()
                    .await,
                Ok(3)
            );
        },
    );
}

#[test]
fn gs_019_a_call_waits_five_seconds_unless_told_otherwise() {
    // On threads it would take them.
    on_sim(
        "gs_019_a_call_waits_five_seconds_unless_told_otherwise",
        async || {
            let server = player().await;
            let begun = now();
            assert_eq!(server.call(Ask::Keep).await, Err(CallError::Timeout));
            assert!(begun.elapsed() >= Duration::from_secs(5));
        },
    );
}

#[test]
fn gs_020_an_answer_is_never_in_the_mailbox() {
    both("gs_020_an_answer_is_never_in_the_mailbox", async || {
        let mut mailbox = mailbox();
        let server = player().await;
        let kept = server.request(Ask::Keep).await;
        server.cast(Tell::Release(3));
        settle().await;
        expect_nothing(&mut mailbox, "an answer is no message").await;
        assert_eq!(kept.receive().await, Ok(3));
    });
}

#[test]
fn gs_030_a_failed_call_can_be_handled() {
    both("gs_030_a_failed_call_can_be_handled", async || {
        let server = player().await;
        let crashed = server.call(Ask::Panic).no_timeout().await;
        assert!(matches!(crashed, Err(CallError::Down(_))), "{crashed:?}");
        // Who handles it goes on, and so does who was not linked to the server.
        let again = player().await;
        let echo = again.call(|caller| Ask::Echo(1, caller)).no_timeout();
        assert_eq!(echo.await, Ok(1));
    });
}
