//! How finely a run is divided into events, and how signals travel.

use std::fmt;
use std::str::FromStr;

/// How many awaits are choices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Granularity {
    /// Awaits that cannot matter pass without a choice: short runs, in which pure ordering bugs
    /// are found up to ten times sooner. Not all is seen: a process that has sent its last message
    /// and is about to end is missing from `processes()`, unless somebody is already held there.
    Fused,
    /// Every await is a choice: reaches a kill or another event between two steps that fusing
    /// would join.
    Fine,
    /// Four runs in five fused, one fine, by the index of the run. The default.
    #[default]
    Mixed,
}

impl Granularity {
    /// The granularity of run `index`: [`Fused`](Granularity::Fused) or
    /// [`Fine`](Granularity::Fine).
    ///
    /// Run 0 is fused. The fine runs move by one place in every twenty, so that each entry of a
    /// portfolio of twenty is run both ways, one time in five finely.
    #[inline]
    pub const fn of_run(self, index: u64) -> Granularity {
        match self {
            Granularity::Mixed if index.wrapping_add(index / 20) % 5 == 4 => Granularity::Fine,
            Granularity::Mixed => Granularity::Fused,
            fixed => fixed,
        }
    }

    /// The name used in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Granularity::Fused => "fused",
            Granularity::Fine => "fine",
            Granularity::Mixed => "mixed",
        }
    }
}

/// How a signal gets from its sender to its receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// Order holds per pair of processes and nothing else: every delivery is an event of its own.
    /// What threads can do, this can do. The default.
    #[default]
    Pairwise,
    /// A signal arrives when it is sent. Faster, and unsound: it cannot show a message that is
    /// overtaken by another one which was caused by it.
    Immediate,
}

impl Delivery {
    /// The name used in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Delivery::Pairwise => "pairwise",
            Delivery::Immediate => "immediate",
        }
    }
}

/// A name that is none of those expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{got}` is unknown; expected {expected}")]
pub struct UnknownMode {
    /// The name.
    pub got: String,
    /// The names there are.
    pub expected: &'static str,
}

impl fmt::Display for Granularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Granularity {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Granularity::Fused, Granularity::Fine, Granularity::Mixed]
            .into_iter()
            .find(|granularity| granularity.name() == text)
            .ok_or_else(|| UnknownMode {
                got: text.to_owned(),
                expected: "fused, fine or mixed",
            })
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Delivery {
    type Err = UnknownMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Delivery::Pairwise, Delivery::Immediate]
            .into_iter()
            .find(|delivery| delivery.name() == text)
            .ok_or_else(|| UnknownMode {
                got: text.to_owned(),
                expected: "pairwise or immediate",
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for granularity in [Granularity::Fused, Granularity::Fine, Granularity::Mixed] {
            assert_eq!(granularity.to_string().parse(), Ok(granularity));
        }
        for delivery in [Delivery::Pairwise, Delivery::Immediate] {
            assert_eq!(delivery.to_string().parse(), Ok(delivery));
        }
        let error = "coarse".parse::<Granularity>().unwrap_err().to_string();
        assert_eq!(error, "`coarse` is unknown; expected fused, fine or mixed");
    }

    /// In a hundred runs each of twenty slots is run four times fused and once finely.
    #[test]
    fn each_slot_of_a_portfolio_is_run_finely_one_time_in_five() {
        for slot in 0..20_u64 {
            let fine = |block: u64| Granularity::Mixed.of_run(block * 20 + slot);
            let count = (0..5)
                .filter(|&block| fine(block) == Granularity::Fine)
                .count();
            assert_eq!(count, 1, "slot {slot}");
        }
        assert_eq!(Granularity::Mixed.of_run(0), Granularity::Fused);
        assert_eq!(Granularity::Fine.of_run(0), Granularity::Fine);
        assert_eq!(Granularity::Fused.of_run(4), Granularity::Fused);
        assert_ne!(Granularity::Mixed.of_run(u64::MAX), Granularity::Mixed);
    }
}
