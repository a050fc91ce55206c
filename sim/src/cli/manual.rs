//! `beamline completions` and `beamline man`, made from the definitions of the command line.

use clap::CommandFactory;

use super::args::Arguments;
use super::error::CliError;
use super::nearest::nearest;
use super::output::Output;
use crate::exit_code;

pub(super) fn completions(
    shell: clap_complete::Shell,
    output: &mut Output,
) -> Result<u8, CliError> {
    let mut command = Arguments::command();
    let name = command.get_name().to_string();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    output.raw(&script)?;
    Ok(exit_code::HELD)
}

pub(super) fn man(subcommand: Option<&str>, output: &mut Output) -> Result<u8, CliError> {
    let mut command = Arguments::command();
    command.build();
    if let Some(wanted) = subcommand {
        let found = command.find_subcommand(wanted).cloned();
        command = found.ok_or_else(|| unknown(wanted, &command))?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    output.raw(&page)?;
    Ok(exit_code::HELD)
}

fn unknown(wanted: &str, command: &clap::Command) -> CliError {
    let names = command.get_subcommands().map(clap::Command::get_name);
    let hint = match nearest(wanted, names).as_slice() {
        [] => "`beamline --help` lists them".to_string(),
        near => format!("did you mean {}?", near.join(", or ")),
    };
    CliError::Usage(format!("there is no subcommand {wanted}; {hint}"))
}
