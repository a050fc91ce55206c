//! `docs/semantics.md` is complete, and every test that it names exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

/// The groups of rules and the numbers of each: one range, or one for each section.
const GROUPS: [(&str, &[RangeInclusive<u32>]); 21] = [
    ("P", &[1..=83]),
    ("SIG", &[1..=46]),
    ("MBX", &[1..=17]),
    ("LNK", &[1..=19]),
    ("MON", &[1..=29]),
    ("TMR", &[1..=22]),
    ("REG", &[1..=31]),
    ("RGY", &[1..=44]),
    ("TASK", &[1..=74]),
    ("TSUP", &[1..=23]),
    ("PL", &[1..=25]),
    ("GS", &[1..=93]),
    ("SYS", &[1..=20]),
    ("LOG", &[1..=13]),
    ("AGT", &[1..=16]),
    ("APP", &[1..=45]),
    ("SUP", SUP),
    ("DSUP", &[1..=40]),
    ("PSUP", &[1..=19]),
    ("GSM", GSM),
    ("SEED", &[1..=10]),
];

/// Supervisors: specifications, flags, starts, exits, strategies, budget, retries, stops,
/// templates, requests, automatic shutdown, reports, the process, nesting, Elixir.
const SUP: &[RangeInclusive<u32>] = &[
    101..=119,
    201..=216,
    301..=314,
    401..=408,
    501..=510,
    601..=613,
    701..=713,
    801..=816,
    901..=916,
    1001..=1020,
    1101..=1113,
    1201..=1207,
    1301..=1312,
    1401..=1407,
    1501..=1509,
];

/// State machines: starts, styles, events, results, actions, postponing, inserting, timeouts,
/// entering, modules, requests, ends, system messages, hibernation, Elixir.
const GSM: &[RangeInclusive<u32>] = &[
    101..=112,
    201..=207,
    301..=308,
    401..=409,
    501..=509,
    601..=608,
    701..=703,
    801..=833,
    901..=916,
    1001..=1005,
    1101..=1116,
    1201..=1212,
    1301..=1307,
    1401..=1404,
    1501..=1506,
];

/// One row of the tables.
#[derive(Debug)]
struct Row {
    group: String,
    number: u32,
    rule: String,
    status: String,
    tests: Vec<String>,
}

impl Row {
    /// The row that this line holds, unless it is other text.
    fn parse(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line
            .strip_prefix('|')?
            .strip_suffix('|')?
            .split('|')
            .collect();
        let &[rule_number, rule, status, tests] = cells.as_slice() else {
            panic!("a row has four cells, but: {line}")
        };
        let (group, number) = rule_number.trim().split_once('-')?;
        Some(Self {
            group: group.to_owned(),
            number: number.parse().ok()?,
            rule: rule.trim().to_owned(),
            status: status.trim().to_owned(),
            tests: names(tests),
        })
    }

    /// Whether tests hold this rule.
    fn is_tested(&self) -> bool {
        self.status.starts_with("same") || self.status.starts_with("differs: ")
    }

    /// The rule's number as the tests' names begin with it.
    fn prefix(&self) -> String {
        format!("{}_{:03}_", self.group.to_lowercase(), self.number)
    }
}

/// The test names in a cell: comma-separated, each in backticks.
fn names(cell: &str) -> Vec<String> {
    let names = cell
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names
        .map(|name| {
            let bare = name
                .strip_prefix('`')
                .and_then(|name| name.strip_suffix('`'));
            bare.unwrap_or_else(|| panic!("{name} is not in backticks"))
                .to_owned()
        })
        .collect()
}

/// Every row of the page.
fn rows() -> Vec<Row> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/semantics.md");
    let page = fs::read_to_string(page).expect("the page is part of the repository");
    page.lines().filter_map(Row::parse).collect()
}

/// The names of all tests in the sources below this folder.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("sources are text");
            found.extend(tests_in(&source));
        }
    }
}

/// The names of the functions that directly follow a test attribute.
fn tests_in(source: &str) -> impl Iterator<Item = String> + '_ {
    source.split("#[test]").skip(1).filter_map(|rest| {
        let (_, from_name) = rest.split_once("fn ")?;
        let (name, _) = from_name.split_once('(')?;
        Some(name.to_owned())
    })
}

/// The names of all tests of this package.
fn all_tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    tests_below(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"),
        &mut found,
    );
    found
}

#[test]
fn every_rule_has_exactly_one_row() {
    let mut seen: BTreeMap<(String, u32), u32> = BTreeMap::new();
    for row in rows() {
        *seen.entry((row.group, row.number)).or_default() += 1;
    }
    for (group, sections) in GROUPS {
        for number in sections.iter().cloned().flatten() {
            let times = seen.remove(&(group.to_owned(), number)).unwrap_or(0);
            assert_eq!(times, 1, "{group}-{number} has {times} rows");
        }
    }
    assert!(seen.is_empty(), "no such rules: {seen:?}");
}

#[test]
fn every_row_says_the_rule_and_where_beamline_stands() {
    for Row {
        group,
        number,
        rule,
        status,
        ..
    } in rows()
    {
        assert!(!rule.is_empty(), "{group}-{number} does not say its rule");
        let known = ["differs: ", "does not apply: ", "later: "];
        let explained = known.iter().any(|&known| {
            status
                .strip_prefix(known)
                .is_some_and(|reason| !reason.is_empty())
        });
        let same = status == "same" || status.starts_with("same; ");
        assert!(same || explained, "{group}-{number} stands at {status:?}");
    }
}

#[test]
fn every_rule_that_beamline_follows_names_its_tests() {
    for row in rows() {
        let rule = format!("{}-{}", row.group, row.number);
        assert_eq!(
            row.is_tested(),
            !row.tests.is_empty(),
            "{rule} against {:?}",
            row.tests
        );
        for test in &row.tests {
            assert!(
                test.starts_with(&row.prefix()),
                "{rule} names {test}, a test of another rule"
            );
        }
    }
}

#[test]
fn every_test_named_exists_and_every_test_of_a_rule_is_named() {
    let existing = all_tests();
    let mut named = BTreeSet::new();
    for test in rows().into_iter().flat_map(|row| row.tests) {
        assert!(
            existing.contains(&test),
            "{test} is named but does not exist"
        );
        named.insert(test);
    }
    let groups = GROUPS.map(|(group, _)| format!("{}_", group.to_lowercase()));
    for test in existing.difference(&named) {
        let of_a_rule = groups.iter().any(|group| {
            let rest = test.strip_prefix(group.as_str());
            rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        });
        assert!(!of_a_rule, "{test} is missing in the table");
    }
}

/// The suites, and how many of the cases of each concern Beamline.
const SUITES: [(&str, usize); 31] = [
    ("Elixir's tests of Task", 115),
    ("Elixir's tests of Task.Supervisor", 44),
    ("Supervisors (`supervisor_SUITE`)", 78),
    ("Elixir's tests of Supervisor (`supervisor_test`)", 16),
    (
        "Elixir's tests of DynamicSupervisor (`dynamic_supervisor_test`)",
        39,
    ),
    ("OTP's tests of global names", 13),
    ("OTP's test of local names", 1),
    ("Elixir's tests of Registry", 6),
    ("Elixir's tests of unique registries", 36),
    ("Elixir's tests of duplicate registries", 32),
    ("Elixir's tests of PartitionSupervisor", 20),
    ("Processes (`process_SUITE`)", 71),
    ("Signals (`signal_SUITE`)", 19),
    ("Links (`erl_link_SUITE`)", 7),
    ("Monitors (`monitor_SUITE`)", 21),
    ("Receiving (`receive_SUITE`)", 11),
    ("Timeouts of receives (`after_SUITE`)", 9),
    ("Hibernation (`hibernate_SUITE`)", 6),
    ("Timers (`timer_bif_SUITE`)", 22),
    ("The timer module (`timer_SUITE`)", 1),
    ("Exceptions (`exception_SUITE`)", 6),
    ("Elixir's tests of Process (`process_test`)", 15),
    ("The start protocol (`proc_lib_SUITE`)", 14),
    ("Servers (`gen_server_SUITE`)", 56),
    ("Elixir's tests of GenServer (`gen_server_test`)", 13),
    ("System messages (`sys_SUITE`)", 7),
    ("Elixir's tests of Agent (`agent_test`)", 7),
    ("State machines (`gen_statem_SUITE`)", 45),
    ("Elixir's tests of GenStateMachine", 8),
    ("Applications (`application_SUITE`)", 22),
    ("Elixir's tests of Application (`application_test`)", 6),
];

#[test]
fn every_case_of_a_suite_names_tests_that_exist_or_a_reason() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/suites.md");
    let page = fs::read_to_string(page).expect("the page is part of the repository");
    let existing = all_tests();
    let mut suites: Vec<(&str, usize)> = Vec::new();
    for line in page.lines() {
        if let Some(suite) = line.strip_prefix("## ") {
            suites.push((suite, 0));
        }
        let Some((_, cases)) = suites.last_mut().filter(|_| line.starts_with("| ")) else {
            continue;
        };
        let held_by = line.trim_end_matches(" |").rsplit(" | ").next();
        let held_by = held_by.expect("a row has two cells");
        if held_by == "held by" {
            continue;
        }
        *cases += 1;
        for test in held_by.split('`').skip(1).step_by(2) {
            assert!(
                existing.contains(test),
                "{test} is named but does not exist"
            );
        }
        let known = ["later: ", "does not apply: ", "differs: "];
        let reason = known.iter().any(|&known| held_by.contains(known));
        assert!(reason || held_by.contains('`'), "no reason: {line}");
    }
    assert_eq!(suites, SUITES);
}
