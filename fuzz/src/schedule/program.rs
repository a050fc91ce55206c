//! The target as an ordinary program: replays inputs, and converts them.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use beamline_sim::Granularity;
use beamline_sim::artefact::Artefact;

use super::{GRANULARITY, SCENARIO, Schedule, bytes_of_failure};
use crate::inputs::{failed, replay_each};

const USAGE: &str = "\
usage: schedule INPUT...                               replays inputs and says what they do
       schedule --to-failure-file OUT.jsonl INPUT      makes a crash a failure file
       schedule --to-shrunk-failure-file OUT.jsonl INPUT   the same, shrunk first
       schedule --from-failure-file IN.jsonl OUT       makes a failure file an input
Inputs belong to the scenario that BEAMLINE_FUZZ_SCENARIO names, runs divided as
BEAMLINE_FUZZ_GRANULARITY says (fused or fine).
Exit codes: 0 nothing violated, or converted; 1 not possible; 2 wrong arguments; 10 violated.";

pub(super) fn main(arguments: &[OsString]) -> ExitCode {
    let option = arguments.first().and_then(|first| first.to_str());
    let paths = arguments.get(1..).unwrap_or_default();
    match (option, paths) {
        (Some("--to-failure-file"), [to, input]) => to_failure(input, to, Schedule::failure),
        (Some("--to-shrunk-failure-file"), [to, input]) => {
            to_failure(input, to, Schedule::shrunk_failure)
        }
        (Some("--from-failure-file"), [from, to]) => from_failure(from, to),
        _ => replay(arguments),
    }
}

fn replay(inputs: &[OsString]) -> ExitCode {
    let mut schedule = match Schedule::from_environment() {
        Ok(schedule) => schedule,
        Err(error) => return failed(error),
    };
    replay_each(inputs, USAGE, |bytes| {
        let (run, story) = schedule.tell(bytes);
        let (tape, scenario) = (schedule.tape(), schedule.scenario());
        let (choices, deviations) = (tape.len(), tape.deviations().len());
        println!("  {scenario}: {choices} choices, {deviations} not canonical");
        for (number, event) in (1..).zip(story.events_text()) {
            println!("  {number:>3}  {event}");
        }
        match &run.verdict {
            Some(verdict) => println!("  violated: {verdict}"),
            None => println!("  nothing was violated"),
        }
        if let Some(place) = run.verdict.as_ref().and_then(|v| v.location.as_ref()) {
            println!("  at {place}");
        }
        run.verdict.is_none()
    })
}

type Convert =
    fn(&mut Schedule, &[u8]) -> Result<beamline_sim::Finding, super::convert::ConvertError>;

fn to_failure(input: &OsString, to: &OsString, convert: Convert) -> ExitCode {
    let (input, to) = (Path::new(input), Path::new(to));
    let bytes = match std::fs::read(input) {
        Ok(bytes) => bytes,
        Err(error) => return failed(format_args!("{}: {error}", input.display())),
    };
    let mut schedule = match Schedule::from_environment() {
        Ok(schedule) => schedule,
        Err(error) => return failed(error),
    };
    let finding = match convert(&mut schedule, &bytes) {
        Ok(finding) => finding,
        Err(error) => return failed(format_args!("{}: {error}", input.display())),
    };
    if let Err(error) = finding.artefact.write(to) {
        return failed(format_args!("cannot write {}: {error}", to.display()));
    }
    println!("{}: {}", schedule.scenario(), finding.verdict);
    if let Some(shrinking) = finding.shrinking {
        println!("{shrinking}");
    }
    println!("saved as {}", to.display());
    ExitCode::SUCCESS
}

fn from_failure(from: &OsString, to: &OsString) -> ExitCode {
    let (from, to) = (Path::new(from), Path::new(to));
    let artefact = match Artefact::read(from) {
        Ok((artefact, _)) => artefact,
        Err(error) => return failed(format_args!("{}: {error}", from.display())),
    };
    let (schedule, bytes) = match bytes_of_failure(&artefact) {
        Ok(converted) => converted,
        Err(error) => return failed(format_args!("{}: {error}", from.display())),
    };
    if let Err(error) = std::fs::write(to, &bytes) {
        return failed(format_args!("cannot write {}: {error}", to.display()));
    }
    let fine = artefact.header.granularity == Granularity::Fine;
    let granularity = if fine { "fine" } else { "fused" };
    println!("saved as {}, {} bytes, for", to.display(), bytes.len());
    println!(
        "  {SCENARIO}={} {GRANULARITY}={granularity}",
        schedule.scenario()
    );
    ExitCode::SUCCESS
}
