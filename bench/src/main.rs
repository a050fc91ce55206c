//! Measures Beamline, and puts the figures beside those of other systems.
//!
//! `beamline-bench WORKLOAD N THREADS` runs one workload and prints one line of `key=value`
//! words. `beamline-bench table` runs every system that is installed, each measurement in a fresh
//! OS process, and prints the medians as a table. `README.md` says what the rows mean.

mod measure;
mod shape;
mod sim_shape;
mod table;
mod workloads;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.split_first() {
        Some((first, rest)) if first == "table" => table::main(rest),
        _ => measure::answer("beamline", workloads::run),
    }
}
