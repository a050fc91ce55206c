//! Reports in words.
#![expect(
    clippy::disallowed_methods,
    reason = "reports say how to run the test again; runs never see it"
)]

use std::fmt::Write;
use std::path::Path;

use crate::campaign::{self, Campaign, Finding, ReplayError, Replayed, Report};

/// Lines of a story that a test shows; the file has all of it.
const STORY_MAX: usize = 12;
/// Lines of a verdict's detail that a test shows.
const DETAIL_MAX: usize = 5;

/// What a test has to do with a report.
pub(crate) enum ForTest {
    Passed,
    /// It fails with this text.
    Failed(String),
    /// A file to be replayed is of another scenario.
    NotOurs,
}

/// The report of a check: nothing if all is well.
pub(crate) fn for_test(report: &Report) -> ForTest {
    if let Some(known) = report
        .regressions
        .iter()
        .find(|known| known.verdict.is_some())
    {
        return ForTest::Failed(of_replay(&report.name, known));
    }
    match report.findings.first() {
        Some(finding) => ForTest::Failed(of_finding(report, finding)),
        None => ForTest::Passed,
    }
}

/// What a passing check has to say on standard error: what it was meant to see and did not.
pub(crate) fn whisper(report: &Report) {
    let never = report.never_seen();
    if !never.is_empty() {
        eprintln!(
            "beamline: {}: never seen in {} runs: {}",
            report.name,
            report.runs,
            never.join(", ")
        );
    }
    for known in report
        .regressions
        .iter()
        .filter(|known| known.verdict.is_none())
    {
        if let Some(file) = &known.file {
            eprintln!(
                "beamline: {}: {} {known}",
                report.name,
                campaign::shown(file)
            );
        }
    }
}

/// Replays a file for a check that was told to.
pub(crate) fn replay_for_test(campaign: &Campaign, file: &Path) -> ForTest {
    match campaign::replay(campaign, &resolve(file)) {
        Ok(replayed) if replayed.verdict.is_some() => {
            ForTest::Failed(of_replay(&campaign.name, &replayed))
        }
        Ok(replayed) => {
            eprintln!("beamline: {}: {replayed}", campaign.name);
            ForTest::Passed
        }
        Err(ReplayError::Scenario { .. }) => ForTest::NotOurs,
        Err(error) => ForTest::Failed(format!("cannot replay: {error}")),
    }
}

/// A file as given, or below the package under test.
fn resolve(file: &Path) -> std::path::PathBuf {
    let below = std::env::var_os("CARGO_MANIFEST_DIR").map(|folder| Path::new(&folder).join(file));
    match below {
        Some(below) if !file.exists() && below.exists() => below,
        _ => file.to_path_buf(),
    }
}

/// A finding as a test shows it: the last lines are what to paste.
pub(crate) fn of_finding(report: &Report, finding: &Finding) -> String {
    let mut text = String::new();
    let name = &report.name;
    let (seed, run) = (report.seed, finding.run);
    let _ = writeln!(
        text,
        "FAIL {name}: {}  (seed {seed}, run {run})",
        finding.verdict.id
    );
    if let Some(shrinking) = &finding.shrinking {
        let _ = writeln!(text, "  {shrinking}");
    }
    story(&mut text, &finding.story.events_text());
    detail(&mut text, &finding.verdict.detail);
    if let Some(location) = &finding.verdict.location {
        let _ = writeln!(text, "  at {location}");
    }
    match &finding.file {
        Ok(Some(file)) => {
            let file = campaign::shown(file);
            let _ = writeln!(
                text,
                "  saved as {file}; keep it with the code, it is tried first next time"
            );
            let _ = write!(text, "  replay: {}", paste(&file));
        }
        Ok(None) => {
            let _ = write!(
                text,
                "  replay: BEAMLINE_SEED={seed} BEAMLINE_RUNS={} {}",
                run + 1,
                command()
            );
        }
        Err(problem) => {
            let _ = writeln!(text, "  not saved: {problem}");
            if let Some(token) = finding.token() {
                let _ = writeln!(text, "  token: {token}");
            }
            let _ = write!(
                text,
                "  replay: BEAMLINE_SEED={seed} BEAMLINE_RUNS={} {}",
                run + 1,
                command()
            );
        }
    }
    text
}

fn of_replay(name: &str, replayed: &Replayed) -> String {
    let mut text = String::new();
    let file = replayed
        .file
        .as_deref()
        .map(campaign::shown)
        .unwrap_or_default();
    let _ = writeln!(text, "FAIL {name}: {replayed}");
    for warning in &replayed.warnings {
        let _ = writeln!(text, "  warning: {warning}");
    }
    if let Some(divergence) = &replayed.divergence {
        let _ = writeln!(text, "  the program has changed: {divergence}");
    }
    story(&mut text, &replayed.story.events_text());
    if let Some(location) = replayed.verdict.as_ref().and_then(|v| v.location.as_ref()) {
        let _ = writeln!(text, "  at {location}");
    }
    let _ = write!(text, "  replay: {}", paste(&file));
    text
}

fn story(text: &mut String, events: &[String]) {
    // The beginning and, if it is long, the end: where it goes wrong.
    let skipped = events.len().saturating_sub(STORY_MAX);
    let head = if skipped > 0 { 4 } else { events.len() };
    for (number, event) in (1..).zip(events) {
        if number <= head || number > head + skipped {
            let _ = writeln!(text, "  {number:>3}  {event}");
        } else if number == head + 1 {
            let _ = writeln!(
                text,
                "       … {skipped} more events, all of them in the file"
            );
        }
    }
}

fn detail(text: &mut String, detail: &str) {
    for line in detail.lines().take(DETAIL_MAX) {
        let _ = writeln!(text, "  {line}");
    }
}

/// The command that runs this test again.
fn command() -> String {
    let package = std::env::var("CARGO_PKG_NAME")
        .map(|name| format!(" -p {name}"))
        .unwrap_or_default();
    let test = std::thread::current()
        .name()
        .filter(|name| *name != "main")
        .map(str::to_string);
    format!("cargo test{package} {}", test.unwrap_or_default())
        .trim_end()
        .to_string()
}

fn paste(file: &str) -> String {
    let quoted = if file.contains(' ') {
        format!("'{file}'")
    } else {
        file.to_string()
    };
    format!("BEAMLINE_REPLAY={quoted} {}", command())
}
