//! Timeouts: which run, what ends them, and what callbacks ask of them.

use std::collections::VecDeque;

use beamline::Pid;
use beamline::backend::Nanos;
use beamline::backend::record::{EventType, MachineRecord, TimeoutChange, TimeoutEnd, TimeoutSlot};
use rustc_hash::FxHashSet;

use super::super::book::Book;
use super::super::catalogue::Id;
use super::hash;

/// The timeouts of one machine.
#[derive(Debug, Default)]
pub(super) struct Timeouts {
    running: Vec<Running>,
    /// The numbers of timeouts without time, the next one first.
    zeros: VecDeque<u64>,
    /// What has just come to its end, and is to be handled.
    delivered: Option<u64>,
    /// All that were handled.
    handed: FxHashSet<u64>,
    /// How often the state has changed, and how many events were picked.
    pub(super) changes: u64,
    picks: u64,
    /// The last state timeout that was set, and after how many changes of the state.
    of_state: Option<(u64, u64)>,
    /// The last event timeout that was set, and after how many events.
    of_event: Option<(u64, u64)>,
    /// What callbacks have asked for in this transition.
    asked: Vec<(Slot, TimeoutChange)>,
    /// The last wish for each, which is to be done.
    wishes: Option<Vec<Wish>>,
}

#[derive(Debug)]
struct Running {
    number: u64,
    slot: Slot,
    at: Option<Nanos>,
}

#[derive(Debug)]
struct Wish {
    slot: Slot,
    change: TimeoutChange,
    /// What ran there.
    before: Option<u64>,
    done: bool,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Slot {
    Event,
    State,
    /// By a hash of its name.
    Named(u64),
}

impl Slot {
    fn of(slot: TimeoutSlot<'_>) -> Self {
        match slot {
            TimeoutSlot::Event => Slot::Event,
            TimeoutSlot::State => Slot::State,
            TimeoutSlot::Named(name) => Slot::Named(hash(name)),
        }
    }
}

impl Timeouts {
    pub(super) fn zeros(&self) -> usize {
        self.zeros.len()
    }

    /// Those that must not be left when nothing more can happen.
    pub(super) fn left(&self) -> usize {
        self.running.len()
    }

    pub(super) fn running_in(&self, slot: Slot) -> Option<u64> {
        let mut running = self.running.iter();
        running.find(|it| it.slot == slot).map(|it| it.number)
    }

    pub(super) fn see(&mut self, book: &mut Book, now: Nanos, pid: Pid, event: &MachineRecord<'_>) {
        match *event {
            MachineRecord::TimeoutAsked { slot, change } => {
                self.asked.push((Slot::of(slot), change));
            }
            MachineRecord::Applies { asked } => self.applies(asked),
            MachineRecord::TimeoutSet { slot, timeout, at } => {
                self.sets(book, pid, Slot::of(slot), timeout, at);
            }
            MachineRecord::TimeoutUpdated { slot, timeout } => {
                self.updates(book, pid, Slot::of(slot), timeout);
            }
            MachineRecord::TimeoutEnded { timeout, why, .. } => {
                self.ends(book, now, pid, timeout, why);
            }
            _ => {}
        }
    }

    /// What was asked for is done now. If not all of it was seen, or more than is done (a program
    /// may throw away what it has built), nobody knows what was meant.
    fn applies(&mut self, asked: u32) {
        let all = std::mem::take(&mut self.asked);
        if all.len() != asked as usize {
            self.wishes = None;
            return;
        }
        let mut wishes: Vec<Wish> = Vec::new();
        for (slot, change) in all {
            wishes.retain(|wish| wish.slot != slot);
            wishes.push(Wish {
                slot,
                change,
                before: self.running_in(slot),
                done: false,
            });
        }
        self.wishes = Some(wishes);
    }

    fn sets(&mut self, book: &mut Book, pid: Pid, slot: Slot, number: u64, at: Option<Nanos>) {
        let taken = self.running_in(slot).is_some();
        book.judge(Id::MachineOneTimeout, !taken, || {
            format!("{pid} sets timeout {number} where another one runs")
        });
        self.running.push(Running { number, slot, at });
        if at.is_none() {
            self.zeros.push_back(number);
        }
        match slot {
            Slot::State => self.of_state = Some((number, self.changes)),
            Slot::Event => self.of_event = Some((number, self.picks)),
            Slot::Named(_) => {}
        }
        let Some(wishes) = &mut self.wishes else {
            return;
        };
        let wish = wishes.iter_mut().find(|wish| wish.slot == slot);
        let (id, fine) = match &wish {
            Some(wish) if wish.change == TimeoutChange::Update => {
                (Id::G27, wish.before.is_none() && at.is_none() && !wish.done)
            }
            Some(wish) => {
                let zero = match wish.change {
                    TimeoutChange::Begin => Some(false),
                    TimeoutChange::BeginZero => Some(true),
                    _ => None,
                };
                (Id::G28, zero == Some(at.is_none()) && !wish.done)
            }
            None => (Id::G28, false),
        };
        book.judge(id, fine, || {
            format!("{pid} sets timeout {number}, and was asked for {wish:?}")
        });
        if let Some(wish) = wish {
            wish.done = true;
        }
    }

    fn updates(&mut self, book: &mut Book, pid: Pid, slot: Slot, number: u64) {
        let Some(wishes) = &mut self.wishes else {
            return;
        };
        let wish = wishes.iter_mut().find(|wish| wish.slot == slot);
        let fine = wish.as_ref().is_some_and(|wish| {
            wish.change == TimeoutChange::Update && wish.before == Some(number) && !wish.done
        });
        book.judge(Id::G27, fine, || {
            format!("{pid} updates timeout {number}, and was asked for {wish:?}")
        });
        if let Some(wish) = wish {
            wish.done = true;
        }
    }

    fn ends(&mut self, book: &mut Book, now: Nanos, pid: Pid, number: u64, why: TimeoutEnd) {
        let place = self.running.iter().position(|it| it.number == number);
        let Some(running) = place.map(|place| self.running.remove(place)) else {
            return;
        };
        let is_next = self.zeros.front() == Some(&number);
        self.zeros.retain(|zero| *zero != number);
        if let Slot::Named(_) = running.slot {
            let fine = !matches!(why, TimeoutEnd::Event | TimeoutEnd::StateChange);
            book.judge(Id::G26, fine, || {
                format!("timer {number} of {pid} is ended by what it is not to end by: {why:?}")
            });
        }
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

    /// An event from outside the queue is handled.
    pub(super) fn handed(
        &mut self,
        book: &mut Book,
        pid: Pid,
        kind: EventType,
        timeout: Option<u64>,
    ) {
        let delivered = self.delivered.take();
        let Some(number) = timeout else {
            return;
        };
        book.judge(Id::G20, self.handed.insert(number), || {
            format!("{pid} handles timeout {number} again")
        });
        match (kind, self.of_state, self.of_event) {
            (EventType::StateTimeout, Some((last, changes)), _) if last == number => {
                book.judge(Id::G23, changes == self.changes, || {
                    format!("{pid} handles state timeout {number} in another state")
                });
            }
            (EventType::EventTimeout, _, Some((last, picks))) if last == number => {
                book.judge(Id::G25, picks == self.picks, || {
                    format!("{pid} handles event timeout {number} after another event")
                });
            }
            _ => {}
        }
        book.judge(Id::MachineTimeoutRuns, delivered == timeout, || {
            format!("{pid} handles timeout {number}, which does not run")
        });
    }

    /// An event is handled.
    pub(super) fn picked(&mut self) {
        self.picks += 1;
        self.asked.clear();
    }

    /// The transition is complete.
    pub(super) fn settle(&mut self, book: &mut Book, pid: Pid, over: &[Option<(Id, u64)>; 2]) {
        for &(id, number) in over.iter().flatten() {
            let over = self.running.iter().all(|running| running.number != number);
            book.judge(id, over, || {
                format!("timeout {number} of {pid} outlives what ends it")
            });
        }
        for wish in self.wishes.take().into_iter().flatten() {
            let fine = match wish.change {
                TimeoutChange::Cancel => self.running_in(wish.slot).is_none(),
                _ => wish.done,
            };
            book.judge(Id::G28, fine, || {
                format!("{pid} did not do what was asked of a timeout: {wish:?}")
            });
        }
    }
}
