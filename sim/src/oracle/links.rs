//! Links and exit signals: a second, simple account of both ends of every link.

use std::collections::BTreeMap;

use beamline::backend::record::{ExitCause, Signal};
use beamline::{ExitReason, Pid};

use super::book::Book;
use super::catalogue::Id;
use super::mail::show;
use super::people::People;

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Set,
    /// Removed, but the other end has not said so.
    Leaving(u64),
    /// Set anew before it has.
    SetAnew(u64),
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The ends by owner and other process.
    ends: BTreeMap<(Pid, Pid), End>,
    /// Exit signals that the dead still owe: from, to.
    owed: Vec<(Pid, Pid)>,
    /// A trapped exit signal was handled, and its message must be next.
    trapped: Option<Pid>,
}

impl Links {
    pub(super) fn clear(&mut self) {
        self.ends.clear();
        self.owed.clear();
        self.trapped = None;
    }

    pub(super) fn is_clear(&self) -> bool {
        self.owed.is_empty() && self.trapped.is_none()
    }

    pub(super) fn spawned(&mut self, parent: Pid, child: Pid) {
        self.ends.insert((parent, child), End::Set);
        self.ends.insert((child, parent), End::Set);
    }

    pub(super) fn linked(&mut self, people: &People, pid: Pid, to: Pid) {
        if pid == to {
            return;
        }
        if !people.is_alive(pid) {
            // A destructor of the dead: it is told of at once.
            self.owed.push((pid, to));
            return;
        }
        let end = self.ends.entry((pid, to)).or_insert(End::Set);
        if let End::Leaving(id) = *end {
            *end = End::SetAnew(id);
        }
    }

    /// A signal was sent.
    pub(super) fn sent(&mut self, book: &mut Book, from: Option<Pid>, to: Pid, signal: &Signal) {
        match signal {
            Signal::Unlink { from, id } => {
                self.ends.insert((*from, to), End::Leaving(*id));
            }
            Signal::Exit {
                from: dead,
                cause: ExitCause::Link,
                ..
            } if from == Some(*dead) => {
                let owed = self.owed.iter().position(|owed| *owed == (*dead, to));
                book.judge(Id::ExitNotices, owed.is_some(), || {
                    let (dead, to) = (show(Some(*dead)), show(Some(to)));
                    format!("{dead} told {to} of its death, which is not linked to it")
                });
                if let Some(owed) = owed {
                    self.owed.swap_remove(owed);
                }
            }
            _ => {}
        }
    }

    /// A signal is being handled.
    pub(super) fn handled(&mut self, people: &mut People, me: Pid, signal: &Signal) {
        match signal {
            Signal::Link { .. } if people.is_doomed(me) => {}
            Signal::Link { from } => {
                self.ends.entry((me, *from)).or_insert(End::Set);
            }
            Signal::Unlink { from, .. } => {
                if let Some(End::Set | End::SetAnew(_)) = self.ends.get(&(me, *from)) {
                    self.ends.remove(&(me, *from));
                }
            }
            Signal::UnlinkAck { from, id } => match self.ends.get(&(me, *from)) {
                Some(End::Leaving(of)) if of == id => {
                    self.ends.remove(&(me, *from));
                }
                Some(End::SetAnew(of)) if of == id => {
                    self.ends.insert((me, *from), End::Set);
                }
                _ => {}
            },
            Signal::Exit {
                from,
                reason,
                cause,
            } => self.exit_handled(people, me, *from, reason, *cause),
            _ => {}
        }
    }

    fn exit_handled(
        &mut self,
        people: &mut People,
        me: Pid,
        from: Pid,
        reason: &ExitReason,
        cause: ExitCause,
    ) {
        if cause != ExitCause::Sent && !self.take(me, from, cause) {
            return;
        }
        let Some(person) = people.get(me) else { return };
        let kill = cause == ExitCause::Sent && *reason == ExitReason::Kill;
        if person.traps && !kill {
            self.trapped = Some(me);
            return;
        }
        let fatal = !reason.is_normal() || (from == me && cause == ExitCause::Sent);
        if fatal && person.doom.is_none() && !person.ending {
            let reason = if kill {
                ExitReason::Killed
            } else {
                reason.clone()
            };
            person.doom = Some(reason);
        }
    }

    /// Whether an exit signal from a link belongs to one that is set; it is gone then.
    fn take(&mut self, me: Pid, from: Pid, cause: ExitCause) -> bool {
        let counts = match self.ends.get(&(me, from)) {
            Some(End::Set) => true,
            Some(End::SetAnew(_)) => cause == ExitCause::NoProc,
            Some(End::Leaving(_)) | None => false,
        };
        if counts {
            self.ends.remove(&(me, from));
        }
        counts
    }

    /// A trapped exit signal has become a message.
    pub(super) fn exit_queued(&mut self, book: &mut Book, pid: Pid) {
        let expected = self.trapped.take() == Some(pid);
        book.judge(Id::ExitTrapped, expected, || {
            format!(
                "{} was given an exit message that it must not have",
                show(Some(pid))
            )
        });
    }

    /// A process has died; what it owes is counted from here.
    pub(super) fn died(&mut self, pid: Pid) {
        let first = Pid::from_bits(1).unwrap_or(pid);
        let ours: Vec<(Pid, End)> = (self.ends.range((pid, first)..))
            .take_while(|((owner, _), _)| *owner == pid)
            .map(|((_, other), end)| (*other, *end))
            .collect();
        for (other, end) in ours {
            self.ends.remove(&(pid, other));
            if !matches!(end, End::Leaving(_)) {
                self.owed.push((pid, other));
            }
        }
    }

    /// What had to happen at once has, or never will.
    pub(super) fn step(&mut self, book: &mut Book) {
        for (dead, to) in self.owed.drain(..) {
            book.judge(Id::ExitNotices, false, || {
                let (dead, to) = (show(Some(dead)), show(Some(to)));
                format!("{dead} died and did not tell {to}, which is linked to it")
            });
        }
        self.untrapped(book);
    }

    /// A record came that is not the message of the signal that was trapped.
    pub(super) fn untrapped(&mut self, book: &mut Book) {
        if let Some(pid) = self.trapped.take() {
            book.judge(Id::ExitTrapped, false, || {
                format!("{} traps exits and was given no message", show(Some(pid)))
            });
        }
    }

    pub(super) fn expects_message(&self) -> bool {
        self.trapped.is_some()
    }

    /// Whether this end of a link is set.
    pub(super) fn is_set(&self, owner: Pid, other: Pid) -> bool {
        self.ends.get(&(owner, other)) == Some(&End::Set)
    }

    /// Nothing more can happen.
    pub(super) fn settle(&self, people: &People, book: &mut Book) {
        for ((owner, other), end) in &self.ends {
            if !people.is_alive(*owner) {
                continue;
            }
            let back = self.ends.get(&(*other, *owner));
            let fine = *end == End::Set && people.is_alive(*other) && back == Some(&End::Set);
            book.judge(Id::LinkSymmetry, fine, || {
                let (owner, other) = (show(Some(*owner)), show(Some(*other)));
                format!("{owner} is linked to {other}, and not the other way round")
            });
        }
    }
}

/// A process has ended: whether that is for the reason it must.
pub(super) fn judge_end(
    people: &mut People,
    book: &mut Book,
    pid: Pid,
    reason: &ExitReason,
    condemned: bool,
) {
    let Some(person) = people.get(pid) else {
        return;
    };
    if person.ending {
        return;
    }
    let doom = person.doom.take();
    book.judge(Id::ExitFatal, doom.is_some() == condemned, || {
        let who = show(Some(pid));
        match condemned {
            true => format!("{who} ended for {reason:?}, and no signal it handled says so"),
            false => format!("{who} came to its end although a signal had condemned it"),
        }
    });
    if let Some(doom) = doom {
        book.judge(Id::ExitFatal, doom == *reason, || {
            let who = show(Some(pid));
            format!("{who} ended for {reason:?} instead of {doom:?}")
        });
    }
}

/// Nothing more can happen: nobody who is condemned is left.
pub(super) fn settle_ends(people: &People, book: &mut Book) {
    for person in people.living() {
        let (pid, doom) = (person.pid, &person.doom);
        book.judge(Id::ExitFatal, doom.is_none(), || {
            format!(
                "{} lives although it must end for {doom:?}",
                show(Some(pid))
            )
        });
    }
}
