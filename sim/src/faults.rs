//! Which trouble the surroundings may cause in a run, and how much of it.
//!
//! A budget per kind, all 0 by default. The world offers a fault as a choice (rank 0: no fault)
//! only while the run's budget for its kind lasts, so that no strategy and no replay exceeds it.
//! Signals between local processes are never lost or duplicated: that is no fault but another
//! language.

use std::time::Duration;

use crate::choice::{ChoiceKind, Kinds};

/// The faults a run may have.
///
/// ```
/// use beamline_sim::choice::ChoiceKind;
/// use beamline_sim::faults::Faults;
///
/// let faults = Faults::none().crashes(1).timeouts(2).victims(["worker"]);
/// assert_eq!(faults.budget(ChoiceKind::Crash), 1);
/// assert!(faults.may_hit("worker") && !faults.may_hit("supervisor"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults {
    /// By position in [`ChoiceKind::FAULTS`].
    budgets: [u32; ChoiceKind::FAULTS.len()],
    victims: Vec<String>,
    pace: Option<Pace>,
    /// Crashes that follow each other.
    burst: u32,
    until: Option<Duration>,
}

/// How many processes may be struck within which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pace {
    pub(crate) strikes: u32,
    pub(crate) within: Duration,
}

/// The position of a fault kind among the fault kinds.
#[inline]
pub(crate) const fn fault_number(kind: ChoiceKind) -> Option<usize> {
    if kind.is_fault() {
        Some(kind as usize - ChoiceKind::FAULTS[0] as usize)
    } else {
        None
    }
}

impl Faults {
    /// No fault at all: the default.
    pub const fn none() -> Faults {
        Faults {
            budgets: [0; ChoiceKind::FAULTS.len()],
            victims: Vec::new(),
            pace: None,
            burst: 0,
            until: None,
        }
    }

    /// At most `n` processes are killed in a run.
    #[must_use]
    pub fn crashes(self, n: u32) -> Faults {
        self.with(ChoiceKind::Crash, n)
    }

    /// At most `n` processes panic in a run.
    #[must_use]
    pub fn panics(self, n: u32) -> Faults {
        self.with(ChoiceKind::Panic, n)
    }

    /// At most `n` timeouts of a run fire before their time.
    #[must_use]
    pub fn timeouts(self, n: u32) -> Faults {
        self.with(ChoiceKind::EarlyTimeout, n)
    }

    /// At most `n` timers of a run fire late.
    #[must_use]
    pub fn late_timers(self, n: u32) -> Faults {
        self.with(ChoiceKind::LateTimer, n)
    }

    /// At most `n` times in a run a process is held back.
    #[must_use]
    pub fn slow(self, n: u32) -> Faults {
        self.with(ChoiceKind::Slow, n)
    }

    /// At most `n` spawns of a run fail.
    #[must_use]
    pub fn failing_spawns(self, n: u32) -> Faults {
        self.with(ChoiceKind::FailSpawn, n)
    }

    /// Only processes with one of these names or labels are hit. Without victims, any process is.
    #[must_use]
    pub fn victims<I: IntoIterator<Item: Into<String>>>(mut self, names: I) -> Faults {
        self.victims = names.into_iter().map(Into::into).collect();
        self
    }

    /// At most `strikes` crashes and panics within any stretch of `within`, so that a supervisor
    /// that allows as many restarts survives them: a correct tree must still serve in the end.
    ///
    /// A stretch is taken to be a second longer than that, since supervisors compare times in whole
    /// seconds (SUP-606), and to begin when whoever was struck has been replaced.
    ///
    /// ```
    /// use beamline_sim::faults::Faults;
    /// use std::time::Duration;
    ///
    /// // For a supervisor of the default intensity, three restarts within five seconds.
    /// let faults = Faults::none().crashes(50).victims(["worker"]);
    /// let survivable = faults.paced(3, Duration::from_secs(5));
    /// # let _ = survivable;
    /// ```
    #[must_use]
    pub fn paced(mut self, strikes: u32, within: Duration) -> Faults {
        self.pace = Some(Pace { strikes, within });
        self
    }

    /// Crashes come `n` at a time: each that is injected is followed by others, each as soon as one
    /// of the victims lives again. With one more than a supervisor allows within its period, a
    /// correct tree must escalate. Name the [victims](Self::victims), or anybody is hit. The budget
    /// of crashes counts bursts.
    #[must_use]
    pub fn in_bursts_of(mut self, n: u32) -> Faults {
        self.burst = n;
        self
    }

    /// No fault is injected after so much virtual time: what comes later shows whether the program
    /// recovers. [`Check::settles`](crate::Check::settles) does the same once the root has ended.
    #[must_use]
    pub fn until(mut self, time: Duration) -> Faults {
        self.until = Some(time);
        self
    }

    pub(crate) fn pace(&self) -> Option<Pace> {
        self.pace
    }

    pub(crate) fn burst(&self) -> u32 {
        self.burst
    }

    pub(crate) fn ends_at(&self) -> Option<Duration> {
        self.until
    }

    /// Sets the budget of one kind.
    ///
    /// # Panics
    ///
    /// When the kind is no fault.
    #[must_use]
    pub fn with(mut self, kind: ChoiceKind, n: u32) -> Faults {
        let number = fault_number(kind);
        self.budgets[number.unwrap_or_else(|| panic!("`{kind}` is no kind of fault"))] = n;
        self
    }

    /// How many faults of a kind a run may have; 0 for what is no fault.
    #[inline]
    pub fn budget(&self, kind: ChoiceKind) -> u32 {
        fault_number(kind).map_or(0, |number| self.budgets[number])
    }

    /// The kinds with a budget above 0.
    pub fn kinds(&self) -> Kinds {
        ChoiceKind::FAULTS
            .into_iter()
            .filter(|&kind| self.budget(kind) > 0)
            .collect()
    }

    /// Whether a run has no faults.
    pub fn is_none(&self) -> bool {
        self.kinds() == Kinds::NONE
    }

    /// Whether a process of this name or label may be hit.
    pub fn may_hit(&self, name: &str) -> bool {
        self.victims.is_empty() || self.victims.iter().any(|victim| victim == name)
    }

    /// The names or labels of the processes that may be hit; empty for any.
    pub fn victim_names(&self) -> &[String] {
        &self.victims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_budget_is_its_own() {
        let faults = Faults::none()
            .crashes(1)
            .panics(2)
            .timeouts(3)
            .late_timers(4)
            .slow(5);
        let faults = faults.failing_spawns(6);
        let budgets = ChoiceKind::FAULTS.map(|kind| faults.budget(kind));
        assert_eq!(budgets, [1, 2, 3, 4, 5, 6]);
        assert_eq!(faults.budget(ChoiceKind::Event), 0);
        assert_eq!(faults.kinds(), ChoiceKind::FAULTS.into_iter().collect());
        assert!(Faults::none().is_none() && !faults.is_none());
        assert!(faults.may_hit("anyone"));
    }

    #[test]
    #[should_panic(expected = "`user` is no kind of fault")]
    fn what_is_no_fault_has_no_budget() {
        let _ = Faults::none().with(ChoiceKind::User, 1);
    }
}
