//! Traces as text and as JSON lines, and how two of them differ.
//!
//! ```text
//! first difference: record 9 of step 2
//!   in one    step 2 0.1 receives Get(<0>) from 0
//!   in other  step 2 0.2 receives Get(<0>) from 0
//! ```

use std::fmt;

use similar::{ChangeTag, TextDiff};

use crate::trace::Record;

mod machine;
mod text;

use text::Labels;

/// Equal records shown before the first difference.
const BEFORE: usize = 3;
/// Records of each trace that are compared from there.
const WINDOW: usize = 200;
/// Lines of the comparison that are shown.
const LINES_MAX: usize = 40;

/// How two traces differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceDiff {
    /// The event of the run in which they differ first; the later one if only one goes on.
    pub step: u64,
    /// The number of the first record that differs, from 0.
    pub record: usize,
    /// That record in words, in the first trace; none if that has ended.
    pub one: Option<String>,
    /// The same in the second trace.
    pub other: Option<String>,
    /// What surrounds it, line by line: ` ` in both, `-` in the first, `+` in the second.
    pub unified: String,
}

impl fmt::Display for TraceDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = "(the run has ended)";
        let one = self.one.as_deref().unwrap_or(ended);
        let other = self.other.as_deref().unwrap_or(ended);
        writeln!(
            f,
            "first difference: record {} of step {}",
            self.record, self.step
        )?;
        writeln!(f, "  in one    {one}")?;
        writeln!(f, "  in other  {other}")?;
        f.write_str(&self.unified)
    }
}

/// The first difference of two traces and what surrounds it; none if they are equal.
pub fn diff(one: &[Record], other: &[Record]) -> Option<TraceDiff> {
    let equal = one
        .iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .count();
    if equal == one.len() && equal == other.len() {
        return None;
    }
    let labels = Labels::of(one.iter().chain(other));
    let line = |record: &Record| text::line(record, &labels);
    let (first_of_one, first_of_other) = (one.get(equal), other.get(equal));
    let steps = [first_of_one, first_of_other].map(|first| first.map_or(0, |first| first.step));
    let from = equal.saturating_sub(BEFORE);
    let window = |trace: &[Record]| -> Vec<String> {
        let end = trace.len().min(equal + WINDOW);
        trace
            .get(from..end)
            .unwrap_or_default()
            .iter()
            .map(line)
            .collect()
    };
    Some(TraceDiff {
        step: steps[0].max(steps[1]),
        record: equal,
        one: first_of_one.map(line),
        other: first_of_other.map(line),
        unified: unified(&window(one), &window(other)),
    })
}

fn unified(one: &[String], other: &[String]) -> String {
    let one: Vec<&str> = one.iter().map(String::as_str).collect();
    let other: Vec<&str> = other.iter().map(String::as_str).collect();
    let compared = TextDiff::from_slices(&one, &other);
    let mut unified = String::new();
    for change in compared.iter_all_changes().take(LINES_MAX) {
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        unified.push(sign);
        unified.push_str(change.value());
        unified.push('\n');
    }
    unified
}

/// A trace as lines of text, one per record.
pub fn text(trace: &[Record]) -> String {
    let labels = Labels::of(trace.iter());
    let lines = trace
        .iter()
        .map(|record| text::line(record, &labels) + "\n");
    lines.collect()
}

/// A trace as JSON lines, one object per record: the step, the virtual time in nanoseconds, the
/// kind as `k` and what belongs to that kind.
pub fn json_lines(trace: &[Record]) -> String {
    let mut lines = String::new();
    for record in trace {
        // A record holds nothing that JSON has no form for.
        if let Ok(line) = serde_json::to_string(record) {
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    lines
}

#[cfg(test)]
mod tests;
