//! Waits that are over, in words: what came in vain, and what failed.

use std::fmt::Write as _;
use std::time::Duration;

use super::words::{Sentence, Verb, short};
use crate::trace::{Sender, What};
use crate::world::Path;

/// The reason that is given for processes that are not there.
const NOPROC: &str = "noproc";

impl Sentence<'_, '_> {
    /// A call came to nothing.
    pub(super) fn call_fails(
        &mut self,
        number: usize,
        to: Path,
        reason: Option<&str>,
        waited: u64,
    ) {
        let name = self.names.of(to);
        match reason {
            Some(reason) => {
                self.phrase(format_args!("is told that {name} is down: {reason}"));
                self.came_late(number, to, reason, "call");
            }
            None if waited == 0 => {
                self.phrase(format_args!("waits for {name} in vain (timeout)"));
            }
            None => {
                let waited = Duration::from_nanos(waited);
                self.phrase(format_args!(
                    "waits {waited:?} for {name} in vain (timeout)"
                ));
            }
        }
    }

    /// An answer came when nobody waited for it any more.
    pub(super) fn drops(&mut self, number: usize) {
        let What::LateReply { text, .. } = &self.trace[number].what else {
            return;
        };
        let text = short(text);
        let origin = self.causes.origins.get(&number);
        match origin.map(|origin| origin.from) {
            Some(Sender::Process(from)) => {
                let name = self.names.of(from);
                self.phrase(format_args!("drops the late answer of {name}: {text}"));
            }
            _ => self.phrase(format_args!("drops a late answer: {text}")),
        }
    }

    /// A receive gave up.
    pub(super) fn times_out(&mut self, waited: u64) {
        if self.text.starts_with("fault: ") && self.verb == Verb::Other {
            // The fault has said so.
            return;
        }
        if waited == 0 {
            return self.phrase(format_args!("waits in vain (timeout)"));
        }
        let waited = Duration::from_nanos(waited);
        self.phrase(format_args!("waits {waited:?} in vain (timeout)"));
    }

    /// A wait is over. Of a receive, what follows tells it.
    pub(super) fn wakes(&mut self, records: &std::ops::Range<usize>, waited: u64) {
        let is_receive = self.trace[records.clone()].iter().any(|record| {
            matches!(
                record.what,
                What::ReceiveTimeout { .. } | What::CallFailed { .. } | What::Fault { .. }
            )
        });
        if !is_receive && waited > 0 {
            let waited = Duration::from_nanos(waited);
            self.phrase(format_args!("wakes after {waited:?}"));
        }
    }

    /// Says why a process that lived is reported as one that never did.
    pub(super) fn came_late(&mut self, number: usize, ended: Path, reason: &str, what: &str) {
        let mut before = self.trace[..number].iter().rev();
        let own = before.find_map(|record| match &record.what {
            What::Exit {
                process, reason, ..
            } if *process == ended => Some(reason),
            _ => None,
        });
        if let Some(own) = own.filter(|own| reason == NOPROC && *own != NOPROC) {
            let _ = write!(self.text, " (the {what} came after its end: {own})");
        }
    }
}
