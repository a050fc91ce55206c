//! Documents: short where they must be, with links that lead somewhere, and true about the code.

use std::collections::BTreeSet;
use std::fs;

use super::demand;
use super::source::{root, sources};

/// Lines that a front page may have before nobody reads to its end.
const README_MAX: usize = 199;
/// Lines that a design note may have.
const NOTE_MAX: usize = 149;
const COLUMNS_MAX: usize = 100;

/// A document: its path from the root, and its text.
fn documents() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/design", "bench"] {
        for entry in fs::read_dir(root().join(folder)).expect("the folder can be read") {
            let path = entry.expect("the entry can be read").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(root()).expect("it lies below the root");
                let text = fs::read_to_string(&path).expect("documents are text");
                found.push((name.to_string_lossy().into_owned(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn documents_are_short() {
    let mut complaints = Vec::new();
    for (name, text) in documents() {
        let max = match &*name {
            "README.md" => README_MAX,
            _ if name.starts_with("docs/design/") => NOTE_MAX,
            _ => continue,
        };
        let lines = text.lines().count();
        if lines > max {
            complaints.push(format!("{name}: {lines} lines, {max} at most"));
        }
    }
    demand("documents are short", complaints);
}

#[test]
fn lines_of_prose_fit() {
    let mut complaints = Vec::new();
    for (name, text) in documents() {
        let mut quoted = false;
        for (number, line) in (1..).zip(text.lines()) {
            quoted ^= line.trim_start().starts_with("```");
            // Rows of tables cannot be broken, and addresses need not be.
            let free = quoted || line.starts_with('|') || line.contains("](");
            if !free && line.chars().count() > COLUMNS_MAX {
                complaints.push(format!("{name}:{number}: over {COLUMNS_MAX} columns"));
            }
        }
    }
    demand("lines of prose fit", complaints);
}

#[test]
fn links_lead_somewhere() {
    let mut complaints = Vec::new();
    for (name, text) in documents() {
        let folder = root().join(&name);
        let folder = folder.parent().expect("a document is in a folder");
        for target in links(&text).filter(|target| !target.contains("://")) {
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !folder.join(file).exists() {
                complaints.push(format!("{name}: there is no {target}"));
            }
        }
    }
    demand("links lead somewhere", complaints);
}

fn links(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.match_indices("](").map(move |(at, _)| &text[at + 2..]);
    ends.filter_map(|rest| rest.split(')').next())
}

#[test]
fn design_notes_are_numbered_and_whole() {
    let notes = documents()
        .into_iter()
        .filter(|(name, _)| name.starts_with("docs/design/"));
    let mut complaints = Vec::new();
    for (number, (name, text)) in (1..).zip(notes) {
        if !name.starts_with(&format!("docs/design/{number:04}-")) {
            complaints.push(format!("{name}: expected number {number:04}"));
        }
        for heading in [
            "## Problem",
            "## Options",
            "## Choice",
            "## What would change our mind",
        ] {
            if !text.contains(&format!("\n{heading}\n")) {
                complaints.push(format!("{name}: no section `{heading}`"));
            }
        }
    }
    demand("design notes are numbered and whole", complaints);
}

/// The ids of invariants in a text: capitals and a digit, such as `INB2`.
fn ids(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let id = |word: &&str| {
        let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
        (3..=5).contains(&letters)
            && word.len() == letters + 1
            && word.as_bytes()[letters].is_ascii_digit()
    };
    words.filter(id).map(str::to_string).collect()
}

/// The ids that module documentation defines: `- INB2: …`.
fn defined() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources() {
        for line in source
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("//! - "))
        {
            if let Some((id, _)) = line.split_once(':') {
                found.extend(ids(id));
            }
        }
    }
    found
}

#[test]
fn the_map_lists_every_invariant() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("there is a map");
    let defined = defined();
    assert!(
        defined.len() > 30,
        "only {} invariants found",
        defined.len()
    );
    let listed = ids(&map);
    let missing = defined
        .difference(&listed)
        .map(|id| format!("{id} is not in ARCHITECTURE.md"));
    let gone = listed
        .difference(&defined)
        .map(|id| format!("{id} is in ARCHITECTURE.md alone"));
    demand(
        "the map lists every invariant",
        missing.chain(gone).collect(),
    );
}

/// Modules that the map has to name: all of the runtime and of the world, and those at the top of
/// the simulator, whose parts are their own business.
fn on_the_map(path: &str) -> Option<&str> {
    let deep = [
        "runtime/src/backend/",
        "runtime/src/kernel/",
        "runtime/src/otp/",
        "runtime/src/process/",
    ];
    let deeper = [
        "runtime/src/threads/",
        "sim/src/world/",
        "runtime/src/",
        "sim/src/",
    ];
    let folder = deep
        .into_iter()
        .chain(deeper)
        .find(|folder| path.starts_with(folder))?;
    let stem = path[folder.len()..].strip_suffix(".rs")?;
    let unnamed = ["lib", "mod", "tests", "loom_tests"];
    (!stem.contains('/') && !unnamed.contains(&stem)).then_some(stem)
}

#[test]
fn the_map_names_every_module() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("there is a map");
    let mut complaints = Vec::new();
    for source in sources() {
        if let Some(module) = on_the_map(&source.path)
            && !map.contains(&format!("`{module}`"))
        {
            complaints.push(format!("{}: not in ARCHITECTURE.md", source.path));
        }
    }
    demand("the map names every module", complaints);
}

#[test]
fn modules_are_found() {
    assert_eq!(on_the_map("runtime/src/kernel/inbox.rs"), Some("inbox"));
    assert_eq!(on_the_map("sim/src/shrink.rs"), Some("shrink"));
    assert_eq!(on_the_map("sim/src/shrink/passes.rs"), None);
    assert_eq!(on_the_map("tests/tests/counts.rs"), None);
}
