//! One line in words.

use std::fmt::Write;
use std::time::Duration;

use super::causes::{Causes, Origin, Segment};
use super::machines::{is_of_timeout, is_timer_of_timeout};
use super::names::Names;
use super::plan::{Line, is_told};
use super::repeats;
use crate::choice::ChoiceKind;
use crate::trace::{Record, Sender, Signal, What};
use crate::world::Path;

/// Bytes of a message that a line shows.
const MESSAGE_MAX: usize = 72;
/// Things of one sort that a line lists.
const LIST_MAX: usize = 4;

/// Builds a line phrase by phrase.
pub(super) struct Sentence<'s, 'a> {
    pub(super) trace: &'a [Record],
    pub(super) causes: &'s Causes<'a>,
    pub(super) names: &'s Names<'a>,
    pub(super) text: String,
    /// Where its clauses begin.
    clauses: Vec<usize>,
    /// What the last phrase was, and how many things it lists.
    pub(super) verb: Verb<'a>,
    listed: usize,
    /// A fault has said already that it ends here.
    ended_by_fault: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb<'a> {
    /// Nothing but the subject stands there.
    Subject,
    Receives,
    Sends(&'a str),
    Spawns,
    Other,
}

/// The line's text.
pub(super) fn line<'a>(
    trace: &'a [Record],
    causes: &Causes<'a>,
    names: &mut Names<'a>,
    line: &Line,
) -> String {
    let segments = line
        .segments
        .iter()
        .map(|number| &causes.segments[*number as usize]);
    let segments: Vec<&Segment> = segments.collect();
    // What a look-up finds is known only until the next change.
    let mut found = Vec::new();
    for segment in &segments {
        names.read_to(segment.records.start);
        found.push(looked_up(names, &trace[segment.records.clone()]));
        names.read_to(segment.records.end);
    }
    let mut sentence = Sentence {
        trace,
        causes,
        names,
        text: String::new(),
        clauses: Vec::new(),
        verb: Verb::Subject,
        listed: 0,
        ended_by_fault: false,
    };
    let Some((first, process)) = segments
        .first()
        .and_then(|first| Some((first, first.process?)))
    else {
        return String::new();
    };
    if matches!(trace[first.records.start].what, What::Fault { .. }) {
        sentence.text.push_str("fault: ");
    }
    let _ = write!(sentence.text, "{}", names.of(process));
    for (segment, found) in segments.iter().zip(found) {
        let to = line
            .broken
            .filter(|broken| segment.records.contains(broken));
        let end = to.unwrap_or(segment.records.end);
        for late in &segment.late {
            sentence.drops(*late);
        }
        sentence.tell(segment.records.start..end, process, segment.since, found);
    }
    sentence.text = repeats::collapse(&sentence.text, &sentence.clauses);
    if let Some(broken) = line.broken {
        sentence.broken(broken);
    }
    sentence.text
}

/// Whom a look-up at the beginning of a segment finds.
fn looked_up(names: &Names<'_>, records: &[Record]) -> Option<Path> {
    records.iter().find_map(|record| match &record.what {
        What::Step { on: Some(name), .. } => names.holder(name),
        _ => None,
    })
}

impl<'a> Sentence<'_, 'a> {
    fn tell(
        &mut self,
        records: std::ops::Range<usize>,
        process: Path,
        since: u64,
        found: Option<Path>,
    ) {
        for number in records.clone() {
            let record = &self.trace[number];
            let waited = record.time.saturating_sub(since);
            match &record.what {
                What::Receive { from, text, .. } if is_of_timeout(*from, process, text) => {}
                What::Receive { from, text, .. } => self.receives(number, process, *from, text),
                What::ReceiveTimeout { .. } => self.times_out(waited),
                What::CallFailed { to, reason, .. } => {
                    self.call_fails(number, *to, reason.as_deref(), waited);
                }
                What::TimerFired { wait: true, .. } => self.wakes(&records, waited),
                What::Send { to, signal, .. } if is_told(signal) => {
                    self.sends(process, *to, signal)
                }
                What::Step {
                    at, on: Some(on), ..
                } => self.steps(number, at, on, found),
                What::Fault { kind, process } => self.fault(kind.0, *process),
                What::Exit { reason, normal, .. } => {
                    // The rest tells others of it, who have lines of their own.
                    let told = number + 1 < records.end || self.causes.was_missed(process);
                    if !normal || told || self.verb == Verb::Subject || process == Path::ROOT {
                        self.ends(number, reason);
                    }
                    return;
                }
                What::Machine { event, .. } => self.machine(event, record.time),
                what => self.tell_other(process, what),
            }
        }
    }

    fn tell_other(&mut self, process: Path, what: &'a What) {
        let name = |other: Path| self.names.of(other);
        match what {
            What::Spawn { process, .. } => self.spawns(*process),
            What::Registered {
                name: registered,
                process: holder,
            } if *holder == process => {
                self.phrase(format_args!("takes the name {registered:?}"));
            }
            What::Registered {
                name: registered,
                process: holder,
            } => {
                let holder = name(*holder);
                self.phrase(format_args!("names {holder} {registered:?}"));
            }
            What::Unregistered { name: freed, .. } => {
                self.phrase(format_args!("frees the name {freed:?}"));
            }
            What::Linked { to, .. } => {
                let to = name(*to);
                self.phrase(format_args!("links to {to}"));
            }
            What::Unlinked { from, .. } => {
                let from = name(*from);
                self.phrase(format_args!("unlinks {from}"));
            }
            What::Monitored {
                target: Some(target),
                ..
            } => {
                let target = name(*target);
                self.phrase(format_args!("monitors {target}"));
            }
            What::Demonitored { .. } => self.phrase(format_args!("removes a monitor")),
            What::TrapExit { on: true, .. } => self.phrase(format_args!("traps exits from now on")),
            What::TrapExit { on: false, .. } => self.phrase(format_args!("no longer traps exits")),
            What::TimerSet { text, .. } if is_timer_of_timeout(text) => {}
            What::TimerSet { after, text, .. } => {
                let (text, after) = (short(text), Duration::from_nanos(*after));
                self.phrase(format_args!("sets a timer of {after:?} for {text}"));
            }
            What::TimerCancelled {
                left: Some(left), ..
            } => {
                let left = Duration::from_nanos(*left);
                self.phrase(format_args!("cancels a timer that had {left:?} left"));
            }
            What::TimerCancelled { left: None, .. } => {
                self.phrase(format_args!("cancels a timer too late"));
            }
            What::Drawn { of, value, .. } => self.phrase(format_args!("draws {value} of {of}")),
            What::Note { text, .. } => self.phrase(format_args!("notes: {text}")),
            _ => {}
        }
    }

    /// Adds a phrase that stands alone.
    pub(super) fn phrase(&mut self, phrase: std::fmt::Arguments<'_>) {
        if self.verb == Verb::Subject {
            self.text.push(' ');
        } else {
            self.text.push_str(repeats::SEPARATOR);
        }
        // What follows the words "then a fault:" belongs to them.
        if self.verb != Verb::Subject || self.clauses.is_empty() {
            self.clauses.push(self.text.len());
        }
        let _ = self.text.write_fmt(phrase);
        self.verb = Verb::Other;
    }

    /// Adds to the list of the last phrase if that was of the same sort.
    fn listed(&mut self, verb: Verb<'a>, head: &str, join: &str, item: std::fmt::Arguments<'_>) {
        if self.verb != verb {
            self.phrase(format_args!("{head}{item}"));
            self.listed = 1;
        } else {
            self.listed += 1;
            if self.listed <= LIST_MAX {
                let _ = write!(self.text, "{join}{item}");
            } else if self.listed == LIST_MAX + 1 {
                self.text.push_str(" and more");
            }
        }
        self.verb = verb;
    }

    fn receives(&mut self, number: usize, process: Path, from: Sender, text: &str) {
        let origin = self.causes.origins.get(&number).copied();
        if let Some(Origin {
            from: Sender::Process(sender),
            signal,
            ended,
        }) = origin
        {
            let name = self.names.of(sender);
            if let Signal::Runtime { kind, reason } = signal {
                let reason = reason.as_deref().unwrap_or("unknown");
                match *kind {
                    "down" => {
                        self.phrase(format_args!("is told that {name} is down: {reason}"));
                        return self.came_late(number, sender, reason, "monitor");
                    }
                    "exit" if ended => {
                        self.phrase(format_args!("is told that {name} has ended: {reason}"));
                        return self.came_late(number, sender, reason, "link");
                    }
                    "exit" => {
                        return self.phrase(format_args!("is told to end by {name}: {reason}"));
                    }
                    _ => {}
                }
            }
            let text = short(text);
            return self.listed(
                Verb::Receives,
                "receives ",
                ", then ",
                format_args!("{text} from {name}"),
            );
        }
        let text = short(text);
        let item = match from {
            Sender::Process(sender) if sender == process => format!("{text} from itself"),
            Sender::Process(sender) => format!("{text} from {}", self.names.of(sender)),
            Sender::Timer(Some(by)) if by == process => format!("{text} from its timer"),
            Sender::Timer(Some(by)) => format!("{text} from a timer of {}", self.names.of(by)),
            Sender::Timer(None) => format!("{text} from a timer"),
            Sender::Outside => text.to_string(),
        };
        self.listed(
            Verb::Receives,
            "receives ",
            ", then ",
            format_args!("{item}"),
        );
    }

    fn sends(&mut self, process: Path, to: Path, signal: &'a Signal) {
        let to_whom = self.names.of(to);
        match signal {
            Signal::Message { text } => {
                let verb = Verb::Sends(text);
                let text = short(text);
                if self.verb == verb {
                    return self.listed(verb, "", " and ", format_args!("{to_whom}"));
                }
                if to == process {
                    self.phrase(format_args!("sends {text} to itself"));
                } else {
                    self.phrase(format_args!("sends {text} to {to_whom}"));
                }
                (self.verb, self.listed) = (verb, 1);
            }
            Signal::Call { text } => {
                let text = short(text);
                self.phrase(format_args!("calls {to_whom}: {text}"));
            }
            Signal::Reply { text } => {
                let text = short(text);
                self.phrase(format_args!("answers {to_whom}: {text}"));
            }
            Signal::Runtime {
                kind: "exit",
                reason,
            } => {
                let reason = reason.as_deref().unwrap_or("unknown");
                self.phrase(format_args!("tells {to_whom} to end: {reason}"));
            }
            Signal::Runtime {
                kind: "request", ..
            } => {
                self.phrase(format_args!("asks after {to_whom}"));
            }
            Signal::Runtime { .. } => {
                self.phrase(format_args!("sends through an alias to {to_whom}"));
            }
        }
    }

    fn spawns(&mut self, child: Path) {
        let name = self.names.of(child);
        self.listed(Verb::Spawns, "spawns ", ", ", format_args!("{name}"));
    }

    /// A choice point at a shared table; what it leads to comes next.
    fn steps(&mut self, number: usize, at: &str, on: &str, found: Option<Path>) {
        let next = self.trace.get(number + 1).map(|record| &record.what);
        match (at, next) {
            ("register", Some(What::Registered { .. })) => {}
            ("unregister", Some(What::Unregistered { .. })) => {}
            ("register", _) => match found {
                Some(holder) => {
                    let holder = self.names.of(holder);
                    self.phrase(format_args!("fails to register {on:?}, which {holder} has"));
                }
                None => self.phrase(format_args!("fails to register {on:?}")),
            },
            ("unregister", _) => self.phrase(format_args!("finds {on:?} not registered")),
            ("whereis" | "send to a name" | "monitor a name", _) => match found {
                Some(found) => {
                    let found = self.names.of(found);
                    self.phrase(format_args!("looks up {on:?} and finds {found}"));
                }
                None => self.phrase(format_args!("looks up {on:?} and finds nobody")),
            },
            // A table of the library's, which says what is done to it.
            _ => self.phrase(format_args!("{at} in {on:?}")),
        }
    }

    fn fault(&mut self, kind: ChoiceKind, process: Option<Path>) {
        if !self.text.starts_with("fault: ") {
            self.phrase(format_args!("then a fault:"));
            self.verb = Verb::Subject;
        }
        self.ended_by_fault = matches!(kind, ChoiceKind::Crash | ChoiceKind::Panic);
        let what = match kind {
            ChoiceKind::Crash => "is killed",
            ChoiceKind::Panic => "panics",
            ChoiceKind::EarlyTimeout => "times out before its time",
            ChoiceKind::LateTimer => "has a timer that comes late",
            ChoiceKind::Slow => "is held back",
            ChoiceKind::FailSpawn => "cannot spawn",
            ChoiceKind::Event | ChoiceKind::TimeMode | ChoiceKind::User => kind.name(),
        };
        debug_assert!(process.is_some() || kind == ChoiceKind::FailSpawn, "{kind}");
        self.phrase(format_args!("{what}"));
    }

    fn ends(&mut self, number: usize, reason: &str) {
        if self.ended_by_fault {
            return;
        }
        if let Some(message) = reason.strip_prefix("panicked: ") {
            return self.phrase(format_args!("panics: {message}"));
        }
        let origin = self.causes.origins.get(&number);
        match origin.map(|origin| origin.from) {
            Some(Sender::Process(by)) => {
                let by = self.names.of(by);
                self.phrase(format_args!("ends because of {by}: {reason}"));
            }
            _ => self.phrase(format_args!("ends: {reason}")),
        }
    }

    fn broken(&mut self, number: usize) {
        if let What::Property { id, detail, .. } = &self.trace[number].what {
            let detail = detail.as_deref().unwrap_or("it does not hold");
            self.text.push_str(if self.verb == Verb::Subject {
                ": "
            } else {
                "; "
            });
            let _ = write!(self.text, "{id} is broken: {detail}");
        }
    }
}

/// A text, cut.
pub(super) fn short(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= MESSAGE_MAX {
        return text.into();
    }
    let end = (0..=MESSAGE_MAX)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    format!("{}…", text[..end].trim_end_matches('…')).into()
}
