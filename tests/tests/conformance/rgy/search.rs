//! Looking things up.

use super::*;

#[test]
fn rgy_014_no_key_and_no_value_is_a_pattern() {
    both("RGY-14", async || {
        for registry in duplicate().await {
            for key in ["_", "$1", "key"] {
                registry.register(key, 1).await.expect("any number may");
            }
            assert_eq!(registry.lookup(&"_").await, [(me(), 1)]);
            registry.unregister(&"_").await;
            assert_eq!(registry.count().await, 2);
        }
    });
}

#[test]
fn rgy_016_a_lookup_gives_the_entries_or_nothing() {
    both("RGY-16", async || {
        for registry in unique().await {
            assert_eq!(registry.lookup(&"key").await, []);
            registry.register("key", 1).await.expect("it is free");
            assert_eq!(registry.lookup(&"key").await, [(me(), 1)]);
        }
        for registry in duplicate().await {
            assert_eq!(registry.lookup(&"key").await, []);
        }
    });
}

#[test]
fn rgy_017_whereis_gives_the_living_only() {
    both("RGY-17", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let pid = member(&mut mailbox, &registry, "key", 1).await;
            assert_eq!(registry.whereis(&"key").await, Some(pid));
            exit(pid, ExitReason::Kill);
            assert_eq!(registry.whereis(&"key").await, None, "the kill came first");
        }
    });
}

#[test]
fn rgy_018_one_process_finds_its_entries_in_their_order() {
    both("RGY-18", async || {
        for registry in duplicate().await {
            for value in [3, 1, 2] {
                registry
                    .register("key", value)
                    .await
                    .expect("any number may");
            }
            let values: Vec<u32> = registry.lookup(&"key").await.iter().map(|e| e.1).collect();
            assert_eq!(values, [3, 1, 2]);
        }
    });
}

#[test]
fn rgy_019_the_keys_of_a_process_once_for_each_entry() {
    both("RGY-19", async || {
        for registry in duplicate().await {
            for key in ["a", "b", "a"] {
                registry.register(key, 1).await.expect("any number may");
            }
            let mut keys = registry.keys(me()).await;
            keys.sort_unstable();
            assert_eq!(keys, ["a", "a", "b"]);
        }
    });
}

#[test]
fn rgy_020_the_values_of_a_process_under_a_key() {
    both("RGY-20", async || {
        let mut mailbox = mailbox();
        for registry in duplicate().await {
            let other = member(&mut mailbox, &registry, "key", 9).await;
            registry.register("key", 1).await.expect("any number may");
            assert_eq!(registry.values(&"key", me()).await, [1]);
            assert_eq!(registry.values(&"key", other).await, [9]);
            assert_eq!(registry.values(&"other", me()).await, [0; 0]);
        }
    });
}

#[test]
fn rgy_021_entries_can_be_counted() {
    both("RGY-21", async || {
        for registry in duplicate().await {
            assert_eq!(registry.count().await, 0);
            for (key, value) in [("a", 1), ("a", 2), ("b", 2)] {
                registry.register(key, value).await.expect("any number may");
            }
            assert_eq!(registry.count().await, 3);
            assert_eq!(registry.count_match(&"a", |value| *value == 2).await, 1);
            let twos = registry.count_select(|_, pid, value| pid == me() && *value == 2);
            assert_eq!(twos.await, 2);
        }
    });
}

#[test]
fn rgy_022_a_filter_picks_entries_under_a_key() {
    both("RGY-22", async || {
        for registry in duplicate().await {
            for value in 1..=4 {
                registry
                    .register("key", value)
                    .await
                    .expect("any number may");
            }
            let even = registry.matching(&"key", |value| value % 2 == 0).await;
            assert_eq!(even, [(me(), 2), (me(), 4)]);
        }
    });
}

#[test]
fn rgy_023_select_looks_at_every_entry() {
    both("RGY-23", async || {
        for registry in duplicate().await {
            for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
                registry.register(key, value).await.expect("any number may");
            }
            let pick = |key: &&'static str, _, value: &u32| (*value > 1).then_some((*key, *value));
            let mut found = registry.select(pick).await;
            found.sort_unstable();
            assert_eq!(found, [("b", 2), ("c", 3)]);
        }
    });
}

#[test]
fn rgy_024_a_process_updates_its_own_value() {
    both("RGY-24", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            registry.register("key", 1).await.expect("it is free");
            let updated = registry.update_value(&"key", |value| value + 1).await;
            assert_eq!(updated, Some((2, 1)));
            assert_eq!(registry.lookup(&"key").await, [(me(), 2)]);
            member(&mut mailbox, &registry, "other", 1).await;
            for key in ["other", "nobody's"] {
                assert_eq!(registry.update_value(&key, |value| value + 1).await, None);
            }
        }
    });
}

#[test]
fn rgy_025_a_failed_update_changes_nothing() {
    both("RGY-25", async || {
        let mut mailbox = mailbox();
        let [registry, _] = unique().await;
        let (theirs, parent) = (registry.clone(), me());
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            theirs.register("key", 1).await.expect("it is free");
            let update = |_: &u32| -> u32 { panic!("no value") };
            let updating = theirs.update_value(&"key", update);
            let failed = std::panic::AssertUnwindSafe(updating);
            send(parent, catch(failed).await);
            send(parent, theirs.lookup(&"key").await);
        });
        assert!(mailbox.receive::<bool>().await, "the update panicked");
        let found = mailbox.receive::<Vec<(Pid, u32)>>().await;
        assert_eq!(found[0].1, 1);
        down(&mut mailbox, watch).await;
    });
}

/// Whether a future panics.
async fn catch<F: Future>(future: std::panic::AssertUnwindSafe<F>) -> bool {
    let mut future = std::pin::pin!(future.0);
    std::future::poll_fn(move |cx| {
        let poll = std::panic::AssertUnwindSafe(|| future.as_mut().poll(cx).map(|_| false));
        std::panic::catch_unwind(poll).unwrap_or(std::task::Poll::Ready(true))
    })
    .await
}

#[test]
fn rgy_031_metadata_belongs_to_the_registry() {
    both("RGY-31", async || {
        for registry in unique().await {
            assert_eq!(registry.meta::<u32>("limit").await, None);
            registry.put_meta("limit", 7_u32).await;
            assert_eq!(registry.meta("limit").await, Some(7_u32));
            assert_eq!(registry.meta::<String>("limit").await, None, "another type");
            registry.delete_meta("limit").await;
            assert_eq!(registry.meta::<u32>("limit").await, None);
        }
    });
}
