//! Reads what was recorded: one file a group, one line a case, after a line of versions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "golden", "recorded"]
        .iter()
        .collect()
}

/// The names of all recorded groups.
pub(crate) fn groups() -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).expect("there is a folder of recordings");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("its entries can be read").path();
        path.file_stem()
            .expect("files have names")
            .to_string_lossy()
            .into_owned()
    };
    entries.map(name).collect()
}

/// How often each outcome of a case came.
type Counts = BTreeMap<String, u64>;

/// The cases of a group with their outcomes.
///
/// # Panics
/// When the group was never recorded, or its file is not as the script writes it.
pub(crate) fn cases(group: &str) -> BTreeMap<String, Counts> {
    let path = folder().join(group).with_extension("jsonl");
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run tests/golden/record", path.display()));
    let mut lines = text.lines().map(|line| {
        serde_json::from_str::<Value>(line)
            .unwrap_or_else(|error| panic!("{}: {error}: {line}", path.display()))
    });
    let versions = lines.next().expect("a recording begins with versions");
    assert!(
        versions["otp"].is_string(),
        "{}: no version of OTP",
        path.display()
    );
    let count = |(outcome, times): (&String, &Value)| {
        let times = times.as_u64().expect("outcomes are counted");
        (outcome.clone(), times)
    };
    let case = |line: Value| {
        let name = line["case"]
            .as_str()
            .expect("a line names its case")
            .to_owned();
        let outcomes = line["outcomes"].as_object().expect("a line has outcomes");
        (name, outcomes.iter().map(count).collect())
    };
    lines.map(case).collect()
}

fn counts(group: &str, name: &str) -> Counts {
    cases(group).remove(name).unwrap_or_else(|| {
        panic!("{group}/{name} was never recorded: add it to tests/golden/programs and record")
    })
}

/// The outcomes of one case.
pub(crate) fn outcomes(group: &str, name: &str) -> BTreeSet<String> {
    counts(group, name).into_keys().collect()
}

/// Those of at least a tenth of its runs: in the others a machine was too busy for its timers.
pub(crate) fn usual(group: &str, name: &str) -> BTreeSet<String> {
    let counts = counts(group, name);
    let runs: u64 = counts.values().sum();
    let usual = counts.into_iter().filter(|(_, times)| times * 10 >= runs);
    usual.map(|(outcome, _)| outcome).collect()
}
