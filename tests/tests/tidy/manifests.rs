//! Manifests: every dependency has a line that says what it is for, and the crates depend on each
//! other in one direction.

use std::fs;

use super::demand;
use super::source::root;

const CRATES: [&str; 6] = ["runtime", "sim", "scenarios", "tests", "bench", "fuzz"];

/// The crates of this workspace that each of them may depend on.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("runtime", &[]),
    ("sim", &["beamline"]),
    ("scenarios", &["beamline", "beamline-sim"]),
    ("tests", &["beamline", "beamline-sim", "beamline-scenarios"]),
    ("bench", &["beamline", "beamline-sim"]),
    ("fuzz", &["beamline", "beamline-sim", "beamline-scenarios"]),
];

#[derive(Debug)]
struct Dependency {
    name: String,
    line: String,
    number: usize,
    commented: bool,
}

fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let (mut inside, mut commented) = (false, false);
    for (number, line) in (1..).zip(manifest.lines()) {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).ends_with("dependencies");
        } else if let Some((name, _)) = line
            .split_once('=')
            .filter(|_| inside && !line.starts_with('#'))
        {
            let name = name.trim().trim_end_matches(".workspace").to_string();
            found.push(Dependency {
                name,
                line: line.to_string(),
                number,
                commented,
            });
        }
        commented = line.starts_with("# ");
    }
    found
}

fn manifest(folder: &str) -> String {
    fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a crate has a manifest")
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let mut complaints = Vec::new();
    for folder in CRATES {
        for dependency in dependencies(&manifest(folder)) {
            let Dependency {
                name,
                number,
                commented,
                ..
            } = dependency;
            if !commented {
                complaints.push(format!(
                    "{folder}/Cargo.toml:{number}: {name} has no comment above"
                ));
            }
        }
    }
    demand("every dependency says what it is for", complaints);
}

#[test]
fn crates_depend_downwards_only() {
    let mut complaints = Vec::new();
    for (folder, allowed) in ALLOWED {
        for Dependency { name, .. } in dependencies(&manifest(folder)) {
            if name.starts_with("beamline") && !allowed.contains(&&*name) {
                complaints.push(format!("{folder} must not depend on {name}"));
            }
        }
    }
    let sim = dependencies(&manifest("sim"));
    let plain = sim.iter().find(|dependency| dependency.name == "beamline");
    if plain.is_none_or(|dependency| !dependency.line.contains("default-features = false")) {
        complaints.push("sim must depend on beamline without its default features".into());
    }
    demand("crates depend downwards only", complaints);
}

#[test]
fn every_crate_is_looked_at() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("there is one");
    let members = workspace.lines().find(|line| line.starts_with("members"));
    let members = members.expect("the workspace has members");
    assert_eq!(members.matches('"').count(), 2 * CRATES.len(), "{members}");
    assert!(
        CRATES
            .iter()
            .all(|folder| members.contains(&format!("\"{folder}\"")))
    );
    let found = dependencies("[dependencies]\n# Why.\na = 1\nb = 2\n[lints]\nc = 3\n");
    let seen: Vec<_> = found.iter().map(|d| (&*d.name, d.commented)).collect();
    assert_eq!(seen, [("a", true), ("b", false)]);
}
