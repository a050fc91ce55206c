//! Entries as addresses.

use beamline::{Address, StartError, Via};
use beamline_tests::expect_nothing;

use super::*;
use crate::servers::{Ask, Begin, Do, Noted, Plan, Player, Tell};

#[test]
fn rgy_038_a_duplicate_registry_gives_no_addresses() {
    both("RGY-38", async || {
        let mut mailbox = mailbox();
        let (_, watch) = spawn_monitor(async |_: Mailbox| {
            let [registry, ..] = duplicate().await;
            let _ = beamline::via(&registry, "key");
        });
        let reason = down(&mut mailbox, watch).await;
        let text = format!("{reason}");
        assert!(
            text.contains("not supported for duplicate registries"),
            "{text}"
        );
    });
}

#[test]
fn rgy_039_sending_to_a_key() {
    both("RGY-39", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let refused = registry.send(&"key", 7_u32).await;
            assert!(refused.is_err(), "nobody is there");
            registry.register("key", 1).await.expect("it is free");
            registry
                .send(&"key", 7_u32)
                .await
                .expect("this process is there");
            assert_eq!(mailbox.receive::<u32>().await, 7);
        }
    });
}

#[test]
fn rgy_037_a_server_registers_itself_under_the_key_it_is_started_with() {
    both("RGY-37", async || {
        for registry in unique().await {
            let started = Player::start(Plan::default())
                .address(Via::new(&registry, "plain", 0))
                .await;
            let server = started.expect("the key is free");
            let found = registry.lookup(&"plain").await;
            assert_eq!(found, [(server.pid(), 0)], "who runs is who registered");

            let via = Via::new(&registry, "valued", 7);
            let started = Player::start(Plan::default()).address(via.clone()).await;
            let server = started.expect("the key is free");
            let found = registry.lookup(&"valued").await;
            assert_eq!(found, [(server.pid(), 7)]);
            let echo = Server::<Player, _>::at(via)
                .call(|caller| Ask::Echo(3, caller))
                .no_timeout();
            assert_eq!(echo.await, Ok(3));
        }
    });
}

#[test]
fn reg_028_an_address_is_claimed_found_given_back_and_sent_to() {
    both("REG-28", async || {
        let mut mailbox = mailbox();
        let [registry, _] = unique().await;
        let via = Via::new(&registry, "key", 0);
        assert_eq!(via.find().await, None);
        assert_eq!(via.claim().await, Ok(()));
        assert_eq!(via.claim().await, Err(Some(me())), "it is taken");
        assert_eq!(via.find().await, Some(me()));
        registry.send(&"key", 7_u32).await.expect("it is there");
        assert_eq!(mailbox.receive::<u32>().await, 7);
        via.free().await;
        assert_eq!(via.find().await, None);
    });
}

#[test]
fn reg_029_an_address_is_claimed_before_init_runs() {
    both("REG-29", async || {
        let mut mailbox = mailbox();
        let [registry, _] = unique().await;
        let via = Via::new(&registry, "key", 0);
        let start = |begin| {
            let watcher = Some(me());
            Player::start(Plan {
                init: Some(begin),
                watcher,
                ..Plan::default()
            })
            .address(via.clone())
        };
        // A failed start gives it back.
        let failed = start(Begin::Ignore).await;
        assert_eq!(failed, Err(StartError::Ignore));
        assert_eq!(via.find().await, None);

        let first = start(Begin::Then(Do::Continue(vec![1]))).await;
        let first = first.expect("the key is free");
        let noted = mailbox.receive::<Noted>().await;
        assert_eq!(noted, Noted::Continue(1));
        let second = start(Begin::Then(Do::Continue(vec![2]))).await;
        assert_eq!(second, Err(StartError::AlreadyStarted(Some(first.pid()))));
        expect_nothing(&mut mailbox, "the init of the second never ran").await;
    });
}

#[test]
fn reg_030_an_address_is_looked_up_at_each_call() {
    both("REG-30", async || {
        let [registry, _] = unique().await;
        let via = Via::new(&registry, "key", 0);
        let at = Server::<Player, _>::at(via.clone());
        let echo = async |number| {
            at.call(|caller| Ask::Echo(number, caller))
                .no_timeout()
                .await
        };
        assert_eq!(echo(1).await, Err(CallError::NoProc));
        for number in [2, 3] {
            let started = Player::start(Plan::default()).address(via.clone()).await;
            let server = started.expect("whoever had it has ended");
            assert_eq!(echo(number).await, Ok(number));
            server.stop().await.expect("it runs");
            assert_eq!(echo(4).await, Err(CallError::NoProc));
        }
    });
}

#[test]
fn reg_031_a_cast_to_an_address_swallows_every_failure() {
    both("REG-31", async || {
        let [registry, _] = unique().await;
        let via = Via::new(&registry, "key", 0);
        let at = Server::<Player, _>::at(via.clone());
        at.cast(Tell::Note("nobody is there".into())).await;
        let started = Player::start(Plan::default()).address(via).await;
        let server = started.expect("the key is free");
        at.cast(Tell::Note("heard".into())).await;
        let notes: Result<Vec<String>, CallError> = server.call(Ask::Notes).no_timeout().await;
        assert_eq!(notes, Ok(vec![String::from("heard")]));
    });
}
