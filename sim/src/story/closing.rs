//! The last line of a story whose verdict no event of the run stands for.

use std::fmt::Write;

use crate::world::Verdict;

/// The line of a verdict that no event of the run stands for.
pub(super) fn line(verdict: &Verdict, left_out: usize) -> String {
    let mut lines = verdict.detail.lines();
    let first = lines.next().unwrap_or("");
    let mut text = format!("{}: {first}", verdict.id);
    // The line that matters most; the report has the others.
    if let Some(second) = lines.next() {
        let joined = if first.ends_with(':') { " " } else { "; " };
        let _ = write!(text, "{joined}{}", second.trim());
    }
    if left_out > 0 {
        let _ = write!(text, "; {left_out} events came before these");
    }
    text
}
