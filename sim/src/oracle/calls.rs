//! Calls: each ends once, and those who wait are told.

use std::collections::BTreeMap;
use std::mem::discriminant;

use beamline::{ExitReason, Pid, Ref};
use rustc_hash::FxHashMap;

use super::book::Book;
use super::catalogue::Id;
use super::mail::show;
use super::people::People;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing has come.
    Open,
    /// An answer, or the news of an end, has reached the caller.
    Told,
    /// The caller has taken note.
    Over,
    /// The caller no longer waits.
    Dropped,
}

#[derive(Debug)]
struct Call {
    owner: Pid,
    to: Pid,
    stage: Stage,
    /// The request is in the mailbox of whoever is asked, or was.
    arrived: bool,
    answered: bool,
    /// Nobody has the means to answer it any more.
    let_go: bool,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// By number. In order, since they are walked at the end.
    calls: BTreeMap<u64, Call>,
    /// The calls that processes answer when they have started.
    starts: FxHashMap<Pid, u64>,
    /// What arrived last was not the first thing to come for its call.
    repeated: bool,
}

impl Calls {
    pub(super) fn clear(&mut self) {
        self.calls.clear();
        self.starts.clear();
    }

    /// A process was spawned to answer a call.
    pub(super) fn spawned(&mut self, reference: Ref, to: Pid) {
        self.starts.insert(to, reference.number());
    }

    /// Whether whoever started a process has been told that it runs, if it is to be told.
    pub(super) fn is_start_answered(&self, pid: Pid) -> bool {
        let call = self
            .starts
            .get(&pid)
            .and_then(|number| self.calls.get(number));
        call.is_none_or(|call| call.answered || call.stage != Stage::Open)
    }

    /// A request has reached the mailbox of whoever is asked.
    pub(super) fn arrived(&mut self, number: u64) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.arrived = true;
        }
    }

    /// An answer is sent.
    pub(super) fn answered(&mut self, book: &mut Book, number: u64) {
        if let Some(call) = self.calls.get_mut(&number) {
            let again = std::mem::replace(&mut call.answered, true);
            book.judge(Id::G32, !again, || {
                format!("a call of {} is answered twice", show(Some(call.owner)))
            });
        }
    }

    /// Who could have answered a call has let go of it.
    pub(super) fn let_go(&mut self, number: u64) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.let_go = true;
        }
    }

    /// A caller is told for which reason whoever was asked has ended.
    pub(super) fn failed(
        &self,
        book: &mut Book,
        people: &People,
        (number, to): (u64, Pid),
        reason: &ExitReason,
    ) {
        let (Some(call), Some(ended)) = (self.calls.get(&number), people.reason_of(to)) else {
            return;
        };
        let never_came = *reason == ExitReason::NoProc && !call.arrived;
        let fine = discriminant(reason) == ended || never_came;
        book.judge(Id::G34, fine, || {
            let owner = show(Some(call.owner));
            format!("{owner} is told that {to} ended with {reason}, and it did not")
        });
    }

    pub(super) fn asked(&mut self, reference: Ref, to: Pid) {
        let call = Call {
            owner: reference.owner(),
            to,
            stage: Stage::Open,
            arrived: false,
            answered: false,
            let_go: false,
        };
        self.calls.insert(reference.number(), call);
    }

    /// An answer, or the end of whoever was asked, has reached somebody.
    pub(super) fn told(&mut self, number: u64) {
        let call = self.calls.get_mut(&number);
        let open = call.filter(|call| call.stage == Stage::Open);
        self.repeated = open.is_none();
        if let Some(call) = open {
            call.stage = Stage::Told;
        }
    }

    /// The caller takes note of how a call ended.
    pub(super) fn ended(&mut self, book: &mut Book, pid: Pid, number: u64) {
        let Some(call) = self.calls.get_mut(&number) else {
            return;
        };
        let stage = call.stage;
        book.judge(Id::CallOnce, stage == Stage::Told, || {
            let who = show(Some(pid));
            match stage {
                Stage::Open => format!("a call of {who} ended, and nothing had come for it"),
                _ => format!("a call of {who} ended twice"),
            }
        });
        call.stage = Stage::Over;
    }

    pub(super) fn dropped(&mut self, number: u64) {
        if let Some(call) = self.calls.get_mut(&number) {
            call.stage = Stage::Dropped;
        }
    }

    /// The answer that has just arrived was thrown away.
    pub(super) fn late(&self, book: &mut Book, pid: Pid, number: u64) {
        let stage = self.calls.get(&number).map(|call| call.stage);
        let waits = stage == Some(Stage::Told) && !self.repeated;
        book.judge(Id::LateDropped, !waits, || {
            format!(
                "an answer that {} waits for was thrown away",
                show(Some(pid))
            )
        });
    }

    /// Nothing more can happen.
    pub(super) fn settle(&self, people: &People, book: &mut Book) {
        for call in self
            .calls
            .values()
            .filter(|call| people.is_alive(call.owner))
        {
            let fine = call.stage != Stage::Open || people.is_alive(call.to);
            book.judge(Id::CallTold, fine, || {
                let (owner, to) = (show(Some(call.owner)), show(Some(call.to)));
                format!("{owner} waits for an answer from {to}, which has ended")
            });
            let lost = call.stage == Stage::Open && call.let_go && people.is_alive(call.to);
            book.judge(Id::G48, !lost, || {
                let (owner, to) = (show(Some(call.owner)), show(Some(call.to)));
                format!("{owner} waits for an answer from {to}, which nobody can give any more")
            });
        }
    }

    /// Nothing more can happen: whether some wait for each other.
    pub(super) fn settle_circles(&self, people: &People, book: &mut Book) {
        let open = |call: &&Call| call.stage == Stage::Open && people.is_alive(call.owner);
        // Whom each waits for: of several, the call made last, which is where it stands.
        let waits: BTreeMap<Pid, Pid> = (self.calls.values().filter(open))
            .map(|call| (call.owner, call.to))
            .collect();
        let circle = waits.keys().find_map(|start| circle_from(&waits, *start));
        book.judge(Id::NoCircle, circle.is_none(), || {
            let circle = circle.unwrap_or_default();
            let names: Vec<String> = circle.iter().map(Pid::to_string).collect();
            format!("each waits for the next: {}", names.join(" -> "))
        });
    }
}

/// Whoever waits for whom from here on, if that leads back here.
fn circle_from(waits: &BTreeMap<Pid, Pid>, start: Pid) -> Option<Vec<Pid>> {
    let mut circle = vec![start];
    let mut at = start;
    while circle.len() <= waits.len() {
        at = *waits.get(&at)?;
        circle.push(at);
        if at == start {
            return Some(circle);
        }
    }
    None
}
