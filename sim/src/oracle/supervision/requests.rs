//! Requests to supervisors and their answers.

use beamline::backend::record::supervisor::{Answer, Place, Request};

use super::super::book::Book;
use super::super::catalogue::Id;
use super::{Entry, Overseer};

/// A request, and what the table said when it came.
#[derive(Debug)]
pub(super) struct Asked {
    what: What,
    place: Option<Place>,
    /// No child more is allowed.
    full: bool,
    /// Some child is being restarted.
    restarting: bool,
    answered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Start,
    Terminate,
    TerminatePid,
    Restart,
    Delete,
    Look,
    Count,
}

impl Asked {
    pub(super) fn new(overseer: &mut Overseer, request: &Request<'_>) -> Asked {
        overseer.asks += 1;
        let table = &overseer.table;
        let of_id = |id: &str| {
            let entry = table.values().find(|entry| entry.id == id);
            entry.map(|entry| entry.place)
        };
        let (what, place) = match *request {
            Request::Start { id } => (What::Start, of_id(id)),
            Request::Terminate { id } => (What::Terminate, of_id(id)),
            Request::Restart { id } => (What::Restart, of_id(id)),
            Request::Delete { id } => (What::Delete, of_id(id)),
            Request::TerminatePid { pid } => {
                let entry = table.values().find(|entry| entry.pid() == Some(pid));
                (What::TerminatePid, entry.map(|entry| entry.place))
            }
            Request::Look => (What::Look, None),
            Request::Count => (What::Count, None),
        };
        Asked {
            what,
            place,
            full: overseer.max_children.is_some_and(|max| table.len() >= max),
            restarting: table.values().any(|entry| entry.place == Place::Restarting),
            answered: false,
        }
    }

    /// Whether an answer is what the table says (SUP-1001 to SUP-1007, DSUP-10, DSUP-22).
    fn allows(&self, dynamic: bool, answer: Answer) -> bool {
        if self.what == What::TerminatePid && !dynamic {
            // Static children are addressed by their ids (SUP-1013).
            return answer == Answer::NotFound;
        }
        let started = matches!(answer, Answer::Child(_) | Answer::NotStarted);
        let stands = match self.place {
            None => answer == Answer::NotFound,
            Some(Place::Running(pid)) => answer == Answer::Running(pid),
            Some(Place::Restarting) => answer == Answer::Restarting,
            Some(Place::Stopped) => return self.allows_stopped(answer),
        };
        match self.what {
            What::Start if dynamic && self.full => answer == Answer::MaxChildren,
            What::Start if dynamic => started,
            What::Start => match self.place {
                _ if answer == Answer::Refused => true,
                None => started,
                Some(Place::Running(pid)) => answer == Answer::AlreadyStarted(pid),
                Some(_) => answer == Answer::AlreadyPresent,
            },
            What::Terminate if self.place.is_some() => answer == Answer::Done,
            What::TerminatePid if self.place.is_some() => answer == Answer::Done,
            What::TerminatePid if self.restarting => true,
            What::Terminate | What::TerminatePid => answer == Answer::NotFound,
            What::Restart | What::Delete => stands,
            What::Look => answer == Answer::Shown,
            What::Count => matches!(answer, Answer::Counted { .. }),
        }
    }

    fn allows_stopped(&self, answer: Answer) -> bool {
        match self.what {
            What::Start => matches!(answer, Answer::AlreadyPresent | Answer::Refused),
            What::Restart => matches!(answer, Answer::Child(_) | Answer::NotStarted),
            _ => answer == Answer::Done,
        }
    }
}

impl Overseer {
    pub(super) fn answered(&mut self, book: &mut Book, answer: Answer) {
        let (pid, dynamic) = (self.pid, self.dynamic);
        let Some(asked) = &mut self.message.asked else {
            return;
        };
        asked.answered = true;
        let fine = asked.allows(dynamic, answer);
        book.judge(Id::S34, fine, || {
            format!(
                "{pid} was asked to {:?} and answered {answer:?}",
                asked.what
            )
        });
        if let Answer::Counted {
            specs,
            active,
            supervisors,
            workers,
        } = answer
        {
            let of = |wanted: fn(&Entry) -> bool| {
                self.table.values().filter(|entry| wanted(entry)).count()
            };
            let fine = specs == self.table.len()
                && supervisors == of(|entry| entry.supervisor)
                && supervisors + workers == specs
                && active <= of(|entry| entry.pid().is_some());
            book.judge(Id::S35, fine, || {
                format!(
                    "{pid} counts {specs} children, {active} active, {supervisors} supervisors \
                     and {workers} workers, and has {}",
                    self.table.len()
                )
            });
        }
    }

    /// A request has been handled.
    pub(super) fn finish_request(&mut self, book: &mut Book) {
        let (pid, asked) = (self.pid, &self.message.asked);
        let answered = asked.as_ref().is_some_and(|asked| asked.answered);
        book.judge(Id::S36, answered, || {
            format!("{pid} has handled a request and not answered it")
        });
    }
}
