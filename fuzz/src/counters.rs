//! Counters that libFuzzer reads beside its own: what a run did, where code coverage sees nothing.
//!
//! Two schedules of one program cover much the same code. So that an input with a new schedule is
//! kept and varied, each run says which features it had, and each feature counts in a bucket.
//! libFuzzer clears the buckets before a run and afterwards looks how full they are, as it does
//! with branches. It finds them by the name of their section, on Linux only; elsewhere, and without
//! libFuzzer, they are plain memory that nobody reads.

use std::sync::atomic::{AtomicU8, Ordering};

/// Buckets: a few times the features of a run of some hundred events, so that few of them share
/// one, and small beside the counters of the code.
const BUCKETS: usize = 4096;

// SAFETY: the section holds counters of one byte and nothing else, which is all that libFuzzer
// asks of it.
#[cfg_attr(
    all(fuzzing, target_os = "linux"),
    unsafe(link_section = "__libfuzzer_extra_counters")
)]
static COUNTERS: [AtomicU8; BUCKETS] = [const { AtomicU8::new(0) }; BUCKETS];

/// Counts a feature once.
pub(crate) fn count(feature: u64) {
    let counter = &COUNTERS[feature as usize % BUCKETS];
    let seen = counter.load(Ordering::Relaxed);
    counter.store(seen.saturating_add(1), Ordering::Relaxed);
}
