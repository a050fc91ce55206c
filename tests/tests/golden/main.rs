//! Golden comparison: small programs whose outcomes were recorded from Erlang/OTP and Elixir, each
//! with a counterpart here that has to have the same outcomes.
//!
//! The programs and the recordings are under `tests/golden`, whose README says how to add a case
//! and how to record. A counterpart is searched exhaustively in the simulator, where its outcomes
//! have to be the recorded ones exactly, and runs on threads, which may miss some. Where the two
//! sides differ, a note beside the case says which outcome is only theirs or only ours and by
//! which rule; a note that is no longer true is a failure too.

mod aliases;
mod case;
mod elixir;
mod exits;
mod library;
mod links;
mod machine_player;
mod machine_scripts;
mod machines;
mod messages;
mod monitors;
mod names;
mod questions;
mod recorded;
mod scripted;
mod scripts;
mod servers;
mod servers_end;
mod signals;
mod steps;
mod supervisors;
mod tasks;
mod timers;
mod written;

use std::collections::BTreeSet;

use case::Case;

/// The groups, each a file of programs and a module here.
const GROUPS: [(&str, &[Case]); 12] = [
    ("aliases", aliases::CASES),
    ("elixir", elixir::CASES),
    ("exits", exits::CASES),
    ("library", library::CASES),
    ("links", links::CASES),
    ("messages", messages::CASES),
    ("monitors", monitors::CASES),
    ("names", names::CASES),
    ("questions", questions::CASES),
    ("servers", servers::CASES),
    ("signals", signals::CASES),
    ("timers", timers::CASES),
];

#[test]
fn every_recorded_case_has_a_counterpart() {
    let mut missing = Vec::new();
    for group in recorded::groups() {
        let here = GROUPS.iter().find(|(name, _)| *name == group);
        let here: BTreeSet<&str> = here
            .map_or(&[][..], |(_, cases)| cases)
            .iter()
            .map(|case| case.name)
            .collect();
        if ["machines", "supervisors"].contains(&&*group) {
            // Scripts are read by both sides, and each of them is looked up there.
            continue;
        }
        let there = recorded::cases(&group);
        missing.extend(
            there
                .into_keys()
                .filter(|name| !here.contains(&**name))
                .map(|name| format!("{group}/{name}")),
        );
    }
    assert!(
        missing.is_empty(),
        "recorded, but without a counterpart: {missing:?}"
    );
    let count: usize = GROUPS.iter().map(|(_, cases)| cases.len()).sum();
    assert!(count >= 370, "only {count} cases");
}

#[test]
fn every_note_names_a_rule() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/semantics.md");
    let rules = std::fs::read_to_string(path).expect("the rules can be read");
    let cases = GROUPS.iter().flat_map(|(_, cases)| *cases);
    let of_cases = cases.flat_map(|case| case.reasons().map(|why| (case.path(), why)));
    let machines = machines::OTHERWISE.iter();
    let of_machines = machines.map(|&(name, _, why)| (format!("machines/{name}"), why));
    for (path, why) in of_cases.chain(of_machines) {
        let rule = why.split(':').next().unwrap_or_default();
        let row = format!("\n| {rule} |");
        assert!(rules.contains(&row), "{path}: `{why}`: no rule");
    }
}
