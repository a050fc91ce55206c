//! `beamline diff`.

use std::path::Path;

use super::args::Diff;
use super::error::CliError;
use super::output::{GREEN, Output, RED, styled};
use super::programs::Programs;
use super::replays::{looks_like_a_file, of_file};
use crate::campaign;
use crate::exit_code;
use crate::seed::Seed;
use crate::trace::Record;
use crate::trace_diff;

pub(super) fn diff(args: &Diff, programs: &Programs, output: &mut Output) -> Result<u8, CliError> {
    let one = trace_of(&args.one, programs)?;
    let other = trace_of(&args.other, programs)?;
    let Some(difference) = trace_diff::diff(&one, &other) else {
        output.line(format_args!("the same {} records", one.len()))?;
        return Ok(exit_code::HELD);
    };
    for line in difference.to_string().lines() {
        match line.as_bytes().first() {
            Some(b'-') => output.line(format_args!("{}", styled(RED, line)))?,
            Some(b'+') => output.line(format_args!("{}", styled(GREEN, line)))?,
            _ => output.line(format_args!("{line}"))?,
        }
    }
    Ok(exit_code::NOT_REPLAYED)
}

/// The trace of a file, or of `SCENARIO@SEED:RUN`.
fn trace_of(text: &str, programs: &Programs) -> Result<Vec<Record>, CliError> {
    if looks_like_a_file(text) {
        return Ok(of_file(Path::new(text), programs)?.1.trace);
    }
    let expected = || {
        CliError::Usage(format!(
            "`{text}` is neither a file nor SCENARIO@SEED:RUN, such as process::echo@0:12"
        ))
    };
    let (name, place) = text.rsplit_once('@').ok_or_else(expected)?;
    let (seed, run) = place.split_once(':').unwrap_or((place, "0"));
    let seed: Seed = seed.parse().map_err(|_| expected())?;
    let run: u64 = run.parse().map_err(|_| expected())?;
    let scenario = programs.named(name)?;
    let mut settings = scenario.settings().clone();
    settings.seed = seed;
    Ok(campaign::replay_seed(&scenario.campaign(settings), run).trace)
}
