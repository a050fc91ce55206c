//! Offering faults: each opportunity is a choice whose rank 0 is "none" (contract C8).
//!
//! | kind | an opportunity | what it does |
//! |---|---|---|
//! | crash | before each event | kills a process, wherever it stands |
//! | panic | before each event | as if its body panicked there |
//! | early timeout | before each event, while something waits | a wait ends before its time |
//! | late timer | when a deadline passes | it passes a tenth of a second later instead |
//! | slow | before each event | a process is held back until nothing else can happen |
//! | failing spawn | at each spawn that may fail | it fails |

use std::sync::Arc;

use beamline::backend::Nanos;
use beamline::backend::context::Context;
use beamline::{ExitReason, PanicInfo, Pid, seam};

use super::state::{State, nanos_of};
use crate::choice::{ChoiceId, ChoiceKind};
use crate::faults::{Pace, fault_number};
use crate::trace::{ChoiceKindText, What};

/// How late a late timer is: a machine that stalls for a tenth of a second.
const LATE: Nanos = 100_000_000;
const SECOND: Nanos = 1_000_000_000;

/// What a fault does to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strike {
    /// It ends, killed.
    Kill(u32),
    /// It ends as by a panic.
    Panic(u32),
    /// This wait is over.
    Timeout(u32),
}

impl Strike {
    pub(super) fn reason(self) -> ExitReason {
        match self {
            Strike::Panic(_) => {
                let message = "injected by the simulator".to_string();
                ExitReason::Panicked(Arc::new(PanicInfo {
                    message,
                    location: None,
                }))
            }
            _ => ExitReason::Killed,
        }
    }
}

impl State {
    /// Whether any fault may still be injected before an event.
    pub(super) fn may_strike(&self) -> bool {
        let before_events = [
            ChoiceKind::Crash,
            ChoiceKind::Panic,
            ChoiceKind::EarlyTimeout,
            ChoiceKind::Slow,
        ];
        self.burst_left > 0 || before_events.into_iter().any(|kind| self.left(kind) > 0)
    }

    fn left(&self, kind: ChoiceKind) -> u32 {
        if self.clock.now >= self.faults_until {
            return 0;
        }
        fault_number(kind).map_or(0, |number| self.faults_left[number])
    }

    /// Takes one from the budget of a kind.
    fn spend(&mut self, kind: ChoiceKind) {
        if let Some(number) = fault_number(kind) {
            self.faults_left[number] -= 1;
        }
    }

    fn inject(&mut self, kind: ChoiceKind, process: Option<Pid>) {
        if let Some(number) = fault_number(kind) {
            self.injected[number] += 1;
        }
        self.record(|state| What::Fault {
            kind: ChoiceKindText(kind),
            process: process.map(|pid| state.path(pid)),
        });
        if let Some(pid) = process {
            self.met(pid.slot(), kind as u64 ^ 0xfa17);
        }
    }

    /// Offers the faults that may strike before the next event.
    pub(super) fn offer_strikes(&mut self, cx: &Context) -> Option<Strike> {
        if self.burst_left > 0 {
            // No choice: once a burst has begun, it goes on as soon as there is somebody to hit.
            let victims = self.take_victims(cx);
            let slot = victims.first().copied();
            self.victims = victims;
            let slot = slot?;
            self.burst_left -= 1;
            self.strike(ChoiceKind::Crash, slot);
            return Some(Strike::Kill(slot));
        }
        for kind in [ChoiceKind::Crash, ChoiceKind::Panic] {
            if let Some(slot) = self.offer_victim(cx, kind) {
                let strike = if kind == ChoiceKind::Crash {
                    Strike::Kill
                } else {
                    Strike::Panic
                };
                return Some(strike(slot));
            }
        }
        if self.left(ChoiceKind::EarlyTimeout) > 0 {
            let waits: Vec<(u32, Pid)> = self.clock.waits().collect();
            let ids: Vec<ChoiceId> = waits.iter().map(|(_, pid)| self.wait_id(*pid)).collect();
            let rank = self.offer(ChoiceKind::EarlyTimeout, &ids);
            if rank > 0 {
                let (wait, pid) = waits[rank as usize - 1];
                self.spend(ChoiceKind::EarlyTimeout);
                self.inject(ChoiceKind::EarlyTimeout, Some(pid));
                self.oracles.time_fault();
                return Some(Strike::Timeout(wait));
            }
        }
        if let Some(slot) = self.offer_victim(cx, ChoiceKind::Slow) {
            self.proc(slot).slow = true;
            self.slow += 1;
        }
        None
    }

    fn wait_id(&self, pid: Pid) -> ChoiceId {
        self.procs[pid.slot() as usize].wait_id
    }

    /// Offers each of `ids` and none; the rank.
    fn offer(&mut self, kind: ChoiceKind, ids: &[ChoiceId]) -> u32 {
        let id = |rank: u32| {
            if rank == 0 {
                ChoiceId(1)
            } else {
                ids[rank as usize - 1]
            }
        };
        self.decide(kind, ids.len() as u32 + 1, |_, rank| id(rank))
    }

    fn offer_victim(&mut self, cx: &Context, kind: ChoiceKind) -> Option<u32> {
        if self.left(kind) == 0 {
            return None;
        }
        let victims = self.take_victims(cx);
        let slot = self.choose_victim(kind, &victims);
        self.victims = victims;
        let slot = slot?;
        self.spend(kind);
        if kind == ChoiceKind::Crash {
            self.burst_left = self.options.faults.burst().saturating_sub(1);
        }
        self.strike(kind, slot);
        Some(slot)
    }

    /// One of the victims, if a fault is to strike.
    fn choose_victim(&mut self, kind: ChoiceKind, victims: &[u32]) -> Option<u32> {
        if kind != ChoiceKind::Slow && !self.may_strike_again(victims.len()) {
            return None;
        }
        let spared = |slot: &u32| kind == ChoiceKind::Slow && self.procs[*slot as usize].slow;
        let slots: Vec<u32> = (victims.iter().copied())
            .filter(|slot| !spared(slot))
            .collect();
        let id = |slot: &u32| self.procs[*slot as usize].id;
        let ids: Vec<ChoiceId> = slots.iter().map(id).collect();
        let rank = self.offer(kind, &ids);
        slots.get((rank as usize).checked_sub(1)?).copied()
    }

    fn strike(&mut self, kind: ChoiceKind, slot: u32) {
        if kind != ChoiceKind::Slow {
            self.struck.push(self.clock.now);
        }
        let pid = self.procs[slot as usize].pid;
        self.inject(kind, pid);
    }

    /// Whether the pace of the faults allows to strike one of so many victims now.
    ///
    /// A supervisor counts a restart when it learns of the end, which may be much later; so a
    /// strike counts from when as many victims live again.
    fn may_strike_again(&mut self, victims: usize) -> bool {
        let Some(Pace { strikes, within }) = self.options.faults.pace() else {
            return true;
        };
        let now = self.clock.now;
        match victims >= self.whole {
            true => self.whole = victims,
            false => {
                let out = self.struck.len().saturating_sub(self.whole - victims);
                self.struck[out..].fill(now);
            }
        }
        let within = nanos_of(within).saturating_add(SECOND);
        let recent = self.struck.iter().rev();
        let recent = recent.take_while(|at| now - **at <= within);
        recent.count() < strikes as usize
    }

    /// The processes that a fault may hit, by path, to be given back; found out again when any
    /// process was born, has died or has been given another name or label. Where nobody is told of
    /// names, always.
    fn take_victims(&mut self, cx: &Context) -> Vec<u32> {
        let mut victims = std::mem::take(&mut self.victims);
        if !self.victims_known {
            self.find_victims(cx, &mut victims);
            self.victims_known = cx.observes.get();
        }
        victims
    }

    /// The root is the test itself and is spared.
    fn find_victims(&self, cx: &Context, victims: &mut Vec<u32>) {
        let faults = &self.options.faults;
        let may = |pid: Pid| {
            if faults.victim_names().is_empty() {
                return true;
            }
            // SAFETY: between events no process is being run (WLD1).
            let (name, label) = unsafe { seam::called(cx, pid) };
            name.is_some_and(|name| faults.may_hit(&name))
                || label.is_some_and(|label| faults.may_hit(&label))
        };
        victims.clear();
        victims.extend((0..).zip(&self.procs).filter_map(|(slot, proc)| {
            let pid = proc
                .pid
                .filter(|pid| Some(*pid) != self.root && may(*pid))?;
            (pid.slot() == slot).then_some(slot)
        }));
        victims.sort_unstable_by_key(|slot| self.path_of_slot(*slot));
    }

    /// When a deadline passes: whether it is to pass later instead.
    pub(super) fn offer_delay(&mut self, entry: u32, by: Option<Pid>) -> bool {
        if self.left(ChoiceKind::LateTimer) == 0 {
            return false;
        }
        let id = by.map_or(ChoiceId(1), |pid| self.wait_id(pid));
        if self.offer(ChoiceKind::LateTimer, &[id]) == 0 {
            return false;
        }
        self.spend(ChoiceKind::LateTimer);
        self.inject(ChoiceKind::LateTimer, by);
        let deadline = self.clock.now + LATE;
        self.clock.postpone(entry, deadline);
        true
    }

    /// Whether a spawn is to fail.
    pub(super) fn offer_failing_spawn(&mut self) -> bool {
        if self.closing || self.left(ChoiceKind::FailSpawn) == 0 {
            return false;
        }
        if self.offer(ChoiceKind::FailSpawn, &[ChoiceId(2)]) == 0 {
            return false;
        }
        self.spend(ChoiceKind::FailSpawn);
        self.inject(ChoiceKind::FailSpawn, None);
        true
    }

    /// Decides how time behaves, when the first deadline is armed.
    pub(super) fn settle_time_mode(&mut self) {
        if self.adversarial.is_none() {
            let rank = self.decide(ChoiceKind::TimeMode, 2, |_, rank| {
                ChoiceId(u64::from(rank) + 1)
            });
            self.adversarial = Some(rank == 1);
        }
    }
}
