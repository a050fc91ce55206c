#![cfg_attr(fuzzing, no_main)]
//! The reader of failure files; without libFuzzer, what it says to a file.

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| beamline_fuzz::replay_file::fuzz(bytes));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    beamline_fuzz::replay_file::main(std::env::args_os().skip(1).collect())
}
