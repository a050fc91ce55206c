//! A run in words: what led to its verdict, one line per event.
//!
//! ```text
//! 1  shop (0.0) receives Ask("tea") from 0 (root), sends Price(300) to 0 (root)
//! 2  0 (root) waits 5s in vain (timeout), sends Ask("coffee") to shop (0.0)
//! 3  0 (root) receives Price(300) from shop (0.0); own_answer is broken: coffee for 300
//! ```
//!
//! A story reads the records of a run and nothing else (contract C7). It tells the events from
//! which the violation follows, in the order in which they happened: an event follows the earlier
//! ones of its process and those that sent what it received, spawned its process, set its timer or
//! bound the name it looks up. What processes do before they first wait is left out, since every
//! run begins like that. A process is called by its name or label, or the function that it runs,
//! with its path in brackets.
//!
//! # Costs
//! Linear in the records; [`length`] costs some tens of microseconds for a run of some hundred
//! records, so that shrinking can ask it of every candidate.

use crate::trace::Record;
use crate::world::{Path, Verdict};

mod causes;
mod closing;
mod machines;
mod names;
mod plan;
mod repeats;
mod signals;
mod waits;
mod words;

use causes::Causes;
use names::Names;
use plan::Plan;

/// A run in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Story {
    /// Its events, in order.
    pub events: Vec<StoryEvent>,
}

/// One line of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoryEvent {
    /// The event of the run, as in its records.
    pub step: u64,
    /// Virtual nanoseconds since the run began.
    pub time: u64,
    /// Whose it is; none for the verdict's own line.
    pub process: Option<Path>,
    /// What happens, in words.
    pub text: String,
}

impl Story {
    /// The texts of the events.
    pub fn events_text(&self) -> Vec<String> {
        self.events.iter().map(|event| event.text.clone()).collect()
    }
}

/// Tells the part of a run that led to its verdict, or all of it if it has none.
pub fn tell(trace: &[Record], verdict: Option<&Verdict>) -> Story {
    let causes = Causes::of(trace);
    let plan = Plan::of(trace, &causes, verdict);
    let mut names = Names::new(trace);
    let mut events = Vec::with_capacity(plan.len());
    for line in &plan.lines {
        let text = words::line(trace, &causes, &mut names, line);
        let last = line.segments.last();
        let Some(segment) = last.map(|last| &causes.segments[*last as usize]) else {
            continue;
        };
        let first = &trace[segment.records.start];
        let (step, time) = (first.step, first.time);
        events.push(StoryEvent {
            step,
            time,
            process: segment.process,
            text,
        });
    }
    if let Some(verdict) = verdict.filter(|_| plan.closing) {
        let (step, time) = trace.last().map_or((0, 0), |last| (last.step, last.time));
        let text = closing::line(verdict, plan.left_out);
        events.push(StoryEvent {
            step,
            time,
            process: None,
            text,
        });
    }
    Story { events }
}

/// The number of events of the story, without telling it.
pub fn length(trace: &[Record], verdict: Option<&Verdict>) -> usize {
    Plan::of(trace, &Causes::of(trace), verdict).len()
}

#[cfg(test)]
mod tests;
