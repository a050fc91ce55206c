//! The seam as the simulator fills it.

use std::cell::RefCell;
use std::time::Duration;

use beamline::backend::record::Record as KernelRecord;
use beamline::backend::{
    Backend, Job, Nanos, Origin, Point, Property, PropertyKind, Timer, TimerMessage, TimerTarget,
    Wait,
};
use beamline::seam::Node;
use beamline::{ExitReason, Pid};

use super::clock::Kind;
use super::state::{Held, Site, State};
use super::verdict::Verdict;
use crate::choice::{ChoiceId, ChoiceKind, LabelHash};
use crate::trace::What;

/// The backend of a simulated world.
#[derive(Default)]
pub(super) struct Sim {
    pub(super) state: RefCell<State>,
}

/// Draws below this are choices with a rank; larger ones are made of two.
const DRAW_MAX: u64 = 1 << 16;

impl Sim {
    fn running(&self) -> Option<Pid> {
        beamline::backend::context::try_current().and_then(|cx| cx.running())
    }

    fn draw(&self, n: u64) -> u64 {
        let pid = self.running();
        let mut state = self.state.borrow_mut();
        let id = pid.map_or(ChoiceId(1), |pid| state.procs[pid.slot() as usize].id);
        let rank = u64::from(state.decide(ChoiceKind::User, n as u32, |_, _| id));
        if let Some(pid) = pid {
            state.met(pid.slot(), rank ^ 0xd7a3);
        }
        state.record(|state| What::Drawn {
            process: pid.map(|pid| state.path(pid)),
            of: n,
            value: rank,
        });
        rank
    }

    fn hold_at(&self, slot: u32, held: Held) -> bool {
        let mut state = self.state.borrow_mut();
        if state.closing {
            return false;
        }
        state.hold(slot, held);
        true
    }
}

impl Backend for Sim {
    fn spread(&self, pid: Pid) -> u64 {
        self.state.borrow().path(pid).spread()
    }

    fn ended(&self, pid: Pid, reason: &ExitReason) {
        let mut state = self.state.borrow_mut();
        if state.root == Some(pid) && !state.closing {
            state.root_end = Some(reason.clone());
        }
    }

    fn hold_end(&self, slot: u32, named: bool) -> bool {
        let state = self.state.borrow();
        !state.closing && (named || state.is_fine() || state.is_end_visible(slot))
    }

    fn ready(&self, slot: u32) {
        self.state.borrow_mut().ready.push_back(slot);
    }

    fn spawned(&self, pid: Pid, parent: Option<Pid>) {
        // SAFETY: the process has been made and nobody runs it yet.
        let label = self.state.borrow().trace.is_some().then(|| unsafe {
            let cx = beamline::backend::context::current();
            beamline::seam::called(cx, pid).1
        });
        self.state.borrow_mut().born(pid, parent, label.flatten());
    }

    fn carry(&self, from: Origin, to: Pid, node: Node) {
        let mut state = self.state.borrow_mut();
        let gone = state
            .procs
            .get(to.slot() as usize)
            .is_none_or(|proc| proc.pid != Some(to));
        if state.closing || (gone && !node.is_signal() && !node.is_call()) {
            // Nobody can see that it was ever sent. Dropped last: its destructor may call in here.
            drop(state);
            beamline::seam::discard(node);
            return;
        }
        match from {
            Origin::Process(from) if !state.is_immediate() => state.send(from, to, node),
            _ => {
                drop(state);
                let cx = beamline::backend::context::current();
                beamline::seam::deliver(cx, to, node);
            }
        }
    }

    fn now(&self) -> Nanos {
        self.state.borrow().clock.now
    }

    fn arm(&self, slot: u32, deadline: Nanos) -> Wait {
        let mut state = self.state.borrow_mut();
        state.settle_time_mode();
        let Some(pid) = state.proc(slot).pid else {
            return 0;
        };
        state.count_wait_in(pid);
        state.clock.arm(deadline, Kind::Wait { pid }).0
    }

    fn disarm(&self, _: u32, wait: Wait) {
        let mut state = self.state.borrow_mut();
        if !state.closing {
            state.forget_wait(wait);
        }
    }

    fn due(&self, slot: u32, wait: Wait, _: Nanos) -> bool {
        let mut state = self.state.borrow_mut();
        let passed = state.clock.has_passed(wait);
        if passed {
            state.forget_wait(wait);
        } else {
            state.adopt_wait(slot, wait);
        }
        passed
    }

    fn start_timer(&self, target: TimerTarget, message: TimerMessage, at: Nanos) -> Timer {
        let by = self.running();
        let early = if mutant!(EarlyTimers) { 1_000_000 } else { 0 };
        let at = at.saturating_sub(early);
        let mut state = self.state.borrow_mut();
        state.settle_time_mode();
        let (entry, generation) = state.clock.arm(
            at,
            Kind::Message {
                by,
                target,
                message,
            },
        );
        let timer = Timer {
            wheel: 0,
            entry,
            generation: u64::from(generation),
        };
        if state.judged {
            state.oracles.timer_started(timer);
        }
        timer
    }

    fn cancel_timer(&self, timer: Timer) -> Option<Duration> {
        let mut state = self.state.borrow_mut();
        let left = state.timer_left(timer)?;
        if state.judged {
            state.oracles.timer_cancelled(timer);
        }
        let kind = state.clock.take(timer.entry);
        drop(state);
        drop(kind);
        Some(left)
    }

    fn read_timer(&self, timer: Timer) -> Option<Duration> {
        self.state.borrow_mut().timer_left(timer)
    }

    fn entropy(&self) -> u64 {
        (0..4).fold(0, |bits, _| bits << 16 | self.draw(DRAW_MAX))
    }

    fn choose(&self, n: u64) -> u64 {
        if n <= DRAW_MAX {
            return self.draw(n);
        }
        ((u128::from(self.entropy()) * u128::from(n)) >> 64) as u64
    }

    fn pause(&self, point: Point) -> bool {
        let Some(pid) = self.running() else {
            return false;
        };
        let fine = self.state.borrow().is_fine();
        match point {
            Point::Receive if !fine => false,
            Point::Receive | Point::Look => self.hold_at(pid.slot(), Held::Step("receive")),
            Point::Table { op, on, write } => {
                let held = self.hold_at(pid.slot(), Held::Table(op));
                let mut object = LabelHash::new();
                object.bytes(on.as_bytes());
                // What it will find is decided when it goes on, which is when it counts.
                let mut state = self.state.borrow_mut();
                state.will_touch(pid.slot(), object.finish(), write);
                if state.trace.is_some() && !on.is_empty() {
                    state.looks_at.insert(pid.slot(), on.to_string());
                }
                held
            }
            Point::Yield => self.hold_at(pid.slot(), Held::Yield),
        }
    }

    fn refuse_spawn(&self) -> bool {
        let mut state = self.state.borrow_mut();
        state.offer_failing_spawn()
    }

    fn block(&self, job: Job) {
        // The simulation stands still meanwhile, as it does for everything a step computes.
        job();
    }

    fn observe(&self, record: &KernelRecord<'_>) {
        self.state.borrow_mut().observe(record);
    }

    fn property(&self, property: Property<'_>) {
        let pid = self.running();
        let mut state = self.state.borrow_mut();
        if !state.closing {
            state.judge(pid, property);
        }
    }

    fn outcome(&self, text: String) {
        let mut state = self.state.borrow_mut();
        state.record(|_| What::Outcome { text: text.clone() });
        match &mut state.outcome {
            Some(outcome) => {
                outcome.push_str(", ");
                outcome.push_str(&text);
            }
            None => state.outcome = Some(text),
        }
    }
}

impl State {
    /// Drops a wait, whoever held it last.
    fn forget_wait(&mut self, wait: Wait) {
        let owner = match self.clock.kind(wait) {
            Some(Kind::Wait { pid } | Kind::Passed { pid }) => *pid,
            Some(Kind::Message { .. }) | None => return,
        };
        self.clock.take(wait);
        self.count_wait_out(owner);
    }

    /// A sleep that one process has begun may be awaited by another, which is woken from then on.
    fn adopt_wait(&mut self, slot: u32, wait: Wait) {
        let holder = self.proc(slot).pid;
        let (owner, holder) = match (self.clock.kind(wait), holder) {
            (Some(Kind::Wait { pid }), Some(holder)) if *pid != holder => (*pid, holder),
            _ => return,
        };
        self.count_wait_out(owner);
        self.count_wait_in(holder);
        self.clock.hand_over(wait, holder);
    }

    fn count_wait_out(&mut self, owner: Pid) {
        if self.is_alive(owner) {
            let proc = self.proc(owner.slot());
            proc.waits = proc.waits.saturating_sub(1);
        }
    }

    fn timer_left(&mut self, timer: Timer) -> Option<Duration> {
        let left = self.clock.left(timer.entry, timer.generation as u32)?;
        if let Some(Kind::Message {
            target: TimerTarget::Pid(pid),
            ..
        }) = self.clock.kind(timer.entry)
        {
            // A timer for a process that has ended is of no use any more (TMR-11).
            let alive = self
                .procs
                .get(pid.slot() as usize)
                .is_some_and(|p| p.pid == Some(*pid));
            if !alive {
                return None;
            }
        }
        Some(Duration::from_nanos(left))
    }

    /// Counts a look at a property; a broken one is the run's verdict.
    fn judge(&mut self, pid: Option<Pid>, property: Property<'_>) {
        let Property {
            kind,
            id,
            held,
            detail,
            location,
        } = property;
        let detail = detail.map(|detail| self.named(detail));
        self.record(|state| What::Property {
            process: pid.map(|pid| state.path(pid)),
            id: id.to_string(),
            held,
            detail: detail.clone(),
        });
        // By value: the compiler may keep one place at several addresses.
        let known = self.sites.iter_mut().find(|site| {
            let place = site.location;
            let same = place.line() == location.line() && place.file() == location.file();
            site.kind == kind && same && place.column() == location.column() && site.id == id
        });
        match known {
            Some(site) => {
                *(if held {
                    &mut site.held
                } else {
                    &mut site.failed
                }) += 1;
                site.last = held;
            }
            None => self.sites.push(Site {
                kind,
                id: id.to_string(),
                location,
                held: u64::from(held),
                failed: u64::from(!held),
                last: held,
                detail: detail.clone(),
            }),
        }
        let broken = match kind {
            PropertyKind::Always if !held => "always",
            PropertyKind::Unreachable => "unreachable",
            _ => return,
        };
        if self.verdict.is_none() {
            let place = format!("{}:{}", location.file(), location.line());
            let detail = detail.unwrap_or_default();
            self.verdict = Some(Verdict::new(format!("{broken} {id}"), detail).at(place));
        }
    }
}
