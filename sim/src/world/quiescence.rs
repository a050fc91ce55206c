//! When nothing more can happen: deadlocks and leaks.
//!
//! A run in which the root has not ended and nothing is enabled is a deadlock: somebody waits for
//! what cannot come. Servers that are merely idle are not, since the root goes on without them. The
//! report follows, from the root, whom each process last sent to, which for a call is whom it
//! waits for.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use beamline::backend::context::Context;
use beamline::{Pid, seam};

use super::state::State;
use super::verdict::Verdict;

/// Messages of a mailbox that a report shows.
const MESSAGES_MAX: usize = 4;
/// Said where a waker is held, which no receive and no sleep of ours does.
const AWAITED: &str = "\n  a waker is held, so perhaps a future that is no receive is awaited: a \
    lock or a channel that nobody serves, or a timer or socket of another runtime, which the \
    simulator cannot drive (use `beamline::sleep`, and messages)";

impl State {
    /// Judges a run in which nothing can happen any more.
    pub(super) fn judge_quiescence(&mut self, cx: &Context) {
        if self.foreign.swap(false, Ordering::SeqCst) {
            let text = "another thread has called the waker of a process: what it waits for is not \
                        decided by the schedule";
            self.verdict = Some(Verdict::new("nondeterminism", text));
            return;
        }
        if self.judged {
            self.oracles.settle();
            self.consult_oracles();
        }
        if self.verdict.is_some() {
            return;
        }
        match (&self.root_end, self.root) {
            (None, Some(root)) => self.verdict = Some(self.deadlock(cx, root)),
            (Some(_), _) if self.options.no_leaks => self.verdict = self.leak(cx),
            _ => {}
        }
        if self.judged && self.verdict.is_none() {
            self.oracles.settle_circles();
            self.consult_oracles();
        }
    }

    fn deadlock(&self, cx: &Context, root: Pid) -> Verdict {
        let mut chain = vec![root];
        let mut detail = String::from("nothing can happen any more, and the root has not ended");
        let mut ending = "";
        while let Some(next) = chain
            .last()
            .and_then(|pid| self.procs[pid.slot() as usize].asked)
        {
            if !self.is_alive(next) {
                ending = "\n  and that one has ended";
                break;
            }
            if let Some(at) = chain.iter().position(|pid| *pid == next) {
                let circle: Vec<String> = chain[at..]
                    .iter()
                    .chain([&next])
                    .map(|pid| self.name_of(cx, *pid))
                    .collect();
                ending = "\n  each waits for the next";
                let _ = write!(detail, "\n  a circle: {}", circle.join(" -> "));
                break;
            }
            chain.push(next);
        }
        for pid in &chain {
            let _ = write!(detail, "\n  {}", self.situation(cx, *pid));
        }
        detail.push_str(ending);
        if seam::wakers_held(cx) {
            detail.push_str(AWAITED);
        }
        Verdict::new("deadlock", detail)
    }

    /// What a waiting process is about, in words.
    fn situation(&self, cx: &Context, pid: Pid) -> String {
        let name = self.name_of(cx, pid);
        let mut text = format!("{name} waits for a message");
        if let Some(asked) = self.procs[pid.slot() as usize].asked {
            let asked = self.name_of(cx, asked);
            let _ = write!(text, "; it last sent to {asked}");
        }
        // SAFETY: between events no process is being run (WLD1).
        let Some(info) = (unsafe { seam::describe(cx, pid) }) else {
            return text;
        };
        match info.messages.as_slice() {
            [] => text.push_str("; its mailbox is empty"),
            messages => {
                let shown = messages[..messages.len().min(MESSAGES_MAX)].join(", ");
                let shown = self.named(shown);
                let more = messages.len().saturating_sub(MESSAGES_MAX);
                let _ = write!(text, "; its mailbox holds {shown}");
                if more > 0 {
                    let _ = write!(text, " and {more} more");
                }
            }
        }
        text
    }

    fn leak(&self, cx: &Context) -> Option<Verdict> {
        let live = self.procs.iter().filter_map(|proc| proc.pid);
        let mut left: Vec<Pid> = live.filter(|pid| Some(*pid) != self.root).collect();
        left.sort_unstable_by_key(|pid| self.path(*pid));
        if left.is_empty() {
            return None;
        }
        let mut detail = format!(
            "the root has ended, and {} of its processes never will:",
            left.len()
        );
        for pid in left.iter().take(MESSAGES_MAX) {
            let _ = write!(detail, "\n  {}", self.situation(cx, *pid));
        }
        if left.len() > MESSAGES_MAX {
            let _ = write!(detail, "\n  and {} more", left.len() - MESSAGES_MAX);
        }
        Some(Verdict::new("leak", detail))
    }

    /// A process by path and, if it has one, name or label.
    fn name_of(&self, cx: &Context, pid: Pid) -> String {
        let path = self.path(pid);
        // SAFETY: between events no process is being run (WLD1).
        let (name, label) = unsafe { seam::called(cx, pid) };
        match name.map(|name| name.to_string()).or(label) {
            Some(name) => format!("{path} \"{name}\""),
            None if path == super::Path::ROOT => "0 (root)".to_string(),
            None => path.to_string(),
        }
    }
}
