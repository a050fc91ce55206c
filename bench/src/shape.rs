//! The shapes of the workloads: the numbers that must be the same in every system.
//!
//! The peers include this file by path, and `beam/bench.erl` repeats its numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many senders W5 has.
pub(crate) const PRODUCERS: u64 = 8;
/// How many receivers W6 has.
pub(crate) const SUBSCRIBERS: u64 = 10_000;
/// How many processes stand in the rings of W7.
pub(crate) const RING: u64 = 1_000;
/// How many tokens go round the ring of W7P; all of them start at the first process.
pub(crate) const TOKENS: u64 = 1_000;
/// How many children an inner node of W8 has.
pub(crate) const BRANCHES: u64 = 10;
/// How many timers W9B sets before it cancels them.
pub(crate) const GROUP: u64 = 64;

/// When the timer of this number fires in W9A: all of them within one second, out of order.
pub(crate) fn soon(number: u64) -> Duration {
    Duration::from_millis(1 + number.wrapping_mul(7_919) % 1_000)
}

/// When the timer of this number would fire in W9B and W9C, where none lives long enough.
pub(crate) fn late(number: u64) -> Duration {
    Duration::from_millis(60_000 + number.wrapping_mul(7_919) % 60_000)
}

/// The share of servers that W2 counts: one in so many, since counting is not what W2 measures.
const SAMPLE: u64 = 64;

/// How many sampled servers have started.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// An idle server of W2 says that it runs.
pub(crate) fn started(number: u64) {
    if number.is_multiple_of(SAMPLE) {
        STARTED.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether all sampled ones of so many servers run.
pub(crate) fn all_started(servers: u64) -> bool {
    STARTED.load(Ordering::Relaxed) == servers.div_ceil(SAMPLE)
}
