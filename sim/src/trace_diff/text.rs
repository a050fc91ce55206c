//! One record as a line of text.

use super::machine;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::choice::ChoiceId;
use crate::trace::{Record, Sender, Signal, What};
use crate::world::Path;

/// Labels of the chains that events belong to, as far as records let them be known.
pub(super) struct Labels(BTreeMap<ChoiceId, String>);

impl Labels {
    pub(super) fn of<'a>(records: impl Iterator<Item = &'a Record>) -> Labels {
        let mut labels = BTreeMap::new();
        let mut add = |label: String| {
            labels.entry(ChoiceId::of(&label)).or_insert(label);
        };
        for record in records {
            match &record.what {
                What::Spawn { process, .. } => {
                    add(process.to_string());
                    add(format!("{process}~"));
                }
                What::Send {
                    from: Sender::Process(from),
                    to,
                    ..
                } => add(format!("{from}>{to}")),
                _ => {}
            }
        }
        Labels(labels)
    }
}

/// `step 3 5s 0.1 receives …`; what happens in one event is indented below it.
pub(super) fn line(record: &Record, labels: &Labels) -> String {
    let mut line = format!("step {}", record.step);
    if record.time > 0 {
        let _ = write!(line, " {:?}", Duration::from_nanos(record.time));
    }
    line.push(' ');
    describe(&mut line, &record.what, labels);
    line
}

fn describe(line: &mut String, what: &What, labels: &Labels) {
    // Writing to a string cannot fail.
    let _ = match what {
        What::Event { chain, of, rank } => match labels.0.get(&chain.0) {
            Some(label) => write!(line, "-- {label}, {rank} of {of}"),
            None if chain.0 == ChoiceId(3) => write!(line, "-- the clock, {rank} of {of}"),
            None => write!(line, "-- {}, {rank} of {of}", chain.0),
        },
        What::Spawn {
            process,
            parent: None,
            ..
        } => write!(line, "{process} is the root"),
        What::Spawn {
            process,
            parent: Some(parent),
            label,
            function,
        } => {
            let called = label.as_ref().or(function.as_ref());
            let called = called
                .map(|called| format!(" ({called})"))
                .unwrap_or_default();
            write!(line, "{parent} spawns {process}{called}")
        }
        What::Exit {
            process, reason, ..
        } => write!(line, "{process} ends: {reason}"),
        What::Send { from, to, signal } => {
            write!(
                line,
                "{} sends {} to {to}",
                sender(*from),
                signal_text(signal)
            )
        }
        What::Deliver {
            from: Sender::Outside,
            to,
            signal,
        } => {
            write!(line, "{to} is reached by {}", signal_text(signal))
        }
        What::Deliver { from, to, signal } => {
            write!(
                line,
                "{to} is reached by {} from {}",
                signal_text(signal),
                sender(*from)
            )
        }
        What::Receive {
            process,
            from: Sender::Outside,
            text,
        } => {
            write!(line, "{process} receives {text}")
        }
        What::Receive {
            process,
            from,
            text,
        } => {
            write!(line, "{process} receives {text} from {}", sender(*from))
        }
        _ => describe_rest(line, what),
    };
}

fn describe_rest(line: &mut String, what: &What) -> std::fmt::Result {
    match what {
        What::ReceiveTimeout { process } => write!(line, "{process} gives up a receive"),
        What::Linked { process, to } => write!(line, "{process} links to {to}"),
        What::Unlinked { process, from } => write!(line, "{process} unlinks {from}"),
        What::Monitored { process, target } => {
            write!(line, "{process} monitors {}", who(*target))
        }
        What::Demonitored { process } => write!(line, "{process} removes a monitor"),
        What::Registered { name, process } => write!(line, "{name:?} is now {process}"),
        What::Unregistered { name, process } => write!(line, "{name:?} is no longer {process}"),
        What::Step {
            process,
            at,
            on: Some(on),
        } => {
            write!(line, "{process} goes on at {at} {on:?}")
        }
        What::Step {
            process,
            at,
            on: None,
        } => write!(line, "{process} goes on at {at}"),
        What::TimerSet { by, after, text } => {
            let after = Duration::from_nanos(*after);
            write!(line, "{} sets a timer of {after:?} for {text}", who(*by))
        }
        What::TimerFired { by, wait: true } => write!(line, "a wait of {} is over", who(*by)),
        What::TimerFired { by, wait: false } => write!(line, "a timer of {} fires", who(*by)),
        What::TimerCancelled {
            by,
            left: Some(left),
        } => {
            let left = Duration::from_nanos(*left);
            write!(line, "{} cancels a timer that had {left:?} left", who(*by))
        }
        What::TimerCancelled { by, left: None } => {
            write!(line, "{} cancels a timer that has fired", who(*by))
        }
        What::TrapExit { process, on: true } => write!(line, "{process} traps exits"),
        What::TrapExit { process, on: false } => write!(line, "{process} no longer traps exits"),
        What::Labelled { process, label } => write!(line, "{process} is labelled {label:?}"),
        What::Fault { kind, process } => write!(line, "fault: {} of {}", kind.0, who(*process)),
        What::Drawn { process, of, value } => {
            write!(line, "{} draws {value} of {of}", who(*process))
        }
        What::Note { process, text } => write!(line, "{} notes: {text}", who(*process)),
        What::Outcome { text } => write!(line, "outcome {text}"),
        What::Machine { process, event } => machine::describe(line, *process, event),
        What::CallFailed { .. } | What::LateReply { .. } => describe_call(line, what),
        What::Property { .. } => describe_property(line, what),
        What::Event { .. }
        | What::Spawn { .. }
        | What::Exit { .. }
        | What::Send { .. }
        | What::Deliver { .. }
        | What::Receive { .. } => Ok(()),
    }
}

/// A call that came to nothing.
fn describe_call(line: &mut String, what: &What) -> std::fmt::Result {
    match what {
        What::CallFailed {
            process,
            to,
            reason: Some(reason),
        } => write!(
            line,
            "{process} finds that {to}, which it calls, is down: {reason}"
        ),
        What::CallFailed { process, to, .. } => write!(line, "{process} gives up a call to {to}"),
        What::LateReply { process, text } => {
            write!(line, "{process} drops the late reply {text}")
        }
        _ => Ok(()),
    }
}

fn describe_property(line: &mut String, what: &What) -> std::fmt::Result {
    match what {
        What::Property {
            process,
            id,
            held: true,
            ..
        } => {
            write!(line, "{} sees {id} hold", who(*process))
        }
        What::Property {
            process,
            id,
            held: false,
            detail,
        } => {
            let detail = detail
                .as_ref()
                .map(|detail| format!(": {detail}"))
                .unwrap_or_default();
            write!(line, "{} sees {id} not hold{detail}", who(*process))
        }
        _ => Ok(()),
    }
}

fn sender(sender: Sender) -> String {
    match sender {
        Sender::Process(process) => process.to_string(),
        Sender::Timer(by) => format!("a timer of {}", who(by)),
        Sender::Outside => "outside".to_string(),
    }
}

fn who(process: Option<Path>) -> String {
    process.map_or_else(|| "nobody".to_string(), |process| process.to_string())
}

fn signal_text(signal: &Signal) -> String {
    match signal {
        Signal::Message { text } => text.clone(),
        Signal::Call { text } => format!("call {text}"),
        Signal::Reply { text } => format!("reply {text}"),
        Signal::Runtime {
            kind,
            reason: Some(reason),
        } => format!("signal {kind} ({reason})"),
        Signal::Runtime { kind, reason: None } => format!("signal {kind}"),
    }
}
