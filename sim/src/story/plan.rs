//! Which segments become lines.
//!
//! Only the past of the violation does. Of it are left out: what a process does before it first
//! waits, as long as that is what it usually does (what it sends is told when it arrives); and
//! what has no effect. A message that is taken without any effect but on the one who takes it joins
//! the next line of that process, and so does what a process goes on to do at a choice point while
//! nobody else does anything.

use rustc_hash::{FxHashMap, FxHashSet};

use super::causes::Causes;
use super::machines;
use crate::trace::{Record, Signal, What};
use crate::world::{Path, Verdict};

/// Lines that are told of a run that was stopped at a limit.
const LAST_OF_RUNAWAY: usize = 8;

/// A line to be.
#[derive(Debug)]
pub(super) struct Line {
    /// The segments that it tells, all of one process.
    pub(super) segments: Vec<u32>,
    /// The property that is broken here: the number of its record.
    pub(super) broken: Option<usize>,
}

impl Line {
    fn process(&self, causes: &Causes<'_>) -> Option<Path> {
        let last = self.segments.last()?;
        causes.segments[*last as usize].process
    }
}

/// What becomes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Hidden,
    /// It joins the next line of its process.
    Joins,
    Shown,
}

/// The lines of a story, and what is said after them.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) lines: Vec<Line>,
    /// Lines that came before and are not told.
    pub(super) left_out: usize,
    /// The verdict needs a line of its own.
    pub(super) closing: bool,
}

impl Plan {
    pub(super) fn of(trace: &[Record], causes: &Causes<'_>, verdict: Option<&Verdict>) -> Plan {
        let target = Target::of(trace, causes, verdict);
        let mut plan = Plan {
            closing: target.closing,
            ..Plan::default()
        };
        let is_past = match &target.segments {
            Some(targets) => causes.past_of(targets),
            None => vec![true; causes.segments.len()],
        };
        let mut waiting: FxHashMap<Path, Vec<u32>> = FxHashMap::default();
        let mut begun: FxHashSet<Path> = FxHashSet::default();
        for (number, segment) in (0u32..).zip(&causes.segments) {
            let Some(process) = segment.process.filter(|_| is_past[number as usize]) else {
                continue;
            };
            let records = &trace[segment.records.clone()];
            let acts = Acts::of(records);
            // Names that are given in the usual order matter to whoever looks them up, and says so.
            let is_usual = segment.forced || segment.canonical && !acts.looks;
            let at_first = segment.is_start && !acts.steps || !begun.contains(&process) && is_usual;
            if acts.takes || acts.wakes || (acts.looks && !segment.forced) {
                begun.insert(process);
            }
            let broken = target
                .broken
                .filter(|broken| segment.records.contains(broken));
            let ends_story = target.segments.is_none() && acts.takes && acts.ends;
            let weight = if broken.is_some() || target.shows(number) || ends_story {
                Weight::Shown
            } else {
                acts.weight(at_first, causes.was_missed(process))
            };
            match weight {
                Weight::Hidden => {}
                Weight::Joins => waiting.entry(process).or_default().push(number),
                Weight::Shown => {
                    let mut segments = waiting.remove(&process).unwrap_or_default();
                    segments.push(number);
                    plan.add(Line { segments, broken }, acts.goes_on, causes);
                }
            }
        }
        if target.segments.is_none() {
            // Of a whole run, what nobody goes on with is told as well.
            let left = waiting.into_values().map(|segments| Line {
                segments,
                broken: None,
            });
            plan.lines.extend(left);
            plan.lines.sort_by_key(|line| line.segments.last().copied());
        }
        if target.only_end {
            plan.left_out = plan.lines.len().saturating_sub(LAST_OF_RUNAWAY);
            plan.lines.drain(..plan.left_out);
        }
        plan
    }

    /// Adds a line, or lets it join the last one if it merely goes on with that.
    fn add(&mut self, mut line: Line, goes_on: bool, causes: &Causes<'_>) {
        let last = self.lines.last_mut();
        match last.filter(|last| goes_on && last.process(causes) == line.process(causes)) {
            Some(last) => {
                last.segments.append(&mut line.segments);
                last.broken = line.broken;
            }
            None => self.lines.push(line),
        }
    }

    /// How many events the story has.
    pub(super) fn len(&self) -> usize {
        self.lines.len() + usize::from(self.closing)
    }
}

/// What a story leads to.
struct Target {
    /// The segments whose past is told; none for all of it.
    segments: Option<Vec<u32>>,
    /// The record of the broken property.
    broken: Option<usize>,
    /// This segment is told, whatever it does.
    shown: Option<u32>,
    /// The verdict needs a line of its own.
    closing: bool,
    /// Only the end is told.
    only_end: bool,
}

impl Target {
    fn of(trace: &[Record], causes: &Causes<'_>, verdict: Option<&Verdict>) -> Target {
        let everything = Target {
            segments: None,
            broken: None,
            shown: None,
            closing: false,
            only_end: false,
        };
        let Some(verdict) = verdict else {
            return everything;
        };
        let root = causes.last_of(Path::ROOT);
        let (kind, id) = verdict.id.split_once(' ').unwrap_or((&verdict.id, ""));
        match kind {
            "always" | "unreachable" | "eventually" => {
                let look = trace.iter().rposition(|record| match &record.what {
                    What::Property {
                        id: looked_at,
                        held,
                        ..
                    } => looked_at == id && !held,
                    _ => false,
                });
                let segment = look.and_then(|look| segment_of(causes, look));
                let at_end = kind == "eventually" || segment.is_none();
                Target {
                    segments: Some(segment.or(root).into_iter().collect()),
                    broken: look.filter(|_| !at_end),
                    shown: segment,
                    closing: at_end,
                    ..everything
                }
            }
            "panic" | "exit" => Target {
                segments: Some(root.into_iter().collect()),
                shown: root,
                closing: root.is_none(),
                ..everything
            },
            "deadlock" => Target {
                segments: Some(causes.asking()),
                closing: true,
                ..everything
            },
            "leak" => Target {
                segments: Some(causes.alive().chain(root).collect()),
                shown: root,
                closing: true,
                ..everything
            },
            _ => Target {
                closing: true,
                only_end: true,
                ..everything
            },
        }
    }

    fn shows(&self, segment: u32) -> bool {
        self.shown == Some(segment)
    }
}

fn segment_of(causes: &Causes<'_>, record: usize) -> Option<u32> {
    let after = causes
        .segments
        .partition_point(|segment| segment.records.start <= record);
    let at = after.checked_sub(1)?;
    causes.segments[at]
        .records
        .contains(&record)
        .then_some(at as u32)
}

/// What a segment does.
#[derive(Debug, Default)]
struct Acts {
    takes: bool,
    wakes: bool,
    acts: bool,
    ends: bool,
    /// It goes on from a choice point at something shared.
    steps: bool,
    /// At something that others may have changed: not merely to give a name that was free.
    looks: bool,
    /// That is all that makes it go on.
    goes_on: bool,
    /// Something that is told even of a beginning.
    matters: bool,
}

impl Acts {
    fn of(records: &[Record]) -> Acts {
        let mut acts = Acts::default();
        for (number, record) in records.iter().enumerate() {
            match &record.what {
                What::Receive { .. } => acts.takes = true,
                What::TimerFired { .. } => acts.wakes = true,
                What::ReceiveTimeout { .. }
                | What::CallFailed { .. }
                | What::Fault { .. }
                | What::Drawn { .. }
                | What::Note { .. }
                // Without its link a process is not told what it would have been.
                | What::Unlinked { .. }
                | What::TimerCancelled { .. } => acts.matters = true,
                What::Exit { normal, .. } => {
                    acts.ends = true;
                    acts.matters |= !normal;
                    break;
                }
                What::Spawn { .. }
                | What::Registered { .. }
                | What::Unregistered { .. }
                | What::Demonitored { .. }
                | What::TimerSet { .. } => acts.acts = true,
                What::Step { at, on, .. } if on.is_some() => {
                    let next = records.get(number + 1).map(|next| &next.what);
                    let gives = *at == "register" && matches!(next, Some(What::Registered { .. }));
                    acts.steps = true;
                    acts.looks |= !gives;
                }
                What::Send { signal, .. } => acts.acts |= is_told(signal),
                What::Machine { event, .. } => acts.acts |= machines::matters(event),
                _ => {}
            }
        }
        acts.acts |= acts.steps;
        acts.goes_on = acts.steps && !acts.takes && !acts.wakes;
        acts
    }

    fn weight(&self, at_first: bool, missed: bool) -> Weight {
        let only_begins = at_first && !self.takes && !self.wakes;
        match self {
            Acts { matters: true, .. } => Weight::Shown,
            _ if only_begins && !(self.ends && missed) => Weight::Hidden,
            Acts { ends: true, .. } if only_begins => Weight::Shown,
            Acts { acts: true, .. } => Weight::Shown,
            // Whoever is told of a normal end has a line for it; what came too late has none.
            _ if self.ends && missed => Weight::Shown,
            _ if self.takes && !self.ends => Weight::Joins,
            _ => Weight::Hidden,
        }
    }
}

/// Whether the sending of a signal is told. That of the others shows in what they do.
pub(super) fn is_told(signal: &Signal) -> bool {
    match signal {
        Signal::Message { .. } | Signal::Call { .. } | Signal::Reply { .. } => true,
        Signal::Runtime { kind, .. } => matches!(*kind, "exit" | "alias-message" | "request"),
    }
}
