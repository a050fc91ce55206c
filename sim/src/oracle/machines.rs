//! State machines: every transition as the rules have it.
//!
//! A machine tells what it does in the order of its work. The fold keeps what the machine must
//! have by that: the numbers of queued and postponed events, the timeouts that run, and what its
//! callbacks have asked for.

mod events;
mod life;
mod timeouts;

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::hash::Hasher;
use std::panic::{AssertUnwindSafe, catch_unwind};

use beamline::backend::Nanos;
use beamline::backend::record::{EventSource, EventType, MachineRecord, ReturnKind, TimeoutEnd};
use beamline::{ExitReason, Pid};
use rustc_hash::{FxHashMap, FxHasher};

use super::book::Book;
use super::calls::Calls;
use super::catalogue::Id;
use life::Life;
use timeouts::Timeouts;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Machines {
    all: FxHashMap<Pid, Machine>,
}

/// What a machine is doing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A callback runs.
    Handling,
    /// It has returned, or the machine begins, and the transition is not made.
    #[default]
    Returned,
    /// The transition is made.
    Made,
    /// It looks into its mailbox.
    Waiting,
}

/// What is known of one machine.
#[derive(Debug, Default)]
struct Machine {
    phase: Phase,
    /// Events that wait inside, the next one first, and which order each is in by.
    queue: VecDeque<(u64, Id)>,
    postponed: Vec<u64>,
    timeouts: Timeouts,
    /// The highest number of an event so far.
    last: u64,
    /// How many events were picked, and how many of them since the last look at the mailbox.
    picks: u64,
    inner: u32,
    /// The state, by a hash of its text; zero if it is not known.
    state: u64,
    /// How the callback returned; nothing at the beginning.
    returned: Option<ReturnKind>,
    enters: u32,
    repeats: u32,
    entered: u64,
    made: Made,
    /// The calls that the callback wants to be answered.
    replies: VecDeque<u64>,
    life: Life,
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

/// An event that is handed to a callback.
#[derive(Clone, Copy)]
struct Pick {
    event: u64,
    source: EventSource,
    kind: EventType,
    timeout: Option<u64>,
}

impl Machines {
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// A machine does something.
    pub(super) fn see(
        &mut self,
        book: &mut Book,
        calls: &Calls,
        now: Nanos,
        pid: Pid,
        event: &MachineRecord<'_>,
    ) {
        let machine = self.all.entry(pid).or_default();
        machine.untouched(book, pid, event);
        match *event {
            MachineRecord::Pick {
                event,
                source,
                kind,
                timeout,
                state,
                ..
            } => {
                machine.life.first(book, calls, pid);
                let pick = Pick {
                    event,
                    source,
                    kind,
                    timeout,
                };
                machine.picks(book, pid, pick, state);
            }
            MachineRecord::Enter { old, new } => {
                machine.life.first(book, calls, pid);
                machine.enters(book, pid, old, new);
            }
            MachineRecord::Return { kind } => {
                machine.phase = Phase::Returned;
                machine.returned = Some(kind);
            }
            MachineRecord::Entered { kind } => machine.entered(book, pid, kind),
            MachineRecord::Transition { .. } => machine.goes(book, pid, event),
            MachineRecord::Postpone { event } => machine.postpones(book, pid, event),
            MachineRecord::Retry { event } => machine.retries(book, pid, event),
            MachineRecord::Insert { event, .. } => machine.inserts(event),
            MachineRecord::ReplyAsked { call } => machine.replies.push_back(call),
            MachineRecord::Reply { call, .. } => machine.replies(book, pid, call),
            MachineRecord::TimeoutAsked { .. }
            | MachineRecord::Applies { .. }
            | MachineRecord::TimeoutSet { .. }
            | MachineRecord::TimeoutUpdated { .. }
            | MachineRecord::TimeoutEnded { .. } => machine.timeouts.see(book, now, pid, event),
            MachineRecord::Wait => machine.waits(book, pid),
            MachineRecord::Hibernate => machine.hibernates(book, pid),
            MachineRecord::Left => self.left(book, pid),
            _ => machine.lives(book, pid, event),
        }
    }

    /// The process is no machine any more.
    fn left(&mut self, book: &mut Book, pid: Pid) {
        if let Some(machine) = self.all.remove(&pid) {
            machine.life.over(book, pid);
        }
    }

    /// A process has ended.
    pub(super) fn died(&mut self, book: &mut Book, pid: Pid, reason: &ExitReason, by_itself: bool) {
        if let Some(machine) = self.all.remove(&pid) {
            machine.life.over(book, pid);
            if by_itself {
                machine.life.ended(book, pid, reason);
            }
        }
    }

    /// Nothing more can happen.
    pub(super) fn settle(&self, book: &mut Book) {
        let mut idle: Vec<_> = (self.all.iter())
            .filter(|(_, machine)| machine.phase == Phase::Waiting && !machine.life.is_suspended())
            .collect();
        idle.sort_unstable_by_key(|(pid, _)| **pid);
        for (pid, machine) in idle {
            let queued = machine.queue.len();
            let due = machine.timeouts.left();
            book.judge(Id::G47, queued + due == 0, || {
                format!("{pid} is idle, with {queued} events and {due} timeouts left")
            });
        }
    }
}

impl Machine {
    /// What a system message did to state and data has no other effect.
    fn untouched(&mut self, book: &mut Book, pid: Pid, event: &MachineRecord<'_>) {
        if !self.life.touched {
            return;
        }
        let over = match event {
            MachineRecord::Pick { .. } | MachineRecord::Wait | MachineRecord::Stop { .. } => true,
            MachineRecord::Enter { .. }
            | MachineRecord::Transition { .. }
            | MachineRecord::Retry { .. }
            | MachineRecord::Insert { .. }
            | MachineRecord::TimeoutSet { .. }
            | MachineRecord::TimeoutUpdated { .. } => false,
            MachineRecord::TimeoutEnded { why, .. } if *why != TimeoutEnd::Delivered => false,
            _ => return,
        };
        book.judge(Id::G40, over, || {
            format!("{pid} does this because its state was in other hands: {event:?}")
        });
        self.life.touched = false;
    }

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
        self.timeouts.settle(book, pid, &self.made.over);
    }

    /// The last callback has returned.
    fn is_done(&self, book: &mut Book, pid: Pid) {
        book.judge(Id::G01, self.phase != Phase::Handling, || {
            format!("{pid} goes on, and is not done with the event that it has picked")
        });
    }

    fn waits(&mut self, book: &mut Book, pid: Pid) {
        self.is_done(book, pid);
        self.settle(book, pid);
        let zeros = self.timeouts.zeros();
        book.judge(Id::MachineNeverWaits, zeros == 0, || {
            format!("{pid} waits while {zeros} timeouts have ended")
        });
        self.life.waits(book, pid);
        self.phase = Phase::Waiting;
        self.inner = 0;
    }

    fn hibernates(&mut self, book: &mut Book, pid: Pid) {
        let fine = self.phase == Phase::Waiting && self.life.has_taken_nothing();
        book.judge(Id::G46, fine, || {
            format!("{pid} hibernates, and is not about to wait")
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
