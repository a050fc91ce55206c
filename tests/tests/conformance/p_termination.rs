//! P-25 to P-38: how a process ends, and with what reason.

use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::{Stop, both, down, expect_nothing, idle, on_sim, settle};

#[test]
fn p_025_exit_now_ends_the_process_with_its_reason() {
    both("P-25", async || {
        let mut mailbox = mailbox();
        let (_, reference) = spawn_monitor(async |_mailbox: Mailbox| -> ExitReason {
            exit_now(ExitReason::other("done"))
        });
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("done")
        );
        let (_, reference) =
            spawn_monitor(async |_mailbox: Mailbox| -> ExitReason { exit_now(ExitReason::Normal) });
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Normal);
    });
}

#[test]
fn p_025_exit_now_can_be_caught() {
    both("P-25 caught", async || {
        let mut mailbox = mailbox();
        let (_, reference) = spawn_monitor(async |_mailbox: Mailbox| {
            let caught = catch_unwind(|| -> () { exit_now(ExitReason::other("done")) });
            yield_now().await;
            if caught.is_err() {
                ExitReason::other("went on")
            } else {
                ExitReason::Normal
            }
        });
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("went on")
        );
    });
}

#[test]
fn p_026_a_panic_is_the_exit_reason() {
    both("P-26", async || {
        let mut mailbox = mailbox();
        let (_, reference) = spawn_monitor(async |_mailbox: Mailbox| {
            let divisor = std::hint::black_box(0);
            assert_ne!(divisor, 0, "cannot divide by {divisor}");
        });
        match down(&mut mailbox, reference).await {
            ExitReason::Panicked(panic) => {
                assert!(panic.message.contains("cannot divide by 0"), "{panic:?}");
                let location = panic.location.as_deref().expect("a panic has a place");
                assert!(location.contains("p_termination.rs"), "{location}");
            }
            reason => panic!("expected a panic, got {reason:?}"),
        }
    });
}

#[test]
fn p_029_exit_now_with_kill_stays_kill() {
    both("P-29", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let (child, reference) =
            spawn_monitor(async |_mailbox: Mailbox| -> ExitReason { exit_now(ExitReason::Kill) });
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Kill);
        assert!(!alive(child).await);

        // Over a link it is a reason like any other, so it can be trapped.
        spawn_link(async |_mailbox: Mailbox| ExitReason::Kill);
        assert_eq!(mailbox.receive::<Exit>().await.reason, ExitReason::Kill);
    });
}

#[test]
fn p_030_an_exit_signal_to_oneself_cannot_be_caught() {
    both("P-30", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (_, reference) = spawn_monitor(async move |_mailbox: Mailbox| {
            let caught = catch_unwind(|| exit(me(), ExitReason::other("die")));
            yield_now().await;
            send(
                parent,
                if caught.is_ok() {
                    "survived"
                } else {
                    "unwound"
                },
            );
        });
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("die")
        );
        expect_nothing(&mut mailbox, "code ran after the fatal signal").await;
    });
}

#[test]
fn p_031_a_normal_exit_signal_to_oneself_ends_the_process() {
    both("P-31", async || {
        let mut mailbox = mailbox();
        let parent = me();
        let (_, reference) = spawn_monitor(async move |_mailbox: Mailbox| {
            exit(me(), ExitReason::Normal);
            yield_now().await;
            send(parent, "survived");
            ExitReason::other("survived")
        });
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Normal);
        expect_nothing(&mut mailbox, "code ran after the fatal signal").await;
    });
}

#[test]
fn p_032_a_trapped_normal_exit_signal_to_oneself_is_a_message() {
    both("P-32", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        exit(me(), ExitReason::Normal);
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!(exit.from, me());
        assert_eq!(exit.reason, ExitReason::Normal);
    });
}

#[test]
fn p_033_killing_oneself_works_even_when_trapping() {
    both("P-33", async || {
        let mut mailbox = mailbox();
        let (_, reference) = spawn_monitor(async |_mailbox: Mailbox| {
            trap_exit(true);
            exit(me(), ExitReason::Kill);
            yield_now().await;
            ExitReason::other("survived")
        });
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Killed);
    });
}

/// Counts what it is sent.
fn counter(steps: Arc<AtomicU64>) -> Pid {
    spawn(async move |mut mailbox: Mailbox| -> ExitReason {
        loop {
            mailbox.receive::<u32>().await;
            steps.fetch_add(1, Ordering::SeqCst);
        }
    })
}

#[test]
fn p_034_a_killed_process_handles_nothing_sent_after_the_kill() {
    both("P-34", async || {
        let mut mailbox = mailbox();
        let steps = Arc::new(AtomicU64::new(0));
        let child = counter(steps.clone());
        let reference = monitor(child);
        for number in 0..3_u32 {
            send(child, number);
        }
        exit(child, ExitReason::Kill);
        for number in 0..3_u32 {
            send(child, number);
        }
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Killed);
        let at_the_end = steps.load(Ordering::SeqCst);
        assert!(at_the_end <= 3, "a message sent after the kill was handled");
        settle().await;
        assert_eq!(
            steps.load(Ordering::SeqCst),
            at_the_end,
            "the dead process went on"
        );
    });
}

#[test]
fn p_034_no_code_runs_between_the_fatal_signal_and_the_end() {
    // On threads the body may be running while the signal arrives, up to its next await.
    on_sim("P-34 strict", async || {
        let steps = Arc::new(AtomicU64::new(0));
        let child = counter(steps.clone());
        for number in 0..3_u32 {
            send(child, number);
        }
        exit(child, ExitReason::Kill);
        assert!(!alive(child).await);
        let when_received = steps.load(Ordering::SeqCst);
        settle().await;
        assert_eq!(steps.load(Ordering::SeqCst), when_received);
    });
}

#[test]
fn p_034_a_killed_body_is_dropped_before_anyone_hears_of_it() {
    #[derive(Debug)]
    struct Held(Arc<AtomicBool>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    both("P-34 drop", async || {
        let mut mailbox = mailbox();
        let dropped = Arc::new(AtomicBool::new(false));
        let held = Held(dropped.clone());
        let (child, reference) = spawn_monitor(async move |mut mailbox: Mailbox| {
            let _held = held;
            mailbox.receive::<Stop>().await;
        });
        exit(child, ExitReason::Kill);
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Killed);
        assert!(dropped.load(Ordering::SeqCst));
    });
}

#[test]
fn p_035_the_first_fatal_signal_decides_the_reason() {
    both("P-35", async || {
        let mut mailbox = mailbox();
        let child = idle();
        let reference = monitor(child);
        exit(child, ExitReason::other("first"));
        exit(child, ExitReason::other("second"));
        exit(child, ExitReason::Kill);
        assert_eq!(
            down(&mut mailbox, reference).await,
            ExitReason::other("first")
        );
    });
}

#[test]
fn p_036_a_large_reason_passes_unchanged() {
    both("P-36", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let large: Vec<u64> = (0..10_000).collect();
        let reason = ExitReason::other(large.clone());
        let options = SpawnOptions::new().link().monitor();
        let returned = reason.clone();
        spawn_with(options, async move |_mailbox: Mailbox| returned).expect("no limit is reached");
        let over_link = mailbox.receive::<Exit>().await.reason;
        let over_monitor = mailbox.receive::<Down>().await.reason;
        assert_eq!(over_link, reason);
        assert_eq!(over_monitor, reason);
        assert_eq!(over_link.downcast_ref::<Vec<u64>>(), Some(&large));
    });
}

#[test]
fn p_037_name_and_timers_are_gone_before_anyone_hears_of_the_end() {
    both("P-37", async || {
        let mut mailbox = mailbox();
        trap_exit(true);
        let child = spawn_link(async |mut mailbox: Mailbox| {
            mailbox.receive::<Stop>().await;
        });
        monitor(child);
        register("p37", child).await.expect("the name is free");
        let timer = send_after(child, "never", Duration::from_secs(3600));
        send(child, Stop);
        // The exit signal and the down come in either order; the first is early enough.
        let first = mailbox.receive_any().await;
        assert!(first.is::<Exit>() || first.is::<Down>(), "{first:?}");
        assert_eq!(whereis("p37").await, None);
        register("p37", me()).await.expect("the name was freed");
        assert_eq!(read_timer(timer).await, None);
        assert!(!alive(child).await);
    });
}

#[test]
fn p_038_messages_left_behind_are_dropped_without_notice() {
    both("P-38", async || {
        let mut mailbox = mailbox();
        let child = idle();
        let reference = monitor(child);
        let content = Arc::new(());
        for _ in 0..5 {
            send(child, content.clone());
        }
        send(child, Stop);
        send(child, content.clone());
        assert_eq!(down(&mut mailbox, reference).await, ExitReason::Normal);
        send(child, content.clone());
        while Arc::strong_count(&content) > 1 {
            sleep(Duration::from_millis(1)).await;
        }
        expect_nothing(&mut mailbox, "the sender was told").await;
    });
}
