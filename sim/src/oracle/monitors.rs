//! Monitors: each gives one down message, or none if it is removed.

use std::collections::BTreeMap;

use beamline::backend::record::Signal;
use beamline::{Pid, Ref};
use rustc_hash::FxHashMap;

use super::book::Book;
use super::catalogue::Id;
use super::mail::show;
use super::people::People;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Set,
    Removed,
    Told,
}

#[derive(Debug)]
struct Monitor {
    owner: Pid,
    target: Option<Pid>,
    stage: Stage,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Monitors {
    /// By number. In order, since they are walked at the end.
    set: BTreeMap<u64, Monitor>,
    /// Who must be told of a process's death, as that process knows it.
    watchers: FxHashMap<Pid, Vec<Ref>>,
    /// Notices that the dead still owe.
    owed: Vec<(Pid, Ref)>,
}

impl Monitors {
    pub(super) fn clear(&mut self) {
        self.set.clear();
        self.watchers.clear();
        self.owed.clear();
    }

    pub(super) fn is_clear(&self) -> bool {
        self.owed.is_empty()
    }

    pub(super) fn set(&mut self, reference: Ref, target: Option<Pid>) {
        let owner = reference.owner();
        if target == Some(owner) {
            return;
        }
        let stage = Stage::Set;
        let monitor = Monitor {
            owner,
            target,
            stage,
        };
        self.set.insert(reference.number(), monitor);
    }

    /// A process was born watched.
    pub(super) fn watched(&mut self, target: Pid, reference: Ref) {
        self.watchers.entry(target).or_default().push(reference);
    }

    pub(super) fn removed(&mut self, reference: Ref) {
        if let Some(monitor) = self.set.get_mut(&reference.number()) {
            monitor.stage = Stage::Removed;
        }
    }

    /// A down message entered a mailbox.
    pub(super) fn down(&mut self, book: &mut Book, pid: Pid, number: u64) {
        let monitor = self.set.get_mut(&number);
        let stage = monitor.as_ref().map(|monitor| monitor.stage);
        book.judge(Id::DownOnce, stage == Some(Stage::Set), || {
            let why = match stage {
                Some(Stage::Removed) => "of a monitor that it has removed",
                Some(_) => "of a monitor that has told already",
                None => "of a monitor that it never set",
            };
            format!("{} got a down message {why}", show(Some(pid)))
        });
        if let Some(monitor) = monitor {
            monitor.stage = Stage::Told;
        }
    }

    pub(super) fn handled(&mut self, people: &People, me: Pid, signal: &Signal) {
        match signal {
            Signal::Monitor { .. } if people.is_doomed(me) => {}
            Signal::Monitor { reference } => self.watched(me, *reference),
            Signal::Demonitor { reference } => {
                if let Some(watchers) = self.watchers.get_mut(&me) {
                    watchers.retain(|watcher| watcher != reference);
                }
            }
            _ => {}
        }
    }

    pub(super) fn died(&mut self, pid: Pid) {
        if let Some(watchers) = self.watchers.remove(&pid) {
            self.owed.extend(watchers.into_iter().map(|to| (pid, to)));
        }
    }

    /// A signal was sent.
    pub(super) fn sent(&mut self, book: &mut Book, from: Option<Pid>, to: Pid, signal: &Signal) {
        let Signal::Down { number, .. } = signal else {
            return;
        };
        let is_it = |(dead, reference): &(Pid, Ref)| {
            Some(*dead) == from && reference.owner() == to && reference.number() == *number
        };
        if let Some(at) = self.owed.iter().position(is_it) {
            book.judge(Id::ExitNotices, true, String::new);
            self.owed.swap_remove(at);
        }
    }

    /// What had to happen at once has, or never will.
    pub(super) fn step(&mut self, book: &mut Book) {
        for (dead, reference) in self.owed.drain(..) {
            book.judge(Id::ExitNotices, false, || {
                let (dead, to) = (show(Some(dead)), show(Some(reference.owner())));
                format!("{dead} died and did not tell {to}, which monitors it")
            });
        }
    }

    /// Nothing more can happen.
    pub(super) fn settle(&self, people: &People, book: &mut Book) {
        for monitor in self.set.values() {
            if !people.is_alive(monitor.owner) {
                continue;
            }
            let lives = monitor.target.is_some_and(|target| people.is_alive(target));
            book.judge(Id::DownComes, monitor.stage != Stage::Set || lives, || {
                let owner = show(Some(monitor.owner));
                match monitor.target {
                    Some(target) => format!("{owner} was never told that {target} has ended"),
                    None => format!("{owner} was never told that nobody has the name it monitors"),
                }
            });
        }
    }
}
