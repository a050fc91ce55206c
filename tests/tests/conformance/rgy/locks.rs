//! Locks.

use super::*;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

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

#[test]
fn rgy_042_who_gives_up_waiting_gets_no_lock() {
    both("RGY-42 gives up", async || {
        let mut mailbox = mailbox();
        let [registry, _] = unique().await;
        let (theirs, parent) = (registry.clone(), me());
        let holder = spawn(async move |mut mailbox: Mailbox| {
            let hold = async {
                send(parent, "held");
                mailbox.receive::<Stop>().await;
            };
            theirs.lock("key", hold).await;
        });
        assert_eq!(mailbox.receive::<&str>().await, "held");
        // The request has gone out, and its answer may be under way, when it is dropped.
        let lock = |number: u32| registry.lock("key", async move { number });
        let mut asked = pin!(lock(7));
        let mut told = false;
        let mut rounds = 0;
        poll_fn(|cx| {
            let _ = asked.as_mut().poll(cx);
            if !std::mem::replace(&mut told, true) {
                send(holder, Stop);
            }
            rounds += 1;
            cx.waker().wake_by_ref();
            if rounds < 3 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        asked.set(lock(8));
        assert_eq!(asked.await, 8);
    });
}
