//! SYS: system messages.

use std::time::Duration;

use beamline::prelude::*;
use beamline::sys::{self, EventKind, SysError, Watch};
use beamline_tests::{both, expect_nothing, on_sim, settle};

use crate::servers::{Ask, Noted, Plan, Player, Tell, boom, insist, player, player_with, watched};

const SHORT: Duration = Duration::from_millis(2);

#[test]
fn sys_002_failures_are_those_of_calls() {
    both("sys_002_failures_are_those_of_calls", async || {
        let server = player().await;
        server.stop().await?;
        let failed = insist(|| sys::suspend(server)).await;
        assert_eq!(failed, Err(CallError::NoProc));
        assert_eq!(sys::suspend("nobody").await, Err(CallError::NoProc));
        assert_eq!(sys::suspend(me()).await, Err(CallError::CallingSelf));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sys_003_the_state_is_seen_and_replaced() {
    both("sys_003_the_state_is_seen_and_replaced", async || {
        let server = player().await;
        let tell = || sys::with_state(server, |_: &mut Player| 3u8);
        assert_eq!(insist(tell).await, Ok(3));
        let wrong = || sys::with_state(server, |_: &mut u64| 3u8);
        assert_eq!(insist(wrong).await, Err(SysError::WrongType));
    });
}

#[test]
fn sys_004_a_function_that_panics_harms_nobody() {
    both("sys_004_a_function_that_panics_harms_nobody", async || {
        let server = player().await;
        let bad = || sys::with_state(server, |_: &mut Player| -> u8 { panic!("replace") });
        match insist(bad).await {
            Err(SysError::Failed(ExitReason::Panicked(info))) => {
                assert_eq!(info.message, "replace");
            }
            other => panic!("{other:?}"),
        }
        let echo = server.call(|caller| Ask::Echo(1, caller)).no_timeout();
        assert_eq!(echo.await, Ok(1));
    });
}

#[test]
fn sys_005_a_suspended_server_handles_nothing_else() {
    both(
        "sys_005_a_suspended_server_handles_nothing_else",
        async || {
            let server = player().await;
            for _ in 0..2 {
                insist(|| sys::suspend(server)).await?;
            }
            server.cast(Tell::Note("one".into()));
            server.cast(Tell::Note("two".into()));
            let late = server.call(|caller| Ask::Add(1, caller)).timeout(SHORT);
            assert_eq!(late.await, Err(CallError::Timeout));
            assert!(insist(|| sys::status(server)).await?.suspended);
            for _ in 0..2 {
                insist(|| sys::resume(server)).await?;
            }
            let notes = server.call(Ask::Notes).no_timeout().await?;
            assert_eq!(notes, ["one", "two"]);
            // The request was handled, and its late answer dropped (SYS-7).
            let sum = server.call(|caller| Ask::Add(1, caller)).no_timeout();
            assert_eq!(sum.await, Ok(2));
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn sys_008_the_end_of_the_parent_ends_a_suspended_server() {
    both(
        "sys_008_the_end_of_the_parent_ends_a_suspended_server",
        async || {
            let mut mailbox = mailbox();
            let plan = Plan {
                traps: true,
                ..watched()
            };
            spawn(async move |_: Mailbox| {
                let server = Player::start_link(plan).await?;
                insist(|| sys::suspend(server)).await?;
                Err::<(), _>(boom())
            });
            assert_eq!(mailbox.receive::<Noted>().await, Noted::Terminate(boom()));
        },
    );
}

#[test]
fn sys_009_code_changes_only_while_suspended() {
    both("sys_009_code_changes_only_while_suspended", async || {
        let server = player().await;
        let change = || sys::change_code(server, "1", ());
        assert_eq!(insist(change).await, Err(SysError::NotSuspended));
        insist(|| sys::suspend(server)).await?;
        assert_eq!(insist(change).await, Ok(()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sys_010_the_status_is_told() {
    both("sys_010_the_status_is_told", async || {
        let server = Player::start_link(Plan::default()).await?;
        let status = insist(|| sys::status(server)).await?;
        assert_eq!(status.pid, server.pid());
        assert_eq!(status.parent, Some(me()));
        assert_eq!(status.state.as_deref(), Some("number 0"));
        assert!(status.behaviour.ends_with("Player"));
        server.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sys_011_a_log_keeps_the_last_events() {
    both("sys_011_a_log_keeps_the_last_events", async || {
        let server = player().await;
        insist(|| sys::log(server, 3)).await?;
        for note in ["a", "b"] {
            server.cast(Tell::Note(note.into()));
        }
        server
            .call(|caller| Ask::Echo(1, caller))
            .no_timeout()
            .await?;
        let kinds: Vec<_> = insist(|| sys::logged(server)).await?;
        let kinds: Vec<_> = kinds.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::NoReply, EventKind::In, EventKind::Out]);
        insist(|| sys::log(server, 0)).await?;
        assert!(insist(|| sys::logged(server)).await?.is_empty());
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sys_013_statistics_are_counted_on_demand() {
    both("sys_013_statistics_are_counted_on_demand", async || {
        let server = player().await;
        assert_eq!(insist(|| sys::statistics(server)).await, Ok(None));
        insist(|| sys::count(server, true)).await?;
        server.cast(Tell::Note("a".into()));
        send(server.pid(), 1u8);
        server
            .call(|caller| Ask::Echo(1, caller))
            .no_timeout()
            .await?;
        let kept = server.request(Ask::Keep).await;
        server.cast(Tell::Release(1));
        kept.receive().await?;
        let counted = insist(|| sys::statistics(server))
            .await?
            .expect("it counts");
        assert_eq!((counted.messages_in, counted.messages_out), (5, 1));
        assert!(counted.since <= counted.now);
        insist(|| sys::count(server, false)).await?;
        assert_eq!(insist(|| sys::statistics(server)).await, Ok(None));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sys_015_hooks_hear_of_events_until_they_are_done() {
    both(
        "sys_015_hooks_hear_of_events_until_they_are_done",
        async || {
            let mut mailbox = mailbox();
            let server = player().await;
            let listener = me();
            let heard = |id: &'static str| {
                let mut left = 2u8;
                sys::install(server, id, move |event| {
                    send(listener, (id, event.kind));
                    left -= 1;
                    assert!(left > 0 || id != "panics");
                    if left > 0 { Watch::On } else { Watch::Done }
                })
            };
            insist(|| heard("done")).await?;
            insist(|| heard("done")).await?;
            insist(|| heard("panics")).await?;
            insist(|| heard("removed")).await?;
            insist(|| sys::remove(server, "removed")).await?;
            for _ in 0..3 {
                server.cast(Tell::Note("a".into()));
            }
            server.call(Ask::Notes).no_timeout().await?;
            settle().await;
            let mut seen = Vec::new();
            while let Some(message) = mailbox.receive_timeout(Duration::ZERO).await {
                let (id, _): (&str, EventKind) = message;
                seen.push(id);
            }
            assert_eq!(seen, ["done", "panics", "done", "panics"]);
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn sys_017_terminate_runs_the_callback() {
    both("sys_017_terminate_runs_the_callback", async || {
        let mut mailbox = mailbox();
        let server = player_with(watched()).await;
        insist(|| sys::suspend(server)).await?;
        beamline::stop(server, boom(), None).await?;
        assert_eq!(mailbox.receive::<Noted>().await, Noted::Terminate(boom()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sys_018_a_plain_process_does_not_answer() {
    // On threads it would take the five seconds.
    on_sim("sys_018_a_plain_process_does_not_answer", async || {
        let plain = beamline_tests::idle();
        assert_eq!(sys::suspend(plain).await, Err(CallError::Timeout));
    });
}

#[test]
fn sys_001_system_messages_are_served_between_callbacks() {
    both(
        "sys_001_system_messages_are_served_between_callbacks",
        async || {
            let server = player().await;
            let slow = |caller| Ask::Slow(SHORT, caller);
            let mut slow = server.request(slow).await;
            insist(|| sys::status(server)).await?;
            // The status came after the answer, from the same process.
            assert_eq!(slow.wait(Duration::ZERO).await, Some(Ok(())));
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn sys_006_suspending_twice_is_suspending_once() {
    both("sys_006_suspending_twice_is_suspending_once", async || {
        let server = player().await;
        for _ in 0..2 {
            assert_eq!(insist(|| sys::suspend(server)).await, Ok(()));
        }
        assert_eq!(insist(|| sys::resume(server)).await, Ok(()));
        let echo = || server.call(|caller| Ask::Echo(1, caller)).no_timeout();
        assert_eq!(echo().await, Ok(1));
        assert_eq!(insist(|| sys::resume(server)).await, Ok(()));
        assert_eq!(echo().await, Ok(1));
    });
}

#[test]
fn sys_007_a_call_of_a_suspended_server_is_handled_after_it() {
    both(
        "sys_007_a_call_of_a_suspended_server_is_handled_after_it",
        async || {
            let mut mailbox = mailbox();
            let server = player().await;
            insist(|| sys::suspend(server)).await?;
            let add = server.call(|caller| Ask::Add(1, caller)).timeout(SHORT);
            assert_eq!(add.await, Err(CallError::Timeout));
            insist(|| sys::resume(server)).await?;
            let sum = server.call(|caller| Ask::Add(1, caller)).no_timeout();
            assert_eq!(sum.await, Ok(2));
            expect_nothing(&mut mailbox, "the late answer is dropped").await;
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn sys_012_events_tell_what_came_in_and_went_out() {
    both(
        "sys_012_events_tell_what_came_in_and_went_out",
        async || {
            let server = player().await;
            insist(|| sys::log(server, 9)).await?;
            server.cast(Tell::Note("a".into()));
            let echo = server.call(|caller| Ask::Echo(1, caller)).no_timeout();
            echo.await?;
            let events = insist(|| sys::logged(server)).await?;
            let events: Vec<_> = events.iter().map(|e| (e.kind, e.text.as_str())).collect();
            let expected = [
                (EventKind::In, "Note(\"a\")"),
                (EventKind::NoReply, ""),
                (EventKind::In, "Echo(1, _)"),
                (EventKind::Out, ""),
            ];
            assert_eq!(events, expected);
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn sys_014_only_answers_of_the_callback_itself_count_as_out() {
    both(
        "sys_014_only_answers_of_the_callback_itself_count_as_out",
        async || {
            let server = player().await;
            insist(|| sys::count(server, true)).await?;
            let kept = server.request(Ask::Keep).await;
            server.cast(Tell::Release(1));
            kept.receive().await?;
            server.call(Ask::Delegate).no_timeout().await?;
            server.call(Ask::Notes).no_timeout().await?;
            let counted = insist(|| sys::statistics(server)).await?;
            let counted = counted.expect("it counts");
            // A call, a cast, a call that another process answers, and a call.
            assert_eq!((counted.messages_in, counted.messages_out), (4, 1));
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn sys_016_no_debug_drops_everything() {
    both("sys_016_no_debug_drops_everything", async || {
        let mut mailbox = mailbox();
        let (server, listener) = (player().await, me());
        insist(|| sys::count(server, true)).await?;
        insist(|| sys::log(server, 5)).await?;
        let hook = || {
            sys::install(server, "hook", move |_| {
                send(listener, 1u8);
                Watch::On
            })
        };
        insist(hook).await?;
        insist(|| sys::no_debug(server)).await?;
        server.cast(Tell::Note("a".into()));
        assert_eq!(insist(|| sys::statistics(server)).await, Ok(None));
        assert_eq!(insist(|| sys::logged(server)).await, Ok(Vec::new()));
        expect_nothing(&mut mailbox, "the hook is gone").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn sys_020_debugging_may_begin_with_the_server() {
    both("sys_020_debugging_may_begin_with_the_server", async || {
        let mut mailbox = mailbox();
        let listener = me();
        let start = Player::start(Plan::default()).log(1).count();
        let start = start.install("hook", move |event| {
            send(listener, event.kind);
            Watch::Done
        });
        let server = start.await?;
        server.cast(Tell::Note("a".into()));
        assert_eq!(mailbox.receive::<EventKind>().await, EventKind::In);
        let counted = insist(|| sys::statistics(server)).await?;
        assert_eq!(counted.map(|counted| counted.messages_in), Some(1));
        assert_eq!(insist(|| sys::logged(server)).await?.len(), 1);
        Ok::<(), ExitReason>(())
    });
}

/// Adds what it gets, and ends with its parent.
async fn adder(mut mailbox: Mailbox, parent: Pid) -> ExitReason {
    trap_exit(true);
    let mut receiver = sys::SystemReceiver::new(Some(parent));
    let mut sum = 0u64;
    loop {
        match receiver.next(&mut mailbox, None, &mut sum).await {
            sys::SystemEvent::Message(message) => sum += message.downcast::<u64>().unwrap_or(100),
            sys::SystemEvent::Stop(reason) => return reason,
            sys::SystemEvent::Timeout => {}
        }
    }
}

#[test]
fn sys_019_a_process_written_by_hand_takes_system_messages() {
    both("SYS-19", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let adder = spawn(move |mailbox| adder(mailbox, root));
        send(adder, 2u64);
        assert_eq!(insist(|| sys::suspend(adder)).await, Ok(()));
        send(adder, 3u64);
        let status = insist(|| sys::status(adder)).await.expect("it runs");
        assert_eq!(
            (status.suspended, status.state.as_deref()),
            (true, Some("2"))
        );
        assert_eq!(insist(|| sys::resume(adder)).await, Ok(()));
        while sys::get_state::<u64>(adder).await != Ok(5) {
            yield_now().await;
        }
        let watch = monitor(adder);
        let stopped = beamline::stop(adder, ExitReason::Shutdown, None).await;
        let reason = beamline_tests::down(&mut mailbox, watch).await;
        assert_eq!((stopped, reason), (Ok(()), ExitReason::Shutdown));
    });
}
