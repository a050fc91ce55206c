//! The end of a supervisor, and the end of a run.

use beamline::ExitReason;
use beamline::backend::record::supervisor::{Again, Place};

use super::super::book::Book;
use super::super::catalogue::Id;
use super::super::links::Links;
use super::super::people::People;
use super::Overseer;

impl Overseer {
    /// It has stopped all its children and ends.
    pub(super) fn ends(&mut self, book: &mut Book, reason: &ExitReason) {
        self.finish_message(book);
        let pid = self.pid;
        let shutdown = *reason == ExitReason::Shutdown;
        if self.failed_init {
            let fine = reason.is_shutdown() && !shutdown;
            book.judge(Id::S09, fine, || {
                format!("{pid} could not start a child and ends for {reason:?}")
            });
            return;
        }
        if self.message.denied() {
            book.judge(Id::S19, shutdown, || {
                format!("{pid} gave up and ends for {reason:?}")
            });
            return;
        }
        if self.message.trigger {
            book.judge(Id::S38, shutdown, || {
                format!("{pid} ends with its significant child, for {reason:?}")
            });
            return;
        }
        // Whoever stops a server calls it, and that is no request to a supervisor.
        if self.calls > self.asks {
            return;
        }
        let told = self.parent_ended.as_ref() == Some(reason);
        if shutdown && !self.after_request {
            book.judge(Id::S20, told, || {
                format!("{pid} ends for a shutdown that nothing has asked for")
            });
        }
        book.judge(Id::S42, told, || {
            let parent = &self.parent_ended;
            format!("{pid} ends for {reason:?}; of its parent it was told {parent:?}")
        });
    }

    /// Nothing more can happen, and it lives.
    pub(super) fn settle(&mut self, book: &mut Book, people: &People, links: &Links) {
        let pid = self.pid;
        self.finish_message(book);
        if self.message.is_request() {
            book.judge(Id::S39, true, String::new);
        }
        if self.message.denied() && !self.stops_all {
            book.judge(Id::S19, false, || format!("{pid} gave up, and did not end"));
        }
        if self.message.trigger && !self.stops_all {
            book.judge(Id::S38, false, || {
                format!("{pid} did not end, although its significant child has")
            });
        }
        let patient = self.stops.waits_only_for_patient();
        book.judge(Id::S50, patient, || {
            format!("{pid} waits for ever for a child to stop")
        });
        if !self.is_idle() {
            return;
        }
        book.judge(Id::S48, !people.has_mail(pid), || {
            format!("{pid} has messages and does not handle them")
        });
        for entry in self.table.values() {
            let id = &entry.id;
            if let Place::Running(child) = entry.place {
                // Whoever removes the link is never noticed (SUP-311).
                let told = links.is_set(pid, child) || self.stops.was_told(child);
                let fine = people.is_alive(child) || !told;
                book.judge(Id::S05, fine, || {
                    format!("{pid} takes its child {id:?} for running, and {child} has ended")
                });
            }
        }
        self.judge_permanent(book);
    }

    /// Whether it neither starts nor stops anybody.
    pub(super) fn is_idle(&self) -> bool {
        self.starting.is_none() && self.stops.is_idle() && !self.stops_all
    }

    /// INV-S49.
    pub(super) fn judge_permanent(&self, book: &mut Book) {
        let permanent = self
            .table
            .values()
            .filter(|entry| entry.again == Again::Always);
        for entry in permanent {
            let fine = match entry.place {
                Place::Running(_) => true,
                Place::Restarting => false,
                Place::Stopped => entry.by_request || entry.last.is_none_or(|last| last.is_err()),
            };
            book.judge(Id::S49, fine, || {
                let (pid, id) = (self.pid, &entry.id);
                format!("{pid} does not run its permanent child {id:?} any more")
            });
        }
    }
}
