//! Who runs when: budgets, priorities, work for all workers, the limit of processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use beamline::SpawnOptions;
use beamline::prelude::*;

use crate::watchdog::{Tally, in_time, quiet, until};

/// Runs a root and expects a normal end.
fn run<F, Fut>(workers: usize, root: F)
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let reason = in_time(move || quiet(workers).run_with(root));
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn a_receive_loop_over_a_full_mailbox_lets_others_run() {
    run(1, async |mut mailbox: Mailbox| {
        let root = me();
        let eater = spawn(async move |mut mailbox: Mailbox| {
            for n in 0..100_000u32 {
                if mailbox.receive::<u32>().await != n {
                    return ExitReason::other("out of order");
                }
            }
            send(root, "eaten");
            ExitReason::Normal
        });
        for n in 0..100_000u32 {
            send(eater, n);
        }
        spawn(async move |_| send(root, "meanwhile"));
        let first: &str = mailbox.receive().await;
        let second: &str = mailbox.receive().await;
        assert_eq!((first, second), ("meanwhile", "eaten"));
    });
}

#[test]
fn a_flooding_producer_does_not_starve_others() {
    run(1, async |mut mailbox: Mailbox| {
        let root = me();
        let sink = spawn(async |mut mailbox: Mailbox| {
            loop {
                mailbox.receive_any().await;
            }
        });
        // Awaits something at each turn, yet nothing that it would have to wait for.
        let flood = spawn(async move |_| {
            loop {
                send(sink, [0u64; 2]);
                let _ = whereis("nobody").await;
            }
        });
        for _ in 0..100 {
            spawn(async move |_| send(root, 1u8));
            mailbox.receive::<u8>().await;
        }
        let waiting = info(sink).await.expect("it lives").message_queue_len;
        assert!(waiting < 100_000, "{waiting} messages wait for the sink");
        exit(flood, ExitReason::Kill);
    });
}

#[test]
fn chatter_does_not_starve_the_rest() {
    run(1, async |mut mailbox: Mailbox| {
        let root = me();
        let partner = spawn(async |mut mailbox: Mailbox| {
            loop {
                let from: Pid = mailbox.receive().await;
                send(from, ());
            }
        });
        // These two hand the processor to each other for ever.
        spawn(async move |mut mailbox: Mailbox| {
            loop {
                send(partner, me());
                mailbox.receive::<()>().await;
            }
        });
        for n in 0..100u8 {
            spawn(async move |_| send(root, n));
            assert_eq!(mailbox.receive::<u8>().await, n);
            sleep(Duration::from_micros(50)).await;
        }
    });
}

/// A process that works in small steps for ever, counting them.
fn busy(priority: Priority) -> Arc<AtomicU64> {
    let steps = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&steps);
    let spawned = spawn_with(SpawnOptions::new().priority(priority), async move |_| {
        loop {
            count.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
    });
    spawned.expect("there is room");
    steps
}

/// P-46: low runs, but rarely; about one turn for eight of normal.
#[test]
fn low_priority_gets_about_an_eighth() {
    run(1, async |_: Mailbox| {
        let (low, normal) = (busy(Priority::Low), busy(Priority::Normal));
        until(|| normal.load(Ordering::Relaxed) > 50_000).await;
        let (low, normal) = (low.load(Ordering::Relaxed), normal.load(Ordering::Relaxed));
        let ratio = normal as f64 / low as f64;
        assert!(
            (4.0..16.0).contains(&ratio),
            "{normal} normal turns, {low} low ones"
        );
    });
}

/// P-45: while a high process is runnable, no other of its worker is chosen.
#[test]
fn high_priority_goes_first() {
    run(1, async |_: Mailbox| {
        let normal = busy(Priority::Normal);
        until(|| normal.load(Ordering::Relaxed) > 100).await;
        let seen = Arc::clone(&normal);
        let (steps, meanwhile) = in_high(move |_| seen.load(Ordering::Relaxed)).await;
        assert_eq!(
            (steps, meanwhile),
            (10_000, 0),
            "normal turns between high ones"
        );
    });
}

/// Lets a high process take ten thousand turns; how far `look` came meanwhile.
async fn in_high(look: impl Fn(()) -> u64 + Send + 'static) -> (u64, u64) {
    let (done, result) = (Tally::default(), Arc::new(AtomicU64::new(0)));
    let (theirs, answer) = (done.clone(), Arc::clone(&result));
    let options = SpawnOptions::new().priority(Priority::High);
    let spawned = spawn_with(options, async move |_| {
        let before = look(());
        for _ in 0..10_000 {
            yield_now().await;
        }
        answer.store(look(()) - before, Ordering::Relaxed);
        theirs.add();
    });
    spawned.expect("there is room");
    until(|| done.count() == 1).await;
    (10_000, result.load(Ordering::Relaxed))
}

#[test]
fn a_high_process_that_waits_leaves_the_worker_to_others() {
    run(1, async |mut mailbox: Mailbox| {
        set_priority(Priority::High);
        let (normal, low) = (busy(Priority::Normal), busy(Priority::Low));
        // If they did not run meanwhile, this would go on for ever.
        while normal.load(Ordering::Relaxed) < 100 || low.load(Ordering::Relaxed) < 10 {
            let wait = Duration::from_millis(1);
            mailbox.receive_timeout::<()>(wait).await;
        }
    });
}

#[test]
fn two_that_never_rest_share_two_workers() {
    run(2, async |_: Mailbox| {
        // The child is next in line behind its parent, and both always have more to do.
        let other = Arc::new(std::sync::Mutex::new(None));
        let theirs = Arc::clone(&other);
        spawn(async move |_| {
            loop {
                *theirs.lock().unwrap() = Some(std::thread::current().id());
                yield_now().await;
            }
        });
        let begin = now();
        loop {
            let here = std::thread::current().id();
            if other.lock().unwrap().is_some_and(|there| there != here) {
                break;
            }
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "both stay on one worker"
            );
            yield_now().await;
        }
    });
}

#[test]
fn the_limit_of_processes_holds() {
    let reason = in_time(|| {
        quiet(2)
            .process_limit(10)
            .run_with(async |mut mailbox: Mailbox| {
                for round in 0..200u32 {
                    let mut children = Vec::new();
                    let refused = loop {
                        let spawned =
                            spawn_with(SpawnOptions::new(), async |mut mailbox: Mailbox| {
                                mailbox.receive::<()>().await;
                            });
                        match spawned {
                            Ok(spawned) => children.push(spawned.pid),
                            Err(error) => break error,
                        }
                    };
                    let text = refused.to_string();
                    assert_eq!(
                        (children.len(), text.as_str()),
                        (9, "the limit of 10 processes is reached")
                    );
                    for child in children {
                        monitor(child);
                        match round % 2 {
                            0 => send(child, ()),
                            _ => exit(child, ExitReason::Kill),
                        }
                    }
                    for _ in 0..9 {
                        mailbox.receive::<Down>().await;
                    }
                    // Its place is free when the process has gone, which is after the notices.
                    while processes().await.len() > 1 {
                        yield_now().await;
                    }
                    sleep(Duration::from_micros(20)).await;
                }
            })
    });
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn blocking_work_runs_side_by_side() {
    run(1, async |mut mailbox: Mailbox| {
        let (root, inside) = (me(), Tally::default());
        for _ in 0..20 {
            let inside = inside.clone();
            spawn(async move |_| {
                // Each waits for all the others, so it takes twenty threads.
                let work = move || {
                    inside.add();
                    while inside.count() < 20 {
                        std::thread::yield_now();
                    }
                    1u8
                };
                send(root, blocking(work).await);
            });
        }
        for _ in 0..20 {
            assert_eq!(mailbox.receive::<u8>().await, 1);
        }
    });
}
