//! Mistakes of users, and whether what they are told helps.

use beamline_sim::{Check, check};

/// The verdict of a program that fails.
fn verdict<F: AsyncFn() + Send + Sync + 'static>(name: &str, body: F) -> (String, String) {
    let check = Check::new(name).runs(20).regressions(None);
    let report = check.report(body);
    let finding = report.findings.first().expect("it fails");
    (finding.verdict.id.clone(), finding.verdict.detail.clone())
}

#[test]
fn a_check_inside_a_process_is_refused() {
    let (id, detail) = verdict("outer", async || check("inner", async || {}));
    assert!(id.starts_with("panic"), "{id}");
    assert!(
        detail.contains("\"inner\" is made inside a process"),
        "{detail}"
    );
}
