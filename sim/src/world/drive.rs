//! The event loop.

use beamline::Pid;
use beamline::backend::context::Context;
use beamline::backend::{Timer, TimerTarget};
use beamline::seam::{self, Mode, Turn};

use super::backend::Sim;
use super::clock::Kind;
use super::faults::Strike;
use super::state::{Held, State, nanos_of};
use super::transit::Event;
use super::verdict::Verdict;
use crate::oracle::Violation;
use crate::trace::What;

/// Events between two looks at the memory in use.
const MEMORY_EVERY: u64 = 256;

impl Sim {
    /// Makes events until the run has ended.
    pub(super) fn drive(&self, cx: &Context) {
        let mut scratch = Vec::new();
        loop {
            self.run_ready(cx);
            let mut state = self.state.borrow_mut();
            if state.has_ended(cx) {
                return;
            }
            let strikes = state.may_strike() && state.steps < state.fair_after;
            if strikes && state.settle_until.is_none() {
                let strike = state.offer_strikes(cx);
                if let Some(strike) = strike {
                    drop(state);
                    self.strike(cx, strike);
                    continue;
                }
            }
            let Some(event) = state.next_event(&mut scratch) else {
                // Nothing is enabled and nothing waits for a deadline.
                state.judge_quiescence(cx);
                return;
            };
            state.steps += 1;
            drop(state);
            self.make(cx, event);
        }
    }

    /// Runs everything that is ready without a choice: fresh processes, and those that a waker has
    /// called.
    fn run_ready(&self, cx: &Context) {
        loop {
            let mut state = self.state.borrow_mut();
            let Some(slot) = state.ready.pop_front() else {
                return;
            };
            let mode = state.mode_of(slot);
            drop(state);
            self.run(cx, slot, mode);
        }
    }

    fn run(&self, cx: &Context, slot: u32, mode: Mode) {
        // SAFETY: the process is ready or held here, and there is no other thread (WLD1).
        match unsafe { seam::turn(cx, slot, mode) } {
            Turn::Parked => {}
            Turn::Held => self.state.borrow_mut().hold(slot, Held::Step("run")),
            Turn::Again => {
                self.state.borrow_mut().hold(slot, Held::Yield);
                // Parks it, so that signals reach it while it is held (WLD1).
                // SAFETY: as above.
                if unsafe { seam::turn(cx, slot, Mode::SignalsOnly) } == Turn::Ended {
                    self.state.borrow_mut().died(slot);
                }
            }
            Turn::Ended => self.state.borrow_mut().died(slot),
        }
    }

    /// Makes one event happen.
    fn make(&self, cx: &Context, event: Event) {
        match event {
            Event::Deliver(queue) => {
                let head = self.state.borrow_mut().take_head(queue);
                if let Some((to, node)) = head {
                    // Whoever was parked is made ready by this, and runs before the next choice.
                    seam::deliver(cx, to, node);
                }
            }
            Event::Step(slot) => {
                let mut state = self.state.borrow_mut();
                if let Some(held) = state.release(slot) {
                    state.go_on(slot, held);
                }
                drop(state);
                // SAFETY: the process is parked (WLD1).
                unsafe { seam::rouse(cx, slot) };
                self.run(cx, slot, Mode::Whole);
            }
            Event::Fire(entry) => self.fire(cx, entry),
        }
    }

    /// An entry of the clock fires; time jumps there if it lies ahead.
    fn fire(&self, cx: &Context, entry: u32) {
        let mut state = self.state.borrow_mut();
        let deadline = state.clock.deadline(entry);
        let by = match state.clock.kind(entry) {
            Some(Kind::Wait { pid }) => Some(*pid),
            Some(Kind::Message { by, .. }) => *by,
            _ => None,
        };
        state.clock.now = state.clock.now.max(deadline);
        if mutant!(ClockBack) {
            state.clock.now -= if state.clock.now > 30_000_000 {
                25_000_000
            } else {
                0
            };
        }
        if state.offer_delay(entry, by) {
            return;
        }
        drop(state);
        self.pass(cx, entry);
    }

    /// An entry of the clock is over: whoever waits is run, or the message is sent.
    fn pass(&self, cx: &Context, entry: u32) {
        let mut state = self.state.borrow_mut();
        if let Some(Kind::Wait { pid }) = state.clock.kind(entry) {
            let pid = *pid;
            if !state.is_alive(pid) {
                // It has given its sleep to another, who has not looked at it yet.
                state.clock.pass(entry);
                return;
            }
            state.record(|state| What::TimerFired {
                by: Some(state.path(pid)),
                wait: true,
            });
            state.clock.pass(entry);
            state.met(pid.slot(), 0x7173);
            let mode = state.mode_of(pid.slot());
            drop(state);
            // SAFETY: the process is parked (WLD1).
            unsafe { seam::rouse(cx, pid.slot()) };
            self.run(cx, pid.slot(), mode);
            return;
        }
        let generation = u64::from(state.clock.generation(entry));
        let Some(Kind::Message {
            by,
            target,
            message,
        }) = state.clock.take(entry)
        else {
            return;
        };
        state.record(|state| What::TimerFired {
            by: by.map(|pid| state.path(pid)),
            wait: false,
        });
        let to = match target {
            TimerTarget::Pid(pid) => Some(pid),
            TimerTarget::Name(name) => seam::whereis(cx.shared(), &name),
        };
        let timer = Timer {
            wheel: 0,
            entry,
            generation,
        };
        if state.judged {
            let now = state.clock.now;
            state.oracles.timer_fired(now, timer);
        }
        let node = seam::fired(timer, message);
        let alive = to.filter(|pid| state.is_alive(*pid));
        match alive {
            Some(to) => {
                let ordinal = state.next_timer_ordinal(by);
                state.note_fired(&node, by, to);
                state.send_fired(by, ordinal, to, node);
            }
            None => {
                drop(state);
                drop(node);
            }
        }
    }

    fn strike(&self, cx: &Context, strike: Strike) {
        match strike {
            Strike::Kill(slot) | Strike::Panic(slot) => {
                let mut state = self.state.borrow_mut();
                if let (true, Some(pid)) = (state.judged, state.proc(slot).pid) {
                    state.oracles.condemned(pid, &strike.reason());
                }
                drop(state);
                // SAFETY: between events every process is parked (WLD1).
                unsafe {
                    seam::condemn(cx, slot, strike.reason());
                    seam::rouse(cx, slot);
                }
                self.run(cx, slot, Mode::SignalsOnly);
            }
            Strike::Timeout(entry) => self.pass(cx, entry),
        }
    }
}

impl State {
    /// How much of a turn a process that is ready gets.
    fn mode_of(&self, slot: u32) -> Mode {
        match self.procs.get(slot as usize) {
            Some(proc) if proc.held.is_some() || self.is_fine() || self.is_visible(slot) => {
                Mode::SignalsOnly
            }
            _ => Mode::Whole,
        }
    }

    /// Whether the run is over: by a verdict, by its root, or by a limit.
    fn has_ended(&mut self, cx: &Context) -> bool {
        if self.judged {
            self.oracles.step();
            self.consult_oracles();
        }
        if self.verdict.is_some() {
            return true;
        }
        if self.steps >= self.steps_max {
            let text = format!("{} events were made and the root has not ended", self.steps);
            self.verdict = Some(Verdict::new("steps", text));
        } else if self.waited > self.time_max {
            let limit = self.options.limits.virtual_time_max();
            let text = format!("{limit:?} have passed");
            self.verdict = Some(Verdict::new("virtual-time", text));
        } else if self.steps.is_multiple_of(MEMORY_EVERY) {
            let bytes = seam::bytes_in_use(cx);
            if bytes > self.options.limits.memory_max() {
                let text = format!("messages and processes take {bytes} bytes");
                self.verdict = Some(Verdict::new("memory", text));
            }
        }
        let root = self.root_end.is_some() && !self.options.no_leaks && !self.still_settles();
        let failed = self
            .root_end
            .as_ref()
            .is_some_and(|reason| reason.is_abnormal());
        self.verdict.is_some() || root || failed
    }

    /// Whether a run goes on although its root has ended.
    fn still_settles(&mut self) -> bool {
        let Some(time) = self.options.settle else {
            return false;
        };
        let now = self.clock.now;
        let until = *(self.settle_until).get_or_insert_with(|| now.saturating_add(nanos_of(time)));
        if now > until && self.judged && !self.settled {
            self.settled = true;
            self.oracles.settle_trees();
            self.consult_oracles();
        }
        now <= until
    }

    /// Takes over what an oracle has found, if nothing was found before.
    #[inline]
    pub(super) fn consult_oracles(&mut self) {
        if self.oracles.has_violation() && self.verdict.is_none() {
            self.take_violation();
        }
    }

    #[cold]
    fn take_violation(&mut self) {
        if let Some(Violation { oracle, detail }) = self.oracles.take_violation() {
            let detail = format!("{}\n{}", oracle.says, self.named(detail));
            self.verdict = Some(Verdict::new(format!("oracle {}", oracle.id), detail));
        }
    }

    /// A process goes on from where it was held; what it is about to touch counts from now.
    fn go_on(&mut self, slot: u32, held: Held) {
        if let Some((object, write)) = self.touching.remove(&slot) {
            self.touched(slot, object, write);
        }
        let on = self.looks_at.remove(&slot);
        if let Held::Step(at) | Held::Table(at) = held {
            self.record(|state| What::Step {
                process: state.path_of_slot(slot),
                at,
                on,
            });
        }
    }

    /// Notes what a held process will read or change when it goes on.
    pub(super) fn will_touch(&mut self, slot: u32, object: u64, write: bool) {
        self.touching.insert(slot, (object, write));
    }

    pub(super) fn is_alive(&self, pid: Pid) -> bool {
        self.procs
            .get(pid.slot() as usize)
            .is_some_and(|proc| proc.pid == Some(pid))
    }

    fn next_timer_ordinal(&mut self, by: Option<Pid>) -> u32 {
        match by.and_then(|pid| self.procs.get_mut(pid.slot() as usize)) {
            Some(proc) => {
                proc.timers += 1;
                proc.timers - 1
            }
            None => 0,
        }
    }
}
