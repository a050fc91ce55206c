//! The wall clock of a running system, and a cheaper one for deadlines.
//!
//! Reading the clock costs more than sending a message (23 ns here), and every deadline begins
//! with the time. Between two looks at the clock a worker therefore counts processor cycles, which
//! costs 9 ns, where the processor's counter runs evenly.
//!
//! # Invariants
//! - CLK1: what a [`Glance`] says is never behind the clock, so no deadline made of it is early
//!   (TMR-7); it is ahead by less than a microsecond.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the threaded backend is where real time comes from"
)]

use std::cell::Cell;
use std::time::Instant;

use crate::backend::Nanos;

/// Nanoseconds since the system began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(Instant);

impl Clock {
    pub(super) fn start() -> Self {
        Clock(Instant::now())
    }

    #[inline]
    pub(super) fn now(self) -> Nanos {
        // A system would have to run for 584 years to overflow.
        self.0.elapsed().as_nanos() as Nanos
    }
}

/// Nanoseconds after a look at the clock within which cycles are counted instead: the error of a
/// wrong speed stays small, and a worker looks at the clock about as often in any case.
const NEAR: u64 = 200_000;
/// Nanoseconds over which the speed of the counter is measured: enough for one part in 10,000,
/// since each of the two looks at the clock is good to well below a microsecond.
const MEASURED: Nanos = 20_000_000;
/// Cycles that may pass while the clock is read; more, and something came between.
const TIGHT: u64 = 4_000;
/// A speed is nanoseconds for so many cycles.
const SPEED_BITS: u32 = 24;
/// A speed is taken a thousandth too high, so that the estimate runs ahead rather than behind
/// (CLK1) however it was measured, and however the clock is being adjusted meanwhile.
const AHEAD: u64 = 1_000;

/// The last look of a worker at the clock.
#[derive(Debug)]
pub(super) struct Glance {
    clock: Clock,
    even: bool,
    at: Cell<Nanos>,
    cycles: Cell<u64>,
    /// The number of cycles that is no longer near; zero if cycles cannot be counted now.
    near: Cell<u64>,
    /// The number of cycles in `NEAR`; zero if the speed is not known.
    span: Cell<u64>,
    speed: Cell<u64>,
    /// Where the measurement of the speed began, if it has: time and cycles.
    begin: Cell<Option<(Nanos, u64)>>,
    /// What was said last: it never goes back.
    said: Cell<Nanos>,
}

impl Glance {
    pub(super) fn new(clock: Clock) -> Self {
        Glance {
            clock,
            even: counter::is_even(),
            at: Cell::new(0),
            cycles: Cell::new(0),
            near: Cell::new(0),
            span: Cell::new(0),
            speed: Cell::new(0),
            begin: Cell::new(None),
            said: Cell::new(0),
        }
    }

    /// The time when this worker last looked at the clock.
    #[inline]
    pub(super) fn last(&self) -> Nanos {
        self.at.get()
    }

    /// Looks at the clock.
    pub(super) fn look(&self) -> Nanos {
        if !self.even {
            let now = self.clock.now();
            self.at.set(now);
            return now;
        }
        // Cycles first: what passes between the two makes the estimate run ahead.
        let cycles = counter::read();
        let now = self.clock.now();
        let tight = counter::read().wrapping_sub(cycles) < TIGHT;
        self.at.set(now);
        self.cycles.set(cycles);
        if tight {
            self.measure(now, cycles);
        }
        self.near.set(if tight { self.span.get() } else { 0 });
        now
    }

    /// Measures the speed of the counter, again and again.
    fn measure(&self, now: Nanos, cycles: u64) {
        match self.begin.get() {
            None => self.begin.set(Some((now, cycles))),
            Some((begin, first)) if now - begin >= MEASURED => {
                let nanos = u128::from(now - begin) << SPEED_BITS;
                let speed = nanos / u128::from(cycles.wrapping_sub(first)).max(1);
                // A counter that stands or jumps is not used until it has been measured anew.
                let speed = u64::try_from(speed).unwrap_or(0).min(u64::from(u32::MAX));
                let speed = speed + speed / AHEAD;
                let span = (NEAR << SPEED_BITS).checked_div(speed);
                self.span.set(span.unwrap_or(0));
                self.speed.set(speed);
                self.begin.set(Some((now, cycles)));
            }
            Some(_) => {}
        }
    }

    /// The time, or a little later (CLK1). Never goes back.
    #[inline]
    pub(super) fn about_now(&self) -> Nanos {
        let passed = counter::read().wrapping_sub(self.cycles.get());
        let now = if passed < self.near.get() {
            self.at.get() + ((passed * self.speed.get()) >> SPEED_BITS) + 1
        } else {
            self.look()
        };
        let now = now.max(self.said.get());
        self.said.set(now);
        now
    }
}

#[cfg(target_arch = "x86_64")]
mod counter {
    use std::arch::x86_64::{__cpuid, _rdtsc};

    #[inline]
    pub(super) fn read() -> u64 {
        // SAFETY: every x86-64 processor has the instruction, and no system that std supports
        // keeps it from programs.
        unsafe { _rdtsc() }
    }

    /// Whether the counter runs at the same speed whatever the processor does.
    pub(super) fn is_even() -> bool {
        const EXTENDED: u32 = 0x8000_0000;
        const POWER: u32 = 0x8000_0007;
        __cpuid(EXTENDED).eax >= POWER && __cpuid(POWER).edx & 1 << 8 != 0
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod counter {
    #[inline]
    pub(super) fn read() -> u64 {
        0
    }

    /// No counter is used, so every look is one at the clock.
    pub(super) fn is_even() -> bool {
        false
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_never_behind_and_hardly_ahead() {
        let clock = Clock::start();
        let glance = Glance::new(clock);
        let (mut before, mut estimates, mut far_ahead) = (0, 0u32, 0u32);
        while clock.now() < 5 * MEASURED {
            glance.look();
            for _ in 0..1000 {
                let earlier = clock.now();
                let estimate = glance.about_now();
                let later = clock.now();
                assert!(estimate >= earlier, "{} ns behind", earlier - estimate);
                assert!(estimate >= before, "it went back");
                before = estimate;
                estimates += 1;
                far_ahead += u32::from(estimate > later + 1_000);
            }
        }
        // A thread that loses its processor between the two looks of a measurement measures ill;
        // the next one is better.
        assert!(far_ahead < estimates / 2, "{far_ahead} of {estimates}");
        assert!(glance.speed.get() > 0 || !counter::is_even());
    }
}
