//! GS-48 to GS-57, GS-69, GS-76: one callback after the other, and what each may ask for.

use std::time::Duration;

use beamline::prelude::*;
use beamline::sys;
use beamline_tests::{both, down, expect_nothing};

use crate::servers::{
    Ask, Begin, Do, Noted, Plan, Player, Tell, boom, insist, player_with, watched,
};

const SHORT: Duration = Duration::from_millis(2);
/// A timeout of a server, and a while after which it is disturbed.
const TIMEOUT: Duration = Duration::from_millis(12);
const WHILE: Duration = Duration::from_millis(8);

/// A server that tells when it enters a callback, and when it leaves.
struct Visited(Pid);

#[derive(Debug, PartialEq)]
enum Visit {
    Enter(u8),
    Leave(u8),
}

#[derive(Debug)]
struct Come(u8, Caller<()>);

impl GenServer for Visited {
    type Args = Pid;
    type Call = Come;
    type Cast = u8;
    type Info = Message;
    type Continue = Never;

    async fn init(watcher: Pid) -> Init<Self> {
        Ok(Visited(watcher).into())
    }

    async fn handle_call(&mut self, Come(number, caller): Come) -> Flow<Self> {
        caller.reply(());
        self.handle_cast(number).await
    }

    async fn handle_cast(&mut self, number: u8) -> Flow<Self> {
        send(self.0, Visit::Enter(number));
        sleep(SHORT).await;
        send(self.0, Visit::Leave(number));
        Ok(Next::Wait)
    }
}

#[test]
fn gs_048_callbacks_do_not_overlap() {
    both("gs_048_callbacks_do_not_overlap", async || {
        let mut mailbox = mailbox();
        let server = Visited::start(me()).await?;
        spawn(async move |_: Mailbox| server.cast(1));
        let called = server.request(|caller| Come(2, caller)).await;
        for _ in 0..2 {
            let Visit::Enter(number) = mailbox.receive().await else {
                panic!("a callback ends that has not begun")
            };
            assert_eq!(mailbox.receive::<Visit>().await, Visit::Leave(number));
        }
        called.receive().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_049_every_callback_may_ask_for_anything() {
    both("gs_049_every_callback_may_ask_for_anything", async || {
        let mut mailbox = mailbox();
        let wishes = [
            (Do::Timeout(Duration::ZERO), Some(Noted::Timeout)),
            (Do::Continue(vec![1]), Some(Noted::Continue(1))),
            (Do::Hibernate, None),
            (Do::Stop(boom()), Some(Noted::Terminate(boom()))),
        ];
        for (wish, noted) in wishes {
            for called in [true, false] {
                let server = player_with(watched()).await;
                let wish = wish.clone();
                if called {
                    let then = server.call(|caller| Ask::Then(wish, caller));
                    assert_eq!(then.no_timeout().await, Ok(()));
                } else {
                    server.cast(Tell::Next(wish));
                }
                match noted.clone() {
                    Some(noted) => assert_eq!(mailbox.receive::<Noted>().await, noted),
                    None => {
                        let echo = server.call(|caller| Ask::Echo(1, caller));
                        assert_eq!(echo.no_timeout().await, Ok(1));
                    }
                }
            }
        }
    });
}

#[test]
fn gs_050_the_answer_is_sent_before_what_comes_next() {
    both(
        "gs_050_the_answer_is_sent_before_what_comes_next",
        async || {
            let mut mailbox = mailbox();
            let server = player_with(watched()).await;
            let then = |caller| Ask::Then(Do::Continue(vec![1]), caller);
            let mut request = server.request(then).await;
            assert_eq!(mailbox.receive::<Noted>().await, Noted::Continue(1));
            assert_eq!(request.wait(Duration::ZERO).await, Some(Ok(())));
        },
    );
}

/// Disturbs a server that waits for `TIMEOUT`; when that was, unless the timeout came first.
async fn disturbed<F: Future>(
    mailbox: &mut Mailbox,
    disturb: impl Fn(Server<Player>) -> F,
) -> Option<Instant> {
    let server = player_with(Plan {
        init: Some(Begin::Then(Do::Timeout(TIMEOUT))),
        ..watched()
    });
    let server = server.await;
    sleep(WHILE).await;
    let at = now();
    disturb(server).await;
    // The answer to the disturbance came after whatever the server had told before.
    let noted: Option<Noted> = mailbox.receive_timeout(Duration::ZERO).await;
    noted.is_none().then_some(at)
}

#[test]
fn gs_056_a_system_message_begins_the_timeout_anew() {
    both(
        "gs_056_a_system_message_begins_the_timeout_anew",
        async || {
            let mut mailbox = mailbox();
            let status = |server| async move { sys::status(server).await };
            if let Some(at) = disturbed(&mut mailbox, status).await {
                assert_eq!(mailbox.receive::<Noted>().await, Noted::Timeout);
                assert!(at.elapsed() >= TIMEOUT, "{:?}", at.elapsed());
            }
        },
    );
}

#[test]
fn gs_057_resuming_begins_the_timeout_anew() {
    both("gs_057_resuming_begins_the_timeout_anew", async || {
        let mut mailbox = mailbox();
        let suspended = |server| insist(move || sys::suspend(server));
        let server = player_with(Plan {
            init: Some(Begin::Then(Do::Timeout(TIMEOUT))),
            ..watched()
        });
        let server = server.await;
        suspended(server).await?;
        if mailbox
            .receive_timeout::<Noted>(Duration::ZERO)
            .await
            .is_some()
        {
            // The timeout was faster.
            return Ok(());
        }
        sleep(WHILE).await;
        let at = now();
        insist(|| sys::resume(server)).await?;
        assert_eq!(mailbox.receive::<Noted>().await, Noted::Timeout);
        assert!(at.elapsed() >= TIMEOUT, "{:?}", at.elapsed());
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_069_terminate_runs_at_every_end_of_its_own_making() {
    both(
        "gs_069_terminate_runs_at_every_end_of_its_own_making",
        async || {
            let mut mailbox = mailbox();
            let ends = [
                Tell::Next(Do::Stop(ExitReason::Normal)),
                Tell::Next(Do::Fail(boom())),
                Tell::Panic,
            ];
            for end in ends {
                let server = player_with(watched()).await;
                let watch = monitor(server.pid());
                server.cast(end);
                let Noted::Terminate(reason) = mailbox.receive().await else {
                    panic!("it does something else")
                };
                assert_eq!(down(&mut mailbox, watch).await, reason);
            }
            let server = player_with(watched()).await;
            server.stop_with(boom(), None).await?;
            assert_eq!(mailbox.receive::<Noted>().await, Noted::Terminate(boom()));
            expect_nothing(&mut mailbox, "it runs once").await;
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn gs_076_stop_overtakes_nothing() {
    both("gs_076_stop_overtakes_nothing", async || {
        let mut mailbox = mailbox();
        let server = player_with(watched()).await;
        send(server.pid(), 1u8);
        server.stop().await?;
        assert_eq!(mailbox.receive::<Noted>().await, Noted::Info("1".into()));
        let noted = mailbox.receive::<Noted>().await;
        assert_eq!(noted, Noted::Terminate(ExitReason::Normal));
        Ok::<(), ExitReason>(())
    });
}
