//! Layers: which module may name which, within `beamline` and within `beamline-sim`.
//!
//! Read from the code alone: every path that begins with `crate`, `self` or `super` is resolved to
//! the module it leads to. The table in `layers_table` says what is allowed.

use std::collections::BTreeSet;

use super::demand;
use super::layers_table::{FOREIGN, LAYERS};
use super::source::{Source, line_of, sources, without_tests};

/// A path that a file names: the line, and the parts behind the crate.
type Named = (usize, Vec<String>);

/// The module that a file is: `kernel/mod.rs` and `kernel.rs` are both `["kernel"]`.
fn module_of(path: &str) -> Option<(&str, Vec<String>)> {
    let (folder, inside) = path.split_once("/src/")?;
    let inside = inside.strip_suffix(".rs")?;
    let mut parts: Vec<String> = inside.split('/').map(str::to_string).collect();
    if parts
        .last()
        .is_some_and(|last| last == "mod" || last == "lib" || last == "main")
    {
        parts.pop();
    }
    Some((folder, parts))
}

/// Every path of this crate that the code names, groups in braces taken apart.
fn named(code: &str, module: &[String]) -> Vec<Named> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || "_:$".contains(c)) {
                continue;
            }
            for path in expand(&code[at..]) {
                found.push((line_of(code, at), resolve(&path, module)));
            }
        }
    }
    found
}

/// The paths that start here: one, or several if it ends in braces.
fn expand(text: &str) -> Vec<Vec<String>> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    let (head, rest) = text.split_at(end.unwrap_or(text.len()));
    let parts = |path: &str| -> Vec<String> {
        let parts = path.split("::").filter(|part| !part.is_empty());
        parts.map(str::to_string).collect()
    };
    let prefix = parts(head);
    if !head.ends_with("::") || !rest.starts_with('{') {
        return vec![prefix];
    }
    let inside = &rest[1..super::source::block(rest) - 1];
    let mut paths = Vec::new();
    for branch in branches(inside) {
        for suffix in expand(branch.trim()) {
            paths.push([prefix.clone(), suffix].concat());
        }
    }
    paths
}

/// What stands between the commas of a group, groups within it left whole.
fn branches(inside: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, byte) in inside.bytes().enumerate() {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        if byte == b',' && depth == 0 {
            found.push(&inside[from..at]);
            from = at + 1;
        }
    }
    found.push(&inside[from..]);
    found.retain(|branch| !branch.trim().is_empty());
    found
}

/// The parts behind the crate's root.
fn resolve(path: &[String], module: &[String]) -> Vec<String> {
    let mut at: Vec<String> = module.to_vec();
    let mut rest = path;
    match rest.first().map(String::as_str) {
        Some("crate") => (at, rest) = (Vec::new(), &rest[1..]),
        Some("self") => rest = &rest[1..],
        _ => {}
    }
    while rest.first().is_some_and(|part| part == "super") {
        at.pop();
        rest = &rest[1..];
    }
    at.extend_from_slice(rest);
    at
}

/// Whether a path is this module, or inside it.
fn within(path: &[String], module: &str) -> bool {
    let parts: Vec<&str> = module.split("::").collect();
    path.len() >= parts.len() && path.iter().zip(&parts).all(|(a, b)| a == b)
}

#[test]
fn modules_name_only_what_lies_below_them() {
    let mut complaints = Vec::new();
    let mut used = BTreeSet::new();
    for source in sources() {
        let Some((folder, module)) = module_of(&source.path) else {
            continue;
        };
        // `toy` is compiled for tests only, as the modules called `tests` are.
        if module.iter().any(|part| part == "tests" || part == "toy") {
            continue;
        }
        let rules = LAYERS.iter().enumerate();
        let rule = rules.filter(|(_, rule)| rule.0 == folder && within(&module, rule.1));
        let Some((number, (_, layer, allowed))) = rule.max_by_key(|(_, rule)| rule.1.len()) else {
            if !module.is_empty() && LAYERS.iter().any(|rule| rule.0 == folder) {
                complaints.push(format!("{}: its module has no rule", source.path));
            }
            continue;
        };
        for (line, path) in named(&without_tests(&source.code), &module) {
            let may = allowed.iter().find(|allowed| within(&path, allowed));
            if let Some(may) = may {
                used.insert((number, *may));
            } else if !within(&path, layer) && !path.is_empty() {
                let path = path.join("::");
                complaints.push(format!("{}:{line}: {layer} names {path}", source.path));
            }
        }
    }
    for (number, (folder, layer, allowed)) in LAYERS.iter().enumerate() {
        for may in allowed
            .iter()
            .filter(|may| !used.contains(&(number, **may)))
        {
            complaints.push(format!(
                "{folder}: {layer} no longer names {may}: take it out"
            ));
        }
    }
    demand("modules name only what lies below them", complaints);
}

#[test]
fn few_modules_know_other_crates() {
    let mut complaints = Vec::new();
    for (path, allowed, reason) in FOREIGN {
        let ours = |source: &&Source| source.path.starts_with("sim/src/");
        for source in sources().iter().filter(ours) {
            let code = without_tests(&source.code);
            let tests = source.path.contains("/tests");
            let names = code.contains(path) && !tests;
            if names
                && !allowed
                    .iter()
                    .any(|allowed| source.path.starts_with(allowed))
            {
                complaints.push(format!("{}: names {path} ({reason})", source.path));
            }
        }
    }
    demand("few modules know other crates", complaints);
}

#[test]
fn paths_are_resolved() {
    let module = ["a".to_string(), "b".to_string()];
    let code =
        "use crate::{c::{D, e::F}, g};\nuse super::h; fn i() { self::j::k() } use not_super::l;";
    let found: BTreeSet<(usize, String)> = named(code, &module)
        .into_iter()
        .map(|(line, path)| (line, path.join("::")))
        .collect();
    let expected = [
        (1, "c::D"),
        (1, "c::e::F"),
        (1, "g"),
        (2, "a::b::j::k"),
        (2, "a::h"),
    ];
    assert_eq!(
        found,
        expected.map(|(line, path)| (line, path.to_string())).into()
    );
    assert_eq!(
        module_of("sim/src/world/mod.rs"),
        Some(("sim", vec!["world".to_string()]))
    );
}
