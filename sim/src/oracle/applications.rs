//! Applications: started after what they need, stopped in the reverse order, and whose end is the
//! end of all.

use std::collections::BTreeMap;

use beamline::Pid;
use beamline::backend::record::application::{Applying, Grip};

use super::book::Book;
use super::catalogue::Id;
use super::people::People;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Applications(BTreeMap<Pid, Release>);

/// What one controller has done.
#[derive(Debug, Default)]
struct Release {
    /// In the order of their starting.
    running: Vec<String>,
    closing: bool,
    /// The application whose end is the end of all.
    fatal: Option<String>,
}

impl Applications {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn see(&mut self, book: &mut Book, pid: Pid, event: &Applying<'_>) {
        let release = self.0.entry(pid).or_default();
        match *event {
            Applying::Needs { name, needed } => {
                let fine = release.running.iter().any(|running| running == needed);
                book.judge(Id::AppOrder, fine, || {
                    format!("{name} is started, and {needed}, which it needs, does not run")
                });
            }
            Applying::Runs { name } => release.running.push(name.to_string()),
            Applying::Stops { name } => {
                let last = release.running.last();
                book.judge(Id::AppOrder, last.is_some_and(|last| last == name), || {
                    format!("{name} is stopped before {last:?}, which was started later")
                });
            }
            Applying::Ended {
                name,
                grip,
                normal,
                asked,
            } => {
                release.running.retain(|running| running != name);
                let fatal = grip == Grip::Any || grip == Grip::Abnormal && !normal;
                if fatal && !asked && !release.closing {
                    release.fatal = Some(name.to_string());
                }
            }
            Applying::Closes => {
                if release.fatal.take().is_some() {
                    book.judge(Id::AppEnds, true, String::new);
                }
                release.closing = true;
            }
            _ => {}
        }
    }

    /// Nothing more can happen.
    pub(super) fn settle(&self, people: &People, book: &mut Book) {
        for (pid, release) in &self.0 {
            if let Some(name) = &release.fatal
                && people.is_alive(*pid)
            {
                book.judge(Id::AppEnds, false, || {
                    format!("{name} has ended, and the release of {pid} goes on without it")
                });
            }
        }
    }
}
