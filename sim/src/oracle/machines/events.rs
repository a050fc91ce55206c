//! Events: in which order they are handled, and what handling them comes to.

use std::fmt;

use beamline::Pid;
use beamline::backend::record::{EventSource, MachineRecord, ReturnKind};

use super::super::book::Book;
use super::super::catalogue::Id;
use super::timeouts::Slot;
use super::{Machine, Made, Phase, Pick, hash};

/// Events that a machine may handle without a look at its mailbox, and times that it may enter a
/// state again: more of either is a machine that is lost in itself (INV-G44).
const INNER_MAX: u32 = 10_000;
/// Events that may be postponed: more are events that the machine has forgotten (INV-G45).
const POSTPONED_MAX: usize = 10_000;

impl Machine {
    pub(super) fn picks(&mut self, book: &mut Book, pid: Pid, pick: Pick, state: &dyn fmt::Debug) {
        let Pick { event, source, .. } = pick;
        self.is_done(book, pid);
        self.settle(book, pid);
        let seen = hash(state);
        let fine = self.state == 0 || self.state == seen;
        book.judge(Id::G11, fine, || {
            format!("{pid} handles event {event} in {state:?}, which is not its state")
        });
        self.state = seen;
        self.picks += 1;
        self.phase = Phase::Handling;
        self.replies.clear();
        match source {
            EventSource::Mailbox | EventSource::Timer => self.life.picks(book, pid, pick),
            _ => self.goes_on(book, pid),
        }
        match source {
            EventSource::Inserted | EventSource::Retried => self.picks_queued(book, pid, pick),
            _ => self.picks_new(book, pid, pick),
        }
        self.timeouts.picked();
    }

    /// An event is handled without a look at the mailbox.
    fn goes_on(&mut self, book: &mut Book, pid: Pid) {
        self.inner += 1;
        let inner = self.inner;
        book.judge(Id::G44, inner <= INNER_MAX, || {
            format!("{pid} has handled {inner} events without a look at its mailbox")
        });
    }

    fn picks_queued(&mut self, book: &mut Book, pid: Pid, pick: Pick) {
        let event = pick.event;
        let (next, id) = (self.queue.pop_front()).unwrap_or((0, Id::MachineInsertOrder));
        let retried = id == Id::MachineRetryOrder;
        let fine = retried == (pick.source == EventSource::Retried);
        book.judge(Id::G06, fine, || {
            let other = if retried { "retried" } else { "inserted" };
            format!("{pid} handles event {event} before what was {other}")
        });
        book.judge(id, next == event, || {
            format!("{pid} handles event {event}, and event {next} is next")
        });
    }

    fn picks_new(&mut self, book: &mut Book, pid: Pid, pick: Pick) {
        let (queued, zeros) = (self.queue.len(), self.timeouts.zeros());
        match pick.source {
            EventSource::Zero => book.judge(Id::MachineZeroLast, queued == 0, || {
                format!("{pid} handles a timeout while {queued} events are queued")
            }),
            _ => book.judge(Id::MachineMailboxLast, queued + zeros == 0, || {
                format!("{pid} takes a message before {queued} events and {zeros} timeouts")
            }),
        }
        self.timeouts.handed(book, pid, pick.kind, pick.timeout);
        let event = pick.event;
        book.judge(Id::MachineEventOnce, event > self.last, || {
            format!("{pid} handles event {event} again")
        });
        self.last = self.last.max(event);
    }

    pub(super) fn enters(
        &mut self,
        book: &mut Book,
        pid: Pid,
        old: &dyn fmt::Debug,
        new: &dyn fmt::Debug,
    ) {
        self.enters += 1;
        self.entered = hash(new);
        let fine = self.state == 0 || hash(old) == self.state;
        book.judge(Id::MachineEnterStates, fine, || {
            format!("{pid} enters {new:?} from {old:?}, which is not its state")
        });
        book.judge(Id::G15, self.phase == Phase::Returned, || {
            format!("{pid} enters {new:?}, and not between a callback and its transition")
        });
        self.replies.clear();
    }

    pub(super) fn entered(&mut self, book: &mut Book, pid: Pid, kind: ReturnKind) {
        self.repeats += u32::from(kind == ReturnKind::Repeat);
        let times = self.enters;
        book.judge(Id::G44, times <= INNER_MAX, || {
            format!("{pid} has entered a state {times} times in one transition")
        });
    }

    pub(super) fn goes(&mut self, book: &mut Book, pid: Pid, event: &MachineRecord<'_>) {
        let MachineRecord::Transition {
            event,
            old,
            new,
            changed,
            differs,
            allowed,
        } = *event
        else {
            return;
        };
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
        let before = std::mem::replace(&mut self.state, hash(new));
        let fine = enters == 0 || self.entered == self.state;
        book.judge(Id::MachineEnterStates, fine, || {
            format!("{pid} is in {new:?}, which it did not enter")
        });
        let fine = changed == differs && (before == 0 || before == hash(old));
        book.judge(Id::G13, fine, || {
            let what = if changed { "a change" } else { "no change" };
            format!("{pid} goes from {old:?} to {new:?}, which counts as {what}")
        });
        if let Some(allowed) = allowed {
            book.judge(Id::G50, allowed, || {
                format!("{pid} goes from {old:?} to {new:?}, which its graph of states has not")
            });
        }
        let over = |id, slot, is_over: bool| {
            let running = self.timeouts.running_in(slot).filter(|_| is_over);
            running.map(|number| (id, number))
        };
        self.made = Made {
            changed,
            over: [
                over(Id::MachineEventTimeout, Slot::Event, event.is_some()),
                over(Id::MachineStateTimeout, Slot::State, changed),
            ],
            ..Made::default()
        };
        self.timeouts.changes += u64::from(changed);
        self.phase = Phase::Made;
        (self.enters, self.repeats) = (0, 0);
    }

    pub(super) fn postpones(&mut self, book: &mut Book, pid: Pid, event: u64) {
        // Events that the machine made without telling.
        self.last = self.last.max(event);
        self.postponed.push(event);
        let kept = self.postponed.len();
        book.judge(Id::G45, kept <= POSTPONED_MAX, || {
            format!("{pid} has postponed {kept} events")
        });
    }

    pub(super) fn retries(&mut self, book: &mut Book, pid: Pid, event: u64) {
        let changed = self.made.changed;
        book.judge(Id::MachineRetryNeedsChange, changed, || {
            format!("{pid} retries event {event}, and its state has not changed")
        });
        let place = self.made.inserted + self.made.retried;
        self.queue
            .insert(place.min(self.queue.len()), (event, Id::MachineRetryOrder));
        self.made.retried += 1;
    }

    pub(super) fn inserts(&mut self, event: u64) {
        self.last = self.last.max(event);
        let place = self.made.inserted;
        self.queue.insert(place, (event, Id::MachineInsertOrder));
        self.made.inserted += 1;
    }

    /// A call is answered: in the order of asking, and before anything else.
    pub(super) fn replies(&mut self, book: &mut Book, pid: Pid, call: u64) {
        let place = self.replies.iter().position(|asked| *asked == call);
        book.judge(Id::G31, place.is_some(), || {
            format!("{pid} answers call {call}, which is not the next that it is to answer")
        });
        if let Some(place) = place {
            self.replies.drain(..=place);
        }
    }
}
