//! The passes: which candidates are tried, in which order.

use super::Pass;
use super::search::Search;
use crate::choice::ChoiceId;
use crate::tape::Deviation;

/// How far a deviation is moved earlier at once.
const EARLIER_MAX: u64 = 8;

impl Search<'_, '_> {
    /// Every pass, in rounds, until a round changes nothing.
    pub(super) fn passes(&mut self) {
        self.attempt(Pass::Canonical, Vec::new());
        loop {
            let accepted = self.accepted();
            self.remove(Pass::Environment, |deviation| {
                deviation.kind.is_environment()
            });
            self.remove(Pass::Remove, |deviation| !deviation.kind.is_environment());
            self.lower();
            self.earlier();
            self.dense();
            if self.is_stopped() || self.accepted() == accepted {
                return;
            }
        }
    }

    /// Delta debugging: removes deviations of a group, all of them, then halves, down to single
    /// ones; the rounds repeat it until no single one can go. From the back, where removing moves
    /// nothing else.
    fn remove(&mut self, pass: Pass, in_group: fn(&Deviation) -> bool) {
        let places = |search: &Self| {
            let list = search.best().iter().enumerate();
            list.filter(|(_, deviation)| in_group(deviation))
                .map(|(at, _)| at)
                .collect::<Vec<_>>()
        };
        let mut size = places(self).len();
        while size > 0 {
            let mut end = usize::MAX;
            while end > 0 {
                let places = places(self);
                end = end.min(places.len());
                let start = end.saturating_sub(size);
                let removed = &places[start..end];
                if removed.is_empty() || self.is_stopped() {
                    break;
                }
                let list = self.best().iter().enumerate();
                let kept = list.filter(|(at, _)| removed.binary_search(at).is_err());
                let candidate = kept.map(|(_, deviation)| *deviation).collect();
                self.attempt(pass, candidate);
                end = start;
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    /// Lowers each rank to 1, or by halving as far as it goes.
    fn lower(&mut self) {
        let mut at = 0;
        while let Some(&deviation) = self.best().get(at) {
            if deviation.rank > 1 && !self.lower_to(at, 1) {
                let (mut too_low, mut enough) = (1, deviation.rank);
                while too_low + 1 < enough && !self.is_stopped() {
                    let middle = too_low.midpoint(enough);
                    if self.lower_to(at, middle) {
                        enough = middle;
                    } else {
                        too_low = middle;
                    }
                }
            }
            at += 1;
        }
    }

    fn lower_to(&mut self, at: usize, rank: u32) -> bool {
        let mut candidate = self.best().to_vec();
        match candidate.get_mut(at) {
            Some(deviation) if deviation.rank > rank => {
                // Another alternative than the recorded one, so its id would only mislead.
                *deviation = Deviation {
                    rank,
                    id: ChoiceId::UNKNOWN,
                    ..*deviation
                };
                self.attempt(Pass::Lower, candidate)
            }
            _ => false,
        }
    }

    /// Moves each deviation earlier, by the widest step that holds, again and again.
    fn earlier(&mut self) {
        let mut at = 0;
        while at < self.best().len() {
            while (1..=EARLIER_MAX)
                .rev()
                .any(|step| self.earlier_by(at, step))
            {}
            at += 1;
        }
    }

    fn earlier_by(&mut self, at: usize, step: u64) -> bool {
        let mut candidate = self.best().to_vec();
        let Some(&deviation) = candidate.get(at) else {
            return false;
        };
        let free = at
            .checked_sub(1)
            .map_or(0, |before| candidate[before].index + 1);
        let Some(index) = deviation
            .index
            .checked_sub(step)
            .filter(|&index| index >= free)
        else {
            return false;
        };
        candidate[at].index = index;
        self.attempt(Pass::Earlier, candidate)
    }

    /// Deletes a stretch of choices, so that all that follows moves up: a deviation can swallow
    /// those before it, which removing them one by one cannot do. Of the many stretches of one
    /// length those are tried that end before a deviation or begin with one: the others come to
    /// the same.
    fn dense(&mut self) {
        let mut size = self.choices() / 2;
        while size > 0 {
            let mut at = self.best().len();
            while at > 0 && !self.is_stopped() {
                at = (at - 1).min(self.best().len().saturating_sub(1));
                let Some(deviation) = self.best().get(at) else {
                    break;
                };
                let starts = [deviation.index.checked_sub(size), Some(deviation.index)];
                for start in starts.into_iter().flatten() {
                    self.delete(start, size);
                }
            }
            size /= 2;
        }
    }

    fn delete(&mut self, start: u64, size: u64) {
        let kept = self
            .best()
            .iter()
            .filter_map(|&deviation| match deviation.index {
                index if index < start => Some(deviation),
                index if index < start + size => None,
                index => Some(Deviation {
                    index: index - size,
                    ..deviation
                }),
            });
        let candidate = kept.collect();
        self.attempt(Pass::Dense, candidate);
    }
}
