//! Names.

use super::*;

#[test]
fn reg_013_any_value_is_a_name_and_a_taken_one_is_refused() {
    both("REG-13", async || {
        let names = names().await;
        let pid = idle();
        assert_eq!(names.register_name(("shard", 7), pid).await, Ok(()));
        let taken = Err(NameRefused::Taken { by: pid });
        assert_eq!(names.register_name(("shard", 7), me()).await, taken);
        let again = names.register_name(("shard", 7), pid).await;
        assert_eq!(again, taken, "not even once more the same");
        assert_eq!(names.register_name(("shard", 8), me()).await, Ok(()));
        assert_eq!(names.whereis_name(&("shard", 7)).await, Some(pid));
    });
}

#[test]
fn reg_013_of_several_attempts_at_one_name_exactly_one_succeeds() {
    both("REG-13 at once", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let names = names().await;
        for _ in 0..3 {
            let names = names.clone();
            spawn(async move |mut mailbox: Mailbox| {
                let won = names.register_name(("leader", 0), me()).await;
                send(root, (me(), won.is_ok()));
                mailbox.receive::<Stop>().await;
            });
        }
        let mut winner = None;
        for _ in 0..3 {
            let (pid, won) = mailbox.receive::<(Pid, bool)>().await;
            if won {
                assert_eq!(winner.replace(pid), None, "two have the name");
            }
        }
        assert!(winner.is_some(), "somebody gets a free name");
        assert_eq!(names.whereis_name(&("leader", 0)).await, winner);
    });
}

#[test]
fn reg_013_what_the_service_does_not_know_does_not_disturb_it() {
    both("REG-13 garbage", async || {
        let names = Names::start_link().name("names").await?;
        let service = whereis("names").await.expect("it runs");
        names.register_name(("a", 1), idle()).await?;
        send(service, "garbage");
        send(service, (1_u8, vec!["more"]));
        // As if the owner of a name were down, by a monitor that is not the service's.
        let pid = names.whereis_name(&("a", 1)).await.expect("it lives");
        let forged = Down {
            reference: make_ref(),
            process: Monitored::Pid(pid),
            reason: ExitReason::Normal,
            tag: None,
        };
        send(service, forged);
        let other = idle();
        names.register_name(("b", 1), other).await?;
        assert_eq!(names.registered_names().await, [("a", 1), ("b", 1)]);
        let seen = info(service).await.expect("it runs");
        assert_eq!(seen.message_queue_len, 0, "none of it is kept");
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_014_a_process_has_one_name_unless_several_are_allowed() {
    both("REG-14", async || {
        let one = names().await;
        let several = Names::start_link().several_names().await?;
        let pid = idle();
        for names in [&one, &several] {
            names.register_name(("first", 1), pid).await?;
        }
        let name = ("first", 1);
        let refused = one.register_name(("second", 1), pid).await;
        assert_eq!(refused, Err(NameRefused::HasName { name }));
        assert_eq!(one.whereis_name(&("second", 1)).await, None);
        assert_eq!(several.register_name(("second", 1), pid).await, Ok(()));
        assert_eq!(
            several.registered_names().await,
            [("first", 1), ("second", 1)]
        );
        // Who has given up its name may have another.
        one.unregister_name(&("first", 1)).await;
        assert_eq!(one.register_name(("second", 1), pid).await, Ok(()));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_016_the_name_of_the_dead_vanishes_at_once() {
    both("REG-16", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let dead = dead(&mut mailbox).await;
        assert_eq!(names.register_name(("a", 1), dead).await, Ok(()));
        assert_eq!(names.whereis_name(&("a", 1)).await, None);
        settles_at(&names, 0).await;
        assert_eq!(names.register_name(("a", 1), me()).await, Ok(()));
    });
}

#[test]
fn reg_017_re_registering_replaces_whoever_had_the_name() {
    both("REG-17", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let (old, new) = (idle(), idle());
        names.register_name(("a", 1), old).await?;
        names.register_name(("b", 1), new).await?;
        names.re_register_name(("a", 1), new).await;
        assert_eq!(names.whereis_name(&("a", 1)).await, Some(new));
        assert_eq!(names.whereis_name(&("b", 1)).await, Some(new));
        names.re_register_name(("free", 1), old).await;
        assert_eq!(names.whereis_name(&("free", 1)).await, Some(old));
        names.re_register_name(("free", 1), old).await;
        assert!(alive(old).await, "who loses a name lives on");
        // What becomes of the old owner does not matter to the new one's name.
        end(&mut mailbox, old).await;
        settles_at(&names, 2).await;
        assert_eq!(names.whereis_name(&("a", 1)).await, Some(new));
        end(&mut mailbox, new).await;
        settles_at(&names, 0).await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_018_unregistering_never_fails() {
    both("REG-18", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        names.unregister_name(&("a", 1)).await;
        let pid = idle();
        names.register_name(("a", 1), pid).await?;
        // By another than who registered it.
        let theirs = names.clone();
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            theirs.unregister_name(&("a", 1)).await;
        });
        assert!(down(&mut mailbox, watch).await.is_normal());
        assert_eq!(names.whereis_name(&("a", 1)).await, None);
        names.unregister_name(&("a", 1)).await;
        names.register_name(("a", 1), pid).await?;
        end(&mut mailbox, pid).await;
        names.unregister_name(&("a", 1)).await;
        settles_at(&names, 0).await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_019_whereis_finds_the_living() {
    both("REG-19", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        assert_eq!(names.whereis_name(&("a", 1)).await, None);
        let pid = idle();
        names.register_name(("a", 1), pid).await?;
        assert_eq!(names.whereis_name(&("a", 1)).await, Some(pid));
        assert_eq!(names.whereis_name(&("a", 2)).await, None);
        end(&mut mailbox, pid).await;
        // Also when the service has not heard of the death.
        assert_eq!(names.whereis_name(&("a", 1)).await, None);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_020_sending_gives_the_process_or_an_error() {
    both("REG-20", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let refused = names.send(&("a", 1), 7_u32).await;
        let refused = refused.expect_err("nobody has the name");
        assert_eq!(refused.name.as_str(), "global/(\"a\", 1)");
        names.register_name(("a", 1), me()).await?;
        assert_eq!(names.send(&("a", 1), 7_u32).await, Ok(me()));
        assert_eq!(mailbox.receive::<u32>().await, 7);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_021_the_names_of_the_dead_vanish_however_many_die() {
    both("REG-21", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let mut owners = Vec::new();
        for number in 0..8 {
            let pid = idle();
            names.register_name(("many", number), pid).await?;
            owners.push(pid);
        }
        names.register_name(("stays", 0), me()).await?;
        // Some by themselves, some by force, all at once.
        let watches: Vec<Ref> = owners.iter().map(|pid| monitor(*pid)).collect();
        for (number, pid) in owners.iter().enumerate() {
            match number % 2 {
                0 => exit(*pid, ExitReason::Kill),
                _ => send(*pid, Stop),
            }
        }
        for watch in watches {
            down(&mut mailbox, watch).await;
        }
        settles_at(&names, 1).await;
        assert_eq!(names.registered_names().await, [("stays", 0)]);
        expect_nothing(&mut mailbox, "nobody is told of a name").await;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_021_the_name_of_the_dead_is_never_in_the_way() {
    both("REG-21 taken over", async || {
        let mut mailbox = mailbox();
        let names = names().await;
        let pid = idle();
        names.register_name(("a", 1), pid).await?;
        end(&mut mailbox, pid).await;
        let successor = idle();
        names.register_name(("a", 1), successor).await?;
        // What the service hears of the death later does not touch the new owner.
        sleep(Duration::from_millis(2)).await;
        assert_eq!(names.whereis_name(&("a", 1)).await, Some(successor));
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_029_a_global_name_is_claimed_before_init_runs() {
    both("REG-29 global", async || {
        let names = names().await;
        let start = || Player::start(Plan::default()).address(names.address(("player", 1)));
        let first = start().await?;
        assert_eq!(names.whereis_name(&("player", 1)).await, Some(first.pid()));
        let second = start().await;
        assert_eq!(second, Err(StartError::AlreadyStarted(Some(first.pid()))));
        first.stop().await?;
        start().await?;
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_030_a_global_server_is_looked_up_at_each_call() {
    both("REG-30 global", async || {
        let names = names().await;
        let at = Server::<Player, _>::at(names.address(("player", 1)));
        let echo = async |number| {
            let call = at.call(|caller| Ask::Echo(number, caller));
            call.no_timeout().await
        };
        assert_eq!(echo(1).await, Err(CallError::NoProc));
        for number in [2, 3] {
            let start = Player::start(Plan::default());
            let server = start.address(names.address(("player", 1))).await?;
            assert_eq!(echo(number).await, Ok(number));
            at.stop().await?;
            assert!(!alive(server.pid()).await);
            assert_eq!(echo(4).await, Err(CallError::NoProc));
        }
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn reg_031_a_cast_to_a_global_name_swallows_every_failure() {
    both("REG-31 global", async || {
        let names = names().await;
        let at = Server::<Player, _>::at(names.address(("player", 1)));
        at.cast(Tell::Note("nobody is there".into())).await;
        let start = Player::start(Plan::default());
        let server = start.address(names.address(("player", 1))).await?;
        at.cast(Tell::Note("heard".into())).await;
        let notes = server.call(Ask::Notes).no_timeout().await?;
        assert_eq!(notes, ["heard"]);
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn a_supervised_service_is_restarted_without_names() {
    both("a supervised service", async || {
        let mut mailbox = mailbox();
        let (names, child) = Names::start_link().name("names").child();
        let _supervisor = Supervisor::start_link([child])
            .max_restarts(1_000, Duration::from_secs(1))
            .await?;
        names.register_name(("a", 1), idle()).await?;
        let first = whereis("names").await.expect("it runs");
        end(&mut mailbox, first).await;
        // It panics for as long as it does not run; this asks when it does again.
        while !matches!(whereis("names").await, Some(pid) if pid != first) {
            sleep(Duration::from_millis(1)).await;
        }
        settle_in(&mut mailbox, &names).await;
        assert_eq!(names.registered_names().await, []);
        assert_eq!(names.register_name(("a", 1), idle()).await, Ok(()));
        Ok::<(), ExitReason>(())
    });
}

/// Waits until the service answers: it has its name before it has its table.
async fn settle_in(mailbox: &mut Mailbox, names: &Names) {
    loop {
        let names = names.clone();
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            names.registered_names().await;
        });
        if down(mailbox, watch).await.is_normal() {
            return;
        }
    }
}

#[test]
fn a_service_that_is_not_running_answers_nobody() {
    both("a service that is not running", async || {
        let mut mailbox = mailbox();
        let (names, _) = Names::start_link().child();
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            names.whereis_name(&("a", 1)).await;
        });
        let reason = down(&mut mailbox, watch).await;
        assert!(format!("{reason}").contains("is not running"), "{reason}");
    });
}
