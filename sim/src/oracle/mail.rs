//! Signals and mailboxes: what is on its way, and what waits in which order.
//!
//! One entry for each node, found by its address, which tells nodes apart while they live and
//! decides nothing. Entries outlive their nodes: whoever uses an address again finds out whether
//! what had it before came to a proper end.
//!
//! # Costs
//! This is what every message pays: three look-ups in one small table, and one in a table of pairs.

use std::cell::Cell;

use beamline::Pid;
use rustc_hash::FxHashMap;

use super::book::Book;
use super::catalogue::Id;
use super::people::{NONE, People, Person};

/// Slots up to which pairs are found in a square table.
const DENSE: usize = 64;
/// Places of a fresh table of nodes; a power of two.
const PLACES_MIN: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Sent, and not delivered.
    OnItsWay,
    /// In the mailbox of its receiver.
    Waiting,
    /// Received, handled, or taken out.
    Done,
}

#[derive(Debug)]
struct Entry {
    address: usize,
    /// The run that it belongs to.
    run: u32,
    state: State,
    from: Option<Pid>,
    to: Option<Pid>,
    /// When it was sent, in the order of all that was.
    stamp: u64,
    older: u32,
    newer: u32,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Mail {
    entries: Vec<Entry>,
    /// Places of entries by address, with linear probing; nothing is ever removed.
    places: Vec<u32>,
    /// The place that was found last: what arrives is mostly received next.
    last: Cell<u32>,
    run: u32,
    stamp: u64,
    /// The stamp of what was delivered last, by sender and receiver, among first processes of
    /// small slots. Stamps rise from run to run, so it is never cleared.
    dense: Vec<u64>,
    pairs: FxHashMap<(Pid, Pid), u64>,
}

impl Mail {
    pub(super) fn clear(&mut self) {
        self.run = self.run.wrapping_add(1);
        self.pairs.clear();
    }

    #[inline]
    fn spot(&self, address: usize) -> usize {
        let hash = (address >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash >> 32 & (self.places.len() - 1)
    }

    /// The place of an entry, if the address was met before.
    #[inline]
    fn find(&self, address: usize) -> Option<u32> {
        let last = self.last.get();
        let is_it = |entry: &Entry| entry.address == address;
        if self.entries.get(last as usize).is_some_and(is_it) {
            return Some(last);
        }
        self.probe(address)
    }

    fn probe(&self, address: usize) -> Option<u32> {
        if self.places.is_empty() {
            return None;
        }
        let mut spot = self.spot(address);
        loop {
            let place = self.places[spot];
            if place == NONE {
                return None;
            }
            if self.entries[place as usize].address == address {
                self.last.set(place);
                return Some(place);
            }
            spot = (spot + 1) & (self.places.len() - 1);
        }
    }

    /// The place of an address in this run; `None` if it is new in it.
    #[inline]
    fn current(&self, address: usize) -> Option<u32> {
        let place = self.find(address)?;
        (self.entries[place as usize].run == self.run).then_some(place)
    }

    #[cold]
    fn grow(&mut self) {
        let len = (self.places.len() * 2).max(PLACES_MIN);
        self.places = vec![NONE; len];
        for place in 0..self.entries.len() {
            let mut spot = self.spot(self.entries[place].address);
            while self.places[spot] != NONE {
                spot = (spot + 1) & (len - 1);
            }
            self.places[spot] = place as u32;
        }
    }

    #[cold]
    fn add(&mut self, address: usize) -> u32 {
        if self.entries.len() * 2 >= self.places.len() {
            self.grow();
        }
        let place = self.entries.len() as u32;
        self.entries.push(Entry {
            address,
            run: self.run.wrapping_sub(1),
            state: State::Done,
            from: None,
            to: None,
            stamp: 0,
            older: NONE,
            newer: NONE,
        });
        let mut spot = self.spot(address);
        while self.places[spot] != NONE {
            spot = (spot + 1) & (self.places.len() - 1);
        }
        self.places[spot] = place;
        place
    }

    /// A node is used anew: what it was before must have come to its end.
    #[inline]
    fn claim(&mut self, people: &People, book: &mut Book, address: usize) -> u32 {
        let Some(place) = self.find(address) else {
            return self.add(address);
        };
        let entry = &self.entries[place as usize];
        if entry.run == self.run && entry.state != State::Done {
            let (from, to, state) = (entry.from, entry.to, entry.state);
            let lost = to.is_some_and(|to| people.is_alive(to));
            book.judge(Id::Conserved, !lost, || {
                let stage = match state {
                    State::OnItsWay => "on its way",
                    _ => "in its mailbox",
                };
                format!(
                    "a signal from {} to {} was lost {stage}",
                    show(from),
                    show(to)
                )
            });
        }
        place
    }

    /// Something was sent.
    #[inline]
    pub(super) fn sent(
        &mut self,
        people: &People,
        book: &mut Book,
        (from, to): (Option<Pid>, Pid),
        address: usize,
    ) {
        let place = self.claim(people, book, address);
        self.stamp += 1;
        let entry = &mut self.entries[place as usize];
        entry.run = self.run;
        entry.state = State::OnItsWay;
        (entry.from, entry.to, entry.stamp) = (from, Some(to), self.stamp);
    }

    /// Something arrived; whether it goes to the mailbox.
    #[inline]
    pub(super) fn delivered(
        &mut self,
        people: &mut People,
        book: &mut Book,
        to: Pid,
        address: usize,
        queued: bool,
    ) {
        let Some(place) = self.current(address) else {
            book.judge(Id::Conserved, false, || {
                format!("{} got a signal that nobody sent", show(Some(to)))
            });
            return;
        };
        let entry = &mut self.entries[place as usize];
        let proper = entry.state == State::OnItsWay && entry.to == Some(to);
        let (from, stamp) = (entry.from, entry.stamp);
        entry.state = State::Done;
        book.judge(Id::Conserved, proper, || {
            format!("{} got a signal from {} twice", show(Some(to)), show(from))
        });
        if let Some(from) = from {
            let last = self.last_of(from, to);
            let in_order = *last < stamp;
            *last = stamp;
            book.judge(Id::PairOrder, in_order, || {
                let (from, to) = (show(Some(from)), show(Some(to)));
                format!("of two signals from {from} to {to}, the later arrived first")
            });
        }
        if queued && let Some(person) = people.get(to) {
            self.append(person, place);
        }
    }

    #[inline]
    fn last_of(&mut self, from: Pid, to: Pid) -> &mut u64 {
        let (row, column) = (from.slot() as usize, to.slot() as usize);
        let firsts = from.generation() == 1 && to.generation() == 1;
        if row >= DENSE || column >= DENSE || !firsts {
            return self.pairs.entry((from, to)).or_default();
        }
        if self.dense.is_empty() {
            self.dense = vec![0; DENSE * DENSE];
        }
        &mut self.dense[row * DENSE + column]
    }

    // --- mailboxes

    #[inline]
    fn append(&mut self, person: &mut Person, place: u32) {
        let entry = &mut self.entries[place as usize];
        entry.state = State::Waiting;
        (entry.older, entry.newer) = (person.newest, NONE);
        match person.newest {
            NONE => person.oldest = place,
            newest => self.entries[newest as usize].newer = place,
        }
        person.newest = place;
    }

    /// A message that nobody sent entered a mailbox.
    pub(super) fn queued(
        &mut self,
        people: &mut People,
        book: &mut Book,
        pid: Pid,
        address: usize,
    ) {
        let place = self.claim(people, book, address);
        self.stamp += 1;
        let entry = &mut self.entries[place as usize];
        entry.run = self.run;
        (entry.from, entry.to, entry.stamp) = (None, Some(pid), self.stamp);
        if let Some(person) = people.get(pid) {
            self.append(person, place);
        }
    }

    /// The place of a message in the mailbox of a process.
    #[inline]
    fn waiting(&self, pid: Pid, address: usize) -> Option<u32> {
        let place = self.current(address)?;
        let entry = &self.entries[place as usize];
        (entry.state == State::Waiting && entry.to == Some(pid)).then_some(place)
    }

    /// Whether a receive may look at this place now: it is the oldest, or next to the last one.
    #[inline]
    fn is_next(&self, person: &Person, place: u32) -> bool {
        place == person.oldest || {
            let older = self.entries[place as usize].older;
            older != NONE && older == person.looked
        }
    }

    /// A receive begins behind this message.
    pub(super) fn looks(&mut self, people: &mut People, pid: Pid, after: usize) {
        let place = self.waiting(pid, after);
        if let Some(person) = people.get(pid) {
            person.looked = place.unwrap_or(NONE);
        }
    }

    /// A receive refused a message.
    pub(super) fn skipped(
        &mut self,
        people: &mut People,
        book: &mut Book,
        pid: Pid,
        address: usize,
    ) {
        let place = self.waiting(pid, address);
        let Some(person) = people.get(pid) else {
            return;
        };
        let next = place.is_some_and(|place| self.is_next(person, place));
        book.judge(Id::MailboxOrder, next, || {
            format!("{} looked at a message out of order", show(Some(pid)))
        });
        person.looked = place.unwrap_or(NONE);
    }

    /// A receive, or whoever flushes, took a message out.
    #[inline]
    pub(super) fn taken(
        &mut self,
        people: &mut People,
        book: &mut Book,
        pid: Pid,
        address: usize,
        by_receive: bool,
    ) {
        let place = self.waiting(pid, address);
        let Some(person) = people.get(pid) else {
            return;
        };
        let next = place.is_some_and(|place| !by_receive || self.is_next(person, place));
        book.judge(Id::MailboxOrder, next, || {
            let who = show(Some(pid));
            match place {
                Some(_) => format!("{who} took a message although an older one was not refused"),
                None => format!("{who} took a message that is not in its mailbox"),
            }
        });
        let Some(place) = place else { return };
        let entry = &mut self.entries[place as usize];
        entry.state = State::Done;
        let (older, newer) = (entry.older, entry.newer);
        match older {
            NONE => person.oldest = newer,
            older => self.entries[older as usize].newer = newer,
        }
        match newer {
            NONE => person.newest = older,
            newer => self.entries[newer as usize].older = older,
        }
        if person.looked == place || by_receive {
            person.looked = older;
        }
    }

    /// A receive gave up, having looked at everything up to this message.
    pub(super) fn timed_out(
        &mut self,
        people: &mut People,
        book: &mut Book,
        pid: Pid,
        address: usize,
    ) {
        let place = self.waiting(pid, address).unwrap_or(NONE);
        if let Some(person) = people.get(pid) {
            book.judge(Id::TimeoutLast, person.newest == place, || {
                format!(
                    "{} timed out before it had looked at all messages",
                    show(Some(pid))
                )
            });
        }
    }

    /// Nothing more can happen.
    pub(super) fn settle(&self, people: &People, book: &mut Book) {
        for entry in self.entries.iter().filter(|entry| entry.run == self.run) {
            let lost =
                entry.state == State::OnItsWay && entry.to.is_some_and(|to| people.is_alive(to));
            book.judge(Id::NoLostWake, !lost, || {
                let (from, to) = (show(entry.from), show(entry.to));
                format!("a signal from {from} never reached {to}, which lives")
            });
        }
    }
}

pub(super) fn show(pid: Option<Pid>) -> String {
    pid.map_or_else(|| "a timer".to_string(), |pid| pid.to_string())
}
