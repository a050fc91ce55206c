//! TASK-67 to TASK-73: how streams end, and what is left then.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use beamline::prelude::*;
use beamline::task::StreamError;
use beamline_tests::{both, down};

use super::{ended, nothing_comes};
use crate::sig::{Go, boom};

/// Says who it is, and never ends unless `n` is zero.
async fn tell_and_stay(root: Pid, n: u64) -> u64 {
    send(root, me());
    if n > 0 {
        std::future::pending::<()>().await;
    }
    n
}

/// The tasks that have begun, each of which stays for ever but the first.
#[derive(Clone, Default)]
struct Begun(Arc<Mutex<Vec<Pid>>>);

impl Begun {
    async fn work(self, n: u64) -> u64 {
        let list = self.0.lock();
        list.expect("nobody panics with it").push(me());
        if n > 0 {
            std::future::pending::<()>().await;
        }
        n
    }

    fn tasks(&self) -> Vec<Pid> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

/// All tasks that have said who they are come to their end.
async fn all_end(mailbox: &mut Mailbox) {
    while let Some(task) = mailbox.receive_timeout::<Pid>(Duration::ZERO).await {
        ended(mailbox, task).await;
    }
}

#[test]
fn task_067_a_dropped_stream_kills_what_runs_and_leaves_nothing() {
    both("TASK-67", async || {
        let mut mailbox = mailbox();
        for trap in [false, true] {
            trap_exit(trap);
            let begun = Begun::default();
            let work = begun.clone();
            let mut stream = Task::stream(0..4, |n| work.work(n)).timeout(None);
            assert_eq!(stream.next().await, Some(Ok(0)));
            drop(stream);
            let seen = info(me()).await.expect("the root lives");
            assert!(seen.links.is_empty() && seen.monitors.is_empty());
            for task in begun.tasks() {
                ended(&mut mailbox, task).await;
            }
            nothing_comes(&mut mailbox).await;
        }
    });
}

#[test]
fn task_067_halt_waits_for_the_end_of_all_tasks() {
    both("TASK-67 halt", async || {
        let mut mailbox = mailbox();
        let begun = Begun::default();
        let work = begun.clone();
        let mut stream = Task::stream(0..4, |n| work.work(n)).timeout(None);
        assert_eq!(stream.next().await, Some(Ok(0)));
        stream.halt().await;
        for task in begun.tasks() {
            assert!(!alive(task).await);
        }
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_067_a_panic_of_the_items_kills_what_runs() {
    both("TASK-67 panic", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (_, consumer) = spawn_monitor(async move |_: Mailbox| {
            let items = (0..3_u64).inspect(|n| assert!(*n < 2, "no third item"));
            let work = move |n| tell_and_stay(root, n + 1);
            Task::stream(items, work)
                .timeout(None)
                .max_concurrency(3)
                .collect()
                .await;
        });
        let reason = down(&mut mailbox, consumer).await;
        assert_eq!(super::panic_text(&reason), "no third item");
        all_end(&mut mailbox).await;
    });
}

#[test]
fn task_067_a_stream_that_came_to_its_end_leaves_nothing() {
    both("TASK-67 end", async || {
        let mut mailbox = mailbox();
        for trap in [false, true] {
            trap_exit(trap);
            let stream = Task::stream(0..3_u64, async |n| n).timeout(None);
            assert_eq!(stream.collect().await, [Ok(0), Ok(1), Ok(2)]);
            let seen = info(me()).await.expect("the root lives");
            assert!(seen.links.is_empty() && seen.monitors.is_empty());
            nothing_comes(&mut mailbox).await;
        }
    });
}

#[test]
fn task_068_tasks_end_with_their_consumer() {
    both("TASK-68", async || {
        let (mut mailbox, root) = (mailbox(), me());
        for reason in [boom(), ExitReason::Kill] {
            let (consumer, watch) = spawn_monitor(async move |_: Mailbox| {
                let work = move |n| tell_and_stay(root, n);
                Task::stream(1..3, work).timeout(None).collect().await;
            });
            mailbox.receive::<Pid>().await;
            let task = mailbox.receive::<Pid>().await;
            exit(consumer, reason.clone());
            down(&mut mailbox, watch).await;
            let expected = match reason {
                ExitReason::Kill => ExitReason::Killed,
                reason => reason,
            };
            let reason = ended(&mut mailbox, task).await;
            assert!([expected, ExitReason::NoProc].contains(&reason));
        }
    });
}

#[test]
fn task_069_the_end_of_the_process_between_ends_the_consumer() {
    both("TASK-69", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let (_, consumer) = spawn_monitor(async move |_: Mailbox| {
            trap_exit(true);
            let work = move |n| tell_and_stay(root, n);
            Task::stream([1], work).timeout(None).collect().await;
        });
        let task = mailbox.receive::<Pid>().await;
        let hub = info(task).await.expect("it stays").links[0];
        exit(hub, ExitReason::Kill);
        let reason = down(&mut mailbox, consumer).await;
        let expected = StreamError::Down(ExitReason::Killed);
        assert_eq!(reason.error_ref(), Some(&expected));
        ended(&mut mailbox, task).await;
    });
}

#[test]
fn task_070_a_stream_belongs_to_whoever_consumes_it() {
    both("TASK-70", async || {
        let (mut mailbox, root) = (mailbox(), me());
        let stream = Task::stream([1_u64, 2], async |n| n).timeout(None);
        spawn(async move |_: Mailbox| send(root, stream.collect().await));
        let values = mailbox.receive::<Vec<Result<u64, ExitReason>>>().await;
        assert_eq!(values, [Ok(1), Ok(2)]);
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_071_foreign_messages_stay_whatever_they_look_like() {
    both("TASK-71", async || {
        let mut mailbox = mailbox();
        let (child, watch) = spawn_monitor(async |mut mailbox: Mailbox| {
            mailbox.receive::<Go>().await;
        });
        let task = Task::completed(7_u64);
        send(child, Go);
        send(me(), "text");
        let stream = Task::stream([1_u64, 2], async |n| n).timeout(None);
        assert_eq!(stream.collect().await, [Ok(1), Ok(2)]);
        assert_eq!(down(&mut mailbox, watch).await, ExitReason::Normal);
        assert_eq!(task.join(None).await, Ok(7));
        assert_eq!(mailbox.receive::<&str>().await, "text");
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_072_two_streams_can_be_consumed_in_turns() {
    both("TASK-72", async || {
        let mut mailbox = mailbox();
        let mut left = Task::stream(0..3_u64, async |n| n).timeout(None);
        let mut right = Task::stream(0..3_u64, async |n| n * 10).timeout(None);
        for n in 0..3 {
            assert_eq!(left.next().await, Some(Ok(n)));
            assert_eq!(right.next().await, Some(Ok(n * 10)));
        }
        assert_eq!((left.next().await, right.next().await), (None, None));
        nothing_comes(&mut mailbox).await;
    });
}

#[test]
fn task_073_what_items_and_consumer_hold_is_released_when_a_stream_is_dropped() {
    both("TASK-73", async || {
        struct Tell(Pid, &'static str);
        impl Drop for Tell {
            fn drop(&mut self) {
                send(self.0, self.1);
            }
        }
        let mut mailbox = mailbox();
        let held = Tell(me(), "items");
        let items = (0..9_u64).inspect(move |_| {
            let _ = &held;
        });
        let mut stream = Task::stream(items, async |n| n).timeout(None);
        assert_eq!(stream.next().await, Some(Ok(0)));
        drop(stream);
        assert_eq!(mailbox.receive::<&str>().await, "items");
        nothing_comes(&mut mailbox).await;
    });
}
