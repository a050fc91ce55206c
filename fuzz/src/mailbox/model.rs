//! The model: a list of what was sent and not yet received.

use super::operation::{Guard, Wanted};

/// A message as the model knows it. Answers and downs have the index of their reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Number(u8),
    Word(u8),
    Block(u8),
    Answer(usize, u8),
    Down(usize),
}

/// What a receive got, and by which clause if it has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Got {
    pub(super) item: Item,
    pub(super) clause: u8,
}

/// The list.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) items: Vec<Item>,
    /// References made, and monitors set.
    pub(super) references: usize,
    pub(super) monitors: usize,
}

impl Model {
    /// The oldest item that matches.
    pub(super) fn first(&self, wanted: Wanted) -> Option<(usize, Got)> {
        let items = self.items.iter().enumerate();
        let mut matching = items.filter_map(|(place, &item)| {
            let clause = self.clause(wanted, item)?;
            Some((place, Got { item, clause }))
        });
        matching.next()
    }

    /// Takes out the oldest item that matches.
    pub(super) fn take(&mut self, wanted: Wanted) -> Option<Got> {
        let (place, got) = self.first(wanted)?;
        self.items.remove(place);
        Some(got)
    }

    /// Takes out the `Down` of a monitor.
    pub(super) fn take_down(&mut self, monitor: usize) -> bool {
        let place = self
            .items
            .iter()
            .position(|&item| item == Item::Down(monitor));
        place.map(|place| self.items.remove(place)).is_some()
    }

    /// Which clause of a receive takes an item; those with one clause have number 0.
    fn clause(&self, wanted: Wanted, item: Item) -> Option<u8> {
        let accepted = match (wanted, item) {
            (Wanted::Clauses(guard), item) => return clause(guard, item),
            (Wanted::Any, _) | (Wanted::Number, Item::Number(_)) => true,
            (Wanted::Word(guard), Item::Word(value)) => guard.accepts(value),
            (Wanted::Answer(which), Item::Answer(to, _)) => self.reference(which) == Some(to),
            (Wanted::Down(which), Item::Down(of)) => self.monitor(which) == Some(of),
            _ => false,
        };
        accepted.then_some(0)
    }

    /// What a receive asks for, in numbers that stay the same while more references are made. None
    /// when it means a reference and there is none yet.
    pub(super) fn settle(&self, wanted: Wanted) -> Option<Wanted> {
        // There are fewer references than operations, so their numbers fit.
        Some(match wanted {
            Wanted::Answer(which) => Wanted::Answer(self.reference(which)? as u8),
            Wanted::Down(which) => Wanted::Down(self.monitor(which)? as u8),
            other => other,
        })
    }

    /// The reference that a byte means, among those made so far.
    pub(super) fn reference(&self, which: u8) -> Option<usize> {
        usize::from(which).checked_rem(self.references)
    }

    /// The monitor that a byte means.
    pub(super) fn monitor(&self, which: u8) -> Option<usize> {
        usize::from(which).checked_rem(self.monitors)
    }
}

/// The clauses of the receive of several: the first that matches an item counts.
fn clause(guard: Guard, item: Item) -> Option<u8> {
    match item {
        Item::Number(value) if guard.accepts(value) => Some(1),
        Item::Word(value) if value > 99 => Some(2),
        Item::Number(value) if value > 199 => Some(3),
        Item::Down(_) => Some(4),
        _ => None,
    }
}
