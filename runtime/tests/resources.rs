//! What a runtime takes from the operating system: processor time and threads. A file of its own,
//! since other tests of the same OS process would be counted too.
#![expect(clippy::disallowed_methods, reason = "these tests wait for real time")]

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use beamline::prelude::*;

/// One test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn quiet(workers: usize) -> Runtime {
    Runtime::new()
        .workers(workers)
        .on_panic(PanicPolicy::Silent)
}

/// Processor time of this OS process so far.
fn cpu_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let nanos = tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split(' ').next()?.parse::<u64>().ok())
        .sum();
    Duration::from_nanos(nanos)
}

#[test]
fn a_parked_runtime_uses_no_processor() {
    let _alone = alone();
    if !std::path::Path::new("/proc/self/task").exists() {
        return;
    }
    let system = quiet(4).start().expect("threads");
    let done = system.handle().block_on(async {
        for _ in 0..100 {
            spawn(async |mut mailbox: Mailbox| {
                mailbox
                    .receive_timeout::<u8>(Duration::from_secs(3600))
                    .await;
            });
        }
        send_after(me(), 1u8, Duration::from_secs(3600));
        blocking(|| ()).await;
    });
    assert_eq!(done, Ok(()));
    // The least of several looks counts: what else the machine does takes time as well.
    let mut least = Duration::MAX;
    for _ in 0..20 {
        thread::sleep(Duration::from_millis(20));
        let before = cpu_time();
        thread::sleep(Duration::from_millis(50));
        least = least.min(cpu_time().saturating_sub(before));
        if least < Duration::from_millis(1) {
            return;
        }
    }
    panic!("{least:?} of processor time in 50 ms of idleness");
}

#[test]
fn waking_up_now_and_then_costs_little() {
    let _alone = alone();
    if !std::path::Path::new("/proc/self/task").exists() {
        return;
    }
    let system = quiet(2).start().expect("threads");
    let used = system.handle().block_on(async {
        let before = cpu_time();
        for _ in 0..200 {
            sleep(Duration::from_millis(5)).await;
        }
        cpu_time().saturating_sub(before)
    });
    let used = used.expect("a figure");
    // Two hundred wake-ups in a second; each may look around for work before it sleeps again.
    assert!(used < Duration::from_millis(250), "{used:?} of a second");
}

/// How many threads of this OS process are called something that begins like this.
fn threads_called(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .filter(|comm| comm.starts_with(name))
        .count()
}

#[test]
fn every_thread_is_joined() {
    let _alone = alone();
    let on_linux = std::path::Path::new("/proc/self/task").exists();
    for _ in 0..5 {
        let reason = quiet(4).thread_name("mine").run(async move {
            blocking(|| assert_eq!(thread::current().name(), Some("mine-blocking"))).await;
            assert!(!on_linux || threads_called("mine") >= 1);
        });
        assert_eq!(reason, ExitReason::Normal);
        assert_eq!(threads_called("mine"), 0);
    }
}

/// Bytes of this OS process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kib.unwrap_or(0) * 1024
}

#[test]
fn deadlines_of_the_dead_take_no_memory() {
    let _alone = alone();
    let reason = quiet(1).run_with(async |mut mailbox: Mailbox| {
        let root = me();
        let mut before = 0;
        for n in 0..300_000u32 {
            // Waits for an hour at most, but ends at once.
            let child = spawn(async move |mut mailbox: Mailbox| {
                let wait = Duration::from_secs(3600);
                mailbox.receive_timeout::<()>(wait).await;
                send(root, n);
            });
            yield_now().await;
            send(child, ());
            mailbox.receive::<u32>().await;
            if n == 1000 {
                before = resident();
            }
        }
        let grown = resident().saturating_sub(before);
        assert!(grown < 8 << 20, "{grown} bytes more");
    });
    assert_eq!(reason, ExitReason::Normal);
}
