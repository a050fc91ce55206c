//! GS-34 to GS-65: the loop of a server.

use std::time::Duration;

use beamline::multi_call;
use beamline::prelude::*;
use beamline_tests::{both, expect_nothing, settle};

use crate::servers::{
    Ask, Begin, Do, Noted, Plan, Player, Tell, boom, player, player_with, watched,
};

const SHORT: Duration = Duration::from_millis(2);

async fn notes(server: Server<Player>) -> Vec<String> {
    server
        .call(Ask::Notes)
        .no_timeout()
        .await
        .expect("the server answers")
}

fn first(what: Do) -> Plan {
    Plan {
        init: Some(Begin::Then(what)),
        ..watched()
    }
}

#[test]
fn gs_034_a_request_to_nobody_fails_later() {
    both("gs_034_a_request_to_nobody_fails_later", async || {
        let nobody: Server<Player, Name> = Server::named("nobody");
        let request = nobody.request(Ask::Keep).await;
        assert_eq!(request.receive().await, Err(CallError::NoProc));
    });
}

#[test]
fn gs_035_a_request_may_be_waited_for_again() {
    both("gs_035_a_request_may_be_waited_for_again", async || {
        let server = player().await;
        let mut request = server.request(Ask::Keep).await;
        assert_eq!(request.wait(SHORT).await, None);
        server.cast(Tell::Release(4));
        assert_eq!(request.receive().await, Ok(4));
    });
}

#[test]
fn gs_036_an_abandoned_request_leaves_nothing() {
    both("gs_036_an_abandoned_request_leaves_nothing", async || {
        let mut mailbox = mailbox();
        let server = player().await;
        let request = server.request(Ask::Keep).await;
        let answer = request.receive_timeout(SHORT).await;
        assert_eq!(answer, Err(CallError::Timeout));
        server.cast(Tell::Release(4));
        notes(server).await;
        server.stop().await?;
        expect_nothing(&mut mailbox, "the late answer is dropped").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_039_requests_are_answered_in_any_order() {
    both("gs_039_requests_are_answered_in_any_order", async || {
        let (one, two) = (player().await, player().await);
        let mut requests = beamline::Requests::new();
        requests.add("kept", one.request(Ask::Keep).await);
        requests.add("echo", two.request(|caller| Ask::Echo(2, caller)).await);
        assert_eq!(requests.len(), 2);
        assert_eq!(requests.next(None).await, Some(("echo", Ok(2))));
        assert!(requests.labels().eq([&"kept"]));
        assert_eq!(requests.next(Some(SHORT)).await, None);
        one.cast(Tell::Release(1));
        assert_eq!(requests.next(None).await, Some(("kept", Ok(1))));
        assert_eq!(requests.next(None).await, None);
    });
}

#[test]
fn gs_041_a_cast_never_fails() {
    both("gs_041_a_cast_never_fails", async || {
        let server = Player::start(Plan::default()).name("player").await?;
        server.cast(Tell::Note("pid".into()));
        let named: Server<Player, Name> = Server::named("player");
        named.cast(Tell::Note("name".into())).await;
        assert_eq!(notes(server).await, ["pid", "name"]);
        server.stop().await?;
        server.cast(Tell::Note("dead".into()));
        named.cast(Tell::Note("nobody".into())).await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_043_what_one_process_sends_is_handled_in_order() {
    both(
        "gs_043_what_one_process_sends_is_handled_in_order",
        async || {
            let server = player().await;
            server.cast(Tell::Note("cast".into()));
            send(server.pid(), 1u8);
            server.cast(Tell::Note("again".into()));
            assert_eq!(notes(server).await, ["cast", "1", "again"]);
        },
    );
}

#[test]
fn gs_044_everything_else_is_info() {
    both("gs_044_everything_else_is_info", async || {
        let server = player().await;
        let stranger = me();
        let reason = boom();
        send(
            server.pid(),
            Exit {
                from: stranger,
                reason,
            },
        );
        send(server.pid(), "text");
        let notes = notes(server).await;
        assert!(notes[0].starts_with("Exit"), "{notes:?}");
        assert_eq!(notes[1], "\"text\"");
    });
}

#[test]
fn gs_046_many_are_asked_at_once() {
    both("gs_046_many_are_asked_at_once", async || {
        let mut mailbox = mailbox();
        let (good, dead, other) = (player().await, player().await, player().await);
        dead.stop().await?;
        let asked = [good, dead, other];
        let (answers, bad) = multi_call(asked, |caller| Ask::Echo(1, caller), None).await;
        assert_eq!(answers, [(good, 1), (other, 1)]);
        assert_eq!(bad, [dead]);
        let (answers, bad) = multi_call([good], Ask::Keep, Some(SHORT)).await;
        assert!(answers.is_empty() && bad == [good]);
        good.cast(Tell::Release(1));
        notes(good).await;
        expect_nothing(&mut mailbox, "late answers are dropped").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_051_continue_comes_before_any_message() {
    both("gs_051_continue_comes_before_any_message", async || {
        let server = player().await;
        let steps = Do::Continue(vec![1, 2]);
        server.cast(Tell::Next(steps));
        server.cast(Tell::Note("queued".into()));
        let seen = notes(server).await;
        assert_eq!(seen, ["continue 1", "continue 2", "queued"]);
    });
}

#[test]
fn gs_052_the_starter_is_told_before_the_server_continues() {
    both(
        "gs_052_the_starter_is_told_before_the_server_continues",
        async || {
            let server = player_with(first(Do::Continue(vec![1]))).await;
            assert_eq!(notes(server).await, ["continue 1"]);
        },
    );
}

#[test]
fn gs_053_a_timeout_fires_once_if_nothing_comes() {
    both("gs_053_a_timeout_fires_once_if_nothing_comes", async || {
        let mut mailbox = mailbox();
        player_with(first(Do::Timeout(SHORT))).await;
        assert_eq!(mailbox.receive::<Noted>().await, Noted::Timeout);
        settle().await;
        expect_nothing(&mut mailbox, "it fires once").await;
    });
}

#[test]
fn gs_054_any_message_cancels_the_timeout() {
    both("gs_054_any_message_cancels_the_timeout", async || {
        let server = player().await;
        server.cast(Tell::Next(Do::Timeout(Duration::ZERO)));
        server.cast(Tell::Note("first".into()));
        let seen = notes(server).await;
        // The note may come after the timeout, but nothing brings the timeout back.
        assert!(
            seen == ["first"] || seen == ["timeout", "first"],
            "{seen:?}"
        );
        settle().await;
        assert_eq!(notes(server).await, seen);
    });
}

#[test]
fn gs_055_a_queued_message_wins_over_a_timeout_of_zero() {
    both(
        "gs_055_a_queued_message_wins_over_a_timeout_of_zero",
        async || {
            let server = player().await;
            // Held up until both are in its mailbox.
            beamline::suspend(server.pid()).await?;
            server.cast(Tell::Next(Do::Timeout(Duration::ZERO)));
            server.cast(Tell::Note("queued".into()));
            info(server.pid()).await.expect("it lives");
            beamline::resume(server.pid()).await?;
            assert_eq!(notes(server).await, ["queued"]);
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn gs_059_a_hibernating_server_wakes_for_any_message() {
    both(
        "gs_059_a_hibernating_server_wakes_for_any_message",
        async || {
            let server = player_with(first(Do::Hibernate)).await;
            assert!(
                !beamline::sys::status(server)
                    .await
                    .is_ok_and(|s| s.suspended)
            );
            server.cast(Tell::Next(Do::Hibernate));
            assert!(notes(server).await.is_empty());
        },
    );
}

#[test]
fn gs_063_the_end_of_the_parent_ends_a_trapping_server() {
    both(
        "gs_063_the_end_of_the_parent_ends_a_trapping_server",
        async || {
            let mut mailbox = mailbox();
            for reason in [ExitReason::Normal, boom()] {
                let plan = Plan {
                    traps: true,
                    ..watched()
                };
                let told = reason.clone();
                spawn(async move |_: Mailbox| {
                    Player::start_link(plan).await.expect("it starts");
                    told
                });
                let noted = mailbox.receive::<Noted>().await;
                assert_eq!(noted, Noted::Terminate(reason));
            }
        },
    );
}

#[test]
fn gs_064_a_server_that_does_not_trap_dies_with_its_parent() {
    both(
        "gs_064_a_server_that_does_not_trap_dies_with_its_parent",
        async || {
            let mut mailbox = mailbox();
            let (plan, root) = (watched(), me());
            spawn(async move |mut mailbox: Mailbox| {
                let server = Player::start_link(plan).await.expect("it starts");
                send(root, server.pid());
                mailbox.receive::<()>().await;
                boom()
            });
            let pid = mailbox.receive::<Pid>().await;
            let watch = monitor(pid);
            let parent = info(pid).await.and_then(|info| info.parent);
            send(parent.expect("it has one"), ());
            assert_eq!(beamline_tests::down(&mut mailbox, watch).await, boom());
            expect_nothing(&mut mailbox, "there is no terminate").await;
        },
    );
}

#[test]
fn gs_037_a_look_at_a_request_takes_no_time() {
    both("gs_037_a_look_at_a_request_takes_no_time", async || {
        let mut mailbox = mailbox();
        let server = player().await;
        let mut request = server.request(Ask::Keep).await;
        send(me(), 1u8);
        assert_eq!(request.wait(Duration::ZERO).await, None);
        server.cast(Tell::Release(4));
        notes(server).await;
        assert_eq!(request.wait(Duration::ZERO).await, Some(Ok(4)));
        // What was no answer is still there.
        assert_eq!(mailbox.receive::<u8>().await, 1);
    });
}

#[test]
fn gs_040_dropped_requests_are_abandoned() {
    both("gs_040_dropped_requests_are_abandoned", async || {
        let mut mailbox = mailbox();
        let server = player().await;
        let mut requests = beamline::Requests::new();
        for label in 0..3 {
            requests.add(label, server.request(Ask::Keep).await);
        }
        assert_eq!(requests.next(Some(SHORT)).await, None);
        drop(requests);
        server.cast(Tell::Release(4));
        notes(server).await;
        server.stop().await?;
        expect_nothing(&mut mailbox, "late answers are dropped").await;
        let seen = info(me()).await.expect("it lives");
        assert!(seen.monitors.is_empty() && seen.monitored_by.is_empty());
        Ok::<(), ExitReason>(())
    });
}
