//! How many runs a scenario gets, and how long.

use std::time::Duration;

use super::args::{Run, Shard};
use crate::campaign::Settings;
use crate::scenario::{Expectation, Scenario};

/// Wall time of a command that says nothing: long enough for thousands of runs of each of some
/// hundred and forty small scenarios, short enough to be run before every commit.
const TIME: Duration = Duration::from_secs(10);
/// Runs in which a planted bug must be found unless told otherwise: the rarest of those that people
/// have collected takes some thousand.
const PLANTED_RUNS: u64 = 200_000;
/// And wall time, so that a bug which is not found ends the command all the same.
const PLANTED_TIME: Duration = Duration::from_secs(20);
/// A twin without the bug is run at least this many times as often as it took to find the bug, and
/// if there is time for the whole command, `TWIN_RUNS_MAX` times.
const TWIN_FACTOR: u64 = 10;
const TWIN_RUNS_MAX: u64 = 100_000;

/// What a campaign may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Budget {
    /// Runs, over all shards.
    pub(super) runs: u64,
    /// Wall time.
    pub(super) time: Option<Duration>,
}

/// Divides what the command line allows among the scenarios.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budgets {
    runs: Option<u64>,
    total: Option<Duration>,
}

impl Budgets {
    pub(super) fn of(args: &Run) -> Budgets {
        let says_nothing = args.scenarios.is_empty() && args.runs.is_none();
        Budgets {
            runs: args.runs,
            total: args.time.or(says_nothing.then_some(TIME)),
        }
    }

    /// The budget of the next of `left` scenarios when `elapsed` has passed. Whatever a scenario
    /// does not use goes to those behind it.
    pub(super) fn next(&self, scenario: &Scenario, left: usize, elapsed: Duration) -> Budget {
        let remaining = self.total.map(|total| total.saturating_sub(elapsed));
        let share = remaining.map(|remaining| remaining / left.max(1) as u32);
        let Expectation::Broken { canary, .. } = scenario.expectation() else {
            let unless_timed = || match share {
                Some(_) => u64::MAX,
                None => scenario.settings().runs,
            };
            let runs = self.runs.unwrap_or_else(unless_timed);
            return Budget { runs, time: share };
        };
        if let Some(canary) = canary {
            return Budget {
                runs: *canary,
                time: None,
            };
        }
        // Most are found at once, so that one may take far more than its share.
        let time = match (remaining, share) {
            (Some(remaining), Some(share)) => share.max(remaining / 4),
            _ => PLANTED_TIME,
        };
        let runs = self.runs.unwrap_or(if remaining.is_some() {
            u64::MAX
        } else {
            PLANTED_RUNS
        });
        Budget {
            runs,
            time: Some(time),
        }
    }

    /// The budget of the twin of a bug that was found in run `found`.
    pub(super) fn twin(&self, twin: &Scenario, found: u64) -> Budget {
        // Whoever gives time wants to be sure.
        let enough = match self.total {
            Some(_) => TWIN_RUNS_MAX,
            None => found.saturating_add(1).saturating_mul(TWIN_FACTOR),
        };
        Budget {
            runs: self
                .runs
                .unwrap_or_else(|| twin.settings().runs.max(enough.min(TWIN_RUNS_MAX))),
            time: Some(PLANTED_TIME),
        }
    }
}

/// Which runs of a campaign are made.
pub(super) fn share(settings: &mut Settings, runs: u64, shard: Option<Shard>) {
    let Shard { number, of } = shard.unwrap_or(Shard { number: 1, of: 1 });
    settings.first = number - 1;
    settings.stride = of;
    // Shards 1 to `runs % of` make one run more than the others.
    settings.runs = runs / of + u64::from(number <= runs % of);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_make_every_run_once() {
        for (runs, of) in [(10, 3), (3, 4), (8, 1), (9, 3)] {
            let mut made = Vec::new();
            for number in 1..=of {
                let mut settings = Settings::default();
                share(&mut settings, runs, Some(Shard { number, of }));
                made.extend((0..settings.runs).map(|run| settings.first + run * settings.stride));
            }
            made.sort_unstable();
            assert_eq!(made, (0..runs).collect::<Vec<_>>(), "{runs} of {of}");
        }
    }

    #[test]
    fn time_that_is_left_goes_to_the_others() {
        let sound = Scenario::new("a::sound", async || {}).runs(77);
        let planted = Scenario::new("a::planted", async || {}).broken("deadlock", 3);
        let canary = Scenario::new("a::canary", async || {})
            .broken("deadlock", 3)
            .canary(5);
        let seconds = Duration::from_secs;
        let timed = Budgets {
            runs: None,
            total: Some(seconds(60)),
        };
        let next = |scenario, left, elapsed| timed.next(scenario, left, seconds(elapsed));
        assert_eq!(
            next(&sound, 6, 0),
            Budget {
                runs: u64::MAX,
                time: Some(seconds(10))
            }
        );
        assert_eq!(
            next(&sound, 1, 50),
            Budget {
                runs: u64::MAX,
                time: Some(seconds(10))
            }
        );
        assert_eq!(
            next(&planted, 60, 0),
            Budget {
                runs: u64::MAX,
                time: Some(seconds(15))
            }
        );
        assert_eq!(next(&sound, 2, 70).time, Some(Duration::ZERO));
        assert_eq!(
            next(&canary, 2, 0),
            Budget {
                runs: 5,
                time: None
            }
        );
        let counted = Budgets {
            runs: None,
            total: None,
        };
        let next = counted.next(&sound, 3, seconds(1));
        assert_eq!(
            next,
            Budget {
                runs: 77,
                time: None
            }
        );
        assert_eq!(counted.next(&planted, 3, seconds(1)).runs, PLANTED_RUNS);
        assert_eq!(counted.twin(&sound, 99).runs, 1_000);
        assert_eq!(counted.twin(&sound, 3).runs, 77);
        assert_eq!(timed.twin(&sound, 3).runs, TWIN_RUNS_MAX);
    }
}
