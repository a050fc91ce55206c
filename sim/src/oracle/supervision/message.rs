//! What one message makes a supervisor do, against what it must.

use beamline::Pid;
use beamline::backend::record::supervisor::{
    Again, ChildKey, EndsWith, Place, Reach, Reported, Supervision, Unstarted,
};

use super::super::book::Book;
use super::super::catalogue::Id;
use super::requests::Asked;
use super::{Entry, Overseer};

/// What a message is.
#[derive(Debug, Default)]
enum Kind {
    /// None yet: it starts its first children.
    #[default]
    Init,
    /// The end of a process that is none of its children.
    Stranger,
    /// The end of a child.
    Child { key: ChildKey, normal: bool },
    /// Another attempt for a child that stands where it did.
    Retry { key: ChildKey, due: bool },
    /// A request, and what there was to know before.
    Asked,
    /// It stops all children.
    Last,
}

/// A child as it was when the message came.
#[derive(Debug)]
struct Before {
    key: ChildKey,
    again: Again,
    significant: bool,
    runs: bool,
}

/// The message that is being handled, or was handled last.
#[derive(Debug, Default)]
pub(super) struct Message {
    kind: Kind,
    before: Vec<Before>,
    /// What was asked.
    pub(super) asked: Option<Asked>,
    /// The restarts that were counted, and whether each was allowed.
    pub(super) counts: Vec<bool>,
    /// Whom it began to start and to stop, in order.
    pub(super) starts: Vec<ChildKey>,
    pub(super) stops: Vec<ChildKey>,
    pub(super) last_start: Option<ChildKey>,
    /// What the start of a child came to that is not in the table yet.
    pub(super) started: Option<Result<Pid, Unstarted>>,
    /// A restart has failed.
    pub(super) failed: bool,
    reports: Vec<(ChildKey, Reported)>,
    changes: u32,
    /// The end of a significant child is its own.
    pub(super) trigger: bool,
    judged: bool,
}

impl Message {
    pub(super) fn denied(&self) -> bool {
        self.counts.contains(&false)
    }

    pub(super) fn is_init(&self) -> bool {
        matches!(self.kind, Kind::Init)
    }

    pub(super) fn is_request(&self) -> bool {
        matches!(self.kind, Kind::Asked)
    }

    pub(super) fn changed(&mut self) {
        self.changes += 1;
    }
}

impl Overseer {
    /// A message is begun, so the last one is over.
    pub(super) fn next_message(&mut self, book: &mut Book, event: &Supervision<'_>) {
        self.finish_message(book);
        let last = matches!(event, Supervision::StopsAll);
        if self.message.denied() {
            book.judge(Id::S19, last, || {
                format!("{} gives up, and goes on with another message", self.pid)
            });
        }
        if self.message.trigger {
            book.judge(Id::S38, last, || {
                let pid = self.pid;
                format!("{pid} goes on although the end of its significant child is its own")
            });
        }
        if self.message.is_request() {
            // It may have been stopped, or its parent has ended, since.
            let told = self.parent_ended.is_some() || self.calls > self.asks;
            book.judge(Id::S39, !last || told, || {
                format!("{} ends with a child that it was asked to stop", self.pid)
            });
        }
        if last {
            self.stops_all = true;
            self.stops.all(self.by_pid.len());
            self.after_request = self.message.is_request();
            self.message.kind = Kind::Last;
            (self.message.starts, self.message.stops) = (Vec::new(), Vec::new());
            return;
        }
        let mut message = Message::default();
        match *event {
            Supervision::Seen { from, reason } => {
                let key = self.key_of(from);
                let normal = !reason.is_abnormal();
                message.kind = key.map_or(Kind::Stranger, |key| Kind::Child { key, normal });
                message.before = key.map_or_else(Vec::new, |key| self.before(key));
            }
            Supervision::RetryTaken { key } => {
                let place = self.table.get(&key).map(|entry| entry.place);
                let due = place == Some(Place::Restarting);
                message.kind = Kind::Retry { key, due };
                message.before = self.before(key);
                self.retry_taken(book, key);
            }
            Supervision::Asked(ref request) => {
                message.kind = Kind::Asked;
                message.asked = Some(Asked::new(self, request));
            }
            _ => {}
        }
        self.message = message;
    }

    fn retry_taken(&mut self, book: &mut Book, key: ChildKey) {
        let at = self.retries.iter().position(|queued| *queued == key);
        book.judge(Id::S30, at.is_some(), || {
            format!("{} retries a child although no retry was due", self.pid)
        });
        if let Some(at) = at {
            self.retries.remove(at);
        }
    }

    /// The children that a message about one of them can concern.
    fn before(&self, key: ChildKey) -> Vec<Before> {
        let concerned = match self.reach {
            Reach::Itself => key..=key,
            Reach::All => 0..=ChildKey::MAX,
            Reach::Younger => key..=ChildKey::MAX,
        };
        let before = self.table.range(concerned).map(|(key, entry)| Before {
            key: *key,
            again: entry.again,
            significant: entry.significant,
            runs: entry.pid().is_some(),
        });
        before.collect()
    }

    pub(super) fn reported(&mut self, book: &mut Book, key: ChildKey, of: Reported) {
        self.message.reports.push((key, of));
        if of == Reported::ShutdownError {
            self.stops.complained(book, self.pid, key);
        }
    }

    /// Judges what the message that is over has done.
    pub(super) fn finish_message(&mut self, book: &mut Book) {
        if std::mem::replace(&mut self.message.judged, true) {
            return;
        }
        match self.message.kind {
            Kind::Init | Kind::Last => return,
            Kind::Asked => self.finish_request(book),
            Kind::Stranger => book.judge(Id::S21, self.did_nothing(), || {
                format!(
                    "{} acts on the end of a process that is no child of its",
                    self.pid
                )
            }),
            Kind::Retry { due: false, .. } => book.judge(Id::S31, self.did_nothing(), || {
                format!(
                    "{} acts on a retry of a child that is not being restarted",
                    self.pid
                )
            }),
            Kind::Retry { key, due: true } => self.finish_restart(book, key),
            Kind::Child { key, normal } => self.finish_end(book, key, normal),
        }
        if self.message.denied() {
            let gave_up = |(_, of): &(ChildKey, Reported)| *of == Reported::GaveUp;
            book.judge(Id::S19, self.message.reports.iter().any(gave_up), || {
                format!("{} gives up and does not report it", self.pid)
            });
        }
        self.judge_table(book);
    }

    fn did_nothing(&self) -> bool {
        let Message {
            counts,
            starts,
            stops,
            changes,
            ..
        } = &self.message;
        counts.is_empty() && starts.is_empty() && stops.is_empty() && *changes == 0
    }

    /// A child has ended (SUP-402 to SUP-408).
    fn finish_end(&mut self, book: &mut Book, key: ChildKey, normal: bool) {
        let pid = self.pid;
        let Some(child) = self.message.before.iter().find(|child| child.key == key) else {
            return;
        };
        let (again, significant) = (child.again, child.significant);
        let restarts = again == Again::Always || (again == Again::AfterCrash && !normal);
        let message = &self.message;
        let reported = message.reports.contains(&(key, Reported::Terminated));
        book.judge(
            Id::S24,
            reported == (again == Again::Always || !normal),
            || {
                let word = if reported {
                    "reports"
                } else {
                    "does not report"
                };
                format!("{pid} {word} that its child has ended")
            },
        );
        if restarts {
            let decided = match message.counts.as_slice() {
                [true] => message.starts.contains(&key) || message.failed,
                [false] => true,
                _ => false,
            };
            book.judge(Id::S22, decided, || {
                format!("{pid} did not restart a child that has ended, and did not give up")
            });
            return self.finish_restart(book, key);
        }
        let left_alone = message.counts.is_empty() && message.starts.is_empty();
        book.judge(Id::S23, left_alone, || {
            format!("{pid} restarts a child that is not to be restarted")
        });
        let waits = |entry: &Entry| entry.significant && entry.place != Place::Stopped;
        self.message.trigger = significant
            && match self.ends_with {
                EndsWith::Nobody => false,
                EndsWith::AnySignificant => true,
                EndsWith::AllSignificant => !self.table.values().any(waits),
            };
    }

    /// A child was restarted, and whom else that concerns (SUP-501 to SUP-505).
    fn finish_restart(&self, book: &mut Book, key: ChildKey) {
        let (pid, message) = (self.pid, &self.message);
        if message.denied() {
            return;
        }
        if self.reach == Reach::Itself {
            let fine = message.stops.is_empty() && message.starts == [key];
            book.judge(Id::S26, fine, || {
                format!("{pid} touched other children than the one that has ended")
            });
            return;
        }
        let id = match self.reach {
            Reach::All => Id::S27,
            _ => Id::S28,
        };
        let others = message
            .before
            .iter()
            .filter(|child| child.runs && child.key != key);
        let must_stop: Vec<ChildKey> = others.map(|child| child.key).rev().collect();
        book.judge(id, message.stops == must_stop, || {
            format!("{pid} stopped {:?} instead of {must_stop:?}", message.stops)
        });
        let comes_back = message
            .before
            .iter()
            .filter(|child| child.again != Again::Never);
        let must_start: Vec<ChildKey> = comes_back.map(|child| child.key).collect();
        let started = message.starts.len();
        let whole = started == must_start.len() || message.failed;
        let in_order = must_start.starts_with(&message.starts);
        book.judge(id, whole && in_order, || {
            format!(
                "{pid} started {:?} instead of {must_start:?}",
                message.starts
            )
        });
        if message.failed {
            return;
        }
        for key in must_start {
            let entry = self.table.get(&key);
            let fine = entry.is_none_or(|entry| match entry.place {
                Place::Running(_) => true,
                _ => entry.last == Some(Err(Unstarted::Ignored)),
            });
            book.judge(Id::S29, fine, || {
                format!("{pid} has restarted its children, and one of them does not run")
            });
        }
    }

    /// What holds of the table between any two messages.
    fn judge_table(&self, book: &mut Book) {
        let pid = self.pid;
        if self.dynamic && self.table.len() > TABLE_MAX {
            return;
        }
        for (key, entry) in &self.table {
            if entry.place == Place::Restarting {
                book.judge(Id::S30, self.retries.contains(key), || {
                    format!("{pid} is to restart {:?}, and no retry is due", entry.id)
                });
            }
            if entry.again == Again::Never {
                book.judge(Id::S25, entry.pid().is_some(), || {
                    format!(
                        "{pid} keeps the temporary child {:?}, which does not run",
                        entry.id
                    )
                });
            }
        }
    }
}

/// Children of a dynamic supervisor up to which its whole table is looked at after each message.
const TABLE_MAX: usize = 64;
