//! From a crash input to a failure file and back, in memory and through the programs.

use std::path::PathBuf;
use std::process::{Command, Output};

use beamline_fuzz::schedule::{ConvertError, GRANULARITY, SCENARIO, Schedule, bytes_of_failure};
use beamline_sim::artefact::Artefact;
use beamline_sim::campaign;
use beamline_sim::tape::Fidelity;
use beamline_sim::{Granularity, Strategy};

mod hunt;

use hunt::hunt;

const BROKEN: &str = "broken::late_reply";
const VERDICT: &str = "always late_reply.own_answer";

/// Inputs that a hunt may try here; it needs some hundred.
const INPUTS: u64 = 20_000;

fn schedule(granularity: Granularity) -> Schedule {
    Schedule::new(BROKEN, granularity).expect("it is in the catalogue")
}

/// A failing input, at the length it was found with.
fn crash(granularity: Granularity) -> Vec<u8> {
    let (bytes, verdict) = hunt(&mut schedule(granularity), 1, INPUTS).expect("a crash");
    assert_eq!(verdict.id, VERDICT);
    bytes
}

/// A file that no other test writes.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn a_crash_becomes_a_failure_file_and_the_same_crash_again() {
    for granularity in [Granularity::Fused, Granularity::Fine] {
        let bytes = crash(granularity);
        let mut schedule = schedule(granularity);
        let failure = schedule.failure(&bytes).expect("it fails");
        let tape = schedule.tape().clone();
        assert_eq!(failure.verdict.id, VERDICT);
        assert_eq!(failure.artefact.deviations(), tape.deviations());

        let path = file(&format!("crash-{granularity}.jsonl"));
        failure.artefact.write(&path).expect("written");
        let (read, warnings) = Artefact::read(&path).expect("read");
        assert_eq!((&read, warnings.len()), (&failure.artefact, 0));

        // What `beamline replay` does with it.
        let catalogue = beamline_scenarios::catalogue();
        let scenario = catalogue.get(BROKEN).expect("it is in the catalogue");
        let campaign = scenario.campaign(scenario.settings().clone());
        let replayed = campaign::replay(&campaign, &path).expect("replayed");
        assert!(replayed.reproduced(), "{replayed}");
        assert_eq!(
            (replayed.fidelity, &replayed.divergence),
            (Fidelity::Exact, &None)
        );
        assert_eq!(replayed.story, failure.story);

        let (mut back, again) = bytes_of_failure(&read).expect("converted");
        assert_eq!(
            back.run(&again).map(|verdict| verdict.id).as_deref(),
            Some(VERDICT)
        );
        assert_eq!(back.tape(), &tape);
        assert_eq!(back.failure(&again).expect("it fails").artefact, read);
    }
}

#[test]
fn a_crash_is_shrunk_like_any_failure() {
    let bytes = crash(Granularity::Fused);
    let mut schedule = schedule(Granularity::Fused);
    let as_found = schedule.failure(&bytes).expect("it fails");
    let shrunk = schedule.shrunk_failure(&bytes).expect("it fails");
    let shrinking = shrunk.shrinking.expect("it was shrunk");
    assert_eq!(shrinking.from, as_found.artefact.steps().len());
    assert_eq!(shrinking.to, shrunk.artefact.steps().len());
    assert!(shrinking.to <= 4, "{shrinking}");
    let (_, short) = bytes_of_failure(&shrunk.artefact).expect("converted");
    assert!(short.len() <= 8, "{short:?}");
}

/// Failures of campaigns are inputs to begin with.
#[test]
fn a_failure_of_a_campaign_becomes_an_input() {
    let catalogue = beamline_scenarios::catalogue();
    let scenario = catalogue.get(BROKEN).expect("it is in the catalogue");
    let mut settings = scenario.settings().clone();
    (settings.strategy, settings.regressions) = (Strategy::random(), None);
    let report = scenario.campaign(settings).run();
    let artefact = &report.findings.first().expect("the planted bug").artefact;
    let (mut schedule, bytes) = bytes_of_failure(artefact).expect("converted");
    let verdict = schedule.run(&bytes).expect("it fails");
    assert_eq!(verdict.id, artefact.header.verdict);
}

#[test]
fn what_cannot_be_converted_says_why() {
    let mut schedule = schedule(Granularity::Fused);
    assert_eq!(schedule.failure(&[]).err(), Some(ConvertError::Sound));

    let failure = schedule
        .failure(&crash(Granularity::Fused))
        .expect("it fails");
    let mut other = failure.artefact.clone();
    other.header.verdict = "deadlock".to_string();
    let differs = ConvertError::Differs {
        recorded: "deadlock".to_string(),
        got: Some(VERDICT.to_string()),
    };
    assert_eq!(bytes_of_failure(&other).err(), Some(differs));

    let mut other = failure.artefact.clone();
    other.header.scenario = "broken::nothing".to_string();
    let error = bytes_of_failure(&other)
        .expect_err("no such scenario")
        .to_string();
    assert!(error.contains("`broken::nothing`"), "{error}");

    // A gap of 2^60 choices would be as many bytes.
    let far = failure
        .artefact
        .to_text()
        .replace("\"index\":", "\"index\":1152921504606846");
    let far = far.replace("\"checksum\":", "\"unchecked\":");
    let (far, _) = Artefact::parse(far.as_bytes()).expect("read");
    let error = bytes_of_failure(&far).err();
    assert!(
        matches!(error, Some(ConvertError::Unsayable { .. })),
        "{error:?}"
    );
}

fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_schedule"));
    command.env(SCENARIO, BROKEN).env(GRANULARITY, "fused");
    command.args(arguments).output().expect("it runs")
}

#[test]
fn the_program_replays_and_converts() {
    let [crash_file, failure, back] =
        ["crash", "program.jsonl", "back"].map(|name| file(name).display().to_string());
    std::fs::write(&crash_file, crash(Granularity::Fused)).expect("written");

    let told = program(&[&crash_file]);
    let text = String::from_utf8_lossy(&told.stdout);
    assert_eq!(told.status.code(), Some(10), "{text}");
    assert!(text.contains(&format!("violated: {VERDICT}")), "{text}");

    assert!(
        program(&["--to-failure-file", &failure, &crash_file])
            .status
            .success()
    );
    assert!(
        program(&["--from-failure-file", &failure, &back])
            .status
            .success()
    );
    let again = program(&[&back]);
    // The same story under another name.
    let story = |output: &Output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().skip(1).map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(story(&again), story(&told));

    assert_eq!(program(&["--to-failure-file"]).status.code(), Some(2));
    assert_eq!(program(&["no such file"]).status.code(), Some(1));
    std::fs::write(&crash_file, [0, 0]).expect("written");
    assert!(program(&[&crash_file]).status.success());
    assert_eq!(
        program(&["--to-failure-file", &failure, &crash_file])
            .status
            .code(),
        Some(1)
    );
}
