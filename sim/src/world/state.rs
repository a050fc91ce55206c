//! What a world knows beyond what the kernel keeps.

use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use beamline::backend::{Nanos, Origin, PropertyKind};
use beamline::seam::Node;
use beamline::{ExitReason, Pid};
use rustc_hash::FxHashMap;

use super::clock::Clock;
use super::enabled::Enabled;
use super::lore::Lore;
use super::options::RunOptions;
use super::path::Path;
use super::transit::{Event, Key, Pairs, Queue};
use super::verdict::Verdict;
use crate::choice::{ChoiceId, ChoiceKind, Chooser, LabelHash};
use crate::mode::{Delivery, Granularity};
use crate::oracle::Oracles;
use crate::rng::scramble;
use crate::tape::{Choice, Tape};
use crate::trace::{Record, Sender, What};

/// What is known of the process in a slot.
#[derive(Debug, Clone)]
pub(super) struct Proc {
    pub(super) pid: Option<Pid>,
    /// The last process of the slot, dead or alive, for the paths of the dead.
    pub(super) path: Path,
    pub(super) id: ChoiceId,
    pub(super) children: u32,
    pub(super) held: Option<Held>,
    pub(super) slow: bool,
    /// How many processes have sent to it so far.
    pub(super) senders: u32,
    /// The queue of the first of them.
    pub(super) first_queue: u32,
    /// Deadlines that it waits for.
    pub(super) waits: u32,
    /// Whom it last sent a message to, for the report of a deadlock.
    pub(super) asked: Option<Pid>,
    /// Signals on their way to it that are no messages.
    pub(super) signals: u32,
    /// Calls on their way to it.
    pub(super) calls: u32,
    pub(super) timers: u32,
    /// The state of `progress` when a deadline of its own last passed early.
    pub(super) early_at: Option<u64>,
    /// The id of its deadlines.
    pub(super) wait_id: ChoiceId,
    pub(super) chain: u32,
    pub(super) timer_chain: u32,
    /// A hash of everything that it has met, in order.
    pub(super) history: u64,
}

/// Why a process is held although it could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// It stands at a choice point, or has something new to look at.
    Step(&'static str),
    /// It is about to read or change something shared.
    Table(&'static str),
    /// It let others go first.
    Yield,
}

/// How often a property was looked at in a run, and how it held.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) kind: PropertyKind,
    pub(crate) id: String,
    pub(crate) location: &'static std::panic::Location<'static>,
    pub(crate) held: u64,
    pub(crate) failed: u64,
    /// Whether it held at the last look.
    pub(crate) last: bool,
    pub(crate) detail: Option<String>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) options: RunOptions,
    pub(super) chooser: Option<NonNull<dyn Chooser>>,
    pub(super) tape: Tape,
    pub(super) lore: Lore,
    pub(super) clock: Clock,
    pub(super) procs: Vec<Proc>,
    /// Paths of dead processes whose slots were used again.
    pub(super) graves: FxHashMap<Pid, Path>,
    pub(super) queues: Vec<Queue>,
    /// Queues of one signal that has arrived.
    pub(super) free_queues: Vec<u32>,
    pub(super) pairs: Pairs,
    pub(super) enabled: Enabled,
    pub(super) ready: VecDeque<u32>,
    /// The number of the simulated system in pids.
    pub(super) node: u16,
    pub(super) root: Option<Pid>,
    pub(super) root_end: Option<ExitReason>,
    pub(super) verdict: Option<Verdict>,
    pub(super) outcome: Option<String>,
    pub(super) steps: u64,
    pub(super) steps_max: u64,
    pub(super) time_max: u64,
    pub(super) fair_after: u64,
    /// Virtual time that passed because nothing else could happen.
    pub(super) waited: u64,
    /// It has been scheduled fairly, without choices.
    pub(super) was_fair: bool,
    /// Deliveries and steps made.
    pub(super) progress: u64,
    pub(super) last_chain: u32,
    pub(super) in_transit: u64,
    pub(super) adversarial: Option<bool>,
    pub(super) early_left: u32,
    pub(super) faults_left: [u32; ChoiceKind::FAULTS.len()],
    pub(super) injected: [u32; ChoiceKind::FAULTS.len()],
    /// When processes were struck, and how many more are to be in this burst.
    pub(super) struck: Vec<Nanos>,
    pub(super) burst_left: u32,
    /// Whom a fault may hit, by path, unless that is to be found out again.
    pub(super) victims: Vec<u32>,
    pub(super) victims_known: bool,
    /// As many victims as have lived at once.
    pub(super) whole: usize,
    /// The time from which on there are no faults.
    pub(super) faults_until: Nanos,
    pub(super) sites: Vec<Site>,
    pub(super) shared_history: FxHashMap<u64, (u64, u64)>,
    pub(super) dead_history: u64,
    /// What held processes will read or change when they go on: the object, and whether it is
    /// changed.
    pub(super) touching: FxHashMap<u32, (u64, bool)>,
    /// Processes that are held back.
    pub(super) slow: u32,
    /// Processes that are about to read or change something shared.
    pub(super) at_tables: u32,
    /// The entries of the clock that may pass now.
    pub(super) ties: Vec<u32>,
    /// Deliveries made through each queue and the key of its receiver, if that is to be measured.
    pub(super) measured: FxHashMap<ChoiceId, (u32, u128)>,
    pub(super) trace: Option<Vec<Record>>,
    /// The senders of messages whose nodes are alive, for traces only.
    pub(super) senders_of: FxHashMap<usize, Sender>,
    /// What held processes will look at, and the function of the process being born: for traces.
    pub(super) looks_at: FxHashMap<u32, String>,
    pub(super) function: Option<String>,
    pub(super) closing: bool,
    /// The time up to which it goes on without its root.
    pub(super) settle_until: Option<Nanos>,
    /// That time is over.
    pub(super) settled: bool,
    /// The built-in oracles judge this run.
    pub(super) judged: bool,
    pub(super) oracles: Oracles,
    /// Another thread has called a waker of this world.
    pub(super) foreign: Arc<AtomicBool>,
}

impl State {
    /// Forgets the last run and keeps the memory. What has to be dropped comes back, since a
    /// destructor may call into the world.
    pub(super) fn reset(&mut self) -> Vec<Node> {
        let mut left = Vec::new();
        for mut queue in self.queues.drain(..) {
            left.extend(std::iter::from_fn(|| queue.signals.pop()));
        }
        let messages = self.clock.reset().into_iter().map(|message| match message {
            beamline::backend::TimerMessage::Plain(message)
            | beamline::backend::TimerMessage::Fired(message) => {
                beamline::seam::message_node(message)
            }
        });
        left.extend(messages);
        self.tape.clear();
        self.procs.clear();
        self.graves.clear();
        self.free_queues.clear();
        self.pairs.clear();
        self.enabled.clear();
        self.ready.clear();
        self.sites.clear();
        self.shared_history.clear();
        self.touching.clear();
        self.senders_of.clear();
        self.looks_at.clear();
        self.slow = 0;
        self.at_tables = 0;
        self.root = None;
        self.root_end = None;
        self.verdict = None;
        self.outcome = None;
        (self.steps, self.in_transit, self.dead_history) = (0, 0, 0);
        (self.waited, self.progress) = (0, 0);
        self.was_fair = false;
        self.last_chain = u32::MAX;
        self.adversarial = None;
        self.injected = Default::default();
        self.trace = None;
        left
    }

    pub(super) fn begin(&mut self, options: &RunOptions) {
        self.options = options.clone();
        self.early_left = options.early_firings.unwrap_or(u32::MAX);
        self.faults_left = ChoiceKind::FAULTS.map(|kind| options.faults.budget(kind));
        self.adversarial = options.early_firings.map(|_| true);
        self.trace = options.trace.then(Vec::new);
        self.steps_max = options.limits.steps_max();
        self.fair_after = options.limits.fair_after_steps();
        self.time_max = nanos_of(options.limits.virtual_time_max());
        self.last_chain = u32::MAX;
        self.closing = false;
        self.settle_until = None;
        self.settled = false;
        self.struck.clear();
        (self.burst_left, self.whole) = (0, 0);
        self.victims_known = false;
        self.faults_until = options.faults.ends_at().map_or(Nanos::MAX, nanos_of);
        self.judged = !options.unjudged;
        self.oracles.begin();
    }

    pub(super) fn is_fine(&self) -> bool {
        self.options.granularity == Granularity::Fine
    }

    pub(super) fn is_immediate(&self) -> bool {
        self.options.delivery == Delivery::Immediate
    }

    /// Appends a record to the trace, if one is kept.
    #[inline]
    pub(super) fn record(&mut self, what: impl FnOnce(&State) -> What) {
        if self.trace.is_some() {
            let record = Record {
                step: self.steps,
                time: self.clock.now,
                what: what(self),
            };
            if let Some(trace) = &mut self.trace {
                trace.push(record);
            }
        }
    }

    // --- processes

    pub(super) fn path(&self, pid: Pid) -> Path {
        if !self.graves.is_empty()
            && let Some(path) = self.graves.get(&pid)
        {
            return *path;
        }
        self.procs
            .get(pid.slot() as usize)
            .map_or(Path::ROOT, |proc| proc.path)
    }

    pub(super) fn proc(&mut self, slot: u32) -> &mut Proc {
        &mut self.procs[slot as usize]
    }

    pub(super) fn sender(&self, origin: Origin) -> Sender {
        match origin {
            Origin::Process(pid) => Sender::Process(self.path(pid)),
            Origin::Timers => Sender::Timer(None),
            Origin::Outside => Sender::Outside,
        }
    }

    pub(super) fn born(&mut self, pid: Pid, parent: Option<Pid>, label: Option<String>) {
        let path = match parent {
            None => Path::ROOT,
            Some(parent) => {
                let path = self.path(parent);
                let parent = self.proc(parent.slot());
                parent.children += 1;
                path.child(parent.children - 1)
            }
        };
        let (id, wait_id) = Lore::process(path);
        if self.options.trace {
            self.lore.note_process(path);
        }
        let (key, event) = (Key::step(path), Event::Step(pid.slot()));
        let chain = self.enabled.chain_of(id, key, event);
        let timer_chain = self.enabled.chain_of(wait_id, key, event);
        let proc = Proc {
            pid: Some(pid),
            path,
            id,
            children: 0,
            held: None,
            slow: false,
            senders: 0,
            first_queue: 0,
            waits: 0,
            asked: None,
            signals: 0,
            calls: 0,
            timers: 0,
            early_at: None,
            wait_id,
            chain,
            timer_chain,
            history: id.0,
        };
        let slot = pid.slot() as usize;
        while self.procs.len() <= slot {
            self.procs.push(Proc {
                pid: None,
                ..proc.clone()
            });
        }
        if pid.generation() > 1 {
            let old = Pid::from_parts(pid.node(), pid.slot(), pid.generation() - 1);
            self.graves.insert(old, self.procs[slot].path);
        }
        self.procs[slot] = proc;
        self.victims_known = false;
        self.node = pid.node();
        let function = self.function.take();
        self.record(|state| What::Spawn {
            process: path,
            parent: parent.map(|parent| state.path(parent)),
            label,
            function,
        });
    }

    pub(super) fn died(&mut self, slot: u32) {
        self.release(slot);
        let proc = self.proc(slot);
        proc.pid = None;
        self.victims_known = false;
        let proc = self.proc(slot);
        let slow = std::mem::take(&mut proc.slow);
        self.slow -= u32::from(slow);
        let proc = self.proc(slot);
        let history = scramble(proc.history ^ 0x0d1e);
        self.dead_history = self.dead_history.wrapping_add(history);
    }

    /// Notes something that a process met, for the hash of the trace.
    pub(super) fn met(&mut self, slot: u32, what: u64) {
        let proc = self.proc(slot);
        proc.history = scramble(proc.history.rotate_left(5) ^ what);
    }

    /// Notes that a process read or changed something shared: reads commute with each other and
    /// with nothing else.
    pub(super) fn touched(&mut self, slot: u32, object: u64, write: bool) {
        let history = self.proc(slot).history;
        let (version, readers) = self.shared_history.entry(object).or_default();
        let seen = match write {
            true => {
                let seen = scramble(*version ^ readers.rotate_left(7));
                (*version, *readers) = (scramble(seen ^ history), 0);
                seen
            }
            false => {
                *readers = readers.wrapping_add(scramble(history));
                *version
            }
        };
        self.met(slot, seen ^ object);
    }

    /// The order-insensitive hash of the run so far: equal for runs in which every process met the
    /// same things in the same order.
    pub(super) fn hash(&self) -> u64 {
        let live = self.procs.iter().filter(|proc| proc.pid.is_some());
        let live = live.fold(0u64, |sum, proc| sum.wrapping_add(scramble(proc.history)));
        let mut outcome = LabelHash::new();
        outcome.bytes(self.outcome.as_deref().unwrap_or("").as_bytes());
        outcome.bytes(
            self.verdict
                .as_ref()
                .map_or("", |verdict| &verdict.id)
                .as_bytes(),
        );
        scramble(live.wrapping_add(self.dead_history) ^ outcome.finish())
    }

    /// A property that had to hold in the end and does not.
    pub(super) fn broken_promise(&self) -> Option<Verdict> {
        let broken = self
            .sites
            .iter()
            .find(|s| s.kind == PropertyKind::Eventually && !s.last)?;
        let place = format!("{}:{}", broken.location.file(), broken.location.line());
        let detail = broken
            .detail
            .clone()
            .unwrap_or_else(|| "it did not hold in the end".into());
        Some(Verdict::new(format!("eventually {}", broken.id), detail).at(place))
    }

    // --- held processes

    /// Holds a process until the schedule lets it go on.
    pub(super) fn hold(&mut self, slot: u32, held: Held) {
        let proc = &mut self.procs[slot as usize];
        if proc.held.is_some() {
            return;
        }
        proc.held = Some(held);
        self.at_tables += u32::from(matches!(held, Held::Table(_)));
        let proc = &self.procs[slot as usize];
        self.enabled.chain_mut(proc.chain).key = match held {
            Held::Step(_) | Held::Table(_) => Key::step(proc.path),
            Held::Yield => Key::yielded(proc.path),
        };
        self.enabled.enable(proc.chain);
    }

    /// No longer holds a process.
    pub(super) fn release(&mut self, slot: u32) -> Option<Held> {
        let held = self.proc(slot).held.take()?;
        self.at_tables -= u32::from(matches!(held, Held::Table(_)));
        self.enabled.disable(self.procs[slot as usize].chain);
        Some(held)
    }

    // --- choices

    /// Asks the chooser for anything but an event.
    pub(super) fn decide(
        &mut self,
        kind: ChoiceKind,
        n: u32,
        id_of: impl Fn(&State, u32) -> ChoiceId,
    ) -> u32 {
        if n < 2 {
            return 0;
        }
        let Some(mut chooser) = self.chooser else {
            return 0;
        };
        // SAFETY: the chooser is set for the length of a run and borrowed nowhere else meanwhile.
        let chooser = unsafe { chooser.as_mut() };
        let rank = chooser.plain(kind, n, &|rank| id_of(self, rank)).min(n - 1);
        let id = id_of(self, rank);
        self.tape.push(Choice { id, n, rank, kind });
        rank
    }
}

pub(super) fn nanos_of(time: Duration) -> Nanos {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
