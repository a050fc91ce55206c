//! The life of a machine: its start, what it takes out of its mailbox, and its end.

use std::collections::VecDeque;
use std::mem::discriminant;

use beamline::backend::record::{EventType, MachineRecord, Order};
use beamline::{ExitReason, Pid};

use super::super::book::Book;
use super::super::calls::Calls;
use super::super::catalogue::Id;
use super::super::people::{Kind, People};
use super::{Machine, Machines, Phase, Pick, hash};

#[derive(Debug, Default)]
pub(super) struct Life {
    started: bool,
    /// It has done something after it was started.
    begun: bool,
    /// Its process was something else before, and may be again.
    guest: bool,
    /// Whose end is its own.
    parent: Option<Pid>,
    suspended: bool,
    /// Its state was in other hands, and it has done nothing since.
    pub(super) touched: bool,
    /// Messages that it took since it began to wait, and that are not accounted for.
    taken: u32,
    due: Due,
    /// The reason of an exit signal of the parent's that is being handled, and of those whose
    /// messages wait.
    arriving: Option<Kind>,
    parent_ends: VecDeque<Option<Kind>>,
    /// An exit signal has condemned it while it waited.
    condemned: bool,
    /// What it must end with.
    reason: Option<Kind>,
    stopped: bool,
    terminated: u32,
}

/// What must come of the message that was taken last.
#[derive(Debug, Default)]
enum Due {
    #[default]
    Anything,
    /// The machine stops, for this reason if it is known.
    Stop(Option<Kind>),
    /// The message is an event.
    Info,
}

impl Life {
    pub(super) fn is_suspended(&self) -> bool {
        self.suspended
    }

    pub(super) fn has_taken_nothing(&self) -> bool {
        self.taken == 0
    }

    /// It enters a state or handles an event: it has been started, and its starter been told.
    pub(super) fn first(&mut self, book: &mut Book, calls: &Calls, pid: Pid) {
        if std::mem::replace(&mut self.begun, true) || self.guest {
            return;
        }
        let told = calls.is_start_answered(pid);
        book.judge(Id::G38, self.started && told, || {
            format!("{pid} begins its work, and its starter has not been told that it runs")
        });
    }

    /// It takes an event out of its mailbox.
    pub(super) fn picks(&mut self, book: &mut Book, pid: Pid, pick: Pick) {
        let event = pick.event;
        book.judge(Id::G39, !self.suspended, || {
            format!("{pid} handles event {event} while it is suspended")
        });
        match std::mem::take(&mut self.due) {
            Due::Anything => {}
            Due::Stop(_) => book.judge(Id::G41, false, || {
                format!("{pid} handles the end of its parent as event {event}")
            }),
            Due::Info => book.judge(Id::G41, pick.kind == EventType::Info, || {
                format!(
                    "{pid} handles the end of a stranger as event {event}: {:?}",
                    pick.kind
                )
            }),
        }
        let taken = std::mem::take(&mut self.taken);
        book.judge(Id::G03, taken == 1, || {
            format!("{pid} took {taken} messages for event {event}")
        });
    }

    pub(super) fn waits(&mut self, book: &mut Book, pid: Pid) {
        let taken = std::mem::take(&mut self.taken);
        let stays = matches!(std::mem::take(&mut self.due), Due::Stop(_));
        if stays {
            book.judge(Id::G41, false, || {
                format!("{pid} goes on although its parent has ended")
            });
        }
        book.judge(Id::G03, taken == 0, || {
            format!("{pid} took {taken} messages and did nothing with them")
        });
    }

    /// It is no machine any more.
    pub(super) fn over(&self, book: &mut Book, pid: Pid) {
        if !self.started {
            return;
        }
        if self.condemned {
            // Judged when it happens as well.
            book.judge(Id::G42, self.terminated == 0, || {
                format!("{pid} was ended by a signal, and terminate was called")
            });
        }
        let called = self.terminated;
        book.judge(
            Id::MachineTerminates,
            called == u32::from(self.stopped),
            || format!("{pid} has ended, and terminate was called {called} times"),
        );
    }

    /// Its process has come to its end by itself.
    pub(super) fn ended(&self, book: &mut Book, pid: Pid, reason: &ExitReason) {
        if let Some(due) = self.reason
            && !self.guest
        {
            book.judge(Id::G36, due == discriminant(reason), || {
                format!("{pid} ended with {reason}, which is not what it stopped for")
            });
        }
    }
}

impl Machine {
    /// What concerns its life alone.
    pub(super) fn lives(&mut self, book: &mut Book, pid: Pid, event: &MachineRecord<'_>) {
        match *event {
            MachineRecord::Guest => self.life.guest = true,
            MachineRecord::Start { state, parent } => {
                self.state = hash(state);
                self.life.started = true;
                self.life.parent = parent;
            }
            MachineRecord::Ignored => self.life.taken = self.life.taken.saturating_sub(1),
            MachineRecord::Touched => {
                self.state = 0;
                self.life.touched = self.phase == Phase::Waiting;
            }
            MachineRecord::Stop { reason } => {
                self.life.stopped = true;
                self.life.reason = Some(discriminant(reason));
                if let Due::Stop(Some(due)) = std::mem::take(&mut self.life.due) {
                    book.judge(Id::G41, due == discriminant(reason), || {
                        format!("{pid} stops with {reason}, and its parent did not")
                    });
                }
            }
            MachineRecord::Terminate => {
                self.life.terminated += 1;
                book.judge(Id::G42, !self.life.condemned, || {
                    format!("{pid} calls terminate, and is ended by a signal")
                });
            }
            MachineRecord::Terminated {
                failed: Some(worse),
            } => {
                self.life.reason = Some(discriminant(worse));
            }
            _ => {}
        }
    }
}

impl Machines {
    /// A process has taken a message; `from` whom, if it tells of somebody's end.
    pub(in crate::oracle) fn took(&mut self, pid: Pid, from: Option<Pid>) {
        let Some(machine) = self.all.get_mut(&pid) else {
            return;
        };
        let life = &mut machine.life;
        let of_parent = from.is_some() && from == life.parent;
        let reason = of_parent.then(|| life.parent_ends.pop_front().flatten());
        if machine.phase != Phase::Waiting {
            return;
        }
        life.taken += 1;
        life.due = match (reason, from) {
            (Some(reason), _) => Due::Stop(reason),
            (None, Some(_)) => Due::Info,
            (None, None) => Due::Anything,
        };
    }

    /// A process has served a system message.
    pub(in crate::oracle) fn served(&mut self, pid: Pid, order: Order) {
        if let Some(machine) = self.all.get_mut(&pid) {
            machine.life.taken = machine.life.taken.saturating_sub(1);
            match order {
                Order::Suspended => machine.life.suspended = true,
                Order::Resumed => machine.life.suspended = false,
                Order::Other => {}
            }
        }
    }

    /// An exit signal was handled.
    pub(in crate::oracle) fn exit_arrives(
        &mut self,
        people: &People,
        pid: Pid,
        from: Pid,
        reason: &ExitReason,
    ) {
        let Some(machine) = self.all.get_mut(&pid) else {
            return;
        };
        if machine.life.parent == Some(from) {
            machine.life.arriving = Some(discriminant(reason));
        }
        self.condemned(people, pid);
    }

    /// A process may be condemned by now.
    pub(in crate::oracle) fn condemned(&mut self, people: &People, pid: Pid) {
        if let Some(machine) = self.all.get_mut(&pid)
            && machine.phase == Phase::Waiting
            && people.is_doomed(pid)
        {
            machine.life.condemned = true;
        }
    }

    /// A trapped exit signal has become a message.
    pub(in crate::oracle) fn exit_waits(&mut self, pid: Pid, from: Pid) {
        if let Some(machine) = self.all.get_mut(&pid)
            && machine.life.parent == Some(from)
        {
            let reason = machine.life.arriving.take();
            machine.life.parent_ends.push_back(reason);
        }
    }
}
