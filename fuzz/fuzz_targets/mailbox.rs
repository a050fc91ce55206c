#![cfg_attr(fuzzing, no_main)]
//! The mailbox against a list; without libFuzzer, what an input does, step by step.

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| beamline_fuzz::mailbox::fuzz(bytes));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    beamline_fuzz::mailbox::main(std::env::args_os().skip(1).collect())
}
