//! Supervisors: an account of each one's table, and of what each message makes it do.
//!
//! A supervisor handles one message after another: the end of a process, a retry, a request. What
//! it must do about a message is computed from the table as it was before, and compared when the
//! next message begins, when the supervisor ends, and when nothing more can happen.

mod budget;
mod ends;
mod message;
mod requests;
mod stops;

use std::collections::BTreeMap;

use beamline::backend::Nanos;
use beamline::backend::record::Signal;
use beamline::backend::record::supervisor::{
    Again, Child, ChildKey, EndsWith, Intensity, Place, Reach, Supervision, Unstarted, Why,
};
use beamline::{ExitReason, Pid};

use super::book::Book;
use super::catalogue::Id;
use super::links::Links;
use super::people::People;
use budget::Budget;
use message::Message;
use stops::Stops;

/// A child in a table.
#[derive(Clone, Debug)]
struct Entry {
    id: String,
    again: Again,
    significant: bool,
    supervisor: bool,
    place: Place,
    /// What its last start came to.
    last: Option<Result<Pid, Unstarted>>,
    /// It stands still because somebody asked for that.
    by_request: bool,
}

impl Entry {
    fn new(child: &Child<'_>) -> Entry {
        Entry {
            id: child.id.to_string(),
            again: child.again,
            significant: child.significant,
            supervisor: child.supervisor,
            place: Place::Stopped,
            last: None,
            by_request: false,
        }
    }

    fn pid(&self) -> Option<Pid> {
        match self.place {
            Place::Running(pid) => Some(pid),
            Place::Stopped | Place::Restarting => None,
        }
    }
}

type Table = BTreeMap<ChildKey, Entry>;

/// A supervisor.
#[derive(Debug)]
struct Overseer {
    pid: Pid,
    dynamic: bool,
    max_children: Option<usize>,
    reach: Reach,
    ends_with: EndsWith,
    table: Table,
    /// The children that run.
    by_pid: BTreeMap<Pid, ChildKey>,
    last_key: ChildKey,
    /// What is being started.
    starting: Option<Option<ChildKey>>,
    /// A start of the first list has failed.
    failed_init: bool,
    /// Retries that it has sent itself and not taken.
    retries: Vec<ChildKey>,
    budget: Budget,
    message: Message,
    stops: Stops,
    /// Calls that have reached it, and how many of them were requests of ours.
    calls: u32,
    asks: u32,
    /// Its parent has ended, for this reason.
    parent_ended: Option<ExitReason>,
    /// It is stopping all children, because it ends.
    stops_all: bool,
    /// The message before that was a request.
    after_request: bool,
    ended: bool,
}

/// All supervisors of a run.
#[derive(Debug, Default)]
pub(super) struct Overseers {
    all: BTreeMap<Pid, Overseer>,
    /// Whose child a process is or was.
    children: BTreeMap<Pid, Pid>,
    /// Deadlines do not hold: a fault has made one pass early, or late.
    time_is_off: bool,
}

impl Overseers {
    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.children.clear();
        self.time_is_off = false;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn time_fault(&mut self) {
        self.time_is_off = true;
    }

    /// A supervisor tells what it does.
    pub(super) fn see(
        &mut self,
        book: &mut Book,
        people: &People,
        now: Nanos,
        pid: Pid,
        event: &Supervision<'_>,
    ) {
        if let Supervision::Begun {
            dynamic,
            max_children,
            reach,
            limit,
            ends_with,
        } = *event
        {
            let begun = Overseer::new(pid, dynamic, max_children, (reach, limit, ends_with));
            self.all.insert(pid, begun);
            return;
        }
        if let Supervision::Stands {
            place: Place::Running(child),
            ..
        } = *event
        {
            let twice = self
                .all
                .values()
                .any(|other| other.by_pid.contains_key(&child));
            book.judge(Id::S03, !twice, || {
                format!("{child} is a running child twice, last of {pid}")
            });
            self.children.insert(child, pid);
        }
        let time_holds = !self.time_is_off;
        if let Some(overseer) = self.all.get_mut(&pid) {
            overseer.see(book, now, event, time_holds);
            if let Supervision::Ends { reason } = event {
                overseer.ends(book, reason);
                self.judge_dead_children(book, people, pid);
            }
        }
    }

    /// INV-S06.
    fn judge_dead_children(&self, book: &mut Book, people: &People, pid: Pid) {
        let ours = self.children.iter().filter(|(_, parent)| **parent == pid);
        for (child, _) in ours {
            book.judge(Id::S06, !people.is_alive(*child), || {
                format!("{pid} ends in order, and its child {child} lives")
            });
        }
    }

    /// A signal was sent.
    pub(super) fn sent(
        &mut self,
        book: &mut Book,
        people: &People,
        (from, to): (Option<Pid>, Pid),
        signal: &Signal,
    ) {
        let Some(overseer) = from.and_then(|from| self.all.get_mut(&from)) else {
            return;
        };
        overseer.sent(book, people, to, signal);
    }

    /// A process has ended.
    pub(super) fn died(&mut self, pid: Pid) {
        if let Some(overseer) = self.all.get_mut(&pid) {
            overseer.ended = true;
        }
    }

    /// A call has reached a process.
    pub(super) fn called(&mut self, pid: Pid) {
        if let Some(overseer) = self.all.get_mut(&pid) {
            overseer.calls += 1;
        }
    }

    /// The end of a process's parent has reached it.
    pub(super) fn parent_ended(&mut self, pid: Pid, reason: &ExitReason) {
        if let Some(overseer) = self.all.get_mut(&pid) {
            overseer.parent_ended.get_or_insert_with(|| reason.clone());
        }
    }

    /// An exit message entered a mailbox, or left it.
    pub(super) fn exit_waits(&mut self, pid: Pid, from: Pid, node: usize) {
        if let Some(overseer) = self.all.get_mut(&pid) {
            overseer.stops.exit_waits(from, node);
        }
    }

    pub(super) fn exit_taken(&mut self, pid: Pid, node: usize) {
        if let Some(overseer) = self.all.get_mut(&pid) {
            overseer.stops.exit_taken(node);
        }
    }

    /// The time to settle is over: whoever is not busy with it has its children running.
    pub(super) fn settle_in_time(&self, book: &mut Book, people: &People) {
        for overseer in self.all.values() {
            if people.is_alive(overseer.pid) && overseer.is_idle() {
                overseer.judge_permanent(book);
            }
        }
    }

    /// Nothing more can happen.
    pub(super) fn settle(&mut self, book: &mut Book, people: &People, links: &Links) {
        for overseer in self.all.values_mut() {
            if people.is_alive(overseer.pid) {
                overseer.settle(book, people, links);
            }
        }
        for (child, parent) in &self.children {
            let Some(overseer) = self.all.get(parent) else {
                continue;
            };
            // Who traps exits outlives a supervisor that was killed (SUP-816).
            if !people.is_alive(*parent) && !people.traps(*child) && overseer.ended {
                book.judge(Id::S07, !people.is_alive(*child), || {
                    format!("{child} lives, and its supervisor {parent} has ended")
                });
            }
        }
    }
}

impl Overseer {
    fn new(
        pid: Pid,
        dynamic: bool,
        max_children: Option<usize>,
        (reach, limit, ends_with): (Reach, Intensity, EndsWith),
    ) -> Overseer {
        Overseer {
            pid,
            dynamic,
            max_children,
            reach,
            ends_with,
            table: Table::new(),
            by_pid: BTreeMap::new(),
            last_key: 0,
            starting: None,
            failed_init: false,
            retries: Vec::new(),
            budget: Budget::new(limit),
            message: Message::default(),
            stops: Stops::default(),
            calls: 0,
            asks: 0,
            parent_ended: None,
            stops_all: false,
            after_request: false,
            ended: false,
        }
    }

    fn key_of(&self, pid: Pid) -> Option<ChildKey> {
        self.by_pid.get(&pid).copied()
    }

    fn see(&mut self, book: &mut Book, now: Nanos, event: &Supervision<'_>, time_holds: bool) {
        match *event {
            Supervision::Added { key, ref child } => self.added(book, key, child),
            Supervision::Stands { key, place } => self.stands(book, key, place),
            Supervision::Removed { key } => {
                self.message.changed();
                self.stops.put_away(book, self.pid, key);
                if let Some(Entry {
                    place: Place::Running(child),
                    ..
                }) = self.table.remove(&key)
                {
                    self.by_pid.remove(&child);
                }
            }
            Supervision::Starting { key, why } => self.start_begins(book, key, why),
            Supervision::Started { outcome } => self.start_is_over(book, outcome),
            Supervision::Counted { allowed } => {
                let pid = self.pid;
                book.judge(Id::S47, self.message.counts.is_empty(), || {
                    format!("{pid} counts one restart more than once")
                });
                self.budget.counted(book, self.pid, now, allowed);
                self.message.counts.push(allowed);
            }
            Supervision::RetryQueued { key } => self.retries.push(key),
            Supervision::Stopping { pid, how } => self.stop_begins(book, now, pid, how),
            Supervision::Killing { pid } => self.stops.kills(book, now, pid, time_holds),
            Supervision::Dead {
                pid,
                reason,
                before,
            } => self.stop_is_over(book, (pid, reason, before)),
            Supervision::Report { key, of } => self.reported(book, key, of),
            Supervision::Seen { .. }
            | Supervision::RetryTaken { .. }
            | Supervision::Asked(_)
            | Supervision::StopsAll => self.next_message(book, event),
            Supervision::Answered(answer) => self.answered(book, answer),
            _ => {}
        }
    }

    // --- the table

    fn added(&mut self, book: &mut Book, key: ChildKey, child: &Child<'_>) {
        let taken = !self.dynamic && self.table.values().any(|entry| entry.id == child.id);
        book.judge(Id::S01, !taken, || {
            format!("{} has two children with the id {:?}", self.pid, child.id)
        });
        book.judge(Id::S02, key > self.last_key, || {
            format!(
                "{} put the child {:?} before an older one",
                self.pid, child.id
            )
        });
        self.last_key = self.last_key.max(key);
        let mut entry = Entry::new(child);
        // Of a child that somebody asked for, the start comes first.
        entry.last = self.message.started.take();
        self.table.insert(key, entry);
        if let Some(max) = self.max_children {
            let records = self.table.len();
            book.judge(Id::S43, records <= max, || {
                format!("{} has {records} children, and {max} are allowed", self.pid)
            });
        }
    }

    fn stands(&mut self, book: &mut Book, key: ChildKey, place: Place) {
        self.message.changed();
        if place == Place::Stopped {
            self.stops.put_away(book, self.pid, key);
        }
        let (pid, by_request) = (self.pid, self.message.is_request());
        let Some(entry) = self.table.get_mut(&key) else {
            return;
        };
        if let Place::Running(child) = place {
            let known = entry.last == Some(Ok(child));
            book.judge(Id::S04, known, || {
                format!("{pid} keeps {child} as a child that it has not started")
            });
        }
        if let Place::Running(old) = entry.place {
            self.by_pid.remove(&old);
        }
        if let Place::Running(new) = place {
            self.by_pid.insert(new, key);
        }
        entry.by_request = by_request && place == Place::Stopped;
        entry.place = place;
    }

    // --- starts

    fn start_begins(&mut self, book: &mut Book, key: Option<ChildKey>, why: Why) {
        let pid = self.pid;
        if why == Why::Init {
            let in_order = self.starting.is_none() && key > self.message.last_start;
            book.judge(Id::S08, in_order, || {
                format!("{pid} began to start a child before an older one was started")
            });
            book.judge(Id::S09, !self.failed_init, || {
                format!("{pid} starts a child although an older one could not be started")
            });
        }
        if !self.dynamic {
            book.judge(Id::S10, self.stops.is_idle(), || {
                format!("{pid} starts a child while it waits for another to stop")
            });
        }
        book.judge(Id::S19, !self.message.denied(), || {
            format!("{pid} starts a child although it gives up")
        });
        if why == Why::Restart {
            let once = self.message.counts == [true];
            book.judge(Id::S18, once, || {
                let counts = &self.message.counts;
                format!("{pid} restarts a child, and counted {counts:?} for that")
            });
            let again = key.and_then(|key| self.table.get(&key)).map(|e| e.again);
            book.judge(Id::S25, again != Some(Again::Never), || {
                format!("{pid} restarts a temporary child")
            });
        }
        if let (Why::Asked, Some(max)) = (why, self.max_children) {
            book.judge(Id::S43, self.table.len() < max, || {
                format!("{pid} starts one more child, and has the {max} that are allowed")
            });
        }
        self.message.last_start = key;
        self.message.starts.extend(key);
        self.starting = Some(key);
    }

    fn start_is_over(&mut self, book: &mut Book, outcome: Result<Pid, Unstarted>) {
        let key = self.starting.take().flatten();
        let entry = key.and_then(|key| self.table.get_mut(&key));
        match entry {
            Some(entry) => entry.last = Some(outcome),
            None => self.message.started = Some(outcome),
        }
        let failed = outcome == Err(Unstarted::Failed);
        if self.message.is_init() {
            self.failed_init |= failed;
        } else if self.message.counts.contains(&true) {
            self.message.failed |= failed;
            self.budget.attempt(book, self.pid, failed);
        }
    }
}
