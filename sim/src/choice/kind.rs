//! The sorts of decisions.

use std::fmt;
use std::str::FromStr;

/// What sort of decision a choice is.
///
/// The number is part of short tokens and the name part of failure files: both stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ChoiceKind {
    /// Which enabled event happens next: a step, a delivery or a timer.
    Event = 0,
    /// Whether a process is killed from outside here, and which.
    Crash = 1,
    /// Whether a process panics here.
    Panic = 2,
    /// Whether a timeout fires before its time.
    EarlyTimeout = 3,
    /// Whether a timer fires after its time.
    LateTimer = 4,
    /// Whether a process is held back for a while, as a busy machine would hold it.
    Slow = 5,
    /// Whether a spawn fails.
    FailSpawn = 6,
    /// How time behaves in the whole run: durations hold (rank 0), or timers race.
    TimeMode = 7,
    /// A random draw of the program itself.
    User = 8,
}

impl ChoiceKind {
    /// Every kind, in the order of its number.
    pub const ALL: [ChoiceKind; 9] = [
        ChoiceKind::Event,
        ChoiceKind::Crash,
        ChoiceKind::Panic,
        ChoiceKind::EarlyTimeout,
        ChoiceKind::LateTimer,
        ChoiceKind::Slow,
        ChoiceKind::FailSpawn,
        ChoiceKind::TimeMode,
        ChoiceKind::User,
    ];

    /// The kinds that inject a fault; rank 0 of each is "no fault".
    pub const FAULTS: [ChoiceKind; 6] = [
        ChoiceKind::Crash,
        ChoiceKind::Panic,
        ChoiceKind::EarlyTimeout,
        ChoiceKind::LateTimer,
        ChoiceKind::Slow,
        ChoiceKind::FailSpawn,
    ];

    /// The name used in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            ChoiceKind::Event => "event",
            ChoiceKind::Crash => "crash",
            ChoiceKind::Panic => "panic",
            ChoiceKind::EarlyTimeout => "early-timeout",
            ChoiceKind::LateTimer => "late-timer",
            ChoiceKind::Slow => "slow",
            ChoiceKind::FailSpawn => "fail-spawn",
            ChoiceKind::TimeMode => "time-mode",
            ChoiceKind::User => "user",
        }
    }

    /// Whether it injects a fault.
    #[inline]
    pub const fn is_fault(self) -> bool {
        matches!(self as u8, 1..=6)
    }

    /// Whether it belongs to the surroundings of the program (a fault or the time mode) rather than
    /// to its schedule or its data. Shrinking removes these first: a failure that needs no trouble
    /// from outside is the better story.
    #[inline]
    pub const fn is_environment(self) -> bool {
        self.is_fault() || matches!(self, ChoiceKind::TimeMode)
    }

    /// The kind with this number.
    pub const fn from_number(number: u8) -> Option<ChoiceKind> {
        if (number as usize) < Self::ALL.len() {
            Some(Self::ALL[number as usize])
        } else {
            None
        }
    }
}

impl fmt::Display for ChoiceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no [`ChoiceKind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of choice; expected {expected}", expected = kind_names())]
pub struct UnknownKind(pub String);

/// `event, crash, …, user`, for messages.
fn kind_names() -> String {
    ChoiceKind::ALL.map(ChoiceKind::name).join(", ")
}

impl FromStr for ChoiceKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A set of [`ChoiceKind`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kinds(u16);

impl Kinds {
    /// The empty set.
    pub const NONE: Kinds = Kinds(0);
    /// Every kind.
    pub const ALL: Kinds = Kinds((1 << ChoiceKind::ALL.len()) - 1);

    /// This set and `kind`.
    #[must_use]
    pub const fn with(self, kind: ChoiceKind) -> Kinds {
        Kinds(self.0 | 1 << kind as u8)
    }

    /// Whether `kind` is in the set.
    #[inline]
    pub const fn contains(self, kind: ChoiceKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }
}

impl FromIterator<ChoiceKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = ChoiceKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Kinds::NONE, Kinds::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_keep_their_numbers_and_names() {
        for (number, kind) in ChoiceKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            assert_eq!(ChoiceKind::from_number(number as u8), Some(kind));
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert_eq!(ChoiceKind::from_number(9), None);
        let faults: Vec<_> = ChoiceKind::ALL
            .into_iter()
            .filter(|kind| kind.is_fault())
            .collect();
        assert_eq!(faults, ChoiceKind::FAULTS);
        let error = "crsh".parse::<ChoiceKind>().unwrap_err().to_string();
        assert!(error.starts_with("`crsh` is no kind of choice; expected event, crash,"));
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = Kinds::NONE.with(ChoiceKind::User).with(ChoiceKind::Crash);
        let held: Vec<_> = ChoiceKind::ALL
            .into_iter()
            .filter(|&kind| set.contains(kind))
            .collect();
        assert_eq!(held, [ChoiceKind::Crash, ChoiceKind::User]);
        assert_eq!(ChoiceKind::ALL.into_iter().collect::<Kinds>(), Kinds::ALL);
    }
}
