#![cfg_attr(fuzzing, no_main)]
//! Schedules of a scenario, from bytes; without libFuzzer, what an input does, in words.

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| beamline_fuzz::schedule::fuzz(bytes));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    beamline_fuzz::schedule::main(std::env::args_os().skip(1).collect())
}
