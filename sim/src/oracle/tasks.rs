//! Tasks: their results and their owners.

use std::collections::BTreeMap;

use beamline::Pid;
use beamline::backend::record::task::Tasking;

use super::book::Book;
use super::catalogue::Id;
use super::people::People;

#[derive(Debug)]
struct Task {
    owner: Pid,
    task: Pid,
    linked: bool,
    results: u32,
    /// The owner has let go of it.
    given_up: bool,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Tasks(BTreeMap<u64, Task>);

impl Tasks {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn see(&mut self, event: Tasking) {
        if let Tasking::Begun {
            task,
            reference,
            linked,
        } = event
        {
            let (owner, results) = (reference.owner(), 0);
            let begun = Task {
                owner,
                task,
                linked,
                results,
                given_up: false,
            };
            self.0.insert(reference.number(), begun);
        }
    }

    /// A message came through an alias: the result, if the alias is a task's reference.
    pub(super) fn result(&mut self, book: &mut Book, pid: Pid, number: u64) {
        let Some(task) = self.0.get_mut(&number) else {
            return;
        };
        task.results += 1;
        let fine = task.owner == pid && task.results == 1 && !task.given_up;
        book.judge(Id::ResultOnce, fine, || match task.given_up {
            true => format!(
                "{pid} got the result of {}, which it has given up",
                task.task
            ),
            false => format!(
                "{pid} got the result of {} that is not to get it",
                task.task
            ),
        });
    }

    /// A process has removed a monitor: the task's, if the reference is one's.
    pub(super) fn given_up(&mut self, number: u64) {
        if let Some(task) = self.0.get_mut(&number) {
            task.given_up = true;
        }
    }

    /// Nothing more can happen.
    pub(super) fn settle(&self, people: &People, book: &mut Book) {
        for task in self.0.values().filter(|task| task.linked) {
            let left = !people.is_alive(task.owner)
                && people.is_alive(task.task)
                && !people.traps(task.task);
            book.judge(Id::TaskFalls, !left, || {
                format!(
                    "{} lives, and {}, whose task it is, has ended",
                    task.task, task.owner
                )
            });
        }
    }
}
