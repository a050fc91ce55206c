//! Settings from the environment, read once per check or command.
//!
//! | variable | what | example |
//! |---|---|---|
//! | `BEAMLINE_SEED` | seed: decimal, hexadecimal after `0x`, or a commit hash | `0x5eed` |
//! | `BEAMLINE_RUNS` | runs at the most | `100000` |
//! | `BEAMLINE_TIME` | wall time at the most: `ms`, `s`, `m` or `h` | `30s` |
//! | `BEAMLINE_JOBS` | threads that make runs | `4` |
//! | `BEAMLINE_STRATEGY` | how choices are made | `pct:2` |
//! | `BEAMLINE_REPLAY` | a failure file to replay instead of simulating | `regressions/a.jsonl` |
//!
//! They win over what a check says in its code. Other names that begin alike are warned of.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads settings from the environment"
)]

use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use crate::campaign::Settings;
use crate::seed::Seed;
use crate::strategy::Strategy;

const NAMES: [&str; 6] = [
    "BEAMLINE_SEED",
    "BEAMLINE_RUNS",
    "BEAMLINE_TIME",
    "BEAMLINE_JOBS",
    "BEAMLINE_STRATEGY",
    "BEAMLINE_REPLAY",
];

/// What the environment says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Environment {
    pub(crate) seed: Option<Seed>,
    pub(crate) runs: Option<u64>,
    pub(crate) time: Option<Duration>,
    pub(crate) jobs: Option<usize>,
    pub(crate) strategy: Option<Strategy>,
    pub(crate) replay: Option<PathBuf>,
}

/// A variable that holds no setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}={value}: {problem}")]
pub struct EnvironmentError {
    variable: String,
    value: String,
    problem: String,
}

impl Environment {
    /// Reads the variables of this OS process, and warns once of unknown ones.
    pub(crate) fn read() -> Result<Environment, EnvironmentError> {
        static WARNED: Once = Once::new();
        WARNED.call_once(|| {
            let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
            for name in variables.filter(|name| is_unknown(name)) {
                eprintln!(
                    "beamline: unknown variable {name}; known are {}",
                    NAMES.join(", ")
                );
            }
        });
        Environment::of(|name| std::env::var(name).ok())
    }

    fn of(get: impl Fn(&str) -> Option<String>) -> Result<Environment, EnvironmentError> {
        Ok(Environment {
            seed: parsed(&get, NAMES[0], |text| {
                text.parse()
                    .map_err(|e: crate::seed::InvalidSeed| e.to_string())
            })?,
            runs: parsed(&get, NAMES[1], |text| number(text, "a number of runs"))?,
            time: parsed(&get, NAMES[2], parse_time)?,
            jobs: parsed(&get, NAMES[3], |text| number(text, "a number of threads"))?,
            strategy: parsed(&get, NAMES[4], |text| {
                text.parse()
                    .map_err(|e: crate::strategy::UnknownStrategy| e.to_string())
            })?,
            replay: get(NAMES[5]).map(PathBuf::from),
        })
    }

    /// Overrides settings; a time without a number of runs decides alone.
    pub(crate) fn apply(&self, settings: &mut Settings, runs_given: bool) {
        if let Some(time) = self.time {
            settings.time = Some(time);
            if self.runs.is_none() && !runs_given {
                settings.runs = u64::MAX;
            }
        }
        settings.seed = self.seed.unwrap_or(settings.seed);
        settings.runs = self.runs.unwrap_or(settings.runs);
        settings.jobs = self.jobs.unwrap_or(settings.jobs).max(1);
        if let Some(strategy) = &self.strategy {
            settings.strategy = strategy.clone();
        }
    }
}

fn is_unknown(name: &str) -> bool {
    name.starts_with("BEAMLINE_") && !NAMES.contains(&name)
}

fn parsed<T>(
    get: &impl Fn(&str) -> Option<String>,
    variable: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, EnvironmentError> {
    let Some(value) = get(variable) else {
        return Ok(None);
    };
    parse(value.trim())
        .map(Some)
        .map_err(|problem| EnvironmentError {
            variable: variable.to_string(),
            value,
            problem,
        })
}

fn number<T: std::str::FromStr>(text: &str, expected: &str) -> Result<T, String> {
    text.replace('_', "")
        .parse()
        .map_err(|_| format!("expected {expected}, such as 1000"))
}

/// A duration as users write it: `250ms`, `30s`, `5m`, `2h`.
pub(crate) fn parse_time(text: &str) -> Result<Duration, String> {
    let digits = text.len()
        - text
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .len();
    let (value, unit) = text.split_at(digits);
    let seconds = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("expected a time such as 250ms, 30s, 5m or 2h".into()),
    };
    let value: f64 = value
        .parse()
        .map_err(|_| "expected a time such as 30s".to_string())?;
    Duration::try_from_secs_f64(value * seconds).map_err(|_| "expected a shorter time".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<Environment, EnvironmentError> {
        let find = |name: &str| pairs.iter().find(|pair| pair.0 == name);
        Environment::of(|name| find(name).map(|pair| pair.1.to_string()))
    }

    #[test]
    fn settings_are_read_and_win() {
        let read = environment(&[
            ("BEAMLINE_SEED", "0x10"),
            ("BEAMLINE_TIME", "1.5m"),
            ("BEAMLINE_JOBS", "3"),
            ("BEAMLINE_STRATEGY", "pct:2"),
        ]);
        let mut settings = Settings::default();
        read.expect("valid").apply(&mut settings, false);
        assert_eq!(
            (settings.seed, settings.jobs, settings.runs),
            (Seed(16), 3, u64::MAX)
        );
        assert_eq!(settings.time, Some(Duration::from_secs(90)));
        assert_eq!(settings.strategy, Strategy::pct(2));
    }

    #[test]
    fn what_is_no_setting_is_named() {
        let error = environment(&[("BEAMLINE_TIME", "soon")]).expect_err("no time");
        assert_eq!(
            error.to_string(),
            "BEAMLINE_TIME=soon: expected a time such as 250ms, 30s, 5m or 2h"
        );
        assert!(environment(&[("BEAMLINE_RUNS", "many")]).is_err());
        assert!(is_unknown("BEAMLINE_SEEDS") && !is_unknown("BEAMLINE_SEED"));
    }
}
