//! Oracles: what the runtime promises, judged in every simulated run (contract C9).
//!
//! Each is a fold over the records of the kernel, by reference: processes are pids, messages are
//! the addresses of their nodes, and no text is made until something is wrong. So every run is
//! judged, and a trace is only made of one that is to be told. A violation is the run's verdict,
//! `oracle INV-X02`, shrunk and replayed like a broken property.
//!
//! Each counts what it judged; zero is "not exercised", never "passed". `docs/oracles.md` says of
//! each which mutant of the runtime it kills.
//!
//! # Costs
//! A delivery in the simulator costs about two fifths more, and a tiny run a third;
//! `Check::oracles` leaves them out.
//!
//! # Adding one
//! A line in `catalogue`, a fold in the file of its subject, called from `Oracles::see` and, for
//! what must hold once nothing more can happen, from `Oracles::settle`; a mutant in the runtime
//! and a program for it in `tests/tests/oracles`.

mod applications;
mod book;
mod calls;
mod catalogue;
mod links;
mod machines;
mod mail;
mod monitors;
mod names;
mod people;
mod registries;
mod starts;
mod subject;
mod supervision;
mod tasks;
mod timers;

use std::mem::discriminant;

use beamline::backend::record::{MessageKind, Queued, Record, Signal, What};
use beamline::backend::{Nanos, Origin};
use beamline::{ExitReason, Pid, Timer};

pub use book::{Judged, Tally, Violation};
pub use catalogue::{ORACLES, Oracle};
pub use subject::Subject;

use applications::Applications;
use book::Book;
use calls::Calls;
use catalogue::Id;
use links::Links;
use machines::Machines;
use mail::Mail;
use monitors::Monitors;
use names::Names;
use people::People;
use registries::Registries;
use starts::Starts;
use supervision::Overseers;
use tasks::Tasks;
use timers::Timers;

/// All oracles of one world.
#[derive(Debug, Default)]
pub(crate) struct Oracles {
    book: Book,
    people: People,
    mail: Mail,
    links: Links,
    monitors: Monitors,
    names: Names,
    timers: Timers,
    calls: Calls,
    machines: Machines,
    overseers: Overseers,
    tasks: Tasks,
    registries: Registries,
    starts: Starts,
    applications: Applications,
}

impl Oracles {
    /// Forgets the last run.
    pub(crate) fn begin(&mut self) {
        self.book.take_violation();
        self.people.clear();
        self.mail.clear();
        self.links.clear();
        self.monitors.clear();
        self.names.clear();
        self.timers.clear();
        self.calls.clear();
        self.machines.clear();
        self.overseers.clear();
        self.tasks.clear();
        self.registries.clear();
        self.starts.clear();
        self.applications.clear();
    }

    /// How often each judged since this was last asked.
    pub(crate) fn take_judged(&mut self) -> Judged {
        self.book.take_judged()
    }

    #[inline]
    pub(crate) fn has_violation(&self) -> bool {
        self.book.has_violation()
    }

    pub(crate) fn take_violation(&mut self) -> Option<Violation> {
        self.book.take_violation()
    }

    /// Sees one record of the kernel.
    #[inline]
    pub(crate) fn see(&mut self, now: Nanos, record: &Record<'_>) {
        let Oracles {
            book, people, mail, ..
        } = self;
        self.timers.tick(book, now);
        match *record {
            Record::Send {
                from,
                to,
                what: What::Message { node, kind, .. },
            } => {
                mail.sent(people, book, (process(from), to), node);
                match kind {
                    MessageKind::Call { reference } => self.calls.asked(reference, to),
                    MessageKind::Reply { number } => self.calls.answered(book, number),
                    MessageKind::Plain => {}
                }
            }
            Record::Deliver {
                to,
                what: What::Message { node, kind, .. },
            } => {
                let queued = !matches!(kind, MessageKind::Reply { .. });
                mail.delivered(people, book, to, node, queued);
                match kind {
                    MessageKind::Reply { number } => self.calls.told(number),
                    MessageKind::Call { reference } => {
                        self.calls.arrived(reference.number());
                        self.overseers.called(to);
                    }
                    MessageKind::Plain => {}
                }
            }
            Record::Receive {
                pid,
                node,
                call: None,
                ..
            } => {
                mail.taken(people, book, pid, node, true);
                if !self.overseers.is_empty() {
                    self.overseers.exit_taken(pid, node);
                }
                let from = match self.starts.is_empty() {
                    true => None,
                    false => self.starts.taken(node),
                };
                if !self.machines.is_empty() {
                    self.machines.took(pid, from);
                }
            }
            Record::Skip { pid, node } => mail.skipped(people, book, pid, node),
            _ => self.see_rare(now, record),
        }
    }

    fn see_rare(&mut self, now: Nanos, record: &Record<'_>) {
        let (book, people) = (&mut self.book, &mut self.people);
        if self.links.expects_message() && !matches!(record, Record::Queued { .. }) {
            self.links.untrapped(book);
        }
        match *record {
            Record::Send {
                from,
                to,
                what: What::Signal { node, signal, .. },
            } => {
                let from = process(from);
                self.mail.sent(people, book, (from, to), node);
                self.links.sent(book, from, to, signal);
                self.monitors.sent(book, from, to, signal);
                self.overseers.sent(book, people, (from, to), signal);
            }
            Record::Deliver {
                to,
                what: What::Signal { node, signal, .. },
            } => {
                self.mail.delivered(people, book, to, node, false);
                self.links.handled(people, to, signal);
                self.monitors.handled(people, to, signal);
                match signal {
                    Signal::Down { number, .. } => self.calls.told(*number),
                    Signal::Exit { from, reason, .. } => {
                        self.machines.exit_arrives(people, to, *from, reason);
                        if people.is_child(to, *from) {
                            self.overseers.parent_ended(to, reason);
                        }
                    }
                    _ => {}
                }
            }
            Record::Queued { pid, node, what } => {
                self.mail.queued(people, book, pid, node);
                match what {
                    Queued::Exit { from } => {
                        self.links.exit_queued(book, pid);
                        self.overseers.exit_waits(pid, from, node);
                        self.starts.exit_waits(pid, from, node);
                        self.machines.exit_waits(pid, from);
                    }
                    Queued::Down { number } => self.monitors.down(book, pid, number),
                    Queued::Aliased { number } => self.tasks.result(book, pid, number),
                }
            }
            Record::Look { pid, after } => self.mail.looks(people, pid, after),
            Record::Flushed { pid, node } => {
                self.mail.taken(people, book, pid, node, false);
                self.overseers.exit_taken(pid, node);
                self.starts.taken(node);
            }
            Record::ReceiveTimeout { pid, looked } => {
                self.mail.timed_out(people, book, pid, looked);
            }
            Record::TimerSet { after, .. } => self.timers.asked(now, after),
            _ => self.see_behaviours(now, record),
        }
    }

    /// What behaviours tell of themselves.
    fn see_behaviours(&mut self, now: Nanos, record: &Record<'_>) {
        let (book, people) = (&mut self.book, &mut self.people);
        match *record {
            Record::Machine { pid, ref event } => {
                self.machines.see(book, &self.calls, now, pid, event);
            }
            Record::Task { event, .. } => self.tasks.see(event),
            Record::Application { pid, ref event } => self.applications.see(book, pid, event),
            Record::Registry { pid, ref event } => {
                self.registries.see(book, people, pid, event);
            }
            Record::Supervisor { pid, ref event } => {
                self.overseers.see(book, people, now, pid, event);
            }
            Record::LetGo { number } => self.calls.let_go(number),
            Record::StartFailed { pid, of } => {
                self.starts.failed(book, people, &self.names, (pid, of));
            }
            Record::Served { pid, order } => self.machines.served(pid, order),
            _ => self.see_lives(record),
        }
    }

    /// Births and deaths.
    fn see_lives(&mut self, record: &Record<'_>) {
        let (book, people) = (&mut self.book, &mut self.people);
        match *record {
            Record::Spawn {
                pid,
                parent,
                linked,
                monitor,
                ..
            } => {
                let fine = match parent {
                    Some(parent) => people.is_alive(parent),
                    None => people.is_empty(),
                };
                book.judge(Id::Ancestors, fine, || {
                    format!("{pid} was spawned by nobody that lives")
                });
                people.born(pid, parent);
                if let (true, Some(parent)) = (linked, parent) {
                    self.links.spawned(parent, pid);
                }
                if let Some(reference) = monitor {
                    self.monitors.set(reference, Some(pid));
                    self.monitors.watched(pid, reference);
                }
            }
            Record::Ending { pid } => {
                if let Some(person) = people.get(pid) {
                    person.ending = true;
                }
            }
            Record::Exit {
                pid,
                reason,
                condemned,
            } => {
                links::judge_end(people, book, pid, reason, condemned);
                // Once a body has come to its end, its reason is settled.
                let by_itself = !condemned || people.get(pid).is_some_and(|one| one.ending);
                self.machines.died(book, pid, reason, by_itself);
                self.names.died(book, pid);
                self.links.died(pid);
                self.monitors.died(pid);
                self.overseers.died(pid);
                if let Some(person) = people.get(pid) {
                    person.alive = false;
                    person.ended = Some(discriminant(reason));
                }
            }
            Record::TrapExit { pid, on } => {
                if let Some(person) = people.get(pid) {
                    person.traps = on;
                }
            }
            _ => self.see_bonds(record),
        }
    }

    /// Relations, names and calls.
    fn see_bonds(&mut self, record: &Record<'_>) {
        let (book, people) = (&mut self.book, &mut self.people);
        match *record {
            Record::Linked { pid, to } => self.links.linked(people, pid, to),
            Record::Monitored {
                target, reference, ..
            } => self.monitors.set(reference, target),
            Record::Demonitored { reference, .. } => {
                self.monitors.removed(reference);
                self.tasks.given_up(reference.number());
            }
            Record::Registered { name, pid } => self.names.bound(people, book, name, pid),
            Record::Unregistered { name, pid } => self.names.freed(book, name, pid),
            Record::LookedUp { name, found } => self.names.looked_up(book, name, found),
            Record::Awaits {
                reference,
                to,
                spawned,
            } => {
                self.calls.asked(reference, to);
                if spawned {
                    self.calls.spawned(reference, to);
                }
            }
            Record::Receive {
                pid,
                call: Some(number),
                ..
            } => self.calls.ended(book, pid, number),
            Record::CallFailed {
                pid,
                to,
                number,
                reason: Some(reason),
            } => {
                self.calls.failed(book, people, (number, to), reason);
                self.calls.ended(book, pid, number);
            }
            Record::CallDropped { number, .. } => self.calls.dropped(number),
            Record::LateReply { pid, number, .. } => self.calls.late(book, pid, number),
            _ => {}
        }
    }

    // --- what the world itself has to tell

    /// A fault has condemned a process.
    pub(crate) fn condemned(&mut self, pid: Pid, reason: &ExitReason) {
        if let Some(person) = self.people.get(pid)
            && !person.ending
        {
            person.doom.get_or_insert_with(|| reason.clone());
        }
        self.machines.condemned(&self.people, pid);
    }

    pub(crate) fn timer_started(&mut self, timer: Timer) {
        self.timers.started(timer);
    }

    pub(crate) fn timer_cancelled(&mut self, timer: Timer) {
        self.timers.cancelled(timer);
    }

    pub(crate) fn timer_fired(&mut self, now: Nanos, timer: Timer) {
        self.timers.fired(&mut self.book, now, timer);
    }

    /// A timer has sent this.
    pub(crate) fn timer_sent(&mut self, to: Pid, node: usize) {
        let Oracles {
            book, people, mail, ..
        } = self;
        mail.sent(people, book, (None, to), node);
    }

    /// A fault has made a deadline pass early, or late.
    pub(crate) fn time_fault(&mut self) {
        self.overseers.time_fault();
    }

    /// An event is over: what had to happen at once has.
    #[inline]
    pub(crate) fn step(&mut self) {
        if !self.links.is_clear() {
            self.links.step(&mut self.book);
        }
        if !self.monitors.is_clear() {
            self.monitors.step(&mut self.book);
        }
    }

    /// Nothing more can happen.
    pub(crate) fn settle(&mut self) {
        let (book, people) = (&mut self.book, &self.people);
        self.mail.settle(people, book);
        links::settle_ends(people, book);
        self.links.settle(people, book);
        self.monitors.settle(people, book);
        self.calls.settle(people, book);
        self.tasks.settle(people, book);
        self.machines.settle(book);
        self.applications.settle(people, book);
        self.overseers.settle(book, people, &self.links);
    }

    /// The time to settle is over, and something may still happen.
    pub(crate) fn settle_trees(&mut self) {
        (self.overseers).settle_in_time(&mut self.book, &self.people);
    }

    /// The same for what has a name of its own when the root is part of it: a deadlock.
    pub(crate) fn settle_circles(&mut self) {
        self.calls.settle_circles(&self.people, &mut self.book);
    }
}

fn process(origin: Origin) -> Option<Pid> {
    match origin {
        Origin::Process(pid) => Some(pid),
        Origin::Timers | Origin::Outside => None,
    }
}
