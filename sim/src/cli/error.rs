//! What can go wrong with a command, and the exit code of each.

use std::io;

use super::output::Output;
use crate::exit_code;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// Nothing has such a name.
    #[error("{0}")]
    NothingRan(String),
    /// A file or value makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The output could not be written.
    #[error("cannot write: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// Says what is wrong and returns the exit code.
    pub(super) fn report(self, output: &mut Output) -> u8 {
        let code = match &self {
            // Whoever reads has seen enough.
            CliError::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return exit_code::HELD;
            }
            CliError::NothingRan(_) => exit_code::NOTHING_RAN,
            CliError::Usage(_) | CliError::Output(_) => exit_code::USAGE,
        };
        output.complain(&self.to_string());
        code
    }
}
