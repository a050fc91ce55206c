//! What led to what: the happens-before relation of a run, derived from its records.
//!
//! A *segment* is what one process does in one event. Segments of one process follow each other; a
//! segment also follows the one that sent what it received, that spawned its process, that set the
//! timer it hears of, or that last changed the name it looks up. A message that arrives and is not
//! taken leads to nothing, so arrivals are no segments of their own.

use std::collections::VecDeque;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::signals::{Sent, coming_from_outside, kind_of, same_sort};
use crate::choice::ChoiceId;
use crate::trace::{MachineEvent, Record, Sender, Signal, TimeoutEnd, What};
use crate::world::Path;

/// What one process does in one event.
#[derive(Debug)]
pub(super) struct Segment {
    /// Whose it is; none for a timer that fires.
    pub(super) process: Option<Path>,
    /// Its records: those of no other process are among them, but arrivals may be.
    pub(super) records: Range<usize>,
    /// It is the first of its process.
    pub(super) is_start: bool,
    /// Nothing else could have happened instead.
    pub(super) forced: bool,
    /// Nothing else was chosen instead.
    pub(super) canonical: bool,
    /// When the process last did something before.
    pub(super) since: u64,
    /// Answers that it dropped before, or meanwhile, since nobody waited for them any more: the
    /// numbers of their records.
    pub(super) late: Vec<usize>,
}

/// What is known of a process at some point of the trace.
#[derive(Debug, Default)]
struct Known<'a> {
    last: Option<u32>,
    last_time: u64,
    ended: bool,
    /// Sent to it and not arrived.
    coming: Vec<Sent<'a>>,
    /// Arrived and not taken.
    waiting: VecDeque<Sent<'a>>,
    /// What its next segment follows: answers, and the exit signal that ends it.
    causes: Vec<u32>,
    fatal: Option<Sent<'a>>,
    /// Whom it last sent a message to.
    asked: Option<Path>,
    /// Answers that came too late since its last segment.
    late: Vec<usize>,
}

/// Where something that was taken came from, or what ended a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    /// The sender.
    pub(super) from: Sender,
    /// What arrived.
    pub(super) signal: &'a Signal,
    /// The sender had ended by then.
    pub(super) ended: bool,
}

/// The segments of a trace, and what each follows.
#[derive(Debug, Default)]
pub(super) struct Causes<'a> {
    pub(super) segments: Vec<Segment>,
    /// Later and earlier segment; the later ones ascend.
    follows: Vec<(u32, u32)>,
    /// By the number of the record that takes or ends.
    pub(super) origins: FxHashMap<usize, Origin<'a>>,
    known: FxHashMap<Path, Known<'a>>,
    /// Who last changed a name.
    names: FxHashMap<&'a str, u32>,
    timers: Vec<(Option<Path>, u64, u32)>,
    /// When the running timeouts of machines end.
    timeouts: FxHashMap<(Path, u64), u64>,
    fired: Vec<(Option<Path>, u32)>,
    chain: Option<ChoiceId>,
    forced: bool,
    canonical: bool,
    step: u64,
}

impl<'a> Causes<'a> {
    /// Reads a trace.
    pub(super) fn of(trace: &'a [Record]) -> Causes<'a> {
        let mut causes = Causes {
            forced: true,
            canonical: true,
            ..Causes::default()
        };
        for (number, record) in trace.iter().enumerate() {
            causes.read(number, record, trace);
        }
        causes
    }

    fn read(&mut self, number: usize, record: &'a Record, trace: &'a [Record]) {
        match &record.what {
            What::Event { chain, of, rank } => {
                self.chain = Some(chain.0);
                self.forced = *of <= 1;
                self.canonical = *rank == 0;
                return;
            }
            What::Deliver { from, to, signal } => return self.arrive(*from, *to, signal),
            What::TimerFired { by, wait: false } => return self.fire(number, *by, record.time),
            What::LateReply { process, text } => return self.drop_late(number, *process, text),
            _ => {}
        }
        let Some(process) = self.actor(number, &record.what, trace) else {
            return;
        };
        let new_event = matches!(record.what, What::Fault { .. }) || self.step != record.step;
        let last = self.segments.last();
        if new_event || last.is_none_or(|last| last.process != Some(process)) {
            self.begin(number, Some(process), record.time);
        }
        self.step = record.step;
        let current = (self.segments.len() - 1) as u32;
        self.segments[current as usize].records.end = number + 1;
        let known = self.known.entry(process).or_default();
        known.last = Some(current);
        known.last_time = record.time;
        // Whoever goes on was not ended by what arrived.
        if !matches!(record.what, What::Exit { .. } | What::Unregistered { .. }) {
            known.fatal = None;
        }
        for cause in known.causes.drain(..) {
            self.follows.push((current, cause));
        }
        self.act(number, record, process, current);
    }

    fn begin(&mut self, number: usize, process: Option<Path>, time: u64) {
        let known = process.map(|process| self.known.entry(process).or_default());
        let last = known.as_ref().and_then(|known| known.last);
        let (since, late) = known.map_or((time, Vec::new()), |known| {
            (known.last_time, std::mem::take(&mut known.late))
        });
        let current = self.segments.len() as u32;
        self.segments.push(Segment {
            process,
            records: number..number + 1,
            is_start: last.is_none(),
            forced: self.forced,
            canonical: self.canonical,
            since,
            late,
        });
        self.follows.extend(last.map(|last| (current, last)));
    }

    /// Whose doing a record is.
    fn actor(&self, number: usize, what: &What, trace: &[Record]) -> Option<Path> {
        let current = || self.segments.last().and_then(|segment| segment.process);
        // A name is bound and freed by whoever runs; a dying process frees its own.
        let by_step = |op: &str, process: Path| {
            let before = number.checked_sub(1).map(|before| &trace[before].what);
            match before {
                Some(What::Step { process, at, .. }) if *at == op => *process,
                _ => process,
            }
        };
        match what {
            What::Spawn { parent, .. } => *parent,
            What::Send { from, .. } => match from {
                Sender::Process(from) => Some(*from),
                Sender::Timer(_) | Sender::Outside => None,
            },
            What::Registered { process, .. } => Some(by_step("register", *process)),
            What::Unregistered { process, .. } => Some(by_step("unregister", *process)),
            What::TimerSet { by, .. } | What::TimerCancelled { by, .. } => *by,
            What::TimerFired { by, .. } => *by,
            What::Fault { process, .. }
            | What::Drawn { process, .. }
            | What::Property { process, .. }
            | What::Note { process, .. } => process.or_else(current),
            What::Outcome { .. } => current(),
            What::Exit { process, .. }
            | What::Receive { process, .. }
            | What::ReceiveTimeout { process }
            | What::CallFailed { process, .. }
            | What::Linked { process, .. }
            | What::Unlinked { process, .. }
            | What::Monitored { process, .. }
            | What::Demonitored { process }
            | What::Step { process, .. }
            | What::TrapExit { process, .. }
            | What::Machine { process, .. }
            | What::Labelled { process, .. } => Some(*process),
            What::Event { .. } | What::Deliver { .. } | What::LateReply { .. } => None,
        }
    }

    /// What a record of `process` follows, and what will follow it.
    fn act(&mut self, number: usize, record: &'a Record, process: Path, current: u32) {
        match &record.what {
            What::Spawn { process: child, .. } => {
                self.known.entry(*child).or_default().causes.push(current);
            }
            What::Send { from, to, signal } => {
                if let Signal::Message { .. } | Signal::Call { .. } = signal {
                    self.known.entry(process).or_default().asked = Some(*to);
                }
                let sent = Sent {
                    from: *from,
                    signal,
                    segment: current,
                };
                let receiver = self.known.entry(*to).or_default();
                receiver.coming.push(sent);
                // Sending to the dead, it is lost because they are dead.
                if receiver.ended {
                    self.follows
                        .extend(receiver.last.map(|last| (current, last)));
                }
            }
            What::Receive { from, text, .. } => self.take(number, process, *from, text, current),
            What::Exit { .. } => {
                let known = self.known.entry(process).or_default();
                known.ended = true;
                if let Some(fatal) = known.fatal {
                    self.follow(number, fatal, current);
                }
            }
            What::Step { on: Some(name), .. } => {
                let writer = self.names.get(name.as_str());
                self.follows.extend(writer.map(|writer| (current, *writer)));
            }
            What::Registered { name, .. } | What::Unregistered { name, .. } => {
                self.names.insert(name, current);
            }
            What::TimerSet { after, .. } => {
                self.timers
                    .push((Some(process), record.time + after, current));
            }
            What::TimerCancelled {
                left: Some(left), ..
            } => {
                self.forget_timer(Some(process), record.time + left);
            }
            What::Machine { event, .. } => self.timeouts(process, event),
            _ => {}
        }
    }

    /// A timeout of a machine is a timer of the process, which is set like any other.
    fn timeouts(&mut self, process: Path, event: &MachineEvent) {
        match event {
            MachineEvent::TimeoutSet {
                timeout,
                at: Some(at),
                ..
            } => {
                self.timeouts.insert((process, *timeout), *at);
            }
            MachineEvent::TimeoutEnded { timeout, why, .. } => {
                let at = self.timeouts.remove(&(process, *timeout));
                if let (Some(at), true) = (at, *why != TimeoutEnd::Delivered) {
                    self.forget_timer(Some(process), at);
                }
            }
            _ => {}
        }
    }

    /// A signal arrives: at its process if that has to take it, else its effect comes at once.
    fn arrive(&mut self, from: Sender, to: Path, signal: &'a Signal) {
        let fired = match from {
            Sender::Timer(by) => {
                let at = self.fired.iter().position(|fired| fired.0 == by);
                at.map(|at| self.fired.remove(at).1)
            }
            Sender::Process(_) | Sender::Outside => None,
        };
        let chain = self.chain;
        let known = self.known.entry(to).or_default();
        let position = match (from, signal) {
            (Sender::Timer(_), _) => None,
            (Sender::Process(_), _) => known
                .coming
                .iter()
                .position(|sent| sent.from == from && same_sort(sent.signal, signal)),
            (Sender::Outside, _) => coming_from_outside(&known.coming, to, signal, chain),
        };
        let sent = match (position.map(|at| known.coming.remove(at)), fired) {
            (Some(sent), _) => sent,
            (None, Some(segment)) => Sent {
                from,
                signal,
                segment,
            },
            (None, None) => return,
        };
        match signal {
            Signal::Message { .. } | Signal::Call { .. } | Signal::Reply { .. } => {
                known.waiting.push_back(sent);
            }
            Signal::Runtime {
                kind: "down" | "alias-message",
                ..
            } => known.waiting.push_back(sent),
            Signal::Runtime { kind: "exit", .. } => {
                known.waiting.push_back(sent);
                known.fatal = Some(sent);
            }
            Signal::Runtime { kind: "answer", .. } => known.causes.push(sent.segment),
            Signal::Runtime { .. } => {}
        }
    }

    /// A message is taken out of a mailbox.
    fn take(&mut self, number: usize, process: Path, from: Sender, text: &str, current: u32) {
        let known = self.known.entry(process).or_default();
        let fits = |sent: &&Sent<'_>| match sent.signal {
            Signal::Message { text: sent_text } | Signal::Reply { text: sent_text } => {
                sent.from == from && sent_text == text
            }
            // Whom to answer is left out of its text.
            Signal::Call { .. } => sent.from == from,
            Signal::Runtime { kind, .. } => from == Sender::Outside && *kind == kind_of(text),
        };
        let Some(at) = known.waiting.iter().position(|sent| fits(&sent)) else {
            return;
        };
        let Some(sent) = known.waiting.remove(at) else {
            return;
        };
        self.follow(number, sent, current);
    }

    /// An answer comes too late and is dropped. That is nobody's doing and leads to nothing; the
    /// next line of the process says it.
    fn drop_late(&mut self, number: usize, process: Path, text: &str) {
        let known = self.known.entry(process).or_default();
        known.late.push(number);
        let is_it = |sent: &Sent<'_>| match sent.signal {
            Signal::Reply { text: sent } => sent == text,
            _ => false,
        };
        let Some(at) = known.waiting.iter().position(is_it) else {
            return;
        };
        if let Some(sent) = known.waiting.remove(at) {
            let origin = Origin {
                from: sent.from,
                signal: sent.signal,
                ended: false,
            };
            self.origins.insert(number, origin);
        }
    }

    /// The record of this number, of the current segment, is due to something that arrived.
    fn follow(&mut self, number: usize, sent: Sent<'a>, current: u32) {
        let Sent {
            from,
            signal,
            segment,
        } = sent;
        let ended = match from {
            Sender::Process(from) => self.known.get(&from).is_some_and(|known| known.ended),
            Sender::Timer(_) | Sender::Outside => false,
        };
        self.follows.push((current, segment));
        self.origins.insert(
            number,
            Origin {
                from,
                signal,
                ended,
            },
        );
    }

    /// A timer fires: a segment of nobody, which follows the one that set it.
    fn fire(&mut self, number: usize, by: Option<Path>, time: u64) {
        self.begin(number, None, time);
        let current = (self.segments.len() - 1) as u32;
        // The first that is due; early ones in the order they were set.
        let mut of_process = self
            .timers
            .iter()
            .enumerate()
            .filter(|(_, timer)| timer.0 == by);
        let due = of_process.clone().find(|(_, timer)| timer.1 <= time);
        if let Some((at, _)) = due.or_else(|| of_process.next()) {
            let (_, _, set) = self.timers.remove(at);
            self.follows.push((current, set));
        }
        self.fired.push((by, current));
    }

    fn forget_timer(&mut self, by: Option<Path>, due: u64) {
        if let Some(at) = self
            .timers
            .iter()
            .position(|timer| (timer.0, timer.1) == (by, due))
        {
            self.timers.remove(at);
        }
    }

    /// Whether something was sent to a process that came too late for it.
    pub(super) fn was_missed(&self, process: Path) -> bool {
        let is_for_it = |sent: &Sent<'_>| match sent.signal {
            Signal::Message { .. } | Signal::Call { .. } => true,
            Signal::Reply { .. } => false,
            Signal::Runtime { kind, .. } => {
                matches!(*kind, "monitor" | "link" | "alias-message" | "request")
            }
        };
        let known = self.known.get(&process);
        known.is_some_and(|known| known.ended && known.coming.iter().any(is_for_it))
    }

    /// The last segment of a process.
    pub(super) fn last_of(&self, process: Path) -> Option<u32> {
        self.known.get(&process).and_then(|known| known.last)
    }

    /// The processes that have not ended, with their last segments.
    pub(super) fn alive(&self) -> impl Iterator<Item = u32> {
        self.known
            .values()
            .filter(|known| !known.ended)
            .filter_map(|known| known.last)
    }

    /// From the root along whom each last sent a message to.
    pub(super) fn asking(&self) -> Vec<u32> {
        let mut chain = vec![Path::ROOT];
        while let Some(next) = chain.last().and_then(|last| self.known.get(last)?.asked) {
            if chain.contains(&next) {
                break;
            }
            chain.push(next);
        }
        chain
            .into_iter()
            .filter_map(|process| self.last_of(process))
            .collect()
    }

    /// Which segments are targets or lead to one.
    pub(super) fn past_of(&self, targets: &[u32]) -> Vec<bool> {
        let mut is_past = vec![false; self.segments.len()];
        for target in targets {
            is_past[*target as usize] = true;
        }
        // Later ones ascend, so that each is settled before it is asked.
        for (later, earlier) in self.follows.iter().rev() {
            if is_past[*later as usize] {
                is_past[*earlier as usize] = true;
            }
        }
        is_past
    }
}
