//! The shapes of the simulator rows: the numbers that must be the same in every system.
//!
//! The peer that simulates includes this file by path.

/// How many processes stand in the ring of S1, and pass tokens at random in S1 and S4.
pub(crate) const SMALL_WORLD: u64 = 10;
/// How many processes S4 has.
pub(crate) const LARGE_WORLD: u64 = 100;
/// How many deliveries one simulation of S1 makes.
pub(crate) const DELIVERIES_PER_RUN: u64 = 10_000;
/// How many senders the tiny simulation of S1 has; its receiver is the third process.
pub(crate) const TINY_SENDERS: u64 = 2;
/// How many messages each of them sends.
pub(crate) const TINY_MESSAGES: u64 = 5;

/// Where a token goes next in S1 and S4: a number below `below`, from a generator that is the
/// workload's own, so that no system records these draws.
pub(crate) fn next_hop(state: &mut u64, below: u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (((*state >> 32) * below) >> 32) as usize
}
