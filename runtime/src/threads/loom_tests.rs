//! Going to sleep and being woken under every interleaving of a few threads (IDL1, IDL2).

use std::sync::Arc;

use loom::sync::atomic::{AtomicU32, Ordering};
use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::idle::Idle;

/// Parks and unparks as std's threads do. Loom's own `unpark` would also wake a thread that waits
/// to join another.
#[derive(Default)]
struct Bed {
    token: Mutex<bool>,
    changed: Condvar,
}

impl Bed {
    fn unpark(&self) {
        *self.token.lock().expect("no panic") = true;
        self.changed.notify_one();
    }

    fn park(&self) {
        let mut token = self.token.lock().expect("no panic");
        while !*token {
            token = self.changed.wait(token).expect("no panic");
        }
        *token = false;
    }
}

/// Workers that take from one queue, which is a number here.
struct Crew {
    idle: Idle,
    queue: AtomicU32,
    done: AtomicU32,
    of: u32,
    beds: [Bed; 2],
}

impl Crew {
    fn new(of: u32) -> Arc<Crew> {
        Arc::new(Crew {
            idle: Idle::new(),
            queue: AtomicU32::new(0),
            done: AtomicU32::new(0),
            of,
            beds: Default::default(),
        })
    }

    fn queue_one(&self) {
        self.queue.fetch_add(1, Ordering::Release);
        if let Some(worker) = self.idle.work_queued() {
            self.beds[worker].unpark();
        }
    }

    fn take_one(&self) -> bool {
        let less = |n: u32| n.checked_sub(1);
        self.queue
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, less)
            .is_ok()
    }

    /// As `Worker::rest`, with one look around instead of many; false when all is done.
    fn rest(&self, worker: usize) -> bool {
        self.idle.begin_search();
        loop {
            if self.take_one() {
                let more = self.idle.end_search() && self.queue.load(Ordering::Relaxed) > 0;
                if let Some(other) = more.then(|| self.idle.work_queued()).flatten() {
                    self.beds[other].unpark();
                }
                self.done.fetch_add(1, Ordering::AcqRel);
                return true;
            }
            self.idle.announce(worker);
            if self.queue.load(Ordering::Relaxed) > 0 {
                self.idle.withdraw(worker);
                continue;
            }
            if self.done.load(Ordering::Acquire) == self.of {
                return false;
            }
            self.beds[worker].park();
            if self.done.load(Ordering::Acquire) == self.of {
                return false;
            }
            if !self.idle.is_woken(worker) {
                self.idle.withdraw(worker);
            }
        }
    }
}

fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(check);
}

#[test]
fn a_worker_that_goes_to_sleep_misses_nothing() {
    model(|| {
        let crew = Crew::new(2);
        let producer = {
            let crew = Arc::clone(&crew);
            thread::spawn(move || {
                crew.queue_one();
                crew.queue_one();
            })
        };
        // A lost wake-up is a worker parked for ever, which the model reports as a deadlock.
        while crew.done.load(Ordering::Acquire) < 2 {
            crew.rest(0);
        }
        producer.join().expect("it ends");
    });
}

#[test]
fn of_two_workers_one_is_awake_while_there_is_work() {
    model(|| {
        let crew = Crew::new(2);
        let second = {
            let crew = Arc::clone(&crew);
            thread::spawn(move || {
                while crew.rest(1) {}
                crew.beds[0].unpark();
            })
        };
        crew.queue_one();
        crew.queue_one();
        while crew.rest(0) {}
        crew.beds[1].unpark();
        second.join().expect("it ends");
    });
}
