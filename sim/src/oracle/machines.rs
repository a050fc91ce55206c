//! State machines: every transition as the rules have it.
//!
//! A machine tells what it does in the order of its work. The fold keeps what the machine must
//! have by that: the numbers of queued and postponed events, and the timeouts that run.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::hash::Hasher;
use std::panic::{AssertUnwindSafe, catch_unwind};

use beamline::Pid;
use beamline::backend::Nanos;
use beamline::backend::record::{EventSource, MachineRecord, ReturnKind, TimeoutEnd, TimeoutSlot};
use rustc_hash::{FxHashMap, FxHasher};

use super::book::Book;
use super::catalogue::Id;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Machines {
    all: FxHashMap<Pid, Machine>,
}

/// What is known of one machine.
#[derive(Debug, Default)]
struct Machine {
    /// Events that wait inside, the next one first, and which order each is in by.
    queue: VecDeque<(u64, Id)>,
    postponed: Vec<u64>,
    running: Vec<Running>,
    /// The numbers of timeouts without time, the next one first.
    zeros: VecDeque<u64>,
    /// The highest number of an event so far.
    last: u64,
    /// The state, by a hash of its text.
    state: u64,
    /// How the callback returned; nothing at the beginning.
    returned: Option<ReturnKind>,
    enters: u32,
    repeats: u32,
    entered: u64,
    made: Made,
    delivered: Option<u64>,
    stopped: bool,
    terminated: u32,
}

/// The transition that was made last, until something else is done.
#[derive(Debug, Default)]
struct Made {
    changed: bool,
    retried: usize,
    inserted: usize,
    /// Timeouts that must have ended.
    over: [Option<(Id, u64)>; 2],
    settled: bool,
}

#[derive(Debug)]
struct Running {
    number: u64,
    slot: Slot,
    at: Option<Nanos>,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Slot {
    Event,
    State,
    /// By a hash of its name.
    Named(u64),
}

impl Machines {
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    /// A machine does something.
    pub(super) fn see(&mut self, book: &mut Book, now: Nanos, pid: Pid, event: &MachineRecord<'_>) {
        let machine = self.all.entry(pid).or_default();
        match *event {
            MachineRecord::Start { state } => machine.state = hash(state),
            MachineRecord::Pick {
                event,
                source,
                timeout,
                ..
            } => machine.picks(book, pid, event, source, timeout),
            MachineRecord::Return { kind } => machine.returned = Some(kind),
            MachineRecord::Enter { old, new } => machine.enters(book, pid, old, new),
            MachineRecord::Entered { kind } => {
                machine.repeats += u32::from(kind == ReturnKind::Repeat);
            }
            MachineRecord::Transition {
                event,
                new,
                changed,
                ..
            } => machine.goes(book, pid, event.is_some(), new, changed),
            MachineRecord::Postpone { event } => machine.postponed.push(event),
            MachineRecord::Retry { event } => machine.retries(book, pid, event),
            MachineRecord::Insert { event, .. } => {
                machine.last = machine.last.max(event);
                let place = machine.made.inserted;
                machine.queue.insert(place, (event, Id::MachineInsertOrder));
                machine.made.inserted += 1;
            }
            MachineRecord::TimeoutSet { slot, timeout, at } => {
                machine.sets(book, pid, slot, timeout, at);
            }
            MachineRecord::TimeoutEnded { timeout, why, .. } => {
                machine.ends(book, now, pid, timeout, why);
            }
            MachineRecord::Wait => machine.waits(book, pid),
            MachineRecord::Touched => machine.state = 0,
            MachineRecord::Stop { .. } => machine.stopped = true,
            MachineRecord::Terminate => machine.terminated += 1,
            _ => {}
        }
    }

    /// A process has ended.
    pub(super) fn died(&mut self, book: &mut Book, pid: Pid) {
        let Some(machine) = self.all.remove(&pid) else {
            return;
        };
        let called = machine.terminated;
        book.judge(
            Id::MachineTerminates,
            called == u32::from(machine.stopped),
            || format!("{pid} has ended, and terminate was called {called} times"),
        );
    }
}

impl Machine {
    /// Something is done that is no part of the last transition: that is complete.
    fn settle(&mut self, book: &mut Book, pid: Pid) {
        if std::mem::replace(&mut self.made.settled, true) {
            return;
        }
        if self.made.changed {
            let left = self.postponed.len() - self.made.retried.min(self.postponed.len());
            book.judge(Id::MachineRetriesAll, left == 0, || {
                format!("{pid} changed its state and lost {left} postponed events")
            });
            self.postponed.clear();
        }
        for (id, number) in self.made.over.into_iter().flatten() {
            let over = self.running.iter().all(|running| running.number != number);
            book.judge(id, over, || {
                format!("timeout {number} of {pid} outlives what ends it")
            });
        }
    }

    fn picks(
        &mut self,
        book: &mut Book,
        pid: Pid,
        event: u64,
        source: EventSource,
        timeout: Option<u64>,
    ) {
        self.settle(book, pid);
        let (queued, zeros) = (self.queue.len(), self.zeros.len());
        match source {
            EventSource::Inserted | EventSource::Retried => {
                let head = self.queue.pop_front();
                let (next, id) = head.unwrap_or((0, Id::MachineInsertOrder));
                book.judge(id, next == event, || {
                    format!("{pid} handles event {event}, and event {next} is next")
                });
                return;
            }
            EventSource::Zero => book.judge(Id::MachineZeroLast, queued == 0, || {
                format!("{pid} handles a timeout while {queued} events are queued")
            }),
            _ => book.judge(Id::MachineMailboxLast, queued + zeros == 0, || {
                format!("{pid} takes a message before {queued} events and {zeros} timeouts")
            }),
        }
        let delivered = self.delivered.take();
        if timeout.is_some() {
            book.judge(Id::MachineTimeoutRuns, delivered == timeout, || {
                format!("{pid} handles timeout {timeout:?}, which does not run")
            });
        }
        book.judge(Id::MachineEventOnce, event > self.last, || {
            format!("{pid} handles event {event} again")
        });
        self.last = self.last.max(event);
    }

    fn enters(&mut self, book: &mut Book, pid: Pid, old: &dyn fmt::Debug, new: &dyn fmt::Debug) {
        self.enters += 1;
        self.entered = hash(new);
        let fine = self.state == 0 || hash(old) == self.state;
        book.judge(Id::MachineEnterStates, fine, || {
            format!("{pid} enters {new:?} from {old:?}, which is not its state")
        });
    }

    fn goes(
        &mut self,
        book: &mut Book,
        pid: Pid,
        handled: bool,
        new: &dyn fmt::Debug,
        changed: bool,
    ) {
        let repeats = matches!(self.returned, None | Some(ReturnKind::Repeat));
        let due = if changed || repeats {
            1 + self.repeats
        } else {
            0
        };
        let enters = self.enters;
        book.judge(Id::MachineEnters, enters == due, || {
            format!("{pid} entered a state {enters} times, not {due}")
        });
        self.state = hash(new);
        let fine = enters == 0 || self.entered == self.state;
        book.judge(Id::MachineEnterStates, fine, || {
            format!("{pid} is in {new:?}, which it did not enter")
        });
        let number_of = |slot| {
            let mut running = self.running.iter();
            running.find(|it| it.slot == slot).map(|it| it.number)
        };
        let event = number_of(Slot::Event).filter(|_| handled);
        let state = number_of(Slot::State).filter(|_| changed);
        self.made = Made {
            changed,
            over: [
                event.map(|number| (Id::MachineEventTimeout, number)),
                state.map(|number| (Id::MachineStateTimeout, number)),
            ],
            ..Made::default()
        };
        (self.enters, self.repeats) = (0, 0);
    }

    fn retries(&mut self, book: &mut Book, pid: Pid, event: u64) {
        let changed = self.made.changed;
        book.judge(Id::MachineRetryNeedsChange, changed, || {
            format!("{pid} retries event {event}, and its state has not changed")
        });
        let place = self.made.retried;
        self.queue.insert(place, (event, Id::MachineRetryOrder));
        self.made.retried += 1;
    }

    fn sets(
        &mut self,
        book: &mut Book,
        pid: Pid,
        slot: TimeoutSlot<'_>,
        number: u64,
        at: Option<Nanos>,
    ) {
        let slot = match slot {
            TimeoutSlot::Event => Slot::Event,
            TimeoutSlot::State => Slot::State,
            TimeoutSlot::Named(name) => Slot::Named(hash(name)),
        };
        let taken = self.running.iter().any(|running| running.slot == slot);
        book.judge(Id::MachineOneTimeout, !taken, || {
            format!("{pid} sets timeout {number} where another one runs")
        });
        self.running.push(Running { number, slot, at });
        if at.is_none() {
            self.zeros.push_back(number);
        }
    }

    fn ends(&mut self, book: &mut Book, now: Nanos, pid: Pid, number: u64, why: TimeoutEnd) {
        let place = self.running.iter().position(|it| it.number == number);
        let Some(running) = place.map(|place| self.running.remove(place)) else {
            return;
        };
        let is_next = self.zeros.front() == Some(&number);
        self.zeros.retain(|zero| *zero != number);
        if why != TimeoutEnd::Delivered {
            return;
        }
        self.delivered = Some(number);
        match running.at {
            Some(at) => book.judge(Id::MachineTimeoutOnTime, at <= now, || {
                format!("timeout {number} of {pid} ends at {now} ns, and is due at {at} ns")
            }),
            None => book.judge(Id::MachineZeroOrder, is_next, || {
                format!("timeout {number} of {pid} ends before its turn")
            }),
        }
    }

    fn waits(&mut self, book: &mut Book, pid: Pid) {
        self.settle(book, pid);
        let zeros = self.zeros.len();
        book.judge(Id::MachineNeverWaits, zeros == 0, || {
            format!("{pid} waits while {zeros} timeouts have ended")
        });
    }
}

/// A value by its text, which is never made; never zero.
fn hash(value: &dyn fmt::Debug) -> u64 {
    struct Text(FxHasher);
    impl Write for Text {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut text = Text(FxHasher::default());
    // A `Debug` that panics harms nobody: it does so every time.
    let _ = catch_unwind(AssertUnwindSafe(|| write!(text, "{value:?}")));
    text.0.finish() | 1
}
