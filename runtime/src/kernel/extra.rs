//! What a process has beyond its slot: made when first needed, since most processes never link,
//! monitor or name anything.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::Arc;

use super::calls::Calls;
use super::info::Monitored;
use super::name::Name;
use super::node::Header;
use super::pid::{Pid, Ref};
use super::reason::ExitReason;
use super::report::Ancestor;
use super::roster::Roster;
use super::signal::Answer;
use super::term::Message;

/// The rarely used part of a process. Every server has one, so what not every server needs lies
/// apart.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    /// A monitor on this process, or a call that it is to answer; the others are in its bonds.
    watcher: Option<Ref>,
    /// Work done since this part exists (P-78).
    pub(crate) reductions: u64,
    /// Who started this process, if the start protocol did.
    pub(crate) lineage: Option<Arc<Lineage>>,
    bonds: Option<Box<Bonds>>,
    pub(crate) rare: Option<Box<Rare>>,
}

const _: () = assert!(size_of::<Extra>() <= 48);

/// What binds a process to others.
#[derive(Debug, Default)]
pub(crate) struct Bonds {
    pub(crate) links: Roster<Pid, Link>,
    /// Monitors that this process has set, by the number of their reference.
    pub(crate) monitors: Roster<u64, Monitor>,
    /// Monitors on this process, by reference, but for one.
    watchers: Roster<Ref, ()>,
    pub(crate) doom: Option<ExitReason>,
}

/// Who started a process, and what it runs.
#[derive(Debug)]
pub(crate) struct Lineage {
    pub(crate) initial_call: &'static str,
    pub(crate) parent: Pid,
    /// The name that the parent had then.
    pub(crate) parent_name: Option<Name>,
    pub(crate) up: Option<Arc<Lineage>>,
    /// On whose behalf it works, if on anybody's.
    pub(crate) caller: Option<Behalf>,
}

fn is_shared(one: &Option<Arc<Lineage>>, other: &Option<Arc<Lineage>>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        _ => false,
    }
}

/// A process that has others work for it, and whose child it was then.
#[derive(Debug, Clone)]
pub(crate) struct Behalf {
    pub(crate) pid: Pid,
    pub(crate) lineage: Option<Arc<Lineage>>,
}

impl Lineage {
    /// Whether two children are told apart by nothing of this. May say no when they are not.
    pub(crate) fn is_same(&self, other: &Lineage) -> bool {
        let call = ptr::eq(self.initial_call, other.initial_call);
        let parent = self.parent == other.parent && self.parent_name == other.parent_name;
        let callers = match (&self.caller, &other.caller) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                one.pid == other.pid && is_shared(&one.lineage, &other.lineage)
            }
            _ => false,
        };
        call && parent && callers && is_shared(&self.up, &other.up)
    }

    /// Who started it, and who started that one (PL-1).
    pub(crate) fn ancestors(&self) -> Vec<Ancestor> {
        let mut found = Vec::new();
        let mut next = Some(self);
        while let Some(lineage) = next {
            found.push(Ancestor {
                pid: lineage.parent,
                name: lineage.parent_name.clone(),
            });
            next = lineage.up.as_deref();
        }
        found
    }

    /// On whose behalf it works, and on whose that one does (TASK-6).
    pub(crate) fn callers(&self) -> Vec<Pid> {
        let mut found = Vec::new();
        let mut next = Some(self);
        while let Some(caller) = next.and_then(|lineage| lineage.caller.as_ref()) {
            found.push(caller.pid);
            next = caller.lineage.as_deref();
        }
        found
    }
}

/// What hardly any process has.
#[derive(Debug, Default)]
pub(crate) struct Rare {
    pub(crate) aliases: Roster<u64, AliasMode>,
    pub(crate) label: Option<String>,
    pub(crate) locals: BTreeMap<&'static str, Message>,
    /// Questions asked and their answers once they are in.
    pub(crate) questions: Roster<u64, Option<Answer>>,
    /// Who suspends this process, and how often.
    pub(crate) suspenders: Roster<Pid, u32>,
    /// Whom this process suspends, and how often.
    pub(crate) suspending: Roster<Pid, u32>,
    pub(crate) markers: Markers,
    /// Calls that this process waits for.
    pub(crate) calls: Calls,
    /// That of the child that was started last, since the next one's is likely to be the same.
    pub(crate) of_children: Option<Arc<Lineage>>,
}

/// One end of a link; see `links` for the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Active,
    /// Unlinked; the other end has not acknowledged yet.
    Unlinking {
        id: u64,
    },
    /// Linked anew before the acknowledgement of the unlink came.
    Relinked {
        id: u64,
    },
}

/// A monitor that this process has set.
#[derive(Debug)]
pub(crate) struct Monitor {
    /// The process watched; nobody if a name had no owner.
    pub(crate) target: Option<Pid>,
    pub(crate) shown: Option<Box<Shown>>,
}

/// How the down message of a monitor differs from the plain one.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) name: Option<Name>,
    pub(crate) tag: Option<Name>,
}

impl Monitor {
    pub(crate) fn monitored(&self) -> Option<Monitored> {
        match &self.shown {
            Some(shown) if shown.name.is_some() => shown.name.clone().map(Monitored::Name),
            _ => self.target.map(Monitored::Pid),
        }
    }
}

/// When an alias stops working (SIG-36, MON-20 to MON-22).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AliasMode {
    /// Only when [`unalias`](crate::unalias) is called.
    ExplicitUnalias,
    /// Also when the monitor is removed or has fired.
    Demonitor,
    /// As `Demonitor`; besides, the first message through it removes both.
    ReplyDemonitor,
}

/// Where the mailbox ended when references were made: a receive that waits for something that
/// carries the reference need not look before that point.
#[derive(Debug, Default)]
pub(crate) struct Markers {
    /// Reference number and last node of the mailbox at that time (null: it was empty).
    pub(crate) kept: [Option<(u64, *mut Header)>; MARKERS],
    pub(crate) next: usize,
}

/// References with a marker at once. A process waits for one reply at a time, or a few; older
/// markers are forgotten, which costs a scan and nothing else (MBX-15).
pub(crate) const MARKERS: usize = 4;

impl Markers {
    pub(crate) fn set(&mut self, number: u64, end: *mut Header) {
        self.kept[self.next] = Some((number, end));
        self.next = (self.next + 1) % MARKERS;
    }

    pub(crate) fn get(&self, number: u64) -> Option<*mut Header> {
        self.kept
            .iter()
            .flatten()
            .find(|kept| kept.0 == number)
            .map(|kept| kept.1)
    }

    /// As `set`, in the place of what is kept for the number.
    pub(crate) fn advance(&mut self, number: u64, end: *mut Header) {
        let kept = self.kept.iter_mut().flatten();
        match kept.into_iter().find(|kept| kept.0 == number) {
            Some(kept) => kept.1 = end,
            None => self.set(number, end),
        }
    }

    /// The number is of no use any more.
    pub(crate) fn remove(&mut self, number: u64) {
        let mut kept = self.kept.iter_mut();
        if let Some(kept) = kept.find(|kept| kept.is_some_and(|kept| kept.0 == number)) {
            *kept = None;
        }
    }

    /// A node leaves the mailbox: markers at it move to the one before it.
    pub(crate) fn forget(&mut self, gone: *mut Header, before: *mut Header) {
        for (_, end) in self.kept.iter_mut().flatten() {
            if *end == gone {
                *end = before;
            }
        }
    }
}

impl Extra {
    pub(crate) fn bonds(&mut self) -> &mut Bonds {
        self.bonds.get_or_insert_default()
    }

    pub(crate) fn take_bonds(&mut self) -> Bonds {
        self.bonds
            .take()
            .map_or_else(Bonds::default, |bonds| *bonds)
    }

    pub(crate) fn some_bonds(&mut self) -> Option<&mut Bonds> {
        self.bonds.as_deref_mut()
    }

    /// The end of this process is to be told to the owner of the reference.
    #[inline]
    pub(crate) fn watch(&mut self, reference: Ref) {
        match self.watcher {
            None => self.watcher = Some(reference),
            Some(first) if first == reference => {}
            Some(_) => {
                self.bonds().watchers.insert(reference, ());
            }
        }
    }

    /// It is not any more.
    #[inline]
    pub(crate) fn unwatch(&mut self, reference: Ref) {
        if self.watcher == Some(reference) {
            self.watcher = None;
        } else if let Some(bonds) = self.some_bonds() {
            bonds.watchers.remove(reference);
        }
    }

    /// Whether it is.
    pub(crate) fn is_watched(&mut self, reference: Ref) -> bool {
        let first = self.watcher == Some(reference);
        first || (self.some_bonds()).is_some_and(|b| b.watchers.get_mut(reference).is_some())
    }

    /// To whom it is, in order.
    pub(crate) fn watchers(&self) -> Vec<Ref> {
        let more = self.bonds.iter().flat_map(|bonds| bonds.watchers.iter());
        let mut all: Vec<Ref> = more.map(|(reference, ())| reference).collect();
        all.extend(self.watcher);
        all.sort_unstable();
        all
    }

    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}
