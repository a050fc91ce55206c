//! Findings in words, and the commands to go on with.
#![expect(
    clippy::disallowed_methods,
    reason = "how the command was started decides how it is to be started again"
)]

use std::io;
use std::path::Path;

use super::output::{BOLD, DIM, Output, RED, styled};
use crate::campaign::{Finding, shown};
use crate::story::Story;
use crate::world::Verdict;

/// How the command is started again.
pub(super) fn command() -> String {
    // Cargo says so to what it runs.
    if std::env::var_os("CARGO").is_some() {
        let release = if cfg!(debug_assertions) {
            ""
        } else {
            " --release"
        };
        return format!("cargo run -q{release} --");
    }
    let path = std::env::args_os().next();
    let name = path.as_deref().map(Path::new).and_then(Path::file_stem);
    name.map_or_else(
        || "beamline".into(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The numbered lines of a story.
pub(super) fn story(output: &mut Output, story: &Story) -> io::Result<()> {
    for (number, event) in (1..).zip(&story.events) {
        let number = styled(DIM, format_args!("{number:>3}"));
        output.line(format_args!("{number}  {}", event.text))?;
    }
    Ok(())
}

/// What there is to say of a verdict beyond its id.
pub(super) fn verdict(output: &mut Output, verdict: &Verdict) -> io::Result<()> {
    for line in verdict.detail.lines() {
        output.line(format_args!("     {}", line.trim_start()))?;
    }
    match &verdict.location {
        Some(location) => output.line(format_args!("     at {location}")),
        None => Ok(()),
    }
}

/// A finding as a report shows it.
pub(super) fn finding(output: &mut Output, scenario: &str, finding: &Finding) -> io::Result<()> {
    let header = &finding.artefact.header;
    let id = &finding.verdict.id;
    output.line(format_args!(
        "{}  {}  {id}  (seed {}, run {})",
        styled(RED, "FAIL"),
        styled(BOLD, scenario),
        header.seed,
        finding.run
    ))?;
    if let Some(shrinking) = &finding.shrinking {
        output.line(format_args!("     {shrinking}"))?;
    }
    story(output, &finding.story)?;
    verdict(output, &finding.verdict)?;
    let command = command();
    match &finding.file {
        Ok(Some(file)) => {
            let file = quoted(&shown(file));
            output.line(format_args!("     replay: {command} replay {file}"))?;
        }
        Ok(None) => {}
        Err(problem) => output.line(format_args!("     not saved: {problem}"))?,
    }
    if !matches!(finding.file, Ok(Some(_))) {
        let replay = match finding.token() {
            Some(token) => format!("{scenario} {token}"),
            None => format!("{scenario} --seed {} --run {}", header.seed, finding.run),
        };
        output.line(format_args!("     replay: {command} replay {replay}"))?;
    }
    Ok(())
}

/// A word for a shell.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,+=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("regressions/a-1.jsonl"), "regressions/a-1.jsonl");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
