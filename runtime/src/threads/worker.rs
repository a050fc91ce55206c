//! A worker: takes ready processes from its queues, or others', and runs a turn of each.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use crossbeam_deque::{Steal, Worker as Deque};

use super::clock::Glance;
use super::shared::{LEVELS, Shared};
use super::timers::{Cell as TimerCell, Due, Timers, to_arm};
use crate::backend::context::Context;
use crate::backend::record::Record;
use crate::backend::{
    Backend, Job, Nanos, Origin, Point, Property, PropertyKind, Timer, TimerMessage, TimerTarget,
    Wait,
};
use crate::kernel::info::Priority;
use crate::kernel::node::Node;
use crate::kernel::panics;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::kernel::run::{Mode, Turn, turn};
use crate::kernel::seam;

/// Turns between two looks at the clock and the timers: with turns of about 50 ns to 10 µs the
/// clock is at most a third of a millisecond behind, for 1 ns a turn.
const REFRESH: u32 = 32;
/// Turns in a row from the run-next slot before the queue is looked at, so that two processes
/// that talk to each other do not starve the rest.
///
/// Nobody steals from that slot, so a process in it waits until the turn that made it ready is
/// over, however idle others are; all that this turn makes ready besides can be stolen. To share
/// the slot would cost an exchange a turn, 5 ns of 30.
const NEXT_IN_A_ROW: u32 = 256;
/// Turns between two looks at the common queue while there is work at home.
const INJECTOR: u32 = 61;
/// Turns of high priority between two looks at the signals of those that wait behind them.
const ATTEND: u32 = 64;
/// Normal turns for each one of low priority (P-46).
const LOW_EVERY: u32 = 8;
/// The place of a timer that had been stopped when it came up.
const CANCELLED: u32 = u32::MAX;
/// Nanoseconds for which a worker looks around before it sleeps: about the cost of one sleep and
/// wake-up. Measured by the clock, since a pause of the processor takes 10 ns on some and 50 on
/// others.
const SEARCH: Nanos = 30_000;

/// Pauses between two looks around, so that those who work are not disturbed much.
const PAUSES: u32 = 4;

const NORMAL: usize = Priority::Normal as usize;
const HIGH: usize = Priority::High as usize;
const LOW: usize = Priority::Low as usize;

/// What a worker has for itself. It is the backend of its context.
pub(super) struct Worker {
    index: usize,
    shared: Arc<Shared>,
    deques: [Deque<u32>; LEVELS],
    timers: Timers,
    ticks: Cell<u32>,
    next_in_a_row: Cell<u32>,
    urgent: Cell<bool>,
    glance: Glance,
    random: Cell<u64>,
    due: RefCell<Vec<(u32, Due)>>,
}

impl Worker {
    pub(super) fn new(index: usize, shared: Arc<Shared>, deques: [Deque<u32>; LEVELS]) -> Self {
        let timers = Timers::new(index as u32, Arc::clone(&shared.ledgers[index]));
        let (seed, glance) = (seed(index), Glance::new(shared.clock));
        Worker {
            index,
            shared,
            deques,
            timers,
            ticks: Cell::new(0),
            next_in_a_row: Cell::new(0),
            urgent: Cell::new(false),
            glance,
            random: Cell::new(seed),
            due: RefCell::new(Vec::new()),
        }
    }

    /// A context whose backend is this worker.
    ///
    /// # Safety
    /// The worker outlives it and stays where it is.
    pub(super) unsafe fn context(&self) -> Context {
        let backend = std::ptr::from_ref(self) as *const dyn Backend;
        // SAFETY: passed on from the caller. The lifetime of the pointer is the caller's care.
        let cx = unsafe { Context::new(Arc::clone(&self.shared.system), backend) };
        cx.observes.set(
            self.shared
                .observer
                .as_ref()
                .is_some_and(|o| o.wants_records()),
        );
        cx
    }

    /// Works until the system stops.
    pub(super) fn work(&self, cx: &Context) {
        let _entered = cx.enter();
        panics::set_loud(self.shared.loud);
        let _ = self.shared.threads[self.index].set(thread::current());
        while !self.shared.stopping.load(Ordering::Relaxed) {
            let ticks = self.ticks.get().wrapping_add(1);
            self.ticks.set(ticks);
            if ticks.is_multiple_of(REFRESH) {
                self.refresh(cx);
            }
            if ticks.is_multiple_of(ATTEND) && self.urgent.get() {
                self.attend(cx);
            }
            match self.next(cx, ticks) {
                // SAFETY: what is on a queue is ready and on no other (THR1).
                Some(slot) => match unsafe { turn(cx, slot, Mode::Whole) } {
                    Turn::Again => {
                        self.requeue(cx, slot);
                        // Whoever kept its place at the head of the line was never announced, so
                        // two that never rest could share one worker while another sleeps.
                        if self.has_surplus(cx) {
                            self.shared.work_queued();
                        }
                    }
                    Turn::Parked | Turn::Held | Turn::Ended => {}
                },
                None => self.rest(cx),
            }
        }
    }

    /// Handles the signals of one process that waits behind those of high priority, without running
    /// its body: who asks about it is answered, and who kills it succeeds (P-48).
    fn attend(&self, cx: &Context) {
        let Some(slot) = self.deques[NORMAL].pop().or_else(|| self.deques[LOW].pop()) else {
            return;
        };
        // SAFETY: what is on a queue is ready and on no other (THR1).
        match unsafe { turn(cx, slot, Mode::SignalsOnly) } {
            // It was parked on the way, so by now others may have made it ready as well.
            Turn::Held => seam::wake(cx, seam::occupant(&cx.system, slot)),
            Turn::Again => self.requeue(cx, slot),
            Turn::Parked | Turn::Ended => {}
        }
    }

    /// Puts a process that has used up its turn behind all others.
    fn requeue(&self, cx: &Context, slot: u32) {
        let level = seam::priority(cx, slot) as usize;
        if level == HIGH {
            self.urgent.set(true);
        }
        self.deques[level].push(slot);
    }

    /// Whether more than one process waits for this worker.
    fn has_surplus(&self, cx: &Context) -> bool {
        let next = usize::from(cx.run_next.get() != u32::MAX);
        let queued: usize = self.deques.iter().map(Deque::len).sum();
        next + queued > 1
    }

    fn next(&self, cx: &Context, ticks: u32) -> Option<u32> {
        if self.urgent.get() {
            match self.deques[HIGH].pop() {
                Some(slot) => return Some(slot),
                None => self.urgent.set(false),
            }
        }
        if ticks.is_multiple_of(INJECTOR)
            && let Some(slot) = self.injected()
        {
            return Some(slot);
        }
        if ticks.is_multiple_of(LOW_EVERY)
            && let Some(slot) = self.deques[LOW].pop()
        {
            return Some(slot);
        }
        let next = cx.run_next.replace(u32::MAX);
        if next != u32::MAX {
            let in_a_row = self.next_in_a_row.get() + 1;
            self.next_in_a_row.set(in_a_row);
            if in_a_row < NEXT_IN_A_ROW {
                return Some(next);
            }
            self.deques[NORMAL].push(next);
        }
        self.next_in_a_row.set(0);
        self.deques[NORMAL]
            .pop()
            .or_else(|| self.deques[LOW].pop())
            .or_else(|| self.injected())
    }

    fn injected(&self) -> Option<u32> {
        [HIGH, NORMAL, LOW].into_iter().find_map(|level| {
            let injector = &self.shared.injectors[level];
            loop {
                match injector.steal_batch_and_pop(&self.deques[level]) {
                    Steal::Success(slot) => {
                        self.urgent.set(self.urgent.get() || level == HIGH);
                        return Some(slot);
                    }
                    Steal::Empty => return None,
                    Steal::Retry => {}
                }
            }
        })
    }

    fn stolen(&self) -> Option<u32> {
        let stealers = &self.shared.stealers;
        let from = self.draw() as usize % stealers.len();
        for level in [HIGH, NORMAL, LOW] {
            for step in 0..stealers.len() {
                let victim = (from + step) % stealers.len();
                if victim == self.index {
                    continue;
                }
                loop {
                    match stealers[victim][level].steal_batch_and_pop(&self.deques[level]) {
                        Steal::Success(slot) => {
                            self.urgent.set(self.urgent.get() || level == HIGH);
                            return Some(slot);
                        }
                        Steal::Empty => break,
                        Steal::Retry => {}
                    }
                }
            }
        }
        None
    }

    /// Looks for work elsewhere for a while, then sleeps until there is some.
    fn rest(&self, cx: &Context) {
        let idle = &self.shared.idle;
        idle.begin_search();
        loop {
            if self.search(cx) {
                // Work may have been queued while nobody was woken because of this search.
                if idle.end_search() && self.has_more(cx) {
                    self.shared.work_queued();
                }
                return;
            }
            idle.announce(self.index);
            if self.has_work(cx) || self.shared.stopping.load(Ordering::SeqCst) {
                idle.withdraw(self.index);
                continue;
            }
            self.sleep();
            if !idle.is_woken(self.index) {
                idle.withdraw(self.index);
            }
        }
    }

    /// Whether work was found, or there is another reason to stop searching. What is found is
    /// put on the own queue.
    fn search(&self, cx: &Context) -> bool {
        let begin = self.shared.clock.now();
        for round in 0u32.. {
            if self.shared.stopping.load(Ordering::Relaxed) {
                return true;
            }
            if round.is_multiple_of(16) {
                self.refresh(cx);
                if cx.run_next.get() != u32::MAX || self.deques.iter().any(|d| !d.is_empty()) {
                    return true;
                }
                if self.glance.last() > begin + SEARCH {
                    break;
                }
                // Whoever is about to make work may wait for this very processor.
                thread::yield_now();
            }
            if let Some(slot) = self.injected().or_else(|| self.stolen()) {
                self.requeue(cx, slot);
                return true;
            }
            for _ in 0..PAUSES {
                std::hint::spin_loop();
            }
        }
        false
    }

    /// Whether there is work anywhere; the last look before sleeping (IDL1).
    fn has_work(&self, cx: &Context) -> bool {
        let own = cx.run_next.get() != u32::MAX || self.deques.iter().any(|d| !d.is_empty());
        own || self.has_work_elsewhere()
    }

    /// Whether there is work for others than this worker.
    fn has_more(&self, cx: &Context) -> bool {
        self.has_surplus(cx) || self.has_work_elsewhere()
    }

    fn has_work_elsewhere(&self) -> bool {
        let mut stealers = self.shared.stealers.iter().enumerate();
        self.shared.injectors.iter().any(|i| !i.is_empty())
            || stealers.any(|(of, deques)| {
                of != self.index && deques.iter().any(|deque| !deque.is_empty())
            })
    }

    fn sleep(&self) {
        match self.timers.next() {
            None => thread::park(),
            Some(at) => {
                let now = self.shared.clock.now();
                if at > now {
                    thread::park_timeout(Duration::from_nanos(at - now));
                }
            }
        }
    }

    /// Looks at the clock and fires what is due.
    fn refresh(&self, cx: &Context) {
        let now = self.glance.look();
        let mut due = self.due.take();
        self.timers.advance(now, &mut due);
        // All of them before the first is sent: its destructor may start a timer in the place that
        // another of them has just left (TIM1).
        for (entry, due) in &mut due {
            if let Due::Send { generation, .. } | Due::SendToName { generation, .. } = due
                && !self.timers.stop(*entry, *generation)
            {
                *entry = CANCELLED;
            }
        }
        for (entry, due) in due.drain(..) {
            // Sending may drop the message, and its destructor may panic.
            panics::contain(|| self.fire(cx, entry, due));
        }
        self.due.replace(due);
    }

    fn fire(&self, cx: &Context, entry: u32, due: Due) {
        match due {
            Due::Wake { slot, tick } => {
                let (old, new) = (tick, 0);
                let note = seam::note(cx, slot);
                let _ = note.compare_exchange(old, new, Ordering::AcqRel, Ordering::Relaxed);
                seam::wake(cx, seam::occupant(&cx.system, slot));
            }
            Due::Send {
                generation,
                to,
                message,
            } => self.send(cx, entry, generation, message, || Some(to)),
            Due::SendToName {
                generation,
                to,
                message,
            } => self.send(cx, entry, generation, message, || {
                seam::whereis(&cx.system, &to)
            }),
        }
    }

    /// Sends the message of a timer that was due, unless it had been stopped before.
    fn send(
        &self,
        cx: &Context,
        entry: u32,
        generation: u64,
        message: TimerMessage,
        to: impl FnOnce() -> Option<Pid>,
    ) {
        let timer = Timer {
            wheel: self.index as u32,
            entry,
            generation,
        };
        if entry != CANCELLED
            && let Some(to) = to()
        {
            seam::deliver(cx, to, seam::fired(timer, message));
        }
    }

    /// The time that a timer has left, if it runs and is of any use.
    #[inline]
    fn time_left(&self, cell: &TimerCell, timer: Timer) -> Option<Duration> {
        let (deadline, target) = cell.read(timer.generation)?;
        if let Some(pid) = Pid::from_bits(target) {
            // A timer for a process that has ended is of no use any more (TMR-11).
            let slot = self.shared.system.table.find(pid)?;
            if !slot.inbox.is_open(pid.generation()) {
                return None;
            }
        }
        let left = deadline.saturating_sub(self.about_now());
        Some(Duration::from_nanos(left))
    }

    /// Drops all timers, for the end of the system.
    pub(super) fn drop_timers(&self) {
        for due in self.timers.clear() {
            panics::contain(|| drop(due));
        }
    }

    fn draw(&self) -> u64 {
        // xorshift64*: for choosing victims and for `random_u64`, not for secrets.
        let mut x = self.random.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.random.set(x);
        x.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// A seed from the operating system's randomness, different for each worker.
#[expect(
    clippy::disallowed_types,
    reason = "the threaded backend is where real entropy comes from"
)]
pub(super) fn seed(index: usize) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(index) | 1
}

impl Backend for Worker {
    fn ended(&self, pid: Pid, reason: &ExitReason) {
        self.shared.ended(pid, reason);
    }

    fn hold_end(&self, _: u32, _: bool) -> bool {
        false
    }

    fn ready(&self, slot: u32) {
        let level = self.shared.system.table.slot(slot).priority() as usize;
        if level == HIGH {
            self.urgent.set(true);
        }
        self.deques[level].push(slot);
        self.shared.work_queued();
    }

    fn spawned(&self, _: Pid, _: Option<Pid>) {}

    fn carry(&self, _: Origin, _: Pid, _: Node) {
        unreachable!("THR: a worker carries no signals itself")
    }

    fn now(&self) -> Nanos {
        self.shared.clock.now()
    }

    fn about_now(&self) -> Nanos {
        self.glance.about_now()
    }

    fn arm(&self, slot: u32, deadline: Nanos) -> Wait {
        let note = &self.shared.system.table.slot(slot).armed;
        let armed = note.load(Ordering::Relaxed);
        if let Some(tick) = to_arm(armed, self.glance.last(), deadline) {
            note.store(tick as u32, Ordering::Relaxed);
            self.timers.wake_at(tick, slot);
        }
        0
    }

    fn disarm(&self, _: u32, _: Wait) {
        // The entry stays and wakes the process once, for nothing; or the next one in its slot,
        // which makes use of the entry if it waits for a deadline too.
    }

    fn due(&self, slot: u32, _: Wait, deadline: Nanos) -> bool {
        if self.glance.last() >= deadline {
            return true;
        }
        let armed = self
            .shared
            .system
            .table
            .slot(slot)
            .armed
            .load(Ordering::Acquire);
        if armed == 0 && self.glance.look() >= deadline {
            return true;
        }
        self.arm(slot, deadline);
        false
    }

    fn start_timer(&self, target: TimerTarget, message: TimerMessage, at: Nanos) -> Timer {
        self.timers.start(target, message, at)
    }

    fn cancel_timer(&self, timer: Timer) -> Option<Duration> {
        let ledger = self.shared.ledgers.get(timer.wheel as usize)?;
        let cell = ledger.cell(timer.entry)?;
        let left = self.time_left(cell, timer)?;
        if !cell.stop(timer.generation) {
            return None;
        }
        if timer.wheel as usize == self.index {
            drop(self.timers.take(timer));
        } else if ledger.give_up(timer) {
            // So that the message does not wait for the owner to have something else to do.
            self.shared.unpark(timer.wheel as usize);
        }
        Some(left)
    }

    fn read_timer(&self, timer: Timer) -> Option<Duration> {
        let ledger = self.shared.ledgers.get(timer.wheel as usize)?;
        self.time_left(ledger.cell(timer.entry)?, timer)
    }

    fn entropy(&self) -> u64 {
        self.draw()
    }

    fn choose(&self, n: u64) -> u64 {
        // Multiply and shift; the bias is below n / 2^64.
        ((u128::from(self.draw()) * u128::from(n)) >> 64) as u64
    }

    fn pause(&self, _: Point<'_>) -> bool {
        false
    }

    fn refuse_spawn(&self) -> bool {
        false
    }

    fn block(&self, job: Job) {
        self.shared.pool.run(job);
    }

    fn observe(&self, record: &Record<'_>) {
        if let Some(observer) = &self.shared.observer {
            observer.observe(record);
        }
    }

    fn property(&self, property: Property<'_>) {
        if let Some(observer) = &self.shared.observer {
            return observer.property(property);
        }
        if !property.held
            && matches!(
                property.kind,
                PropertyKind::Always | PropertyKind::Unreachable
            )
        {
            let detail = property.detail.unwrap_or_default();
            panic!("the property {:?} does not hold: {detail}", property.id);
        }
    }

    fn outcome(&self, text: String) {
        if let Some(observer) = &self.shared.observer {
            observer.outcome(text);
        }
    }
}
