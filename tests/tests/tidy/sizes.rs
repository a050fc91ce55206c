//! Sizes: small files, short functions, lines that fit beside each other.
//!
//! A file aims at 150 lines of code, is reviewed beyond 400 and fails beyond 800; its comments and
//! inline tests do not count. A function has at most 70 lines, a line at most 100 columns.

use super::demand;
use super::source::{Source, block, line_of, sources, without_tests};

const FILE_AIM: usize = 150;
const FILE_REVIEWED: usize = 400;
const FILE_MAX: usize = 800;
const FUNCTION_MAX: usize = 70;
const LINE_MAX: usize = 100;

/// Files of more than 400 lines of code that were looked at and left whole, and why.
const REVIEWED: &[(&str, &str)] = &[
    (
        "bench/src/table/rows.rs",
        "one table, with a row for each workload",
    ),
    (
        "runtime/src/threads/worker.rs",
        "one loop and the seam that it fills, on one struct",
    ),
];

/// Functions of more than 70 lines, and how many they have. May only shrink.
const LONG: &[(&str, &str, usize)] = &[
    (
        "sim/src/artefact/tests/refusals.rs",
        "a_wrong_field_is_named_with_its_line_and_what_was_expected",
        133,
    ),
    ("sim/src/campaign/gather.rs", "gather", 94),
];

fn code_lines(source: &Source) -> usize {
    let code = without_tests(&source.code);
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

#[test]
fn files_are_small() {
    let mut complaints = Vec::new();
    for source in sources() {
        let (path, lines) = (&source.path, code_lines(&source));
        let reviewed = REVIEWED.iter().any(|(listed, _)| listed == path);
        if lines > FILE_MAX {
            complaints.push(format!("{path}: {lines} lines of code, {FILE_MAX} at most"));
        } else if lines > FILE_REVIEWED && !reviewed {
            complaints.push(format!(
                "{path}: {lines} lines of code; split it or list it"
            ));
        } else if lines <= FILE_REVIEWED && reviewed {
            complaints.push(format!("{path}: small again, so no longer to be listed"));
        }
    }
    for (listed, reason) in REVIEWED {
        let exists = sources().iter().any(|source| source.path == *listed);
        if !exists || reason.is_empty() {
            complaints.push(format!("{listed}: listed, but gone or without a reason"));
        }
    }
    demand("files are small", complaints);
}

#[test]
fn most_files_meet_the_aim() {
    for folder in ["runtime/src", "sim/src", "scenarios/src"] {
        let of_folder = |source: &Source| source.path.starts_with(folder);
        let found = sources().into_iter().filter(of_folder);
        let mut lines: Vec<usize> = found.map(|source| code_lines(&source)).collect();
        lines.sort_unstable();
        let median = lines[lines.len() / 2];
        assert!(
            median <= FILE_AIM,
            "half of {folder} has over {median} lines"
        );
    }
}

#[test]
fn functions_are_short() {
    let mut complaints = Vec::new();
    let mut unused: Vec<_> = LONG.to_vec();
    for source in sources() {
        for (name, line, lines) in functions(&source.code) {
            let listed = LONG.iter().find(|l| l.0 == source.path && l.1 == name);
            unused.retain(|l| !(l.0 == source.path && l.1 == name));
            let max = listed.map_or(FUNCTION_MAX, |listed| listed.2);
            if lines > max {
                let path = &source.path;
                complaints.push(format!("{path}:{line}: `{name}` has {lines} lines"));
            } else if listed.is_some() && lines < max {
                complaints.push(format!("`{name}` has {lines} lines now: lower its entry"));
            }
        }
    }
    complaints.extend(
        unused
            .iter()
            .map(|l| format!("`{}` is no longer there", l.1)),
    );
    demand("functions have at most 70 lines", complaints);
}

/// Every function with a body: its name, its line, and how many lines it has.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let starts_a_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &code[at + 3..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let name = &rest[..end.unwrap_or(0)];
        if !starts_a_word || name.is_empty() {
            continue;
        }
        let open = rest.find('{').unwrap_or(rest.len());
        // A function of a trait, or a type, has none.
        if rest.find(';').is_some_and(|semicolon| semicolon < open) && !in_brackets(&rest[..open]) {
            continue;
        }
        let lines = rest[..open + block(&rest[open..])].lines().count();
        found.push((name.to_string(), line_of(code, at), lines));
    }
    found
}

/// Whether the only semicolons of a signature are those of array types.
fn in_brackets(signature: &str) -> bool {
    let mut depth = 0;
    signature.bytes().all(|byte| {
        depth += i32::from(byte == b'[') - i32::from(byte == b']');
        byte != b';' || depth > 0
    })
}

#[test]
fn lines_fit() {
    let mut complaints = Vec::new();
    for source in sources() {
        for (number, line) in (1..).zip(source.text.lines()) {
            let columns = line.chars().count();
            if columns > LINE_MAX {
                complaints.push(format!("{}:{number}: {columns} columns", source.path));
            }
            if line.ends_with(' ') || line.contains('\t') {
                complaints.push(format!("{}:{number}: stray blanks", source.path));
            }
        }
    }
    demand("lines have at most 100 columns", complaints);
}

#[test]
fn functions_are_measured() {
    let code = "fn a(x: [u8; 4]) -> u8 {\n  if x {\n }\n}\ntrait T {\n fn b(); fn c() { }\n}\n";
    let found = functions(code);
    let short: Vec<_> = found.iter().map(|f| (&*f.0, f.1, f.2)).collect();
    assert_eq!(short, [("a", 1, 4), ("c", 6, 1)]);
}
