//! Dispatching.

use super::*;
use std::sync::{Arc, Mutex};

#[test]
fn rgy_026_dispatch_gives_all_entries_and_is_silent_without() {
    both("RGY-26", async || {
        let mut mailbox = mailbox();
        for registry in duplicate().await {
            let mut calls = 0;
            registry.dispatch(&"key", |_| calls += 1).await;
            assert_eq!(calls, 0);
            let other = member(&mut mailbox, &registry, "key", 1).await;
            registry.register("key", 2).await.expect("any number may");
            let mut seen = Vec::new();
            let each = |entries: &[(Pid, u32)]| seen.extend_from_slice(entries);
            registry.dispatch(&"key", each).await;
            seen.sort_by_key(|entry| entry.1);
            assert_eq!(seen, [(other, 1), (me(), 2)]);
        }
    });
}

#[test]
fn rgy_027_one_partition_is_one_call_in_the_callers_process() {
    both("RGY-27", async || {
        let mut mailbox = mailbox();
        let [registry, ..] = duplicate().await;
        for value in 1..=3 {
            member(&mut mailbox, &registry, "key", value).await;
        }
        let calls = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&calls);
        let note = move |entries: &[(Pid, u32)]| {
            noted
                .lock()
                .expect("nobody panics")
                .push((me(), entries.len()));
        };
        registry.dispatch(&"key", note.clone()).await;
        registry.dispatch_parallel(&"key", note).await;
        assert_eq!(*calls.lock().expect("nobody panics"), [(me(), 3); 2]);
    });
}

#[test]
fn rgy_028_each_partition_with_entries_is_a_call() {
    both("RGY-28", async || {
        let mut mailbox = mailbox();
        let [_, registry, _] = duplicate().await;
        for value in 0..9 {
            member(&mut mailbox, &registry, "key", value).await;
        }
        for parallel in [false, true] {
            let calls = Arc::new(Mutex::new(Vec::new()));
            let noted = Arc::clone(&calls);
            let note = move |entries: &[(Pid, u32)]| {
                let values: Vec<u32> = entries.iter().map(|entry| entry.1).collect();
                noted.lock().expect("nobody panics").push((me(), values));
            };
            if parallel {
                registry.dispatch_parallel(&"key", note).await;
            } else {
                registry.dispatch(&"key", note).await;
            }
            let calls = calls.lock().expect("nobody panics");
            assert!((1..=3).contains(&calls.len()), "{calls:?}");
            assert!(
                calls
                    .iter()
                    .all(|(by, of)| !of.is_empty() && parallel != (*by == me()))
            );
            let mut all: Vec<u32> = calls.iter().flat_map(|(_, of)| of.clone()).collect();
            all.sort_unstable();
            assert_eq!(all, Vec::from_iter(0..9));
        }
    });
}

#[test]
fn rgy_029_a_panic_in_a_parallel_dispatch_reaches_the_caller_by_its_link() {
    both("RGY-29", async || {
        let mut mailbox = mailbox();
        let [_, registry, _] = duplicate().await;
        for value in 0..4 {
            member(&mut mailbox, &registry, "key", value).await;
        }
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            registry
                .dispatch_parallel(&"key", |_| panic!("no more"))
                .await;
        });
        let reason = down(&mut mailbox, watch).await;
        assert!(matches!(reason, ExitReason::Panicked(_)), "{reason:?}");
    });
}
