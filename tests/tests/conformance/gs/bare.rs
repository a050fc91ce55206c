//! GS-73 to GS-81, LOG-12: a server that has no callbacks but `init`.

use std::time::Duration;

use beamline::prelude::*;
use beamline::{UnhandledMessage, report, sys};
use beamline_tests::{both, down, settle};

use crate::servers::{Ask, Plan, insist, player_with};

/// What comes first.
struct Bare;

impl GenServer for Bare {
    type Args = Option<u8>;
    type Call = Caller<()>;
    type Cast = u8;
    type Info = Message;
    type Continue = u8;

    async fn init(first: Option<u8>) -> Init<Self> {
        Ok(match first {
            Some(work) => Ready::then(Bare, Next::Continue(work)),
            None => Bare.into(),
        })
    }
}

/// The message of the panic that a server ended with.
fn panic_of(reason: ExitReason) -> String {
    match reason {
        ExitReason::Panicked(info) => info.message.clone(),
        other => panic!("ended with {other:?}"),
    }
}

#[test]
fn gs_073_without_terminate_a_server_just_ends() {
    both("gs_073_without_terminate_a_server_just_ends", async || {
        let server = Bare::start(None).await?;
        server.stop().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_077_what_has_no_callback_is_a_crash_but_for_info() {
    both(
        "gs_077_what_has_no_callback_is_a_crash_but_for_info",
        async || {
            let mut mailbox = mailbox();
            let server = Bare::start(None).await?;
            send(server.pid(), 1u8);
            server.stop().await?;
            let server = Bare::start(None).await?;
            let watch = monitor(server.pid());
            server.cast(1);
            panic_of(down(&mut mailbox, watch).await);
            let server = Bare::start(None).await?;
            match server.call(|caller| caller).no_timeout().await {
                Err(CallError::Down(reason)) => drop(panic_of(reason)),
                other => panic!("{other:?}"),
            }
            let server = Bare::start(Some(1)).await?;
            let watch = monitor(server.pid());
            let reason = down(&mut mailbox, watch).await;
            // It may have ended before it was watched.
            assert!(reason == ExitReason::NoProc || panic_of(reason).contains("continue"));
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn gs_078_without_code_change_the_state_stays() {
    both("gs_078_without_code_change_the_state_stays", async || {
        let server = Bare::start(None).await?;
        insist(|| sys::suspend(server)).await?;
        assert_eq!(insist(|| sys::change_code(server, "1", ())).await, Ok(()));
        let same = || sys::with_state(server, |_: &mut Bare| ());
        assert_eq!(insist(same).await, Ok(()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_079_the_panic_says_what_is_missing() {
    both("gs_079_the_panic_says_what_is_missing", async || {
        let mut mailbox = mailbox();
        let server = Bare::start(None).await?;
        let Err(CallError::Down(reason)) = server.call(|caller| caller).no_timeout().await else {
            panic!("it was answered")
        };
        let said = panic_of(reason);
        assert!(said.starts_with("attempted to call "), "{said}");
        assert!(said.contains("Bare, but it has no handle_call"), "{said}");
        let server = Bare::start(None).await?;
        let watch = monitor(server.pid());
        server.cast(7);
        let said = panic_of(down(&mut mailbox, watch).await);
        assert!(said.starts_with("attempted to cast to "), "{said}");
        assert!(said.ends_with("no handle_cast: 7"), "{said}");
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_080_without_handle_info_messages_are_reported_and_dropped() {
    both(
        "gs_080_without_handle_info_messages_are_reported_and_dropped",
        async || {
            let mut mailbox = mailbox();
            report::subscribe().await;
            let server = Bare::start(None).name("bare").await?;
            for number in 0..3u8 {
                send(server.pid(), number);
            }
            for number in ["0", "1", "2"] {
                let report = mailbox.receive::<UnhandledMessage>().await;
                assert_eq!((report.pid, &*report.message), (server.pid(), number));
                assert_eq!(report.name, Some(Name::from("bare")));
                assert!(report.behaviour.ends_with("Bare"), "{report:?}");
            }
            let left = || sys::status(server);
            assert_eq!(insist(left).await?.state, None);
            assert_eq!(
                info(server.pid()).await.map(|seen| seen.message_queue_len),
                Some(0)
            );
            Ok::<(), ExitReason>(())
        },
    );
}

/// A server whose other messages have a type of its own, which says nothing of itself.
struct Typed;

struct Other;

impl From<Message> for Other {
    fn from(_: Message) -> Self {
        Other
    }
}

impl GenServer for Typed {
    type Args = ();
    type Call = Never;
    type Cast = Never;
    type Info = Other;
    type Continue = Never;

    async fn init((): ()) -> Init<Self> {
        Ok(Typed.into())
    }
}

#[test]
fn log_012_messages_that_nobody_handles_are_reported() {
    both(
        "log_012_messages_that_nobody_handles_are_reported",
        async || {
            let mut mailbox = mailbox();
            report::subscribe().await;
            let typed = Some(Typed::start(()).await?.pid());
            let dynamic = DynamicSupervisor::start_link().await?.whereis().await;
            let listed = Supervisor::start_link([]).await?.whereis().await;
            let tasks = Some(TaskSupervisor::start_link().await?.pid());
            for (pid, words) in [
                (typed, "Other"),
                (dynamic, "7"),
                (listed, "7"),
                (tasks, "7"),
            ] {
                let pid = pid.expect("it runs");
                send(pid, 7u8);
                let report = mailbox.receive::<UnhandledMessage>().await;
                assert_eq!(report.pid, pid);
                assert!(report.message.ends_with(words), "{report:?}");
                let line = report.to_string();
                assert!(line.starts_with(report.behaviour), "{line}");
            }
            // An agent takes no notice, and neither does a server that takes the message.
            let agent = Agent::start_link(|| 1u8).await?;
            let player = player_with(Plan::default()).await;
            for pid in [agent.pid(), player.pid()] {
                send(pid, 7u8);
                assert!(alive(pid).await);
            }
            agent.get(|value| *value).no_timeout().await?;
            player.call(Ask::Notes).no_timeout().await?;
            settle().await;
            let none = mailbox.receive_timeout::<UnhandledMessage>(Duration::ZERO);
            assert_eq!(none.await, None);
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn gs_081_the_other_defaults_do_nothing() {
    both("gs_081_the_other_defaults_do_nothing", async || {
        let mut mailbox = mailbox();
        let (server, watch) = Bare::start_monitor(None).await?;
        insist(|| sys::suspend(server)).await?;
        insist(|| sys::change_code(server, "1", 2u8))
            .await
            .expect("it agrees");
        server.stop_with(ExitReason::Shutdown, None).await?;
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Shutdown);
        Ok::<(), ExitReason>(())
    });
}
