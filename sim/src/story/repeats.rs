//! What is said again and again, said once: a loop over a shared table is one event, and a line.

use std::fmt::Write;

/// The most clauses whose repetition in turn is noticed.
const TURN_MAX: usize = 4;
/// How often a turn of several clauses comes before it is worth a count.
const TURNS_MIN: usize = 3;
/// Between two clauses.
pub(super) const SEPARATOR: &str = ", ";

/// A line whose clauses begin at these bytes, with repetitions counted.
pub(super) fn collapse(line: &str, starts: &[usize]) -> String {
    let ends = starts.iter().skip(1).map(|next| next - SEPARATOR.len());
    let clauses: Vec<&str> = starts
        .iter()
        .zip(ends.chain([line.len()]))
        .map(|(start, end)| &line[*start..end])
        .collect();
    let mut text = line[..starts.first().copied().unwrap_or(line.len())].to_string();
    let mut rest = clauses.as_slice();
    while !rest.is_empty() {
        let (turn, times) = repetition(rest);
        if rest.len() < clauses.len() {
            text.push_str(SEPARATOR);
        }
        text.push_str(&rest[..turn].join(SEPARATOR));
        match (turn, times) {
            (_, 1) => {}
            (1, 2) => text.push_str(", twice"),
            (1, times) => {
                let _ = write!(text, ", {times} times");
            }
            (2, times) => {
                let _ = write!(text, ", both {times} times");
            }
            (turn, times) => {
                let _ = write!(text, ", these {turn} things {times} times");
            }
        }
        rest = &rest[turn * times..];
    }
    text
}

/// How many clauses at the beginning repeat in turn, and how often they come; the shortest turn.
fn repetition(clauses: &[&str]) -> (usize, usize) {
    for turn in 1..=TURN_MAX.min(clauses.len()) {
        let first = &clauses[..turn];
        let times = clauses
            .chunks_exact(turn)
            .take_while(|next| *next == first)
            .count();
        if times >= if turn == 1 { 2 } else { TURNS_MIN } {
            return (turn, times);
        }
    }
    (1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collapsed(clauses: &[&str]) -> String {
        let (mut line, mut starts) = (String::from("0.1"), Vec::new());
        for (number, clause) in clauses.iter().enumerate() {
            line.push_str(if number == 0 { " " } else { SEPARATOR });
            starts.push(line.len());
            line.push_str(clause);
        }
        collapse(&line, &starts)
    }

    #[test]
    fn repeated_clauses_are_counted() {
        assert_eq!(collapsed(&[]), "0.1");
        assert_eq!(collapsed(&["sits"]), "0.1 sits");
        assert_eq!(collapsed(&["sits", "waits"]), "0.1 sits, waits");
        assert_eq!(
            collapsed(&["sits", "waits", "waits", "ends"]),
            "0.1 sits, waits, twice, ends"
        );
        assert_eq!(collapsed(&["waits"; 497]), "0.1 waits, 497 times");
    }

    #[test]
    fn clauses_that_take_turns_are_counted_together() {
        let mut clauses = vec!["begins"];
        for _ in 0..5 {
            clauses.extend(["looks", "waits"]);
        }
        clauses.push("looks");
        assert_eq!(
            collapsed(&clauses),
            "0.1 begins, looks, waits, both 5 times, looks"
        );
        assert_eq!(
            collapsed(&["a", "b", "a", "b"]),
            "0.1 a, b, a, b",
            "two turns are read as fast as a count"
        );
        assert_eq!(
            collapsed(&["a", "b", "c"].repeat(3)),
            "0.1 a, b, c, these 3 things 3 times"
        );
        // A comma within a clause separates nothing.
        assert_eq!(collapsed(&["a, a", "a, a"]), "0.1 a, a, twice");
    }
}
