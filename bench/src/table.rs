//! The table: every system, every row, each measurement in a fresh OS process.

mod print;
mod rows;
mod systems;

use rows::{ROWS, Row};
use std::collections::BTreeMap;
use std::process::ExitCode;
use systems::System;

const USAGE: &str =
    "usage: beamline-bench table [--runs 5] [--quick] [--cpu] [--systems A,B] [ROWS..]";

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    /// How many fresh OS processes each figure is the median of.
    runs: usize,
    /// A tenth of the operations: a look, not a measurement.
    quick: bool,
    /// Processor time instead of the clock's: for a machine that has other work to do.
    cpu: bool,
    /// The systems beside ours; all of them if empty.
    systems: Vec<String>,
    /// The workloads; all of them if empty.
    rows: Vec<String>,
}

impl Options {
    fn parse(words: &[String]) -> Option<Options> {
        let mut options = Options {
            runs: 5,
            quick: false,
            cpu: false,
            systems: Vec::new(),
            rows: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--runs" => options.runs = words.next()?.parse().ok().filter(|&runs| runs > 0)?,
                "--quick" => options.quick = true,
                "--cpu" => options.cpu = true,
                "--systems" => {
                    options.systems = words.next()?.split(',').map(String::from).collect()
                }
                flag if flag.starts_with('-') => return None,
                row if ROWS.iter().any(|known| known.workload == row) => {
                    options.rows.push(row.to_string());
                }
                unknown => {
                    eprintln!("no row is called {unknown}");
                    return None;
                }
            }
        }
        Some(options)
    }

    fn wants(&self, row: &Row) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|name| name == row.workload)
    }

    /// How many operations a system performs. W9A is never cut: it always takes a second, and
    /// fewer timers would only spread the idling of that second over fewer operations.
    fn operations(&self, row: &Row, system: &System) -> u64 {
        let n = row.operations(system.name);
        if self.quick && row.workload != "W9A" {
            row.rounded(n / 10)
        } else {
            n
        }
    }
}

/// The figures of one row, thread count and system: of each key, the values of all runs.
type Samples = BTreeMap<String, Vec<f64>>;

/// Measures what the words ask for and prints it.
pub(crate) fn main(words: &[String]) -> ExitCode {
    let Some(options) = Options::parse(words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let systems = systems::installed(&options.systems);
    print::heading(&systems, &options);
    for row in ROWS.iter().filter(|row| options.wants(row)) {
        for &threads in row.threads {
            let samples = measure(&options, row, threads, &systems);
            print::row(row, threads, &systems, &samples, options.cpu);
        }
    }
    ExitCode::SUCCESS
}

/// Runs every system once, then every system again, and so on: what disturbs the machine for a
/// while then disturbs all of them alike.
fn measure(options: &Options, row: &Row, threads: usize, systems: &[System]) -> Vec<Samples> {
    let mut samples = vec![Samples::new(); systems.len()];
    for _ in 0..options.runs {
        for (system, samples) in systems.iter().zip(&mut samples) {
            if !row.has(system.name, threads) {
                continue;
            }
            let n = options.operations(row, system);
            match system.run(row.workload, n, threads) {
                Ok(figures) => {
                    for (key, value) in figures {
                        samples.entry(key).or_default().push(value);
                    }
                }
                Err(why) => eprintln!("{} {} t={threads}: {why}", system.name, row.workload),
            }
        }
    }
    samples
}
