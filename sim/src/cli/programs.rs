//! The catalogue as the command sees it: selected by name, group or pattern.

use super::demo_program;
use super::error::CliError;
use super::nearest::nearest;
use crate::scenario::{Catalogue, Scenario};

/// The scenarios of the catalogue, and the one of the demonstration behind them.
pub(super) struct Programs {
    catalogue: Catalogue,
    demo: Scenario,
}

impl Programs {
    pub(super) fn new(catalogue: Catalogue) -> Programs {
        Programs {
            catalogue,
            demo: demo_program::scenario(),
        }
    }

    /// The scenarios that lists show.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Scenario> {
        self.catalogue.iter()
    }

    /// The scenario of this name, that of the demonstration included.
    pub(super) fn get(&self, name: &str) -> Option<&Scenario> {
        let demo = Some(&self.demo).filter(|demo| demo.name() == name);
        self.catalogue.get(name).or(demo)
    }

    /// The scenario of this name, or an error that names its neighbours.
    pub(super) fn named(&self, name: &str) -> Result<&Scenario, CliError> {
        self.get(name).ok_or_else(|| self.unknown(name))
    }

    /// The scenarios that the patterns select, in the order of the catalogue; none of them twice.
    /// Every pattern must select something.
    pub(super) fn select(&self, patterns: &[String]) -> Result<Vec<&Scenario>, CliError> {
        for pattern in patterns {
            let some = self.get(pattern).is_some()
                || self.listed().any(|scenario| selects(pattern, scenario));
            if !some {
                return Err(self.unknown(pattern));
            }
        }
        let demo = Some(&self.demo).filter(|demo| patterns.iter().any(|name| name == demo.name()));
        let selected = self.listed().chain(demo);
        let wanted =
            |scenario: &&Scenario| patterns.iter().any(|pattern| selects(pattern, scenario));
        Ok(selected.filter(wanted).collect())
    }

    fn unknown(&self, name: &str) -> CliError {
        let groups = self.listed().map(Scenario::group);
        let mut names: Vec<&str> = self.listed().map(Scenario::name).chain(groups).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| !name.is_empty());
        let hint = match nearest(name, names.into_iter()).as_slice() {
            [] => "`beamline list` shows them all".to_string(),
            near => format!("did you mean {}?", near.join(", or ")),
        };
        CliError::NothingRan(format!("no scenario is called {name}; {hint}"))
    }
}

/// Whether a name, group or pattern selects a scenario.
fn selects(pattern: &str, scenario: &Scenario) -> bool {
    pattern == scenario.group() || matches(pattern, scenario.name())
}

/// Whether a text matches a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for pattern in ["a::b", "*", "a::*", "*b", "a*b", "*::*", "**", "a:*:b"] {
            assert!(matches(pattern, "a::b"), "{pattern}");
        }
        for pattern in ["", "a", "b", "*a", "b*", "a::b*c", "a::b::*"] {
            assert!(!matches(pattern, "a::b"), "{pattern}");
        }
        assert!(!matches("ab*b", "ab"), "no letter counts twice");
    }

    #[test]
    fn selections_keep_the_order_and_name_what_is_unknown() {
        let catalogue = ["one::b", "one::a", "two::c"]
            .into_iter()
            .map(|name| Scenario::new(name, async || {}))
            .fold(Catalogue::new(), Catalogue::with);
        let programs = Programs::new(catalogue);
        let select = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            let selected = programs
                .select(&patterns)
                .map_err(|error| error.to_string())?;
            Ok::<_, String>(
                selected
                    .iter()
                    .map(|scenario| scenario.name())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            select(&["two", "*::a", "one::a"]),
            Ok(vec!["one::a", "two::c"])
        );
        assert_eq!(select(&["one"]), Ok(vec!["one::b", "one::a"]));
        let problem = select(&["one::b", "tow"]).expect_err("unknown");
        assert_eq!(problem, "no scenario is called tow; did you mean two?");
        assert_eq!(select(&["demo::account"]).map(|found| found.len()), Ok(1));
    }
}
