//! Words that no source may hold, names that no file may have, and the first line of each file.

use super::demand;
use super::source::{Source, files, sources, without_tests};

/// Code that is never finished work, and what to do instead.
const CODE: [(&str, &str); 5] = [
    ("todo!", "finish it, or leave it out"),
    ("unimplemented!", "finish it, or leave it out"),
    ("dbg!", "it was for a moment"),
    ("#[allow(", "say #[expect(lint, reason = \"…\")]"),
    ("#![allow(", "say #![expect(lint, reason = \"…\")]"),
];

/// Names that say nothing about what is in a file.
const NAMES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "common", "misc", "imp", "types",
];

/// Files that print to standard output because that is their purpose.
const PRINTERS: [&str; 3] = ["sim/src/cli", "bench/", "fuzz/"];

/// Words that are left behind by accident. Written in parts, so that this file does not hold them.
fn leftovers() -> [String; 6] {
    let marks = [("TO", "DO"), ("FIX", "ME"), ("XX", "X")];
    let homes = [("/ho", "me/"), ("/Us", "ers/"), ("/ro", "ot/")];
    let [a, b, c] = marks.map(|(a, b)| format!("{a}{b}"));
    let [d, e, f] = homes.map(|(a, b)| format!("{a}{b}"));
    [a, b, c, d, e, f]
}

/// What these macros expand to is in other people's crates, where an `expect` may go unfulfilled.
const MACROS: [&str; 1] = ["runtime/src/process/receive_macro.rs"];

#[test]
fn no_source_holds_a_banned_word() {
    let mut complaints = Vec::new();
    for source in sources() {
        let of_macro = MACROS.contains(&&*source.path);
        for (word, instead) in CODE {
            if of_macro && word.starts_with("#[allow") {
                continue;
            }
            complaints.extend(lines_with(&source.path, &source.code, word, instead));
        }
        for word in leftovers() {
            complaints.extend(lines_with(&source.path, &source.text, &word, "left behind"));
        }
    }
    demand("no source holds a banned word", complaints);
}

#[test]
fn libraries_do_not_print() {
    let mut complaints = Vec::new();
    let library = |source: &Source| {
        let of_library = ["runtime/src", "sim/src", "scenarios/src"];
        of_library
            .iter()
            .any(|folder| source.path.starts_with(folder))
            && !PRINTERS
                .iter()
                .any(|printer| source.path.starts_with(printer))
    };
    for source in sources().iter().filter(|source| library(source)) {
        let code = without_tests(&source.code);
        // With a blank in front, so that `eprintln!` is not meant.
        for word in [" println!", " print!"] {
            complaints.extend(lines_with(
                &source.path,
                &code,
                word,
                "return it, or use stderr",
            ));
        }
    }
    demand("libraries do not print to standard output", complaints);
}

fn lines_with(path: &str, text: &str, word: &str, instead: &str) -> Vec<String> {
    let lines = (1..).zip(text.lines());
    let found = lines.filter(|(_, line)| line.contains(word));
    let complaint = |(number, _)| format!("{path}:{number}: {word} ({instead})");
    found.map(complaint).collect()
}

#[test]
fn names_of_files_say_what_is_in_them() {
    let mut complaints = Vec::new();
    for path in files("rs") {
        let parts = path.split('/').map(|part| part.trim_end_matches(".rs"));
        for part in parts.filter(|part| NAMES.contains(part)) {
            complaints.push(format!("{path}: `{part}` says nothing"));
        }
    }
    demand("names of files say what is in them", complaints);
}

#[test]
fn every_file_says_what_it_is() {
    let mut complaints = Vec::new();
    for source in sources() {
        let mut lines = source.text.lines();
        // An attribute may come first; the crate documentation may be another file.
        let first = lines.find(|line| !line.starts_with("#![cfg") && !line.trim().is_empty());
        let documented = first.is_some_and(|line| {
            line.starts_with("//! ") || line.starts_with("#![doc = include_str!(")
        });
        if !documented {
            complaints.push(format!("{}: does not begin with `//!`", source.path));
        }
    }
    demand("every file says what it is", complaints);
}
