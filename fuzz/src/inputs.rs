//! What the ordinary programs share: inputs from files, and exit codes.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Some input violated something.
const VIOLATED: u8 = 10;
/// The arguments make no sense.
const USAGE: u8 = 2;

/// Hands each file to `replay`, which says whether all was well.
pub(crate) fn replay_each(
    files: &[OsString],
    usage: &str,
    mut replay: impl FnMut(&[u8]) -> bool,
) -> ExitCode {
    let is_option = |file: &OsString| file.to_string_lossy().starts_with("--");
    if files.is_empty() || files.iter().any(is_option) {
        return misused(usage);
    }
    let mut clean = true;
    for file in files {
        match std::fs::read(file) {
            Ok(bytes) => {
                println!("{}: {} bytes", Path::new(file).display(), bytes.len());
                clean &= replay(&bytes);
            }
            Err(error) => return failed(format_args!("{}: {error}", Path::new(file).display())),
        }
    }
    if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(VIOLATED)
    }
}

/// Says how the program is to be called.
pub(crate) fn misused(usage: &str) -> ExitCode {
    eprintln!("{usage}");
    ExitCode::from(USAGE)
}

/// Says what went wrong.
pub(crate) fn failed(problem: impl std::fmt::Display) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::FAILURE
}
