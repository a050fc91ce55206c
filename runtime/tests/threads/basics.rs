//! The threaded backend through the public API: starting, stopping, calling in, outliving.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use beamline::prelude::*;

#[derive(Debug)]
enum Calc {
    Add(i64, i64, Pid),
    Stop,
}

#[derive(Debug, PartialEq)]
struct Sum(i64);

fn quiet(workers: usize) -> Runtime {
    Runtime::new()
        .workers(workers)
        .on_panic(PanicPolicy::Silent)
}

#[test]
fn the_root_gives_the_exit_reason() {
    assert!(quiet(1).run(async {}).is_normal());
    assert_eq!(
        quiet(2).run(async { ExitReason::other(7u8) }),
        ExitReason::other(7u8)
    );
    let panicked = quiet(2).run(async { panic!("oops") });
    let ExitReason::Panicked(info) = panicked else {
        panic!("{panicked}")
    };
    assert_eq!(info.message, "oops");
    assert!(
        info.location
            .as_deref()
            .is_some_and(|place| place.contains("basics.rs"))
    );
}

#[test]
fn messages_selective_receive_and_monitors() {
    let reason = quiet(2).run_with(async |mut mailbox: Mailbox| {
        let parent = me();
        let (calc, reference) = spawn_monitor(async move |mut mailbox: Mailbox| {
            loop {
                receive! { mailbox;
                    Calc::Add(a, b, to) in Calc where *a != 3 => send(to, Sum(a + b)),
                    Calc::Stop in Calc => return,
                    after Duration::from_secs(10) => send(parent, "bored"),
                }
            }
        });
        send(calc, Calc::Add(1, 2, parent));
        assert_eq!(mailbox.receive::<Sum>().await, Sum(3));
        assert!(alive(calc).await);
        let seen = info(calc).await.expect("alive");
        assert_eq!(
            (seen.parent, seen.monitored_by),
            (Some(parent), vec![parent])
        );
        send(calc, Calc::Stop);
        let down = mailbox.receive::<Down>().await;
        assert_eq!(
            (down.reference, down.reason),
            (reference, ExitReason::Normal)
        );
        assert!(!alive(calc).await);
    });
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn links_kill_and_trapped_exits() {
    let reason = quiet(2).run_with(async |mut mailbox: Mailbox| {
        trap_exit(true);
        let child = spawn_link(async |mut mailbox: Mailbox| {
            mailbox.receive::<()>().await;
        });
        exit(child, ExitReason::Kill);
        let exit = mailbox.receive::<Exit>().await;
        assert_eq!((exit.from, exit.reason), (child, ExitReason::Killed));
    });
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn timers_sleep_and_timeouts() {
    let reason = quiet(2).run_with(async |mut mailbox: Mailbox| {
        let begin = now();
        sleep(Duration::from_millis(5)).await;
        assert!(begin.elapsed() >= Duration::from_millis(5));
        send_after(me(), 1u8, Duration::from_millis(3));
        let cancelled = send_after(me(), 2u8, Duration::from_secs(60));
        assert_eq!(mailbox.receive::<u8>().await, 1);
        assert!(cancel(cancelled).await.is_some());
        assert!(cancel(cancelled).await.is_none());
        assert_eq!(
            mailbox
                .receive_timeout::<u8>(Duration::from_millis(4))
                .await,
            None
        );
        assert!(begin.elapsed() >= Duration::from_millis(12));
    });
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn many_processes_on_all_workers() {
    let reason = quiet(2).run_with(async |mut mailbox: Mailbox| {
        let parent = me();
        for n in 0..10_000u64 {
            spawn(async move |mut mailbox: Mailbox| {
                let value: u64 = mailbox.receive().await;
                send(parent, value + n);
            });
        }
        for pid in processes().await {
            if pid != parent {
                send(pid, 1u64);
            }
        }
        let mut sum = 0;
        for _ in 0..10_000 {
            sum += mailbox.receive::<u64>().await;
        }
        assert_eq!(sum, 10_000 * 9_999 / 2 + 10_000);
    });
    assert_eq!(reason, ExitReason::Normal);
}

#[test]
fn calling_in_from_outside_and_shutting_down() {
    let system = quiet(2).start().expect("threads");
    let handle = system.handle();
    let dropped = Arc::new(AtomicUsize::new(0));
    struct Count(Arc<AtomicUsize>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let count = Count(Arc::clone(&dropped));
    let echo = handle.spawn(async move |mut mailbox: Mailbox| {
        let _count = count;
        loop {
            let (from, text): (Pid, String) = mailbox.receive().await;
            send(from, text);
        }
    });
    let answer = handle.block_on(async move {
        send(echo, (me(), "hello".to_string()));
        mailbox().receive::<String>().await
    });
    assert_eq!(answer, Ok("hello".to_string()));
    assert_eq!(handle.block_on(async { blocking(|| 6 * 7).await }), Ok(42));
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    system.shutdown();
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn names_can_be_sent_to() {
    let reason = quiet(2).run_with(async |mut mailbox: Mailbox| {
        assert!(send("me", 1u8).await.is_err());
        register("me", me()).await?;
        send("me", 1u8).await?;
        assert_eq!(mailbox.receive::<u8>().await, 1);
        let down = monitor("nobody").await;
        assert_eq!(mailbox.receive::<Down>().await.reference, down);
        Ok::<(), ExitReason>(())
    });
    assert_eq!(reason, ExitReason::Normal);
}
