//! GS-15, GS-17, GS-82 to GS-88: options, names, and ways to a server.

use beamline::prelude::*;
use beamline::{Reach, enter_loop, sys};
use beamline_tests::{both, down};

use crate::servers::{Ask, Plan, Player, Tell, boom, insist, player};

#[test]
fn gs_015_options_hold_from_the_first_moment() {
    both("gs_015_options_hold_from_the_first_moment", async || {
        let start = Player::start(Plan::default()).name("player").label("plays");
        let server = start.priority(Priority::High).await?;
        let seen = info(server.pid()).await.expect("it lives");
        assert_eq!(seen.priority, Priority::High);
        assert_eq!(seen.label.as_deref(), Some("plays"));
        assert_eq!(seen.name, Some("player".into()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_017_any_process_may_become_a_server() {
    both("gs_017_any_process_may_become_a_server", async || {
        let mut mailbox = mailbox();
        let (pid, watch) = spawn_monitor(async |mut mailbox: Mailbox| {
            let plan: Plan = mailbox.receive().await;
            enter_loop(mailbox, Player::new(plan)).await
        });
        // Sent before it serves, and handled then.
        let server: Server<Player> = Server::of(pid);
        let early = server.request(|caller| Ask::Echo(1, caller)).await;
        send(pid, Plan::default());
        assert_eq!(early.receive().await, Ok(1));
        let dropped = server.call(Ask::Drop).no_timeout().await;
        assert_eq!(dropped, Err(CallError::NoReply));
        assert!(!insist(|| sys::status(server)).await?.suspended);
        server.stop_with(boom(), None).await?;
        assert_eq!(down(&mut mailbox, watch).await, boom());
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_082_any_text_is_a_name() {
    both("gs_082_any_text_is_a_name", async || {
        for name in ["player", "with blanks", "ü"] {
            let server = Player::start(Plan::default()).name(name).await?;
            assert_eq!(whereis(name).await, Some(server.pid()));
            let owned = Player::start(Plan::default()).name(name.to_string()).await;
            assert_eq!(owned, Err(StartError::AlreadyStarted(Some(server.pid()))));
            server.stop().await?;
        }
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_085_a_named_server_is_looked_up() {
    both("gs_085_a_named_server_is_looked_up", async || {
        let named: Server<Player, Name> = Server::named("player");
        assert_eq!(named.whereis().await, None);
        let server = Player::start(Plan::default()).name("player").await?;
        assert_eq!(named.whereis().await, Some(server));
        assert_eq!(server.reach().find().await, Some(server.pid()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn gs_086_a_call_of_a_name_that_nobody_has_fails() {
    both(
        "gs_086_a_call_of_a_name_that_nobody_has_fails",
        async || {
            let named: Server<Player, Name> = Server::named("player");
            let call = || named.call(|caller| Ask::Echo(1, caller)).no_timeout();
            assert_eq!(call().await, Err(CallError::NoProc));
            let server = Player::start(Plan::default()).name("player").await?;
            assert_eq!(call().await, Ok(1));
            server.stop().await?;
            assert_eq!(call().await, Err(CallError::NoProc));
            Ok::<(), ExitReason>(())
        },
    );
}

#[test]
fn gs_088_a_cast_takes_every_way_to_a_server() {
    both("gs_088_a_cast_takes_every_way_to_a_server", async || {
        let server = player().await;
        register("player", server.pid()).await?;
        server.cast(Tell::Note("server".into()));
        Server::<Player>::of(server.pid()).cast(Tell::Note("pid".into()));
        let named: Server<Player, Name> = Server::named("player");
        named.cast(Tell::Note("name".into())).await;
        Server::<Player, Name>::at("nobody".into())
            .cast(Tell::Note("nobody".into()))
            .await;
        let notes = server.call(Ask::Notes).no_timeout().await;
        assert_eq!(notes?, ["server", "pid", "name"]);
        Ok::<(), ExitReason>(())
    });
}
