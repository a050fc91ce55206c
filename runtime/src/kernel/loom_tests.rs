//! The inbox and the flags of a slot under every interleaving of a few threads.

use std::cell::UnsafeCell;
use std::ptr;
use std::sync::Arc;

use loom::cell::UnsafeCell as Guarded;
use loom::sync::Mutex;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

use super::inbox::{Pushed, Woken};
use super::info::Priority;
use super::node::{Header, Node};
use super::slot::Slot;

/// A slot that threads share, as those of a table are shared.
struct Place {
    slot: Slot,
    /// What stands for the mailbox: it belongs to whoever runs the process (SLT1), which the model
    /// checks at each access.
    mailbox: Guarded<Vec<u8>>,
    /// How often the process was made ready and not run yet.
    ready: AtomicU32,
    /// Written by a waker before it calls: what the process was woken for.
    told: AtomicU32,
}

// SAFETY: other threads than the owner's use the atomic parts only (SLT1).
unsafe impl Sync for Place {}
// SAFETY: as above.
unsafe impl Send for Place {}

impl Place {
    fn open() -> Arc<Place> {
        let slot = Slot::empty();
        slot.open(1, None, Priority::Normal);
        let (ready, told) = (AtomicU32::new(0), AtomicU32::new(0));
        Arc::new(Place {
            slot,
            mailbox: Guarded::new(Vec::new()),
            ready,
            told,
        })
    }

    /// Makes ready, as a backend would: the owner's thread stands for the worker.
    fn make_ready(&self, owner: &thread::Thread) {
        let before = self.ready.fetch_add(1, Ordering::AcqRel);
        assert_eq!(before, 0, "INB2: made ready twice");
        owner.unpark();
    }

    /// Waits, parked, until made ready.
    fn wait(&self) {
        while self.ready.load(Ordering::Acquire) == 0 {
            thread::park();
        }
        self.ready.fetch_sub(1, Ordering::AcqRel);
    }

    /// True if it was delivered; a refused node is ours again and is dropped.
    fn send(&self, generation: u32, value: u8, owner: &thread::Thread) -> bool {
        let raw = Node::message(value).into_raw();
        // Numbers of ten and more stand for messages, lower ones for signals of the runtime.
        // SAFETY: it came from `into_raw`.
        match unsafe { self.slot.inbox.push(generation, raw, || value >= 10) } {
            Pushed::Queued => true,
            Pushed::MakeReady => {
                self.make_ready(owner);
                true
            }
            Pushed::Claimed => {
                // SAFETY: not queued, so it is ours.
                drop(unsafe { Node::from_raw(raw) });
                // SAFETY: nobody runs the process before it is made ready, below.
                self.mailbox
                    .with_mut(|mailbox| unsafe { (*mailbox).push(value) });
                self.make_ready(owner);
                true
            }
            Pushed::Dead => {
                // SAFETY: refused, so it is ours.
                drop(unsafe { Node::from_raw(raw) });
                false
            }
        }
    }

    fn wake(&self, owner: &thread::Thread) {
        self.slot.note_woken();
        if self.slot.inbox.wake() == Woken::MakeReady {
            self.make_ready(owner);
        }
    }
}

/// The values of a list that `take` or `close` gave, newest first.
fn values(mut list: *mut Header) -> Vec<u8> {
    let mut values = Vec::new();
    while !list.is_null() {
        // SAFETY: the list is ours; each node is taken over once.
        let (next, node) = unsafe { ((*list).next.get(), Node::from_raw(list)) };
        values.push(node.take::<u8>().expect("a number"));
        list = next;
    }
    values
}

/// What the owner does between two parkings, as `run::take_turn` does it: all that has come, oldest
/// first.
fn take(place: &Place, generation: u32) -> Vec<u8> {
    // SAFETY: the owner runs the process.
    let mut got = place
        .mailbox
        .with_mut(|mailbox| unsafe { std::mem::take(&mut *mailbox) });
    let list = match place.slot.inbox.has_news() {
        true => place.slot.inbox.take(generation),
        false => ptr::null_mut(),
    };
    let mut news = values(list);
    news.reverse();
    got.extend(news);
    got
}

fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(check);
}

#[test]
fn two_senders_against_an_owner_that_takes_and_parks() {
    model(|| {
        let (place, owner) = (Place::open(), thread::current());
        let senders: Vec<_> = [[1, 2], [11, 12]]
            .map(|values| {
                let (place, owner) = (Arc::clone(&place), owner.clone());
                thread::spawn(move || {
                    for value in values {
                        assert!(place.send(1, value, &owner), "INB3: refused by the living");
                    }
                })
            })
            .into();
        let mut got = Vec::new();
        while got.len() < 4 {
            got.extend(take(&place, 1));
            if got.len() < 4 && place.slot.inbox.park(1) {
                place.wait();
            }
        }
        for sender in senders {
            sender.join().expect("it ends");
        }
        let of = |from: u8| got.iter().copied().filter(move |v| v / 10 == from);
        assert!(of(0).eq([1, 2]) && of(1).eq([11, 12]), "{got:?}");
        assert!(values(place.slot.inbox.close(1)).is_empty());
        assert_eq!(
            place.ready.load(Ordering::Acquire),
            0,
            "INB2: ready and gone"
        );
    });
}

#[test]
fn a_sender_and_a_waker_against_an_owner_that_parks() {
    model(|| {
        let (place, owner) = (Place::open(), thread::current());
        let waker = {
            let (place, owner) = (Arc::clone(&place), owner.clone());
            thread::spawn(move || {
                place.told.store(7, Ordering::Relaxed);
                place.wake(&owner);
            })
        };
        let sender = {
            let (place, owner) = (Arc::clone(&place), owner.clone());
            thread::spawn(move || place.send(1, 1, &owner))
        };
        let (mut got, mut woken) = (0, false);
        while got == 0 || !woken {
            got += take(&place, 1).len();
            if place.slot.take_woken() {
                woken = true;
                assert_eq!(
                    place.told.load(Ordering::Relaxed),
                    7,
                    "woken before it was told"
                );
            }
            if (got == 0 || !woken) && place.slot.inbox.park(1) {
                place.wait();
            }
        }
        assert!(sender.join().expect("it ends"));
        waker.join().expect("it ends");
        assert_eq!(got, 1);
    });
}

#[test]
fn senders_against_the_end_and_the_next_process() {
    model(|| {
        let (place, owner) = (Place::open(), thread::current());
        let senders = [1, 2].map(|value| {
            let (place, owner) = (Arc::clone(&place), owner.clone());
            thread::spawn(move || u32::from(place.send(1, value, &owner)))
        });
        let late = values(place.slot.inbox.close(1)).len() as u32;
        // The slot is used again, by a process that nobody has written to.
        place.slot.open(2, None, Priority::Normal);
        let accepted: u32 = senders
            .map(|sender| sender.join().expect("it ends"))
            .iter()
            .sum();
        assert_eq!(
            accepted, late,
            "INB3: accepted, and neither taken nor refused"
        );
        assert!(values(place.slot.inbox.close(2)).is_empty());
    });
}

#[test]
fn a_stale_waker_against_the_next_process() {
    model(|| {
        let (place, owner) = (Place::open(), thread::current());
        let waker = {
            let (place, owner) = (Arc::clone(&place), owner.clone());
            thread::spawn(move || place.wake(&owner))
        };
        assert!(values(place.slot.inbox.close(1)).is_empty());
        place.slot.open(2, None, Priority::Normal);
        let sender = {
            let (place, owner) = (Arc::clone(&place), owner.clone());
            thread::spawn(move || place.send(2, 11, &owner))
        };
        let mut got = take(&place, 2).len();
        while got == 0 {
            // The stale call costs a look at most; it hides nothing.
            place.slot.take_woken();
            if place.slot.inbox.park(2) {
                place.wait();
            }
            got += take(&place, 2).len();
        }
        assert!(sender.join().expect("it ends"));
        waker.join().expect("it ends");
        assert_eq!(got, 1);
    });
}

/// The table of names: whose the one name is, by generation.
struct Names(UnsafeCell<Slot>, Mutex<Option<u32>>);

// SAFETY: as for `Place`.
unsafe impl Sync for Names {}
// SAFETY: as above.
unsafe impl Send for Names {}

impl Names {
    fn slot(&self) -> &Slot {
        // SAFETY: never borrowed otherwise; its shared parts are atomic.
        unsafe { &*self.0.get() }
    }
}

#[test]
fn a_dead_process_keeps_no_name() {
    model(|| {
        let slot = Slot::empty();
        slot.open(1, None, Priority::Normal);
        let names = Arc::new(Names(UnsafeCell::new(slot), Mutex::new(None)));
        let registering = {
            let names = Arc::clone(&names);
            thread::spawn(move || {
                let mut table = names.1.lock().expect("no panic");
                if names.slot().admit_name(1) {
                    *table = Some(1);
                }
            })
        };
        // The process ends, and its slot is used again.
        if names.slot().begin_end() {
            let mut table = names.1.lock().expect("no panic");
            table.take();
        }
        names.slot().inbox.close(1);
        names.slot().open(2, None, Priority::Normal);
        registering.join().expect("it ends");
        let table = names.1.lock().expect("no panic");
        assert_eq!(*table, None, "NAM2: bound to a process that has ended");
    });
}
