//! What user code can do wrong stays in its process: destructors that panic or call back into the
//! runtime, `Debug` that panics, panics with odd payloads. No worker may be lost to any of it.

use std::fmt;
use std::task::Poll;
use std::time::Duration;

use crate::watchdog::{OnDrop, Tally, in_time, quiet, until};
use beamline::SpawnOptions;
use beamline::prelude::*;

/// Runs a root on one worker, so that a lost worker is a hang, and expects a normal end.
fn one_worker<F, Fut>(root: F)
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let reason = in_time(move || quiet(1).run_with(root));
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn a_reason_whose_destructor_panics() {
    one_worker(async |mut mailbox: Mailbox| {
        let tally = Tally::default();
        for _ in 0..3 {
            let bomb = tally.bomb();
            spawn(async move |_| ExitReason::other(bomb));
        }
        until(|| tally.count() == 3).await;
        // As the reason that gives way to another, as a link's, and as a signal's.
        let bomb = tally.bomb();
        let (child, watched) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox.receive::<()>().await;
        });
        exit(child, ExitReason::Kill);
        exit(child, ExitReason::other(bomb));
        assert_eq!(mailbox.receive::<Down>().await.reference, watched);
        until(|| tally.count() == 4).await;
        let bomb = tally.bomb();
        spawn_monitor(async move |mut mailbox: Mailbox| {
            exit(me(), ExitReason::other(1u8));
            {
                // Handles the signal, and ends all the same.
                let mut receive = std::pin::pin!(mailbox.receive::<()>());
                std::future::poll_fn(|cx| Poll::Ready(receive.as_mut().poll(cx).is_ready())).await;
            }
            ExitReason::other(bomb)
        });
        assert_eq!(
            mailbox.receive::<Down>().await.reason,
            ExitReason::other(1u8)
        );
        until(|| tally.count() == 5).await;
    });
}

#[test]
fn a_reason_whose_destructor_calls_back() {
    one_worker(async |mut mailbox: Mailbox| {
        let (root, tally) = (me(), Tally::default());
        for round in 0..100u32 {
            let count = tally.clone();
            let last = OnDrop(move || {
                send(root, round);
                // The slot of the process that has just ended may be the child's by now.
                let child = spawn(async |mut mailbox: Mailbox| {
                    mailbox.receive::<()>().await;
                });
                exit_quietly(child);
                count.add();
            });
            spawn(async move |_| {
                local::put("something", 1u8);
                ExitReason::other(last_of(last))
            });
            assert_eq!(mailbox.receive::<u32>().await, round);
        }
        until(|| tally.count() == 100).await;
        until_alone().await;
    });
}

/// Ends a process from wherever this is called.
fn exit_quietly(pid: Pid) {
    send(pid, ());
}

/// Makes a value that exit reasons can carry: they must be `Sync`.
fn last_of<F: FnMut() + Send + 'static>(value: OnDrop<F>) -> Shared<OnDrop<F>> {
    Shared(std::sync::Mutex::new(value))
}

#[derive(Debug)]
struct Shared<T>(std::sync::Mutex<T>);

impl<T> PartialEq for Shared<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

async fn until_alone() {
    while processes().await != [me()] {
        sleep(Duration::from_millis(1)).await;
    }
}

#[test]
fn a_panic_whose_payload_panics_when_dropped() {
    one_worker(async |mut mailbox: Mailbox| {
        let tally = Tally::default();
        for n in 1..=3 {
            let bomb = tally.bomb();
            spawn_monitor(async move |_| std::panic::panic_any(bomb));
            let down = mailbox.receive::<Down>().await;
            assert!(matches!(down.reason, ExitReason::Panicked(_)), "{down:?}");
            assert_eq!(tally.count(), n);
        }
    });
}

struct Unspeakable;

impl fmt::Debug for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("a Debug that panics")
    }
}

#[test]
fn a_message_that_cannot_be_written_down() {
    one_worker(async |_: Mailbox| {
        let child = spawn(async |mut mailbox: Mailbox| {
            local::put("unspeakable", Unspeakable);
            local::put("zero", 0u8);
            mailbox.receive::<()>().await;
        });
        send(child, 1u8);
        send(child, Unspeakable);
        send(child, 2u8);
        sleep(Duration::from_millis(1)).await;
        let seen = info(child).await.expect("it lives");
        assert_eq!(seen.message_queue_len, 3);
        assert_eq!(
            (seen.messages[0].as_str(), seen.messages[2].as_str()),
            ("1", "2")
        );
        assert_eq!(seen.locals.len(), 2);
        assert!(alive(child).await);
        let again = info(child).await.expect("it lives");
        assert_eq!(again.locals, seen.locals);
    });
}

#[test]
fn messages_whose_destructors_panic() {
    one_worker(async |mut mailbox: Mailbox| {
        let tally = Tally::default();
        // Queued in the mailbox, and still in the inbox, of a process that dies.
        let (child, _) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox.receive::<()>().await;
        });
        send(child, tally.bomb());
        send(child, tally.bomb());
        sleep(Duration::from_millis(1)).await;
        send(child, tally.bomb());
        exit(child, ExitReason::Kill);
        send(child, tally.bomb());
        mailbox.receive::<Down>().await;
        until(|| tally.count() == 4).await;
        // Through an alias that is no longer one: whoever drops it, the signals behind it count.
        let (child, _) = spawn_monitor(async |mut mailbox: Mailbox| {
            let root: Pid = mailbox.receive().await;
            let dead = alias();
            unalias(dead);
            send(root, dead);
            mailbox.receive::<()>().await;
        });
        send(child, me());
        let dead: Ref = mailbox.receive().await;
        sleep(Duration::from_millis(1)).await;
        send(dead, tally.bomb());
        let second = monitor(child);
        exit(child, ExitReason::Kill);
        let mut downs = vec![mailbox.receive::<Down>().await.reference];
        downs.push(mailbox.receive::<Down>().await.reference);
        assert!(downs.contains(&second));
        assert_eq!(tally.count(), 5);
    });
}

#[test]
fn two_destructors_of_one_process_that_panic() {
    one_worker(async |mut mailbox: Mailbox| {
        let tally = Tally::default();
        let bombs = [tally.bomb(), tally.bomb(), tally.bomb()];
        spawn_monitor(async move |_| {
            for (key, bomb) in ["a", "b", "c"].into_iter().zip(bombs) {
                local::put(key, bomb);
            }
        });
        assert_eq!(mailbox.receive::<Down>().await.reason, ExitReason::Normal);
        assert_eq!(tally.count(), 3);
    });
}

#[test]
fn bodies_whose_destructors_panic() {
    let tally = Tally::default();
    let count = tally.clone();
    one_worker(async move |mut mailbox: Mailbox| {
        for _ in 0..3 {
            let bomb = count.bomb();
            let (child, _) = spawn_monitor(async move |mut mailbox: Mailbox| {
                let _bomb = bomb;
                mailbox.receive::<()>().await;
            });
            sleep(Duration::from_millis(1)).await;
            exit(child, ExitReason::Kill);
            assert_eq!(mailbox.receive::<Down>().await.reason, ExitReason::Killed);
        }
        // And at shutdown, begun or not.
        for _ in 0..3 {
            let bomb = count.bomb();
            spawn(async move |mut mailbox: Mailbox| {
                let _bomb = bomb;
                mailbox.receive::<()>().await;
            });
        }
    });
    assert_eq!(tally.count(), 6);
}

#[test]
fn timers_whose_messages_panic_when_dropped() {
    let tally = Tally::default();
    let count = tally.clone();
    one_worker(async move |_: Mailbox| {
        let dead = spawn(async |_| {});
        for _ in 0..3 {
            send_after(dead, count.bomb(), Duration::from_millis(1));
            send_after("nobody", count.bomb(), Duration::from_millis(1));
        }
        until(|| count.count() == 6).await;
        // Pending at shutdown: each is dropped, although the ones before it panicked.
        for _ in 0..5 {
            send_after(me(), count.bomb(), Duration::from_secs(3600));
        }
    });
    assert_eq!(tally.count(), 11);
}

#[test]
fn a_guard_that_panics_crashes_its_process_only() {
    one_worker(async |mut mailbox: Mailbox| {
        let tally = Tally::default();
        let (child, _) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox
                .receive_where::<u32>(|n| if *n == 2 { panic!("a guard") } else { false })
                .await;
        });
        send(child, 1u32);
        send(child, tally.guard());
        send(child, 2u32);
        send(child, 3u32);
        let down = mailbox.receive::<Down>().await;
        let ExitReason::Panicked(info) = down.reason else {
            panic!("{down:?}")
        };
        assert_eq!(info.message, "a guard");
        assert_eq!(tally.count(), 1);
        // Caught by the body, it leaves the mailbox as it was.
        send(me(), 1u8);
        send(me(), 2u8);
        let select = mailbox.receive_where::<u8>(|_| panic!("a guard"));
        let caught = futures_catch(select).await;
        assert!(caught.is_err());
        assert_eq!(mailbox.receive::<u8>().await, 1);
        assert_eq!(mailbox.receive::<u8>().await, 2);
    });
}

/// Polls a future and catches its panic.
async fn futures_catch<F: Future>(future: F) -> std::thread::Result<F::Output> {
    let mut future = Box::pin(future);
    std::future::poll_fn(move |cx| {
        let poll = std::panic::AssertUnwindSafe(|| future.as_mut().poll(cx));
        match std::panic::catch_unwind(poll) {
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

#[test]
fn a_spawn_whose_closure_panics_takes_no_room() {
    let reason = in_time(|| {
        quiet(1)
            .process_limit(4)
            .run_with(async |mut mailbox: Mailbox| {
                for _ in 0..100 {
                    spawn_monitor(async |_| {
                        spawn(|_| -> std::future::Ready<()> { panic!("no body") });
                    });
                    let down = mailbox.receive::<Down>().await;
                    assert!(matches!(down.reason, ExitReason::Panicked(_)), "{down:?}");
                }
                for _ in 0..3 {
                    spawn_with(SpawnOptions::new(), async |mut mailbox: Mailbox| {
                        mailbox.receive::<()>().await;
                    })?;
                }
                Ok::<(), ExitReason>(())
            })
    });
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn destructors_may_call_the_runtime_at_any_end() {
    for at_shutdown in [false, true] {
        let tally = Tally::default();
        let count = tally.clone();
        one_worker(async move |mut mailbox: Mailbox| {
            let (root, inner) = (me(), count.clone());
            let (child, _) = spawn_monitor(async move |mut mailbox: Mailbox| {
                let at_end = OnDrop(move || {
                    let this = me();
                    send(this, inner.guard());
                    send(root, "dying");
                    trap_exit(true);
                    local::put("late", inner.guard());
                    link(root);
                    unlink(root);
                    let reference = monitor(root);
                    demonitor_flush(reference);
                    send_after(this, inner.guard(), Duration::from_secs(3600));
                    send(alias(), inner.guard());
                    spawn_link(async |mut mailbox: Mailbox| {
                        mailbox.receive::<()>().await;
                    });
                    let _ = (now(), random_u64(), random_range(0..10));
                    inner.add();
                });
                let _at_end = at_end;
                mailbox.receive::<()>().await;
            });
            sleep(Duration::from_millis(1)).await;
            if !at_shutdown {
                send(child, ());
                mailbox.receive::<Down>().await;
                assert_eq!(mailbox.receive::<&str>().await, "dying");
                until(|| count.count() >= 4).await;
            }
        });
        // Four guards and the end of the destructor itself.
        assert_eq!(tally.count(), 5, "at shutdown: {at_shutdown}");
    }
}

#[test]
fn values_of_blocking_work_that_panic_when_dropped() {
    in_time(|| {
        let system = quiet(1).start().expect("threads");
        let tally = Tally::default();
        // More than the pool has threads: each of them outlives the panic.
        for round in 0..600 {
            let bomb = tally.bomb();
            let (begun, gate) = (Tally::default(), Tally::default());
            let (theirs, opened) = (begun.clone(), gate.clone());
            let child = system.handle().spawn(async move |_| {
                blocking(move || {
                    theirs.add();
                    while opened.count() == 0 {
                        std::thread::yield_now();
                    }
                    bomb
                })
                .await;
            });
            let seen = begun.clone();
            let done = system.handle().block_on(async move {
                let reference = monitor(child);
                until(|| seen.count() == 1).await;
                exit(child, ExitReason::Kill);
                mailbox()
                    .receive_where::<Down>(|d| d.reference == reference)
                    .await;
            });
            assert_eq!(done, Ok(()));
            gate.add();
            while tally.count() <= round {
                std::thread::yield_now();
            }
        }
        let value = system.handle().block_on(async { blocking(|| 7).await });
        assert_eq!(value, Ok(7));
        system.shutdown();
    });
}

#[test]
fn panics_of_blocking_work_know_their_place() {
    one_worker(async |mut mailbox: Mailbox| {
        spawn_monitor(async |_| blocking(|| panic!("far away")).await);
        let down = mailbox.receive::<Down>().await;
        let ExitReason::Panicked(info) = down.reason else {
            panic!("{down:?}")
        };
        assert_eq!(info.message, "far away");
        let place = info.location.as_deref().unwrap_or_default();
        assert!(place.contains("containment.rs"), "{place:?}");
    });
}

#[test]
fn a_panic_that_was_caught_leaves_no_trace_in_the_next_reason() {
    one_worker(async |mut mailbox: Mailbox| {
        spawn_monitor(async |_| {
            let _ = std::panic::catch_unwind(|| panic!("caught"));
            std::panic::resume_unwind(Box::new("no hook sees this"));
        });
        let down = mailbox.receive::<Down>().await;
        let ExitReason::Panicked(info) = down.reason else {
            panic!("{down:?}")
        };
        assert_eq!(
            (info.message.as_str(), &info.location),
            ("no hook sees this", &None)
        );
    });
}
