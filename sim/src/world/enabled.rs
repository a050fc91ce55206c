//! The chains of a run, and those of them that have an event enabled, in canonical order.
//!
//! # Invariants
//! - ENA1: the order is by stable keys and, where two chains have one key, by the numbers of the
//!   chains: it does not depend on the order in which they were enabled.
//! - ENA2: a chain keeps its key while it is enabled.

use super::ranked::{Member, Ranked};
use super::transit::{Event, Key};
use crate::choice::{Alternative, ChoiceId, EventKind};

/// What happens in one order: the signals of a pair, the steps of a process, its deadlines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    pub(super) key: Key,
    pub(super) id: ChoiceId,
    /// What happens next, once it is enabled.
    pub(super) event: Event,
    /// Events still expected, from what was learnt.
    pub(super) remaining: u32,
    /// See [`Alternative::races`].
    pub(super) races: bool,
    enabled: bool,
    /// When it last ran under the fair schedule.
    ran: u64,
}

/// Whether a chain comes after another: by key, then by number (ENA1).
fn after(chains: &[Chain]) -> impl Fn(u32, u32) -> bool {
    let key = |chain: u32| (&chains[chain as usize].key, chain);
    move |a, b| key(a) > key(b)
}

impl Chain {
    fn member(&self, number: u32) -> Member {
        let digest = self.key.digest();
        Member { digest, number }
    }

    fn alternative(&self, number: u32) -> Alternative {
        Alternative {
            id: self.id,
            chain: number,
            remaining: self.remaining,
            kind: match self.event {
                Event::Step(_) => EventKind::Step,
                Event::Deliver(_) => EventKind::Deliver,
                Event::Fire(_) => EventKind::Timer,
            },
            races: self.races,
        }
    }
}

/// See the module's documentation. The clock's events are not among them.
#[derive(Debug, Default)]
pub(super) struct Enabled {
    chains: Vec<Chain>,
    /// Chains of one signal that has arrived.
    free: Vec<u32>,
    order: Ranked,
}

impl Enabled {
    /// Forgets all chains and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.chains.clear();
        self.free.clear();
        self.order.clear();
    }

    /// A new chain.
    pub(super) fn chain_of(&mut self, id: ChoiceId, key: Key, event: Event) -> u32 {
        let chain = Chain {
            key,
            id,
            event,
            remaining: 1,
            races: true,
            enabled: false,
            ran: 0,
        };
        if let Some(number) = self.free.pop() {
            let place = &mut self.chains[number as usize];
            let ran = place.ran;
            *place = Chain { ran, ..chain };
            return number;
        }
        self.chains.push(chain);
        (self.chains.len() - 1) as u32
    }

    /// Gives back a chain that has nothing to do any more.
    pub(super) fn free(&mut self, chain: u32) {
        self.free.push(chain);
    }

    pub(super) fn chain(&self, chain: u32) -> &Chain {
        &self.chains[chain as usize]
    }

    pub(super) fn chain_mut(&mut self, chain: u32) -> &mut Chain {
        &mut self.chains[chain as usize]
    }

    /// The next event of a chain may happen.
    pub(super) fn enable(&mut self, chain: u32) {
        let place = &mut self.chains[chain as usize];
        place.enabled = true;
        let member = place.member(chain);
        self.order.insert(member, after(&self.chains));
    }

    /// It may no longer.
    pub(super) fn disable(&mut self, chain: u32) {
        let place = &mut self.chains[chain as usize];
        if std::mem::take(&mut place.enabled) {
            let member = place.member(chain);
            self.order.remove(member, after(&self.chains));
        }
    }

    /// How many are enabled.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The enabled chain at a place of the order.
    pub(super) fn at(&self, place: usize) -> u32 {
        self.order.at(place)
    }

    /// The place of a chain, if it is enabled.
    pub(super) fn place(&self, chain: u32) -> Option<usize> {
        let found = self
            .chains
            .get(chain as usize)
            .filter(|found| found.enabled)?;
        Some(self.order.rank(found.member(chain), after(&self.chains)))
    }

    /// Appends all that are enabled, in order.
    pub(super) fn alternatives(&self, alternatives: &mut Vec<Alternative>) {
        self.order.each(|chain| {
            alternatives.push(self.chains[chain as usize].alternative(chain));
        });
    }

    /// The enabled chain that has not run for longest; it runs now, as the `now`th event.
    pub(super) fn longest_idle(&mut self, now: u64) -> Option<u32> {
        let mut longest = None;
        self.order.each(|chain| {
            let ran = self.chains[chain as usize].ran;
            if longest.is_none_or(|(other, _)| ran < other) {
                longest = Some((ran, chain));
            }
        });
        let (_, chain) = longest?;
        self.chains[chain as usize].ran = now;
        Some(chain)
    }
}
