//! REG-1 to REG-12: local names.

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, idle, settle};

use crate::sig::{Go, Item};

/// A process that is dead for certain.
async fn dead(mailbox: &mut Mailbox) -> Pid {
    let (pid, watch) = spawn_monitor(async |_: Mailbox| {});
    down(mailbox, watch).await;
    pid
}

#[test]
fn reg_001_register_binds_a_name_to_a_process() {
    both("reg_001_register_binds_a_name_to_a_process", async || {
        let pid = idle();
        assert_eq!(register("reg_001", pid).await, Ok(()));
        assert_eq!(whereis("reg_001").await, Some(pid));
        let seen = info(pid).await.expect("it waits to be stopped");
        assert_eq!(seen.name.as_deref(), Some("reg_001"));
    });
}

#[test]
fn reg_002_a_taken_name_a_named_process_and_a_dead_one_are_refused() {
    both(
        "reg_002_a_taken_name_a_named_process_and_a_dead_one_are_refused",
        async || {
            let mut mailbox = mailbox();
            let (pid, dead) = (idle(), dead(&mut mailbox).await);
            register("reg_002", pid).await.expect("the name is free");
            let taken = register("reg_002", idle()).await;
            assert!(
                matches!(taken, Err(RegisterError::Taken { by, .. }) if by == pid),
                "{taken:?}"
            );
            let named = register("reg_002_b", pid).await;
            let is_name = |name: &Name| &**name == "reg_002";
            assert!(
                matches!(&named, Err(RegisterError::HasName { name, .. }) if is_name(name)),
                "{named:?}"
            );
            let gone = register("reg_002_b", dead).await;
            assert!(
                matches!(gone, Err(RegisterError::NoProc { .. })),
                "{gone:?}"
            );
            assert_eq!(whereis("reg_002_b").await, None);
            assert_eq!(whereis("reg_002").await, Some(pid));
            assert!(
                register("reg_002", pid).await.is_err(),
                "not even once more the same"
            );
        },
    );
}

#[test]
fn reg_004_any_process_may_register_and_unregister_any_other() {
    both(
        "reg_004_any_process_may_register_and_unregister_any_other",
        async || {
            let mut mailbox = mailbox();
            let pid = idle();
            let (_, watch) = spawn_monitor(async move |_: Mailbox| register("reg_004", pid).await);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
            assert_eq!(whereis("reg_004").await, Some(pid));
            let (_, watch) = spawn_monitor(async move |_: Mailbox| unregister("reg_004").await);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
            assert_eq!(whereis("reg_004").await, None);
            assert!(alive(pid).await);
        },
    );
}

#[test]
fn reg_005_a_process_may_take_another_name_after_giving_one_up() {
    both(
        "reg_005_a_process_may_take_another_name_after_giving_one_up",
        async || {
            let pid = idle();
            register("reg_005_a", pid).await.expect("the name is free");
            assert!(register("reg_005_b", pid).await.is_err());
            unregister("reg_005_a")
                .await
                .expect("the name was given above");
            register("reg_005_b", pid)
                .await
                .expect("it has no name now");
            assert_eq!(
                (whereis("reg_005_a").await, whereis("reg_005_b").await),
                (None, Some(pid))
            );
        },
    );
}

#[test]
fn reg_006_of_several_attempts_at_one_name_exactly_one_succeeds() {
    both(
        "reg_006_of_several_attempts_at_one_name_exactly_one_succeeds",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            for _ in 0..4 {
                spawn(async move |mut mailbox: Mailbox| {
                    let won = register("reg_006", me()).await;
                    send(root, (me(), won));
                    mailbox.receive::<Stop>().await;
                });
            }
            let mut winner = None;
            let mut losers = Vec::new();
            for _ in 0..4 {
                match mailbox.receive::<(Pid, Result<(), RegisterError>)>().await {
                    (pid, Ok(())) => assert_eq!(winner.replace(pid), None, "two have the name"),
                    (_, Err(refusal)) => losers.push(refusal),
                }
            }
            let winner = winner.expect("somebody gets a free name");
            assert_eq!(whereis("reg_006").await, Some(winner));
            assert_eq!(losers.len(), 3);
            for refusal in losers {
                assert!(matches!(refusal, RegisterError::Taken { by, .. } if by == winner));
            }
        },
    );
}

#[test]
fn reg_006_of_several_names_for_one_process_exactly_one_sticks() {
    both(
        "reg_006_of_several_names_for_one_process_exactly_one_sticks",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let pid = idle();
            for name in ["reg_006_a", "reg_006_b", "reg_006_c"] {
                spawn(async move |_: Mailbox| {
                    let result = register(name, pid).await;
                    send(root, (name, result.is_ok()));
                });
            }
            let mut names = Vec::new();
            for _ in 0..3 {
                let (name, won) = mailbox.receive::<(&'static str, bool)>().await;
                assert_eq!(whereis(name).await, won.then_some(pid));
                names.extend(won.then_some(name));
            }
            assert_eq!(names.len(), 1);
        },
    );
}

#[test]
fn reg_007_unregister_says_whether_there_was_such_a_name() {
    both(
        "reg_007_unregister_says_whether_there_was_such_a_name",
        async || {
            let pid = idle();
            assert!(unregister("reg_007").await.is_err());
            register("reg_007", pid).await.expect("the name is free");
            assert!(unregister("reg_007").await.is_ok());
            assert!(unregister("reg_007").await.is_err());
            assert_eq!(info(pid).await.expect("it lives on").name, None);
        },
    );
}

#[test]
fn reg_008_whereis_finds_a_process_by_its_name() {
    both("reg_008_whereis_finds_a_process_by_its_name", async || {
        assert_eq!(whereis("reg_008").await, None);
        register("reg_008", me()).await.expect("the name is free");
        assert_eq!(whereis("reg_008").await, Some(me()));
        unregister("reg_008")
            .await
            .expect("the name was given above");
        assert_eq!(whereis("reg_008").await, None);
    });
}

#[test]
fn reg_009_registered_lists_all_names() {
    both("reg_009_registered_lists_all_names", async || {
        let before = registered().await;
        let mut given = Vec::new();
        for name in ["reg_009_c", "reg_009_a", "reg_009_b"] {
            register(name, idle()).await.expect("the name is free");
            given.push(Name::from(name));
        }
        let mut new = registered().await;
        new.retain(|name| !before.contains(name));
        new.sort();
        given.sort();
        assert_eq!(new, given);
        unregister("reg_009_a")
            .await
            .expect("the name was given above");
        assert!(!registered().await.contains(&Name::from("reg_009_a")));
    });
}

#[test]
fn reg_010_the_name_of_the_dead_is_free_before_anybody_learns_of_the_death() {
    both(
        "reg_010_the_name_of_the_dead_is_free_before_anybody_learns_of_the_death",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let named = idle();
            register("reg_010", named).await.expect("the name is free");
            // One successor waits for the exit over its link, one for the down of its monitor.
            let by_link = spawn(async move |mut mailbox: Mailbox| {
                trap_exit(true);
                link(named);
                send(root, Go);
                mailbox.receive::<Exit>().await;
                send(root, whereis("reg_010").await != Some(named));
            });
            let by_monitor = spawn(async move |mut mailbox: Mailbox| {
                let watch = monitor(named);
                send(root, Go);
                down(&mut mailbox, watch).await;
                let free = whereis("reg_010").await.is_none();
                send(root, free && register("reg_010", me()).await.is_ok());
                mailbox.receive::<Stop>().await;
            });
            mailbox.receive::<Go>().await;
            mailbox.receive::<Go>().await;
            send(named, Stop);
            assert!(
                mailbox.receive::<bool>().await,
                "seen by {by_link} or {by_monitor}"
            );
            assert!(
                mailbox.receive::<bool>().await,
                "seen by {by_link} or {by_monitor}"
            );
            assert_eq!(whereis("reg_010").await, Some(by_monitor));
        },
    );
}

#[test]
fn reg_011_a_killed_process_frees_its_name_in_the_middle_of_traffic() {
    both(
        "reg_011_a_killed_process_frees_its_name_in_the_middle_of_traffic",
        async || {
            let (mut mailbox, root) = (mailbox(), me());
            let named = idle();
            register("reg_011", named).await.expect("the name is free");
            for number in 0..2 {
                spawn(async move |_: Mailbox| {
                    // Ends with the first send that finds nobody.
                    while send("reg_011", Item(number)).await.is_ok() {
                        sleep(std::time::Duration::from_millis(1)).await;
                    }
                    send(root, Go);
                });
            }
            spawn(async move |_: Mailbox| {
                let refused = register("reg_011", me()).await.is_err();
                send(root, refused);
            });
            let watch = monitor(named);
            exit(named, ExitReason::Kill);
            assert_eq!(down(&mut mailbox, watch).await, ExitReason::Killed);
            assert_ne!(whereis("reg_011").await, Some(named));
            mailbox.receive::<bool>().await;
            mailbox.receive::<Go>().await;
            mailbox.receive::<Go>().await;
            // The third process is at its end too, whether it got the name or not.
            while whereis("reg_011").await.is_some() {
                settle().await;
            }
            assert_eq!(register("reg_011", root).await, Ok(()));
        },
    );
}

#[test]
fn reg_012_who_resolved_a_name_earlier_still_reaches_the_process() {
    both(
        "reg_012_who_resolved_a_name_earlier_still_reaches_the_process",
        async || {
            let mut mailbox = mailbox();
            register("reg_012", me()).await.expect("the name is free");
            let resolved = whereis("reg_012").await.expect("it was just given");
            send("reg_012", Item(1)).await.expect("it is still given");
            unregister("reg_012").await.expect("it is still given");
            send(resolved, Item(2));
            assert_eq!(mailbox.receive::<Item>().await, Item(1));
            assert_eq!(mailbox.receive::<Item>().await, Item(2));
        },
    );
}
