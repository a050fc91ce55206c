//! Same seed, same bytes: across runs, jobs, operating system processes and build profiles
//! (contract C12).

use std::hash::{DefaultHasher, Hasher};
use std::process::Command;

use beamline_sim::campaign::{Campaign, Report, replay_seed};
use beamline_sim::{Check, Faults, Seed};

#[path = "determinism/programs.rs"]
mod programs;

use programs::{Body, PROGRAMS};

const SEEDS: u64 = 200;

/// What a child of this test prints before a hash.
const MARK: &str = "trace hash of";

fn check(name: &str, seed: u64) -> Check {
    let faults = Faults::none().crashes(1).timeouts(1);
    Check::new(name)
        .seed(Seed(seed))
        .faults(faults)
        .regressions(None)
}

/// The whole trace of the first run of a seed, as text.
fn trace(name: &str, body: fn() -> Body, seed: u64) -> String {
    let campaign: Campaign = check(name, seed).campaign(body);
    let run = replay_seed(&campaign, 0);
    assert!(!run.trace.is_empty(), "{name}: seed {seed} left no trace");
    format!("{:?} {:#?}", run.verdict, run.trace)
}

/// One number for the traces of all seeds.
fn hash(name: &str, body: fn() -> Body) -> u64 {
    let mut hasher = DefaultHasher::new();
    for seed in 0..SEEDS {
        hasher.write(trace(name, body, seed).as_bytes());
    }
    hasher.finish()
}

/// The lines that say what every program hashes to.
fn lines() -> Vec<String> {
    PROGRAMS
        .iter()
        .map(|(name, body)| format!("{MARK} {name}: {:016x}", hash(name, *body)))
        .collect()
}

#[test]
fn a_seed_gives_the_same_trace_twice() {
    for (name, body) in PROGRAMS {
        for seed in 0..SEEDS {
            let (first, second) = (trace(name, body, seed), trace(name, body, seed));
            if first != second {
                let differ = |(a, b): &(&str, &str)| a != b;
                let difference = first.lines().zip(second.lines()).find(differ);
                panic!("{name}: seed {seed} gave two traces, which differ at {difference:?}");
            }
        }
    }
}

/// Programs that did one thing only would be deterministic too.
#[test]
fn seeds_differ_from_each_other() {
    for (name, body) in PROGRAMS {
        let report = check(name, 1).runs(SEEDS).report(body);
        assert!(
            report.distinct_traces > SEEDS / 4,
            "{name}: {} traces",
            report.distinct_traces
        );
    }
}

/// All that a report says but the wall time.
fn said(report: &Report) -> String {
    let findings: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (finding.run, &finding.verdict, &finding.trace))
        .collect();
    format!(
        "{} runs, {} doubled, {} steps, {} traces\n{:?}\n{:?}\n{:?}\n{findings:?}",
        report.runs,
        report.doubled,
        report.steps,
        report.distinct_traces,
        report.sites,
        report.faults,
        report.strategies,
    )
}

#[test]
fn a_report_does_not_depend_on_the_number_of_jobs() {
    for (name, body) in PROGRAMS {
        let alone = check(name, 7).runs(3_000).jobs(1).report(body);
        for jobs in [2, 3] {
            let shared = check(name, 7).runs(3_000).jobs(jobs).report(body);
            assert_eq!(said(&alone), said(&shared), "{name}: {jobs} jobs");
        }
    }
}

/// The first failure is that of the lowest run, whoever made it.
#[test]
fn a_finding_does_not_depend_on_the_number_of_jobs() {
    let body = programs::rarely_wrong;
    let alone = check("rarely wrong", 3).runs(20_000).jobs(1).report(body);
    assert_eq!(alone.findings.len(), 1, "the program is wrong now and then");
    for jobs in [2, 3] {
        let shared = check("rarely wrong", 3)
            .runs(20_000)
            .jobs(jobs)
            .report(body);
        assert_eq!(said(&alone), said(&shared), "{jobs} jobs");
    }
}

/// Prints the hashes for the tests below, which run this one in another process.
#[test]
#[ignore = "prints what other tests compare"]
fn print() {
    for line in lines() {
        println!("\n{line}");
    }
}

/// The hashes that a command prints.
fn printed(command: &mut Command) -> Vec<String> {
    let output = command.output().expect("the command can be started");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?} failed: {text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text.lines()
        .filter(|line| line.starts_with(MARK))
        .map(str::to_string)
        .collect()
}

const ONLY_PRINT: [&str; 4] = ["--exact", "print", "--ignored", "--nocapture"];

#[test]
fn another_process_gives_the_same_traces() {
    let this = std::env::current_exe().expect("a test knows its executable");
    let theirs = printed(
        Command::new(this)
            .args(ONLY_PRINT)
            .env("RUST_BACKTRACE", "full"),
    );
    assert_eq!(theirs, lines());
}

#[test]
#[ignore = "builds everything in the other profile, which takes minutes"]
fn debug_and_release_builds_give_the_same_traces() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "test",
        "--quiet",
        "--package",
        "beamline-tests",
        "--test",
        "determinism",
    ]);
    if cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let theirs = printed(cargo.arg("--").args(ONLY_PRINT));
    assert_eq!(theirs, lines());
}
