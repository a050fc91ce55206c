//! What `run --json` prints: one object per line, told apart by `type`.
//!
//! | type | when |
//! |---|---|
//! | `run_started` | first: what is going to be run, and the version of these lines as `schema` |
//! | `finding` | for each failure, planted ones included, told apart by `expected` |
//! | `campaign_finished` | after each scenario |
//! | `run_finished` | last: how many did what is expected, and the exit code |

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use serde::Serialize;

use super::args::Shard;
use super::judge::Judged;
use super::output::Output;
use crate::campaign::{Finding, Report, shown};
use crate::world::Verdict;

/// The version of these lines: it rises when a field changes its meaning or goes.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    RunStarted {
        schema: u32,
        beamline: &'a str,
        seed: String,
        strategy: String,
        jobs: usize,
        shard: Option<String>,
        scenarios: Vec<&'a str>,
    },
    Finding {
        scenario: &'a str,
        expected: bool,
        seed: String,
        run: u64,
        #[serde(flatten)]
        verdict: &'a Verdict,
        deviations: usize,
        story: Vec<&'a str>,
        file: Option<String>,
        /// Why there is no file although one was asked for.
        not_saved: Option<&'a str>,
        token: Option<String>,
    },
    CampaignFinished {
        scenario: &'a str,
        passed: bool,
        notes: String,
        runs: u64,
        doubled: u64,
        distinct_traces: u64,
        steps: u64,
        findings: usize,
        never_seen: Vec<&'a str>,
        faults: BTreeMap<&'static str, u64>,
        strategies: BTreeMap<&'a str, u64>,
        /// How often each oracle judged; zero is "not exercised".
        oracles: BTreeMap<&'static str, u64>,
        elapsed_ms: u64,
        twin: Option<Twin<'a>>,
    },
    RunFinished {
        passed: usize,
        failed: usize,
        interrupted: bool,
        exit_code: u8,
        elapsed_ms: u64,
    },
}

#[derive(Serialize)]
struct Twin<'a> {
    scenario: &'a str,
    runs: u64,
    distinct_traces: u64,
    findings: usize,
}

fn print(output: &mut Output, line: &Line<'_>) -> io::Result<()> {
    let text = serde_json::to_string(line).map_err(io::Error::other)?;
    output.line(format_args!("{text}"))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What is common to all campaigns of a command.
pub(super) struct Started<'a> {
    pub(super) seed: String,
    pub(super) strategy: String,
    pub(super) jobs: usize,
    pub(super) shard: Option<Shard>,
    pub(super) scenarios: Vec<&'a str>,
}

pub(super) fn started(output: &mut Output, started: Started<'_>) -> io::Result<()> {
    let Started {
        seed,
        strategy,
        jobs,
        shard,
        scenarios,
    } = started;
    let shard = shard.map(|Shard { number, of }| format!("{number}/{of}"));
    let beamline = env!("CARGO_PKG_VERSION");
    let line = Line::RunStarted {
        schema: SCHEMA,
        beamline,
        seed,
        strategy,
        jobs,
        shard,
        scenarios,
    };
    print(output, &line)
}

pub(super) fn finding(
    output: &mut Output,
    scenario: &str,
    finding: &Finding,
    expected: bool,
) -> io::Result<()> {
    let file = finding.file.as_ref().ok().and_then(Option::as_ref);
    let line = Line::Finding {
        scenario,
        expected,
        seed: finding.artefact.header.seed.to_string(),
        run: finding.run,
        verdict: &finding.verdict,
        deviations: finding.artefact.steps().len(),
        story: finding
            .story
            .events
            .iter()
            .map(|event| event.text.as_str())
            .collect(),
        file: file.map(|file| shown(file)),
        not_saved: finding.file.as_ref().err().map(String::as_str),
        token: finding.token(),
    };
    print(output, &line)
}

pub(super) fn finished(output: &mut Output, judged: &Judged<'_>) -> io::Result<()> {
    let report = &judged.report;
    let strategies = report
        .strategies
        .iter()
        .map(|count| (count.name.as_str(), count.runs));
    let line = Line::CampaignFinished {
        scenario: judged.scenario.name(),
        passed: judged.passed(),
        notes: judged.notes(),
        runs: report.runs,
        doubled: report.doubled,
        distinct_traces: report.distinct_traces,
        steps: report.steps,
        findings: report.findings.len(),
        never_seen: report.never_seen(),
        faults: report
            .faults
            .iter()
            .map(|count| (count.kind.name(), count.injected))
            .collect(),
        strategies: strategies.collect(),
        oracles: (report.oracles.iter())
            .map(|(oracle, judged)| (oracle.id, judged))
            .collect(),
        elapsed_ms: millis(report.elapsed),
        twin: judged.twin.as_ref().map(twin),
    };
    print(output, &line)
}

fn twin(report: &Report) -> Twin<'_> {
    Twin {
        scenario: &report.name,
        runs: report.runs,
        distinct_traces: report.distinct_traces,
        findings: report.findings.len(),
    }
}

pub(super) fn all_finished(
    output: &mut Output,
    judged: &[Judged<'_>],
    exit_code: u8,
    interrupted: bool,
    elapsed: Duration,
) -> io::Result<()> {
    let passed = judged.iter().filter(|judged| judged.passed()).count();
    let line = Line::RunFinished {
        passed,
        failed: judged.len() - passed,
        interrupted,
        exit_code,
        elapsed_ms: millis(elapsed),
    };
    print(output, &line)
}
