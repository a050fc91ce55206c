//! Timers of a worker: its wheel, and what other workers may touch of them.
//!
//! # Invariants
//! - TIM1: whoever turns a cell from running to stopped decides: the firing worker sends the
//!   message, or the canceller has its answer, never both (TMR-15).
//! - TIM2: only the owning worker touches its wheel.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::wheel::Wheel;
use crate::backend::{Nanos, Timer, TimerMessage, TimerTarget};
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;

/// Nanoseconds of a tick: the resolution of all timers.
pub(super) const TICK: Nanos = 1_000_000;
const CHUNK: usize = 4096;
const CHUNKS: usize = 4096;

/// What waits in a wheel.
#[derive(Debug)]
pub(super) enum Due {
    /// A process waits for a deadline.
    Wake { slot: u32, tick: u32 },
    /// A message is to be sent.
    Send {
        /// Of the timer; the place says the rest.
        generation: u64,
        to: Pid,
        message: TimerMessage,
    },
    /// A message is to be sent to whoever has the name then.
    SendToName {
        generation: u64,
        to: Name,
        message: TimerMessage,
    },
}

/// The shared side of a worker's timers.
#[derive(Debug)]
pub(super) struct Ledger {
    chunks: Box<[OnceLock<Box<[Cell]>>]>,
    cancelled: Mutex<Vec<Timer>>,
    any_cancelled: AtomicBool,
}

#[derive(Debug, Default)]
pub(super) struct Cell {
    /// Generation, shifted by one, and whether the timer runs.
    state: AtomicU64,
    deadline: AtomicU64,
    /// The pid that is sent to, as a number for comparison; zero for a name.
    target: AtomicU64,
}

impl Cell {
    /// The place is used for another timer, which runs from now on; its generation.
    #[inline]
    fn begin(&self, deadline: Nanos, target: u64) -> u64 {
        let generation = (self.state.load(Ordering::Relaxed) >> 1) + 1;
        self.deadline.store(deadline, Ordering::Release);
        self.target.store(target, Ordering::Release);
        self.state.store(generation << 1 | 1, Ordering::Release);
        generation
    }

    /// The deadline and target of a timer of this place, if it runs.
    #[inline]
    pub(super) fn read(&self, generation: u64) -> Option<(Nanos, u64)> {
        let running = generation << 1 | 1;
        if self.state.load(Ordering::Acquire) != running {
            return None;
        }
        // Acquire: who sees what the next timer of this place wrote also sees that this one has
        // been stopped.
        let found = (
            self.deadline.load(Ordering::Acquire),
            self.target.load(Ordering::Acquire),
        );
        (self.state.load(Ordering::Acquire) == running).then_some(found)
    }

    /// Stops a timer of this place; false if it does not run (TIM1).
    #[inline]
    pub(super) fn stop(&self, generation: u64) -> bool {
        let (running, stopped) = (generation << 1 | 1, generation << 1);
        let (ok, no) = (Ordering::AcqRel, Ordering::Relaxed);
        (self.state)
            .compare_exchange(running, stopped, ok, no)
            .is_ok()
    }
}

impl Default for Ledger {
    fn default() -> Self {
        let chunks = (0..CHUNKS).map(|_| OnceLock::new()).collect();
        Ledger {
            chunks,
            cancelled: Mutex::default(),
            any_cancelled: AtomicBool::new(false),
        }
    }
}

impl Ledger {
    /// The cell of an entry that has been used.
    #[inline]
    pub(super) fn cell(&self, entry: u32) -> Option<&Cell> {
        self.chunks
            .get(entry as usize / CHUNK)?
            .get()?
            .get(entry as usize % CHUNK)
    }

    /// The cell of an entry, made if it is the first of its chunk. `None` past 16 million timers.
    fn cell_for(&self, entry: u32) -> Option<&Cell> {
        let chunk = self.chunks.get(entry as usize / CHUNK)?;
        let cells = chunk.get_or_init(|| (0..CHUNK).map(|_| Cell::default()).collect());
        cells.get(entry as usize % CHUNK)
    }

    /// Tells the owner that the message of a stopped timer can be dropped. True if the owner may
    /// not know yet that there is anything of the kind.
    pub(super) fn give_up(&self, timer: Timer) -> bool {
        self.cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(timer);
        !self.any_cancelled.swap(true, Ordering::AcqRel)
    }

    fn take_given_up(&self) -> Vec<Timer> {
        if !self.any_cancelled.swap(false, Ordering::AcqRel) {
            return Vec::new();
        }
        std::mem::take(
            &mut *self
                .cancelled
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// The owning worker's side.
#[derive(Debug)]
pub(super) struct Timers {
    worker: u32,
    wheel: RefCell<Wheel<Due>>,
    ledger: Arc<Ledger>,
}

/// Ticks that the note of what is armed can tell apart from ticks that have passed: 24 days.
const NOTE_SPAN: u64 = (1 << 31) - 1;

/// The tick to arm for a process that waits for `deadline`, if what is `armed` comes too late. A
/// deadline further ahead than a note can tell is armed for as far as it can.
pub(super) fn to_arm(armed: u32, now: Nanos, deadline: Nanos) -> Option<u64> {
    let now = now / TICK;
    let tick = tick_of(deadline).clamp(now, now + NOTE_SPAN);
    // A note of zero says that nothing is armed.
    let tick = if tick as u32 == 0 { tick + 1 } else { tick };
    let held = armed.wrapping_sub(now as u32);
    (armed == 0 || tick - now < u64::from(held)).then_some(tick)
}

/// Takes out a timer's entry, unless its place has come up and may be another's by now.
fn take_from(wheel: &mut Wheel<Due>, stopped: Timer) -> Option<Due> {
    match wheel.get(stopped.entry)? {
        Due::Send { generation, .. } | Due::SendToName { generation, .. }
            if *generation == stopped.generation =>
        {
            wheel.remove(stopped.entry)
        }
        _ => None,
    }
}

/// The tick at which a deadline has surely passed.
pub(super) fn tick_of(deadline: Nanos) -> u64 {
    deadline.div_ceil(TICK)
}

impl Timers {
    pub(super) fn new(worker: u32, ledger: Arc<Ledger>) -> Self {
        Timers {
            worker,
            wheel: RefCell::new(Wheel::new()),
            ledger,
        }
    }

    pub(super) fn wake_at(&self, tick: u64, slot: u32) {
        let due = Due::Wake {
            slot,
            tick: tick as u32,
        };
        self.wheel.borrow_mut().insert(tick, due);
    }

    /// # Panics
    /// Past 16 million timers on one worker.
    pub(super) fn start(&self, target: TimerTarget, message: TimerMessage, at: Nanos) -> Timer {
        let mut wheel = self.wheel.borrow_mut();
        let entry = wheel.vacancy();
        let Some(cell) = self.ledger.cell_for(entry) else {
            panic!("more than {} timers on one worker", CHUNK * CHUNKS);
        };
        let tick = tick_of(at);
        let generation = match target {
            TimerTarget::Pid(to) => {
                let generation = cell.begin(at, to.bits());
                let due = Due::Send {
                    generation,
                    to,
                    message,
                };
                wheel.insert(tick, due);
                generation
            }
            TimerTarget::Name(to) => {
                let generation = cell.begin(at, 0);
                let due = Due::SendToName {
                    generation,
                    to,
                    message,
                };
                wheel.insert(tick, due);
                generation
            }
        };
        Timer {
            wheel: self.worker,
            entry,
            generation,
        }
    }

    /// Takes out the message of a timer of this worker that has been stopped, unless it has left
    /// the wheel already and is about to be fired in vain.
    pub(super) fn take(&self, timer: Timer) -> Option<Due> {
        take_from(&mut self.wheel.borrow_mut(), timer)
    }

    /// Hands out what is due; the caller sends it when the wheel is no longer borrowed, since
    /// dropping a message may run code that sets timers.
    pub(super) fn advance(&self, now: Nanos, due: &mut Vec<(u32, Due)>) {
        let mut wheel = self.wheel.borrow_mut();
        for stopped in self.ledger.take_given_up() {
            due.extend(take_from(&mut wheel, stopped).map(|dropped| (stopped.entry, dropped)));
        }
        wheel.advance(now / TICK, due);
    }

    /// Stops a timer that has come up; false if somebody had stopped it before.
    pub(super) fn stop(&self, entry: u32, generation: u64) -> bool {
        let cell = self.ledger.cell(entry);
        cell.is_some_and(|cell| cell.stop(generation))
    }

    /// When there is something to do next.
    pub(super) fn next(&self) -> Option<Nanos> {
        self.wheel.borrow().next_tick().map(|tick| tick * TICK)
    }

    /// Takes everything out, for the end of the worker.
    pub(super) fn clear(&self) -> impl Iterator<Item = Due> {
        self.wheel.replace(Wheel::new()).into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Nanos = 24 * 3600 * 1_000_000_000;

    #[test]
    fn what_is_armed_never_hides_an_earlier_deadline() {
        for now in [0, 1, 7 * DAY + 123_456, 49 * DAY, 50 * DAY, 400 * DAY] {
            for far in [
                DAY,
                24 * DAY,
                25 * DAY,
                50 * DAY,
                60 * DAY,
                99 * DAY,
                u64::MAX - now,
            ] {
                let armed = to_arm(0, now, now + far).expect("nothing is armed");
                assert_ne!(armed as u32, 0);
                assert!(armed <= tick_of(now + far) + 1, "too late");
                assert!(armed * TICK >= (now + far).min(now + 24 * DAY), "useless");
                for later in [0, DAY / 2, 15 * DAY] {
                    let fired = armed * TICK <= now + later;
                    for near in [0, 5_000_000_000, 10 * DAY] {
                        let deadline = now + later + near;
                        let earlier = tick_of(deadline) < armed;
                        let wanted = to_arm(armed as u32, now + later, deadline);
                        assert!(
                            !earlier || fired || wanted.is_some(),
                            "{now} {far} {later} {near}"
                        );
                        assert!(wanted.is_none_or(|tick| tick <= tick_of(deadline) + 1));
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_deadline_is_armed_once() {
        let tick = to_arm(0, 5 * TICK, 90 * TICK).expect("nothing is armed");
        assert_eq!(to_arm(tick as u32, 6 * TICK, 90 * TICK), None);
        assert_eq!(to_arm(tick as u32, 6 * TICK, 91 * TICK), None);
        assert_eq!(to_arm(tick as u32, 6 * TICK, 89 * TICK), Some(89));
    }
}
