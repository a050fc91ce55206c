//! Target `replay_file`: the reader of failure files and of their tokens.
//!
//! No bytes make a reader panic, and whatever one accepts is written back and read again as the
//! same: once for files, with fields of a later version, and once for tokens, which are the short
//! form of a file.

use std::ffi::OsString;
use std::process::ExitCode;

use beamline_sim::artefact::{Artefact, ReadError, Token, Warning};

use crate::inputs::replay_each;

const USAGE: &str = "\
usage: replay_file INPUT...    says what the reader of failure files makes of each
Exit codes: 0 read or refused; 1 not possible; 2 wrong arguments. What the target forbids panics.";

/// One call of libFuzzer's.
///
/// # Panics
/// If something that was read is not written back equal.
pub fn fuzz(bytes: &[u8]) {
    let _ = read(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        read_token(text);
    }
}

/// Reads a file, and whatever is accepted once more.
fn read(bytes: &[u8]) -> Result<(Artefact, Vec<Warning>), ReadError> {
    let (artefact, warnings) = Artefact::parse(bytes)?;
    let text = artefact.to_text();
    match Artefact::parse(text.as_bytes()) {
        Ok((again, _)) => {
            assert_eq!(again, artefact, "read otherwise from {text}");
            assert_eq!(again.to_text(), text, "written otherwise");
        }
        Err(error) => panic!("what was written is refused: {error}\n{text}"),
    }
    let short = Token::of(&artefact);
    if let Some(token) = short.encode() {
        assert_eq!(
            Token::decode(&token),
            Ok(short),
            "read otherwise from {token}"
        );
    }
    Ok((artefact, warnings))
}

fn read_token(text: &str) {
    let Ok(token) = Token::decode(text) else {
        return;
    };
    if let Some(again) = token.encode() {
        assert_eq!(
            Token::decode(&again),
            Ok(token),
            "read otherwise from {again}"
        );
    }
}

/// The target as an ordinary program.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    replay_each(&arguments, USAGE, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            read_token(text);
        }
        match read(bytes) {
            Ok((artefact, warnings)) => {
                let (header, steps) = (&artefact.header, artefact.steps().len());
                println!(
                    "  {}: {}, {steps} deviations",
                    header.scenario, header.verdict
                );
                for warning in warnings {
                    println!("  warning: {warning}");
                }
            }
            Err(error) => println!("  refused: {error}"),
        }
        true
    })
}
