//! P-45 to P-49: who runs when. The rules on priorities speak of one scheduler, so their tests
//! use one worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Stop, both, on_threads};

/// A process that is always ready to run and counts its turns.
fn spinner(priority: Priority) -> (Pid, Arc<AtomicU64>) {
    let turns = Arc::new(AtomicU64::new(0));
    let counted = turns.clone();
    let options = SpawnOptions::new().priority(priority);
    let spawned = spawn_with(options, async move |_mailbox: Mailbox| -> ExitReason {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            yield_now().await;
        }
    })
    .expect("no limit is reached");
    (spawned.pid, turns)
}

#[test]
fn p_045_high_priority_excludes_lower_ones_on_its_scheduler() {
    on_threads("P-45", &[1], async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (_, normal) = spinner(Priority::Normal);
        let (_, low) = spinner(Priority::Low);
        while normal.load(Ordering::Relaxed) == 0 || low.load(Ordering::Relaxed) == 0 {
            yield_now().await;
        }
        let options = SpawnOptions::new().priority(Priority::High);
        spawn_with(options, async move |_mailbox: Mailbox| {
            let turns = || (normal.load(Ordering::Relaxed), low.load(Ordering::Relaxed));
            let before = turns();
            for _ in 0..200 {
                yield_now().await;
            }
            send(parent, (before, turns()));
        })
        .expect("no limit is reached");
        let (before, after) = mailbox.receive::<((u64, u64), (u64, u64))>().await;
        assert_eq!(
            before, after,
            "a lower priority ran while a high one was ready"
        );
    });
}

#[test]
fn p_046_low_and_normal_are_interleaved() {
    on_threads("P-46", &[1], async || {
        let (_, normal) = spinner(Priority::Normal);
        let (_, low) = spinner(Priority::Low);
        while normal.load(Ordering::Relaxed) < 4_000 {
            sleep(Duration::from_millis(1)).await;
        }
        let (low, normal) = (low.load(Ordering::Relaxed), normal.load(Ordering::Relaxed));
        // About one in eight; these are the bounds that OTP's own test accepts.
        assert!(low * 16 >= normal, "low had {low} turns, normal {normal}");
        assert!(low * 4 <= normal, "low had {low} turns, normal {normal}");
    });
}

#[test]
fn p_047_processes_of_one_priority_take_turns() {
    on_threads("P-47", &[1], async || {
        let spinners: Vec<_> = (0..4).map(|_| spinner(Priority::Normal).1).collect();
        let turns = || spinners.iter().map(|turns| turns.load(Ordering::Relaxed));
        while turns().min() < Some(1_000) {
            sleep(Duration::from_millis(1)).await;
        }
        let (least, most) = (turns().min().unwrap_or(0), turns().max().unwrap_or(0));
        assert!(most <= 2 * least, "turns are shared {least} to {most}");
    });
}

#[test]
fn p_047_a_process_that_never_blocks_does_not_keep_others_from_running() {
    on_threads("P-47 hog", &[1], async || {
        let mut mailbox = mailbox();
        let parent = me();
        for _ in 0..2 {
            // Its receive always finds a message at once, so it never has to wait.
            spawn(async |mut mailbox: Mailbox| -> ExitReason {
                loop {
                    send(me(), 1_u32);
                    mailbox.receive::<u32>().await;
                }
            });
        }
        for round in 0..10_u64 {
            spawn(async move |_mailbox: Mailbox| send(parent, round));
            assert_eq!(mailbox.receive::<u64>().await, round);
        }
    });
}

#[test]
fn p_048_asking_about_a_process_of_lower_priority_does_not_hang() {
    on_threads("P-48", &[1], async || {
        let mut mailbox = mailbox();
        let parent = me();
        let low = spawn_with(
            SpawnOptions::new().priority(Priority::Low),
            async |mut mailbox: Mailbox| {
                mailbox.receive::<Stop>().await;
            },
        )
        .expect("no limit is reached")
        .pid;
        // From here on nothing below high runs until the asker is done.
        spawn_with(
            SpawnOptions::new().priority(Priority::High),
            async move |_mailbox: Mailbox| {
                let (hog, _) = spinner(Priority::High);
                for _ in 0..10 {
                    assert!(alive(low).await);
                    assert!(info(low).await.is_some());
                }
                exit(hog, ExitReason::Kill);
                send(parent, "asked");
            },
        )
        .expect("no limit is reached");
        assert_eq!(mailbox.receive::<&'static str>().await, "asked");
    });
}

#[test]
fn p_049_yielding_processes_all_get_on() {
    both("P-49", async || {
        let mut mailbox = mailbox();
        let parent = me();
        for number in 0..4_u64 {
            spawn(async move |_mailbox: Mailbox| {
                for _ in 0..10 {
                    yield_now().await;
                }
                send(parent, number);
            });
        }
        let mut finished = Vec::new();
        for _ in 0..4 {
            finished.push(mailbox.receive::<u64>().await);
        }
        finished.sort_unstable();
        assert_eq!(finished, [0, 1, 2, 3]);
    });
}
