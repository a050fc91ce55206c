//! What the oracles have judged, and the first thing that was not as it must be.

use super::catalogue::{Id, ORACLES, Oracle};

/// How often each oracle judged, by its place in [`ORACLES`].
pub type Judged = [u64; ORACLES.len()];

/// How often each oracle judged in many runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally(Judged);

impl Default for Tally {
    fn default() -> Self {
        Tally([0; ORACLES.len()])
    }
}

impl Tally {
    pub(crate) fn add(&mut self, judged: &Judged) {
        for (sum, judged) in self.0.iter_mut().zip(judged) {
            *sum += judged;
        }
    }

    pub(crate) fn add_all(&mut self, other: &Tally) {
        self.add(&other.0);
    }

    /// Each oracle and how often it judged, in the order of reports. Zero is "not exercised".
    pub fn iter(&self) -> impl Iterator<Item = (&'static Oracle, u64)> {
        ORACLES.iter().zip(self.0)
    }

    /// How often the oracle of this id judged.
    pub fn of(&self, id: &str) -> Option<u64> {
        let mut all = self.iter();
        all.find_map(|(oracle, judged)| (oracle.id == id).then_some(judged))
    }
}

/// Something that an oracle found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub oracle: &'static Oracle,
    /// What it saw; processes show as `<slot.generation>`.
    pub detail: String,
}

#[derive(Debug)]
pub(super) struct Book {
    judged: Judged,
    violation: Option<Violation>,
}

impl Default for Book {
    fn default() -> Self {
        Book {
            judged: [0; ORACLES.len()],
            violation: None,
        }
    }
}

impl Book {
    /// Notes one judgement; the first that fails is kept.
    #[inline]
    pub(super) fn judge(&mut self, id: Id, held: bool, detail: impl FnOnce() -> String) {
        self.judged[id as usize] += 1;
        if !held {
            self.fail(id, detail());
        }
    }

    #[cold]
    fn fail(&mut self, id: Id, detail: String) {
        let oracle = &ORACLES[id as usize];
        self.violation.get_or_insert(Violation { oracle, detail });
    }

    pub(super) fn has_violation(&self) -> bool {
        self.violation.is_some()
    }

    pub(super) fn take_violation(&mut self) -> Option<Violation> {
        self.violation.take()
    }

    pub(super) fn take_judged(&mut self) -> Judged {
        std::mem::replace(&mut self.judged, [0; ORACLES.len()])
    }
}
