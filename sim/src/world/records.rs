//! What the kernel reports, as records.

mod machine;

use beamline::Pid;
use beamline::backend::record::{self, MessageKind, Record as KernelRecord};

use super::path::Path;
use super::state::State;
use crate::trace::{Sender, Signal, What, function_of, text_of, with_paths, words_of};

impl State {
    /// Judges what the kernel reports, and turns it into a record if a trace is kept.
    #[inline]
    pub(super) fn observe(&mut self, record: &KernelRecord<'_>) {
        if let KernelRecord::Registered { .. }
        | KernelRecord::Unregistered { .. }
        | KernelRecord::Labelled { .. } = record
        {
            self.victims_known = false;
        }
        if self.judged {
            self.oracles.see(self.clock.now, record);
        }
        if self.trace.is_some() {
            self.keep(record);
        }
    }

    fn keep(&mut self, record: &KernelRecord<'_>) {
        if let Some(what) = self.translate(record) {
            self.record(|_| what);
        }
    }

    fn translate(&mut self, record: &KernelRecord<'_>) -> Option<What> {
        let path = |pid: Pid| self.path(pid);
        let some_path = |pid: Option<Pid>| pid.map(path);
        Some(match *record {
            KernelRecord::Spawn { body, .. } => {
                // The process has no path yet; its birth is recorded when it has.
                self.function = function_of(body).map(str::to_string);
                return None;
            }
            KernelRecord::Exit { pid, reason, .. } => What::Exit {
                process: path(pid),
                reason: self.named(words_of(reason)),
                normal: !reason.is_abnormal(),
            },
            KernelRecord::Linked { pid, to } => What::Linked {
                process: path(pid),
                to: path(to),
            },
            KernelRecord::Unlinked { pid, from } => What::Unlinked {
                process: path(pid),
                from: path(from),
            },
            KernelRecord::Monitored { pid, target, .. } => What::Monitored {
                process: path(pid),
                target: some_path(target),
            },
            KernelRecord::Demonitored { pid, .. } => What::Demonitored { process: path(pid) },
            KernelRecord::Registered { name, pid } => What::Registered {
                name: name.to_string(),
                process: path(pid),
            },
            KernelRecord::Unregistered { name, pid } => What::Unregistered {
                name: name.to_string(),
                process: path(pid),
            },
            KernelRecord::TimerSet { by, after, message } => What::TimerSet {
                by: some_path(by),
                after: after.as_nanos() as u64,
                text: self.named(text_of(message)),
            },
            KernelRecord::TimerCancelled { by, left } => What::TimerCancelled {
                by: some_path(by),
                left: left.map(|left| left.as_nanos() as u64),
            },
            KernelRecord::TrapExit { pid, on } => What::TrapExit {
                process: path(pid),
                on,
            },
            KernelRecord::Labelled { pid, label } => What::Labelled {
                process: path(pid),
                label: label.to_string(),
            },
            KernelRecord::Machine { pid, event } => What::Machine {
                process: path(pid),
                event: self.machine_event(event)?,
            },
            KernelRecord::Note { pid, text } => What::Note {
                process: some_path(pid),
                text: self.named(text.to_string()),
            },
            _ => return self.translate_passing(record),
        })
    }

    /// What passes between processes, and what is waited for in vain.
    fn translate_passing(&mut self, record: &KernelRecord<'_>) -> Option<What> {
        let path = |pid: Pid| self.path(pid);
        Some(match *record {
            KernelRecord::Send { from, to, what } => {
                let (from, to) = (self.sender(from), path(to));
                if let record::What::Message { node, .. } = what {
                    self.senders_of.insert(node, from);
                }
                What::Send {
                    from,
                    to,
                    signal: self.signal_of(what),
                }
            }
            KernelRecord::Deliver { to, what } => {
                let from = match what {
                    record::What::Message { node, .. } => self.sender_of(node),
                    record::What::Signal { .. } => Sender::Outside,
                };
                What::Deliver {
                    from,
                    to: path(to),
                    signal: self.signal_of(what),
                }
            }
            KernelRecord::Receive {
                pid, message, node, ..
            } => {
                let from = self.senders_of.remove(&node).unwrap_or(Sender::Outside);
                What::Receive {
                    process: self.path(pid),
                    from,
                    text: without_callers(self.named(text_of(message))),
                }
            }
            KernelRecord::ReceiveTimeout { pid, .. } => What::ReceiveTimeout { process: path(pid) },
            KernelRecord::CallFailed {
                pid, to, reason, ..
            } => What::CallFailed {
                process: path(pid),
                to: path(to),
                reason: reason.map(|reason| self.named(words_of(reason))),
            },
            KernelRecord::LateReply { pid, message, .. } => What::LateReply {
                process: path(pid),
                text: self.named(text_of(message)),
            },
            _ => return None,
        })
    }

    fn sender_of(&self, node: usize) -> Sender {
        self.senders_of
            .get(&node)
            .copied()
            .unwrap_or(Sender::Outside)
    }

    fn signal_of(&self, what: record::What<'_>) -> Signal {
        match what {
            record::What::Message { value, kind, .. } => {
                let text = without_callers(self.named(text_of(value)));
                match kind {
                    MessageKind::Plain => Signal::Message { text },
                    MessageKind::Call { .. } => Signal::Call { text },
                    MessageKind::Reply { .. } => Signal::Reply { text },
                }
            }
            record::What::Signal { kind, reason, .. } => Signal::Runtime {
                kind,
                reason: reason.map(|reason| self.named(words_of(reason))),
            },
        }
    }

    /// A text of the program's, with paths instead of pids.
    pub(super) fn named(&self, text: String) -> String {
        with_paths(text, |slot, generation| {
            let proc = self.procs.get(slot as usize)?;
            let pid = Pid::from_parts(self.node, slot, generation);
            let known = self.graves.contains_key(&pid) || proc.pid.is_none_or(|p| p == pid);
            known.then(|| self.path(pid))
        })
    }

    /// The path of the process that an id belongs to, for reports.
    pub(super) fn path_of_slot(&self, slot: u32) -> Path {
        self.procs[slot as usize].path
    }
}

/// A message as it reads without whom to answer, which shows as a blank: `Add(1, _)` is `Add(1)`.
pub(super) fn without_callers(text: String) -> String {
    if !text.contains('_') {
        return text;
    }
    text.replace("(_)", "").replace(", _)", ")")
}
