//! Fuzz targets of Beamline, as functions of bytes.
//!
//! Each module is one target: `fuzz` is what libFuzzer calls, and panics with what it has found;
//! `main` is the same target as an ordinary program, which takes saved inputs and says what they
//! do. The binaries choose between the two by `cfg(fuzzing)`, so nothing here needs libFuzzer, a
//! C++ compiler or a nightly toolchain. `README.md` has the commands.

mod counters;
mod inputs;
pub mod mailbox;
pub mod replay_file;
pub mod schedule;
