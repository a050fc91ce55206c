//! Ending a system while it is in use: handles on other threads, foreign wakers, blocking work,
//! pending timers, several systems in one OS process.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::watchdog::{OnDrop, Tally, in_time, quiet};
use beamline::prelude::*;

/// A future that is ready once its flag is set; whoever sets it wakes it.
#[derive(Clone, Default)]
struct Signal(Arc<Mutex<(bool, Option<Waker>)>>);

impl Signal {
    fn waker(&self) -> Option<Waker> {
        self.0.lock().unwrap().1.clone()
    }

    fn set(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 = true;
        if let Some(waker) = state.1.take() {
            waker.wake();
        }
    }
}

impl Future for Signal {
    type Output = ();
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock().unwrap();
        if state.0 {
            return Poll::Ready(());
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[test]
fn foreign_threads_wake_processes() {
    for workers in [1, 2] {
        in_time(move || {
            let reason = quiet(workers).run(async {
                for _ in 0..500 {
                    let signal = Signal::default();
                    let theirs = signal.clone();
                    let thread = thread::spawn(move || theirs.set());
                    signal.await;
                    thread.join().expect("it ends");
                }
            });
            assert_eq!(reason, ExitReason::Normal);
        });
    }
}

#[test]
fn a_waker_may_outlive_its_process_and_its_system() {
    in_time(|| {
        let (old, tally) = (Signal::default(), Tally::default());
        let (theirs, guard) = (old.clone(), tally.guard());
        let system = quiet(2).start().expect("threads");
        let waiting = system.handle().spawn(async move |_| {
            let _guard = guard;
            theirs.await;
        });
        let seen = old.clone();
        let ended = system.handle().block_on(async move {
            while seen.waker().is_none() {
                sleep(Duration::from_millis(1)).await;
            }
            monitor(waiting);
            exit(waiting, ExitReason::Kill);
            mailbox().receive::<Down>().await.reason
        });
        assert_eq!(ended, Ok(ExitReason::Killed));
        let waker = old.waker().expect("kept");
        // The slot may be another process's by now, for which this is one more poll.
        for _ in 0..100 {
            waker.wake_by_ref();
            let reused = system.handle().block_on(async { me() });
            assert!(reused.is_ok());
        }
        system.shutdown();
        waker.wake_by_ref();
        let clone = waker.clone();
        drop(waker);
        old.set();
        clone.wake();
        assert_eq!(tally.count(), 1);
    });
}

#[test]
fn wakers_called_while_the_system_ends() {
    in_time(|| {
        for _ in 0..200 {
            let system = quiet(2).start().expect("threads");
            let signals: Vec<Signal> = (0..8).map(|_| Signal::default()).collect();
            for signal in signals.clone() {
                system.handle().spawn(async move |_| signal.await);
            }
            let thread = thread::spawn(move || {
                for _ in 0..20 {
                    for signal in &signals {
                        if let Some(waker) = signal.waker() {
                            waker.wake();
                        }
                    }
                }
                signals.iter().for_each(Signal::set);
            });
            system.shutdown();
            thread.join().expect("it ends");
        }
    });
}

#[test]
fn handles_in_use_while_the_system_ends() {
    in_time(|| {
        let bodies = Tally::default();
        let made = Tally::default();
        for round in 0..100u64 {
            let system = quiet(2).start().expect("threads");
            let sink = system.handle().spawn(async |mut mailbox: Mailbox| {
                loop {
                    mailbox.receive_any().await;
                }
            });
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let (handle, bodies, made) = (system.handle(), bodies.clone(), made.clone());
                    thread::spawn(move || {
                        let mut refused = 0;
                        while refused < 20 {
                            let (guard, message) = (bodies.guard(), bodies.guard());
                            let value = bodies.guard();
                            (0..3).for_each(|_| made.add());
                            handle.send(sink, message);
                            handle.spawn(async move |mut mailbox: Mailbox| {
                                let _guard = guard;
                                mailbox.receive::<()>().await;
                            });
                            match handle.block_on(async move { value }) {
                                Ok(value) => drop(value),
                                Err(reason) => {
                                    assert_eq!(reason, ExitReason::Killed);
                                    refused += 1;
                                }
                            }
                        }
                    })
                })
                .collect();
            thread::sleep(Duration::from_micros(round * 20));
            system.shutdown();
            for thread in threads {
                thread.join().expect("it ends");
            }
            assert_eq!(bodies.count(), made.count(), "round {round}");
        }
    });
}

#[test]
fn a_spawn_into_a_system_that_has_ended_gives_a_dead_pid() {
    let system = quiet(1).start().expect("threads");
    let handle = system.handle();
    system.shutdown();
    let tally = Tally::default();
    let guard = tally.guard();
    let pid = handle.spawn(async move |_| drop(guard));
    let other = handle.spawn(async |_| ());
    assert_ne!(pid, other);
    handle.send(pid, tally.guard());
    assert_eq!(tally.count(), 2);
    assert_eq!(handle.block_on(async {}), Err(ExitReason::Killed));
}

#[test]
fn block_on_from_several_threads() {
    in_time(|| {
        let system = quiet(2).start().expect("threads");
        let echo = system.handle().spawn(async |mut mailbox: Mailbox| {
            loop {
                let (from, number): (Pid, u64) = mailbox.receive().await;
                send(from, number);
            }
        });
        let threads: Vec<_> = (0..4u64)
            .map(|thread| {
                let handle = system.handle();
                thread::spawn(move || {
                    for n in 0..300 {
                        let number = thread * 1000 + n;
                        let answer = handle.block_on(async move {
                            send(echo, (me(), number));
                            mailbox().receive::<u64>().await
                        });
                        assert_eq!(answer, Ok(number));
                    }
                    let crash = handle.block_on(async { panic!("no value") });
                    let Err(ExitReason::Panicked(info)) = crash else {
                        panic!("{crash:?}")
                    };
                    assert_eq!(info.message, "no value");
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("it ends");
        }
    });
}

#[test]
fn blocking_work_that_waits_for_a_process_does_not_hold_up_the_end() {
    in_time(|| {
        let system = quiet(1).start().expect("threads");
        let (handle, begun) = (system.handle(), Tally::default());
        let theirs = begun.clone();
        handle.clone().spawn(async move |_| {
            blocking(move || {
                theirs.add();
                let never = handle.block_on(async { mailbox().receive::<()>().await });
                assert_eq!(never, Err(ExitReason::Killed));
                theirs.add();
            })
            .await;
        });
        while begun.count() == 0 {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(2));
        system.shutdown();
        assert_eq!(begun.count(), 2);
    });
}

#[test]
fn a_process_killed_while_blocking_ends_at_once() {
    in_time(|| {
        let (tally, gate) = (Tally::default(), Tally::default());
        let (seen, opened) = (tally.clone(), gate.clone());
        let reason = quiet(2).run_with(async move |mut mailbox: Mailbox| {
            let guard = seen.guard();
            let (child, _) = spawn_monitor(async move |_| {
                blocking(move || {
                    while opened.count() == 0 {
                        thread::yield_now();
                    }
                    guard
                })
                .await;
            });
            sleep(Duration::from_millis(2)).await;
            exit(child, ExitReason::Kill);
            let down = mailbox.receive::<Down>().await;
            assert_eq!((down.reason, seen.count()), (ExitReason::Killed, 0));
            gate.add();
        });
        assert_eq!((reason, tally.count()), (ExitReason::Normal, 1));
    });
}

#[test]
fn pending_timers_are_dropped_with_the_system() {
    in_time(|| {
        let tally = Tally::default();
        let count = tally.clone();
        let reason = quiet(2).run(async move {
            for n in 0..1000 {
                let after = Duration::from_secs(1 + n % 7 * 1000);
                send_after(me(), count.guard(), after);
                start_timer("nobody", count.guard(), after);
            }
        });
        assert_eq!((reason, tally.count()), (ExitReason::Normal, 2000));
    });
}

#[test]
fn the_message_of_a_cancelled_timer_is_dropped_soon() {
    in_time(|| {
        let system = quiet(2).start().expect("threads");
        let tally = Tally::default();
        // Set here and there, cancelled by whoever runs then.
        for _ in 0..50 {
            let guard = tally.guard();
            let timer = system
                .handle()
                .block_on(async move { send_after(me(), guard, Duration::from_secs(3600)) });
            let timer = timer.expect("set");
            thread::sleep(Duration::from_micros(300));
            // Its target has ended, so it is of no use; stopping it is not promised then.
            let guard = tally.guard();
            let stopped = system.handle().block_on(async move {
                assert_eq!(cancel(timer).await, None);
                let own = send_after(me(), guard, Duration::from_secs(3600));
                let moved = spawn_monitor(async move |_| {
                    sleep(Duration::from_millis(1)).await;
                    assert!(cancel(own).await.is_some());
                });
                mailbox()
                    .receive_where::<Down>(|d| d.reference == moved.1)
                    .await
                    .reason
            });
            assert_eq!(stopped, Ok(ExitReason::Normal));
        }
        while tally.count() < 50 {
            thread::sleep(Duration::from_millis(1));
        }
        system.shutdown();
        assert_eq!(tally.count(), 100);
    });
}

#[test]
fn two_systems_in_one_os_process() {
    in_time(|| {
        let one = quiet(1).start().expect("threads");
        let two = quiet(2).start().expect("threads");
        let (first, second) = (one.handle(), two.handle());
        let echo = first.spawn(async |mut mailbox: Mailbox| {
            loop {
                let (to, number): (Handle2, u64) = mailbox.receive().await;
                to.0.send(to.1, number + 1);
            }
        });
        for number in 0..300u64 {
            let (to, there) = (second.clone(), first.clone());
            let answer = second.block_on(async move {
                // A process of one system reaches the other through its handle only.
                send(echo, "lost: a pid of another system");
                there.send(echo, (Handle2(to, me()), number));
                mailbox().receive::<u64>().await
            });
            assert_eq!(answer, Ok(number + 1));
        }
        one.shutdown();
        assert_eq!(second.block_on(async { 1 }), Ok(1));
    });
}

/// Whom to answer in another system.
#[derive(Debug)]
struct Handle2(beamline::Handle, Pid);

#[test]
fn a_system_may_be_dropped_by_one_of_its_processes() {
    in_time(|| {
        let tally = Tally::default();
        let system = quiet(2).start().expect("threads");
        let handle = system.handle();
        let guard = tally.guard();
        handle.spawn(async move |mut mailbox: Mailbox| {
            let _guard = guard;
            mailbox.receive::<()>().await;
        });
        handle.spawn(async move |_| drop(system));
        while tally.count() == 0 {
            thread::yield_now();
        }
        assert_eq!(handle.block_on(async {}), Err(ExitReason::Killed));
        let system = quiet(1).start().expect("threads");
        let handle = system.handle();
        handle.spawn(async move |_| blocking(move || drop(system)).await);
        while handle.block_on(async {}) != Err(ExitReason::Killed) {
            thread::yield_now();
        }
    });
}

#[test]
fn a_destructor_may_wait_for_a_thread_that_uses_a_handle() {
    in_time(|| {
        let system = quiet(1).start().expect("threads");
        let (handle, stop) = (system.handle(), Tally::default());
        let ordered = stop.clone();
        let (sink, pump) = (handle.clone(), handle.clone());
        handle.spawn(async move |mut mailbox: Mailbox| {
            let target = me();
            let mut thread = Some(thread::spawn(move || {
                while ordered.count() == 0 {
                    pump.send(target, 1u8);
                    pump.spawn(async |_| ());
                }
                pump.send(target, 2u8);
            }));
            let _at_end = OnDrop(move || {
                stop.add();
                sink.send(target, 3u8);
                if let Some(thread) = thread.take() {
                    thread.join().expect("it ends");
                }
            });
            loop {
                mailbox.receive::<u8>().await;
            }
        });
        thread::sleep(Duration::from_millis(5));
        system.shutdown();
    });
}
