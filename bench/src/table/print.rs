//! The table in Markdown, one line for each figure of a row.

use super::rows::{Figure, Row};
use super::systems::{OURS, System};
use super::{Options, Samples};

/// Runs that lie further apart than this share of their median make a figure doubtful.
const DOUBTFUL: f64 = 0.3;

/// Prints what is above the rows.
pub(crate) fn heading(systems: &[System], options: &Options) {
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let clock = if options.cpu {
        "processor time"
    } else {
        "time"
    };
    println!(
        "{processors} vCPU; medians of {} fresh OS processes; {clock} in",
        options.runs
    );
    println!("ns per operation where a row says nothing else; in brackets how many times better");
    println!(
        "Beamline is; `~`: the runs lay more than {:.0} % apart.",
        DOUBTFUL * 100.0
    );
    if options.quick {
        println!("A tenth of the operations: a look, not a measurement.");
    }
    println!();
    let mut columns = vec!["row", "what", "t", OURS, "goal"];
    columns.extend(
        systems
            .iter()
            .map(|system| system.name)
            .filter(|&name| name != OURS),
    );
    println!("| {} |", columns.join(" | "));
    println!("|{}", "---|".repeat(columns.len()));
}

/// Prints all figures of one row on so many threads.
pub(crate) fn row(row: &Row, threads: usize, systems: &[System], samples: &[Samples], cpu: bool) {
    for figure in row.figures {
        let ours = median(figure, &samples[0], cpu);
        let goal = figure.goals[threads - 1];
        let mut cells = vec![
            row.workload.to_string(),
            figure.title.to_string(),
            threads.to_string(),
            ours.map_or_else(
                || "–".to_string(),
                |ours| ours.show(&verdict(figure, ours, goal)),
            ),
            goal.map_or_else(|| "–".to_string(), rounded),
        ];
        for (_, samples) in systems.iter().zip(samples).skip(1) {
            let theirs = median(figure, samples, cpu);
            cells.push(theirs.map_or_else(
                || "–".to_string(),
                |theirs| theirs.show(&ratio(figure, ours, theirs)),
            ));
        }
        println!("| {} |", cells.join(" | "));
    }
}

/// A median, and whether the runs agree.
#[derive(Debug, Clone, Copy)]
struct Cell {
    value: f64,
    doubtful: bool,
}

impl Cell {
    fn show(self, remark: &str) -> String {
        let mark = if self.doubtful { "~" } else { "" };
        format!("{mark}{}{remark}", rounded(self.value))
    }
}

fn median(figure: &Figure, samples: &Samples, cpu: bool) -> Option<Cell> {
    let mut values: Vec<f64> = match (figure.key, cpu) {
        ("ns", true) => samples.get("cpu_ns")?.clone(),
        ("reply_ns", true) => samples.get("reply_cpu_ns")?.clone(),
        ("per_second", true) => samples.get("cpu_ns")?.iter().map(|ns| 1e9 / ns).collect(),
        (key, _) => samples.get(key)?.clone(),
    };
    values.iter_mut().for_each(|value| *value *= figure.scale);
    values.sort_by(f64::total_cmp);
    let value = *values.get(values.len() / 2)?;
    let spread = values[values.len() - 1] - values[0];
    Some(Cell {
        value,
        doubtful: spread > DOUBTFUL * value.abs(),
    })
}

/// Whether our figure is worse than its goal.
fn verdict(figure: &Figure, ours: Cell, goal: Option<f64>) -> String {
    let missed = goal.is_some_and(|goal| {
        if figure.larger_is_better {
            ours.value < goal
        } else {
            ours.value > goal
        }
    });
    if missed {
        " (missed)".to_string()
    } else {
        String::new()
    }
}

fn ratio(figure: &Figure, ours: Option<Cell>, theirs: Cell) -> String {
    let Some(ours) = ours else {
        return String::new();
    };
    let ratio = match figure.larger_is_better {
        true => ours.value / theirs.value,
        false => theirs.value / ours.value,
    };
    format!(" ({}x)", rounded(ratio))
}

/// Three digits, as far as they carry.
fn rounded(value: f64) -> String {
    match value.abs() {
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
