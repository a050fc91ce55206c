//! The `beamline` command: a catalogue of scenarios behind a command line.
//!
//! A catalogue of one's own is a binary of three lines:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     let catalogue = beamline_sim::Catalogue::new();
//!     beamline_sim::cli::main(catalogue)
//! }
//! ```
//!
//! Data goes to standard output and talk to standard error; colour only where somebody sees it, and
//! every colour has a word. Exit codes are those of [`exit_code`]. A broken pipe is a success: who
//! closes it has seen enough.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use crate::environment::Environment;
use crate::exit_code;
use crate::scenario::Catalogue;

mod args;
mod budget;
mod compare;
mod demo;
mod demo_program;
mod error;
mod exhaustive;
mod interrupt;
mod json;
mod judge;
mod list;
mod manual;
mod nearest;
mod numbers;
mod output;
mod programs;
mod replays;
mod run;
mod shrinks;
mod strategies;
mod summary;
mod table;
mod ticker;
mod told;

use args::{Arguments, Command};
use error::CliError;
use output::Output;
use programs::Programs;

/// Runs the command on the arguments of this OS process.
pub fn main(catalogue: Catalogue) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Whoever does not read the help has closed the pipe.
            let _ = error.print();
            let code = u8::try_from(error.exit_code()).unwrap_or(exit_code::USAGE);
            return ExitCode::from(code);
        }
    };
    arguments.color.write_global();
    // Warns of misspelt variables; the values are the argument parser's business.
    let _ = Environment::read();
    let code = catch_unwind(AssertUnwindSafe(|| {
        let mut output = Output::new(arguments.quiet);
        match dispatch(arguments.command, Programs::new(catalogue), &mut output) {
            Ok(code) => code,
            Err(error) => error.report(&mut output),
        }
    }));
    ExitCode::from(code.unwrap_or_else(|_| {
        let mut output = Output::new(false);
        output.talk("this is a bug in Beamline: please report it with the lines above");
        exit_code::OUR_BUG
    }))
}

fn dispatch(command: Command, programs: Programs, output: &mut Output) -> Result<u8, CliError> {
    match command {
        Command::List(args) => list::list(&args, &programs, output),
        Command::Run(args) => run::run(&args, &programs, output),
        Command::Replay(args) => replays::replay(&args, &programs, output),
        Command::Shrink(args) => shrinks::shrink(&args, &programs, output),
        Command::Diff(args) => compare::diff(&args, &programs, output),
        Command::Explore(args) => exhaustive::explore(&args, &programs, output),
        Command::Demo(args) => demo::demo(&args, output),
        Command::Strategies(args) => strategies::strategies(&args, &programs, output),
        Command::Completions { shell } => manual::completions(shell, output),
        Command::Man { subcommand } => manual::man(subcommand.as_deref(), output),
    }
}
