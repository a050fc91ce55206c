//! Who lives, as the records tell it: what all oracles look processes up in.

use std::mem::Discriminant;

use beamline::{ExitReason, Pid};

/// A reason without the values inside, which nobody but the program may keep: a destructor of them
/// can be anything.
pub(super) type Kind = Discriminant<ExitReason>;

/// A process that is known, alive or the last of its slot.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) pid: Pid,
    pub(super) alive: bool,
    pub(super) traps: bool,
    pub(super) parent: Option<Pid>,
    /// Its body has come to its end, which nothing changes any more.
    pub(super) ending: bool,
    /// It must end for this reason.
    pub(super) doom: Option<ExitReason>,
    /// It has ended for a reason of this kind.
    pub(super) ended: Option<Kind>,
    /// Its mailbox: places of the oldest and newest message, and of the last one looked at.
    pub(super) oldest: u32,
    pub(super) newest: u32,
    pub(super) looked: u32,
}

/// No place.
pub(super) const NONE: u32 = u32::MAX;

/// The processes by slot.
#[derive(Debug, Default)]
pub(super) struct People(Vec<Option<Person>>);

impl People {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn born(&mut self, pid: Pid, parent: Option<Pid>) {
        let slot = pid.slot() as usize;
        if self.0.len() <= slot {
            self.0.resize_with(slot + 1, || None);
        }
        self.0[slot] = Some(Person {
            pid,
            alive: true,
            traps: false,
            parent,
            ending: false,
            doom: None,
            ended: None,
            oldest: NONE,
            newest: NONE,
            looked: NONE,
        });
    }

    /// The process, if it lives.
    #[inline]
    pub(super) fn get(&mut self, pid: Pid) -> Option<&mut Person> {
        let person = self.0.get_mut(pid.slot() as usize)?.as_mut()?;
        (person.pid == pid && person.alive).then_some(person)
    }

    pub(super) fn is_alive(&self, pid: Pid) -> bool {
        self.find(pid).is_some()
    }

    fn find(&self, pid: Pid) -> Option<&Person> {
        let person = self.0.get(pid.slot() as usize)?.as_ref()?;
        (person.pid == pid && person.alive).then_some(person)
    }

    /// Whether it lives and is not about to end.
    pub(super) fn is_well(&self, pid: Pid) -> bool {
        self.find(pid)
            .is_some_and(|person| person.doom.is_none() && !person.ending)
    }

    /// Whether a signal has ended it: who comes behind that comes to the dead.
    pub(super) fn is_doomed(&self, pid: Pid) -> bool {
        self.find(pid)
            .is_some_and(|person| person.doom.is_some() && !person.ending)
    }

    /// For what kind of reason it has ended, if nobody else has its slot yet.
    pub(super) fn reason_of(&self, pid: Pid) -> Option<Kind> {
        let person = self.0.get(pid.slot() as usize)?.as_ref()?;
        person.ended.filter(|_| person.pid == pid)
    }

    /// Whether it lives and was spawned by the other.
    pub(super) fn is_child(&mut self, pid: Pid, parent: Pid) -> bool {
        self.get(pid)
            .is_some_and(|person| person.parent == Some(parent))
    }

    /// Whether it lives and traps exits.
    pub(super) fn traps(&self, pid: Pid) -> bool {
        self.find(pid).is_some_and(|person| person.traps)
    }

    /// Whether it lives and has messages.
    pub(super) fn has_mail(&self, pid: Pid) -> bool {
        self.find(pid).is_some_and(|person| person.oldest != NONE)
    }

    /// The live ones.
    pub(super) fn living(&self) -> impl Iterator<Item = &Person> {
        self.0.iter().flatten().filter(|person| person.alive)
    }
}
