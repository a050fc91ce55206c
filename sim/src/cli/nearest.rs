//! The names nearest to one that does not exist.

/// Names shown.
const SUGGESTIONS_MAX: usize = 3;

/// The names nearest to `wanted`, best first: those that contain it, or that differ by few letters.
pub(super) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.trim_matches('*').to_lowercase();
    let mut ranked: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let last = name.rsplit("::").next().unwrap_or(name);
            let whole = distance(&wanted, &name.to_lowercase());
            let best = whole.min(distance(&wanted, &last.to_lowercase()));
            let contains = !wanted.is_empty() && name.to_lowercase().contains(&wanted);
            let best = if contains { best.min(1) } else { best };
            let near = best <= 1 + wanted.len() / 3;
            near.then_some((best, name))
        })
        .collect();
    ranked.sort();
    ranked
        .into_iter()
        .map(|(_, name)| name)
        .take(SUGGESTIONS_MAX)
        .collect()
}

/// How many letters must be put in, taken out, changed or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut before_last = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let change = last[j] + usize::from(a != b);
            let mut best = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_edits() {
        let cases = [
            ("", "abc", 3),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("kitten", "sitting", 3),
        ];
        for (one, other, edits) in cases {
            assert_eq!((distance(one, other), distance(other, one)), (edits, edits));
        }
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = [
            "process::echo",
            "process::queue",
            "broken::late_reply",
            "mended::late_reply",
        ];
        let near = |wanted| nearest(wanted, names.into_iter());
        assert_eq!(near("proces::ecko"), ["process::echo"]);
        assert_eq!(near("late"), ["broken::late_reply", "mended::late_reply"]);
        assert_eq!(near("quue"), ["process::queue"]);
        assert!(near("something-else-entirely").is_empty());
    }
}
