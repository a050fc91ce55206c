//! `docs/oracles.md` holds the matrix of oracles and mutants, built afresh here and compared.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use beamline_sim::oracle::ORACLES;

use super::CASES;

const BEGIN: &str = "<!-- from here on made by the test `oracles`, with UPDATE_ORACLES=1 -->\n";

/// The matrix, as the document has it.
fn table() -> String {
    let mut table = String::from(
        "\n| oracle | subject | it says | rules | finds the mutant | in the program |\n\
         |---|---|---|---|---|---|\n",
    );
    for oracle in ORACLES {
        let cases = || CASES.iter().filter(|case| case.oracle == oracle.id);
        let mutants: Vec<String> = cases().map(|case| format!("`{:?}`", case.mutant)).collect();
        let programs: Vec<String> = cases().map(|case| format!("`{}`", case.name)).collect();
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} |",
            oracle.id,
            oracle.subject.name(),
            oracle.says,
            oracle.rules,
            mutants.join(", "),
            programs.join(", ")
        );
    }
    table
}

#[test]
fn every_oracle_has_a_mutant_and_every_case_an_oracle() {
    for oracle in ORACLES {
        let has_case = CASES.iter().any(|case| case.oracle == oracle.id);
        assert!(has_case, "{} kills no mutant", oracle.id);
    }
    for case in CASES {
        let known = ORACLES.iter().any(|oracle| oracle.id == case.oracle);
        assert!(known, "there is no oracle {}", case.oracle);
    }
}

#[test]
fn the_document_has_the_matrix() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/oracles.md");
    let text = fs::read_to_string(&file).expect("docs/oracles.md can be read");
    let (prose, old) = text
        .split_once(BEGIN)
        .expect("the mark where the matrix begins");
    let new = table();
    if std::env::var_os("UPDATE_ORACLES").is_some() {
        fs::write(&file, format!("{prose}{BEGIN}{new}")).expect("docs/oracles.md can be written");
        return;
    }
    assert!(
        old == new,
        "docs/oracles.md is out of date: run this test with UPDATE_ORACLES=1 and look at the change"
    );
}
