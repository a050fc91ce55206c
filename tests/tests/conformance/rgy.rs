//! RGY-1 to RGY-44: registries.

use std::time::Duration;

use beamline::prelude::*;
use beamline::{Registry, RegistryEvent};
use beamline_tests::{Stop, both, down};

mod dispatch;
mod listen;
mod locks;
mod owners;
mod search;
mod via;

type Numbers = Registry<&'static str, u32>;

/// A registry of its own for each test, in several shapes that must behave alike.
async fn unique() -> [Numbers; 2] {
    let start = async |partitions: usize| {
        let registry = Numbers::unique().partitions(partitions);
        registry.start_link().await.expect("nothing is in its way")
    };
    [start(1).await, start(3).await]
}

async fn duplicate() -> [Numbers; 3] {
    let start = async |shape: beamline::RegistryOptions<&'static str, u32>| {
        shape.start_link().await.expect("nothing is in its way")
    };
    [
        start(Numbers::duplicate()).await,
        start(Numbers::duplicate().partitions(3)).await,
        start(Numbers::duplicate().partitions(3).by_key()).await,
    ]
}

/// A process that registers and stays until it is told to [`Stop`].
async fn member(mailbox: &mut Mailbox, registry: &Numbers, key: &'static str, value: u32) -> Pid {
    let (registry, parent) = (registry.clone(), me());
    let pid = spawn(async move |mut mailbox: Mailbox| {
        let registered = registry.register(key, value).await;
        send(parent, (me(), registered.is_ok()));
        mailbox.receive::<Stop>().await;
    });
    let (_, registered) = mailbox
        .receive_where(|(from, _): &(Pid, bool)| *from == pid)
        .await;
    assert!(registered, "{key} is taken");
    pid
}

/// Ends a process and waits until it is down.
async fn end(mailbox: &mut Mailbox, pid: Pid) {
    let watch = monitor(pid);
    exit(pid, ExitReason::Kill);
    down(mailbox, watch).await;
}

/// Waits until a registry has so many entries: it hears of a death by and by.
async fn settles_at(registry: &Numbers, count: usize) {
    while registry.count().await != count {
        sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn rgy_001_a_registry_is_unique_or_not_and_has_partitions() {
    both("RGY-1", async || {
        for registry in unique().await {
            assert!(registry.register("key", 1).await.is_ok());
            assert!(registry.register("key", 2).await.is_err());
        }
        for registry in duplicate().await {
            assert!(registry.register("key", 1).await.is_ok());
            assert!(registry.register("key", 2).await.is_ok());
        }
    });
}

#[test]
fn rgy_001_a_registry_is_a_child_of_a_supervisor() {
    both("RGY-1 child", async || {
        let mut mailbox = mailbox();
        let (registry, child) = Numbers::unique().partitions(2).name("numbers").child();
        assert_eq!(child.get_id().as_str(), "numbers");
        assert_eq!(child.get_kind(), beamline::ChildType::Supervisor);
        let _supervisor = Supervisor::start_link([child])
            .max_restarts(1_000, Duration::from_secs(1))
            .await?;
        let owner = member(&mut mailbox, &registry, "key", 1).await;
        assert_eq!(registry.whereis(&"key").await, Some(owner));
        let first = whereis("numbers").await.expect("it runs");
        end(&mut mailbox, first).await;
        // It panics for as long as it does not run, and what was registered falls with it.
        loop {
            let theirs = registry.clone();
            let (_, watch) = spawn_monitor(async move |_: Mailbox| {
                assert_eq!(theirs.count().await, 0);
            });
            let reason = down(&mut mailbox, watch).await;
            match whereis("numbers").await {
                Some(pid) if pid != first && reason.is_normal() => break,
                _ => sleep(Duration::from_millis(1)).await,
            }
        }
        Ok::<(), ExitReason>(())
    });
}

#[test]
fn rgy_002_a_duplicate_registry_may_be_divided_by_key() {
    both("RGY-2", async || {
        let mut mailbox = mailbox();
        let [_, by_pid, by_key] = duplicate().await;
        for (registry, calls) in [(by_pid, 2..=3), (by_key, 1..=1)] {
            // More processes than partitions, so that dividing by process needs two at least: the
            // partition of a process follows its number.
            for value in 0..6 {
                member(&mut mailbox, &registry, "key", value).await;
            }
            let mut made = 0;
            registry.dispatch(&"key", |_| made += 1).await;
            assert!(calls.contains(&made), "{made} calls");
        }
    });
}

#[test]
fn rgy_005_a_process_registers_itself_and_learns_who_watches_over_it() {
    both("RGY-5", async || {
        for registry in unique().await {
            let owner = registry.register("key", 1).await.expect("it is free");
            assert_eq!(registry.lookup(&"key").await, [(me(), 1)]);
            assert!(alive(owner).await && owner != me());
        }
    });
}

#[test]
fn rgy_006_a_key_is_taken_as_long_as_its_process_lives() {
    both("RGY-6", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let pid = member(&mut mailbox, &registry, "key", 1).await;
            let refused = registry.register("key", 2).await.expect_err("it is taken");
            assert_eq!(refused.pid, pid);
            assert_eq!(registry.lookup(&"key").await, [(pid, 1)]);
            registry.register("own", 1).await.expect("it is free");
            let refused = registry.register("own", 1).await.expect_err("it is taken");
            assert_eq!(refused.pid, me());
        }
    });
}

#[test]
fn rgy_007_an_entry_of_the_dead_is_never_in_the_way() {
    both("RGY-7", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let pid = member(&mut mailbox, &registry, "key", 1).await;
            end(&mut mailbox, pid).await;
            registry
                .register("key", 2)
                .await
                .expect("its process is down");
            assert_eq!(registry.lookup(&"key").await, [(me(), 2)]);
            // What the partition hears of the death later does not touch the new entry.
            sleep(Duration::from_millis(2)).await;
            assert_eq!(registry.lookup(&"key").await, [(me(), 2)]);
        }
    });
}

#[test]
fn rgy_007_a_process_that_was_told_to_die_is_not_in_the_way() {
    both("RGY-7 told", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let pid = member(&mut mailbox, &registry, "key", 1).await;
            exit(pid, ExitReason::Kill);
            registry
                .register("key", 2)
                .await
                .expect("the kill came first");
        }
    });
}

#[test]
fn rgy_008_of_several_at_once_one_registers() {
    both("RGY-8", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let parent = me();
            for value in 0..3 {
                let registry = registry.clone();
                spawn(async move |mut mailbox: Mailbox| {
                    let registered = registry.register("key", value).await;
                    send(parent, registered.is_ok());
                    mailbox.receive::<Stop>().await;
                });
            }
            let mut winners = 0;
            for _ in 0..3 {
                winners += u32::from(mailbox.receive::<bool>().await);
            }
            assert_eq!(winners, 1);
        }
    });
}

#[test]
fn rgy_009_a_duplicate_registry_takes_the_same_again() {
    both("RGY-9", async || {
        let mut mailbox = mailbox();
        for registry in duplicate().await {
            let other = member(&mut mailbox, &registry, "key", 1).await;
            for _ in 0..2 {
                registry.register("key", 7).await.expect("any number may");
            }
            let mut found = registry.lookup(&"key").await;
            found.sort_by_key(|(_, value)| *value);
            assert_eq!(found, [(other, 1), (me(), 7), (me(), 7)]);
        }
    });
}

#[test]
fn rgy_010_a_process_is_linked_while_it_has_entries() {
    both("RGY-10", async || {
        for registry in unique().await {
            let links = async || info(me()).await.expect("it runs").links;
            let before = links().await;
            let owner = registry.register("a", 1).await.expect("it is free");
            registry.register("b", 1).await.expect("it is free");
            assert!(links().await.contains(&owner));
            registry.unregister(&"a").await;
            assert!(links().await.contains(&owner), "it still has an entry");
            registry.unregister(&"b").await;
            assert_eq!(links().await, before);
        }
    });
}

#[test]
fn rgy_011_a_failed_registration_leaves_no_trace() {
    both("RGY-11", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let links = async || info(me()).await.expect("it runs").links;
            member(&mut mailbox, &registry, "key", 1).await;
            let before = links().await;
            assert!(registry.register("key", 2).await.is_err());
            assert_eq!(links().await, before);
            assert_eq!(
                (registry.count().await, registry.keys(me()).await),
                (1, vec![])
            );
        }
    });
}

#[test]
fn rgy_012_unregistering_removes_all_own_entries_under_the_key() {
    both("RGY-12", async || {
        let mut mailbox = mailbox();
        for registry in duplicate().await {
            let other = member(&mut mailbox, &registry, "key", 1).await;
            for key in ["key", "key", "kept"] {
                registry.register(key, 2).await.expect("any number may");
            }
            for _ in 0..2 {
                registry.unregister(&"key").await;
                assert_eq!(registry.lookup(&"key").await, [(other, 1)]);
                assert_eq!(registry.keys(me()).await, ["kept"]);
            }
        }
    });
}

#[test]
fn rgy_013_unregister_match_removes_what_matches() {
    both("RGY-13", async || {
        for registry in duplicate().await {
            for value in 1..=3 {
                registry
                    .register("key", value)
                    .await
                    .expect("any number may");
            }
            registry.unregister_match(&"key", |value| *value == 2).await;
            assert_eq!(registry.values(&"key", me()).await, [1, 3]);
        }
    });
}

#[test]
fn rgy_033_the_entries_of_the_dead_vanish() {
    both("RGY-33", async || {
        let mut mailbox = mailbox();
        for registry in duplicate().await {
            let stays = member(&mut mailbox, &registry, "key", 1).await;
            let goes = member(&mut mailbox, &registry, "key", 2).await;
            end(&mut mailbox, goes).await;
            settles_at(&registry, 1).await;
            assert_eq!(registry.lookup(&"key").await, [(stays, 1)]);
            assert_eq!(registry.keys(goes).await, [""; 0]);
        }
    });
}

#[test]
fn rgy_030_a_process_or_a_key_has_one_partition() {
    both("RGY-30", async || {
        let mut mailbox = mailbox();
        let [_, unique] = unique().await;
        let [_, by_pid, by_key] = duplicate().await;
        const KEYS: [&str; 4] = ["a", "b", "c", "d"];
        for registry in [&unique, &by_pid] {
            let first = registry.register("first", 0).await.expect("it is free");
            for key in KEYS {
                let owner = registry.register(key, 0).await;
                assert_eq!(owner, Ok(first), "one process, one partition");
            }
        }
        for key in KEYS {
            let owner = by_key.register(key, 0).await.expect("always");
            let others = by_key.clone();
            let (_, watch) = spawn_monitor(async move |_: Mailbox| {
                let same = others.register(key, 0).await == Ok(owner);
                assert!(same, "one key, one partition");
            });
            assert!(down(&mut mailbox, watch).await.is_normal());
        }
    });
}
