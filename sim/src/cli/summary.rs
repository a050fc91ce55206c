//! The tables at the end of a run: what was covered, and what was not.

use std::io;
use std::time::Duration;

use clap::builder::styling::Style;

use super::judge::Judged;
use super::numbers::{count, grouped, rate, short_time};
use super::output::{GREEN, Output, RED, YELLOW, styled};
use super::table::{Column, Table};
use crate::campaign::Report;
use crate::oracle::Tally;
use crate::scenario::Expectation;

/// Columns that a paragraph may take.
const WIDTH: usize = 100;
/// Columns that its title takes.
const MARGIN: usize = 13;

/// Prints what was covered, sound scenarios first.
pub(super) fn print(output: &mut Output, judged: &[Judged<'_>]) -> io::Result<()> {
    let is_sound =
        |judged: &&Judged<'_>| matches!(judged.scenario.expectation(), Expectation::Sound);
    let (sound, planted): (Vec<_>, Vec<_>) = judged.iter().partition(is_sound);
    if !sound.is_empty() {
        print_sound(output, &sound)?;
    }
    if !sound.is_empty() && !planted.is_empty() {
        output.line(format_args!(""))?;
    }
    if !planted.is_empty() {
        print_planted(output, &planted)?;
    }
    Ok(())
}

fn print_sound(output: &mut Output, judged: &[&Judged<'_>]) -> io::Result<()> {
    let mut table = Table::new([
        Column::Text("scenario"),
        Column::Number("runs"),
        Column::Number("distinct"),
        Column::Clock("runs/s"),
        Column::Text("faults injected"),
        Column::Text("notes"),
    ]);
    for judged in judged {
        let report = &judged.report;
        let cells = [
            judged.scenario.name().to_string(),
            grouped(report.runs),
            grouped(report.distinct_traces),
            rate(report.runs, report.elapsed),
            faults(report),
            notes(judged),
        ];
        table.row(cells, style(judged));
    }
    table.print(output)
}

fn print_planted(output: &mut Output, judged: &[&Judged<'_>]) -> io::Result<()> {
    let mut table = Table::new([
        Column::Text("planted bug"),
        Column::Number("found in run"),
        Column::Clock("after"),
        Column::Number("story"),
        Column::Number("twin silent for"),
        Column::Text("verdict"),
        Column::Text("notes"),
    ]);
    for judged in judged {
        let report = &judged.report;
        let Expectation::Broken {
            verdict, story_max, ..
        } = judged.scenario.expectation()
        else {
            continue;
        };
        let (run, story, id) = match report.findings.first() {
            Some(found) => {
                let story = format!("{} of {story_max}", found.story.events.len());
                (grouped(found.run), story, found.verdict.id.clone())
            }
            None => {
                let none = format!("none of {}", grouped(report.runs));
                (none, String::new(), verdict.clone())
            }
        };
        let name = judged.scenario.name().to_string();
        let after = short_time(report.elapsed);
        let cells = [name, run, after, story, twin(judged), id, notes(judged)];
        table.row(cells, style(judged));
    }
    table.print(output)
}

fn twin(judged: &Judged<'_>) -> String {
    match &judged.twin {
        None => String::new(),
        Some(twin) if twin.is_clean() => count(twin.runs, "run"),
        Some(_) => "fails".into(),
    }
}

fn faults(report: &Report) -> String {
    let injected = report.faults.iter().filter(|count| count.injected > 0);
    let shown = injected.map(|count| format!("{} {}", count.kind, grouped(count.injected)));
    shown.collect::<Vec<_>>().join(", ")
}

fn notes(judged: &Judged<'_>) -> String {
    match (judged.passed(), judged.notes()) {
        (true, notes) => notes,
        (false, notes) => format!("FAIL {notes}"),
    }
}

fn style(judged: &Judged<'_>) -> Style {
    if judged.passed() { YELLOW } else { RED }
}

/// The last lines: a plain count, and what it took.
pub(super) fn close(
    output: &mut Output,
    judged: &[Judged<'_>],
    elapsed: Duration,
) -> io::Result<()> {
    let passed = judged.iter().filter(|judged| judged.passed()).count();
    let failed = judged.len() - passed;
    let reports = || {
        judged
            .iter()
            .flat_map(|judged| [Some(&judged.report), judged.twin.as_ref()])
    };
    let sum = |of: fn(&Report) -> u64| reports().flatten().map(of).sum::<u64>();
    output.talk(format_args!(
        "{}, {} distinct traces, {} of them made twice and compared, in {}",
        count(sum(|report| report.runs), "run"),
        grouped(sum(|report| report.distinct_traces)),
        count(sum(|report| report.doubled), "run"),
        short_time(elapsed),
    ));
    oracles(output, reports().flatten());
    let style = if failed == 0 { GREEN } else { RED };
    output.line(format_args!(
        "{}",
        styled(style, format_args!("{passed} passed, {failed} failed"))
    ))
}

/// How often each oracle judged: a paragraph for each subject, and one for those that never did.
fn oracles<'a>(output: &mut Output, reports: impl Iterator<Item = &'a Report>) {
    let mut sum = Tally::default();
    reports.for_each(|report| sum.add_all(&report.oracles));
    let mut paragraphs: Vec<(&str, Vec<String>)> = Vec::new();
    let mut never = Vec::new();
    for (oracle, judged) in sum.iter() {
        if judged == 0 {
            never.push(oracle.id.to_string());
            continue;
        }
        let entry = format!("{} {}", oracle.id, grouped(judged));
        match paragraphs.last_mut() {
            Some((subject, entries)) if *subject == oracle.subject.name() => entries.push(entry),
            _ => paragraphs.push((oracle.subject.name(), vec![entry])),
        }
    }
    if paragraphs.is_empty() {
        return;
    }
    output.talk(format_args!("judged by the built-in oracles, how often:"));
    paragraphs.push(("not exercised", never));
    for (title, entries) in paragraphs.iter().filter(|(_, entries)| !entries.is_empty()) {
        paragraph(output, title, entries);
    }
}

/// Entries in lines of limited width under a title.
fn paragraph(output: &mut Output, title: &str, entries: &[String]) {
    let mut line = format!("  {title:<MARGIN$}");
    for (number, entry) in (1..).zip(entries) {
        if line.len() > MARGIN + 2 && line.len() + entry.len() + 2 > WIDTH {
            output.talk(format_args!("{line}"));
            line = " ".repeat(MARGIN + 2);
        }
        let comma = if number == entries.len() { "" } else { "," };
        line.push_str(&format!(" {entry}{comma}"));
    }
    output.talk(format_args!("{line}"));
}
