//! The processes of a registry.

use super::*;
use beamline::StartError;

#[test]
#[should_panic(expected = "a registry has one partition at least, got 0")]
fn rgy_003_bad_options_are_refused() {
    let _ = Numbers::unique().partitions(0);
}

#[test]
fn rgy_032_a_registry_that_is_not_running_answers_nobody() {
    both("RGY-32", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            let registry = Numbers::unique().start_link().await;
            send(parent, registry.expect("nothing is in its way"));
        });
        let registry = mailbox.receive::<Numbers>().await;
        down(&mut mailbox, watch).await;
        // The registry hears of its parent's end by and by; what asks it later fails.
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            loop {
                registry.lookup(&"key").await;
                sleep(Duration::from_millis(1)).await;
            }
        });
        let reason = down(&mut mailbox, watch).await;
        assert!(format!("{reason}").contains("unknown registry"), "{reason}");
    });
}

#[test]
fn rgy_040_whoever_registered_falls_with_the_partition() {
    both("RGY-40", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let (theirs, parent) = (registry.clone(), me());
            let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
                send(parent, theirs.register("key", 1).await.expect("it is free"));
                mailbox.receive::<Stop>().await;
            });
            let owner = mailbox.receive::<Pid>().await;
            exit(owner, ExitReason::Kill);
            // The partition may have ended before the link reached it.
            let reason = down(&mut mailbox, watch).await;
            assert!(
                [ExitReason::Killed, ExitReason::NoProc].contains(&reason),
                "{reason}"
            );
        }
    });
}

#[test]
fn rgy_040_a_partition_is_restarted_empty() {
    both("RGY-40 restart", async || {
        let mut mailbox = mailbox();
        for registry in duplicate().await {
            trap_exit(true);
            let owner = registry.register("key", 1).await.expect("any number may");
            exit(owner, ExitReason::Kill);
            let exit = mailbox
                .receive_where(|exit: &Exit| exit.from == owner)
                .await;
            assert_eq!(exit.reason, ExitReason::Killed);
            while !can_register(&mut mailbox, registry.clone()).await {
                sleep(Duration::from_millis(1)).await;
            }
            let old = registry.matching(&"key", |value| *value == 1).await;
            assert_eq!(old, []);
        }
    });
}

/// Tries in a process of its own, since it fails while nobody owns the partition.
async fn can_register(mailbox: &mut Mailbox, registry: Numbers) -> bool {
    let (_, watch) = spawn_monitor(async move |_: Mailbox| {
        let registered = registry.register("key", 2).await;
        registered.expect("any number may");
    });
    down(mailbox, watch).await.is_normal()
}

#[test]
fn rgy_041_partitions_of_a_named_registry_have_names() {
    both("RGY-41", async || {
        let registry = Numbers::unique().name("numbers").partitions(2);
        registry.start_link().await.expect("nothing is in its way");
        for name in ["numbers", "numbers.PIDPartition0", "numbers.PIDPartition1"] {
            assert!(whereis(name).await.is_some(), "{name}");
        }
    });
}

#[test]
fn rgy_044_a_second_registry_of_the_name_is_refused() {
    both("RGY-44", async || {
        let first = Numbers::unique().name("numbers").start_link().await;
        first.expect("nothing is in its way");
        let second = Numbers::unique().name("numbers").start_link().await;
        let by = whereis("numbers").await;
        assert_eq!(second.err(), Some(StartError::AlreadyStarted(by)));
    });
}
