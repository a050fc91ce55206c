//! Stopping children: whom, how, in which order, and what is said of it.

use std::collections::BTreeMap;
use std::time::Duration;

use beamline::backend::Nanos;
use beamline::backend::record::supervisor::{Again, ChildKey, Stop};
use beamline::backend::record::{ExitCause, Signal};
use beamline::{ExitReason, Pid};
use rustc_hash::FxHashMap;

use super::super::book::Book;
use super::super::catalogue::Id;
use super::super::people::People;
use super::Overseer;

/// A child that is being stopped.
#[derive(Debug)]
struct Open {
    how: Stop,
    since: Nanos,
}

/// What one supervisor stops.
#[derive(Debug, Default)]
pub(super) struct Stops {
    open: BTreeMap<Pid, Open>,
    /// How many must be asked when all are stopped, and how many have been.
    all: usize,
    asked: usize,
    /// Dead children, and whether the way they ended must be reported.
    owed: BTreeMap<ChildKey, bool>,
    /// Exit messages in the supervisor's mailbox, by node: whose they are.
    exits: FxHashMap<usize, Pid>,
    /// Of whose ends it was told.
    told: Vec<Pid>,
}

impl Stops {
    pub(super) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// All children are about to be stopped, so many.
    pub(super) fn all(&mut self, children: usize) {
        (self.all, self.asked) = (children, 0);
    }

    /// Children that are being stopped and may take as long as they like.
    pub(super) fn waits_only_for_patient(&self) -> bool {
        self.open.values().all(|open| open.how == Stop::Whenever)
    }

    pub(super) fn exit_waits(&mut self, from: Pid, node: usize) {
        self.exits.insert(node, from);
        self.told.push(from);
    }

    pub(super) fn was_told(&self, child: Pid) -> bool {
        self.told.contains(&child)
    }

    pub(super) fn exit_taken(&mut self, node: usize) {
        self.exits.remove(&node);
    }

    /// It kills a child (SUP-802, SUP-803).
    pub(super) fn kills(&self, book: &mut Book, now: Nanos, pid: Pid, time_holds: bool) {
        let Some(open) = self.open.get(&pid) else {
            return;
        };
        book.judge(Id::S12, open.how != Stop::Whenever, || {
            format!("{pid} was killed, and may take as long as it likes to stop")
        });
        if let (Stop::Within(time), true) = (open.how, time_holds) {
            let waited = Duration::from_nanos(now - open.since);
            book.judge(Id::S11, waited >= time, || {
                format!("{pid} was killed after {waited:?}, and has {time:?} to stop")
            });
        }
    }

    /// It reported that a child did not stop as it should.
    pub(super) fn complained(&mut self, book: &mut Book, supervisor: Pid, key: ChildKey) {
        let owed = self.owed.remove(&key);
        book.judge(Id::S15, owed == Some(true), || {
            format!("{supervisor} reports a child that stopped as it should")
        });
    }

    /// The child is put away: what had to be reported has been.
    pub(super) fn put_away(&mut self, book: &mut Book, supervisor: Pid, key: ChildKey) {
        if let Some(owed) = self.owed.remove(&key) {
            book.judge(Id::S15, !owed, || {
                format!("{supervisor} does not report a child that did not stop as it should")
            });
        }
    }
}

impl Overseer {
    pub(super) fn stop_begins(&mut self, book: &mut Book, now: Nanos, child: Pid, how: Stop) {
        let (pid, key) = (self.pid, self.key_of(child));
        if !self.dynamic {
            book.judge(
                Id::S10,
                self.stops.is_idle() && self.starting.is_none(),
                || format!("{pid} stops a child while it waits for another"),
            );
            if self.stops_all {
                let last = self.message.stops.last();
                let descends = last.is_none_or(|last| key.is_some_and(|key| key < *last));
                let rest = self.by_pid.values().max().copied();
                book.judge(Id::S14, descends && rest <= key, || {
                    format!("{pid} stops a child before one that was started later")
                });
            }
        }
        self.message.stops.extend(key);
        self.stops.asked += 1;
        self.stops.open.insert(child, Open { how, since: now });
    }

    pub(super) fn stop_is_over(
        &mut self,
        book: &mut Book,
        (child, reason, before): (Pid, &ExitReason, bool),
    ) {
        let pid = self.pid;
        if self.dynamic && self.stops_all {
            book.judge(Id::S44, self.stops.asked == self.stops.all, || {
                format!("{pid} waits for a child to stop before it has asked all of them")
            });
        }
        let Some(open) = self.stops.open.remove(&child) else {
            return;
        };
        let waits = self.stops.exits.values().any(|from| *from == child);
        book.judge(Id::S40, !waits, || {
            format!("{pid} has stopped {child}, and its exit message is still there")
        });
        if let Some((key, entry)) = (self.key_of(child)).and_then(|key| {
            let entry = self.table.get(&key)?;
            Some((key, entry))
        }) {
            let fine = is_proper(self.dynamic, open.how, entry.again, reason, before);
            self.stops.owed.insert(key, !fine);
        }
    }

    /// A signal was sent to somebody.
    pub(super) fn sent(&mut self, book: &mut Book, people: &People, to: Pid, signal: &Signal) {
        match signal {
            Signal::Exit {
                reason,
                cause: ExitCause::Sent,
                ..
            } => {
                let Some(open) = self.stops.open.get(&to) else {
                    return;
                };
                let kill = *reason == ExitReason::Kill;
                match open.how {
                    Stop::Kill => book.judge(Id::S13, kill, || {
                        format!("{to} is to be killed at once, and was sent {reason:?}")
                    }),
                    Stop::Whenever => book.judge(Id::S12, !kill, || {
                        format!("{to} was killed, and may take as long as it likes to stop")
                    }),
                    Stop::Within(_) => {}
                }
            }
            Signal::Unlink { .. } if self.key_of(to).is_some() => {
                let pid = self.pid;
                book.judge(Id::S41, !people.is_alive(to), || {
                    format!("{pid} unlinks itself from its child {to}, which lives")
                });
            }
            _ => {}
        }
    }
}

/// Whether a child that was stopped ended as it should (SUP-806, DSUP-26, DSUP-27).
fn is_proper(dynamic: bool, how: Stop, again: Again, reason: &ExitReason, before: bool) -> bool {
    let permanent = again == Again::Always;
    let killed = how == Stop::Kill && *reason == ExitReason::Killed;
    if !dynamic {
        let asked = how != Stop::Kill && *reason == ExitReason::Shutdown;
        return killed || asked || (!permanent && !reason.is_abnormal());
    }
    match (before, how) {
        (true, _) => reason.is_normal() && !permanent,
        (false, Stop::Kill) => killed,
        (false, _) => reason.is_shutdown() || (!permanent && reason.is_normal()),
    }
}
