//! Locks.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn rgy_042_a_lock_is_held_by_one_at_a_time() {
    both("RGY-42", async || {
        let mut mailbox = mailbox();
        for registry in unique().await {
            let (inside, parent) = (Arc::new(AtomicBool::new(false)), me());
            for _ in 0..3 {
                let (registry, inside) = (registry.clone(), Arc::clone(&inside));
                spawn(async move |_: Mailbox| {
                    let alone = registry.lock("key", async {
                        let alone = !inside.swap(true, Ordering::SeqCst);
                        yield_now().await;
                        inside.store(false, Ordering::SeqCst);
                        alone
                    });
                    send(parent, alone.await);
                });
            }
            for _ in 0..3 {
                assert!(mailbox.receive::<bool>().await, "two were inside");
            }
        }
    });
}

#[test]
fn rgy_042_the_lock_of_the_dead_is_free() {
    both("RGY-42 dead", async || {
        let mut mailbox = mailbox();
        let [_, registry] = unique().await;
        let parent = me();
        let holder = registry.clone();
        let holder = spawn(async move |mut mailbox: Mailbox| {
            let hold = async {
                send(parent, "held");
                mailbox.receive::<Stop>().await;
            };
            holder.lock("key", hold).await;
        });
        assert_eq!(mailbox.receive::<&str>().await, "held");
        let waiter = registry.clone();
        let waiter = spawn(async move |_: Mailbox| {
            waiter.lock("key", async { send(parent, "dead") }).await;
        });
        yield_now().await;
        exit(waiter, ExitReason::Kill);
        exit(holder, ExitReason::Kill);
        // Whoever waited and died is skipped.
        registry.lock("key", async {}).await;
    });
}

#[test]
fn rgy_042_a_panic_gives_the_lock_back() {
    both("RGY-42 panic", async || {
        let mut mailbox = mailbox();
        let [registry, _] = unique().await;
        let theirs = registry.clone();
        let (_, watch) = spawn_monitor(async move |_: Mailbox| {
            theirs.lock("key", async { panic!("no more") }).await;
        });
        assert!(!down(&mut mailbox, watch).await.is_normal());
        assert_eq!(registry.lock("key", async { 7 }).await, 7);
    });
}

#[test]
fn rgy_043_locks_of_different_keys_do_not_matter() {
    both("RGY-43", async || {
        let [registry, _] = unique().await;
        let inner = registry.lock("b", async { 7 });
        assert_eq!(registry.lock("a", inner).await, 7);
    });
}
