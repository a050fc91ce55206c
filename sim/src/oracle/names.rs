//! Names: who has which.

use std::collections::BTreeMap;

use beamline::Pid;

use super::book::Book;
use super::catalogue::Id;
use super::mail::show;
use super::people::People;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_name: BTreeMap<String, Pid>,
    by_pid: BTreeMap<Pid, String>,
}

impl Names {
    pub(super) fn clear(&mut self) {
        self.by_name.clear();
        self.by_pid.clear();
    }

    /// The name of a process.
    pub(super) fn of(&self, pid: Pid) -> Option<&String> {
        self.by_pid.get(&pid)
    }

    pub(super) fn bound(&mut self, people: &People, book: &mut Book, name: &str, pid: Pid) {
        let (holder, other) = (self.by_name.get(name), self.by_pid.get(&pid));
        let fine = holder.is_none() && other.is_none() && people.is_alive(pid);
        book.judge(Id::NameUnique, fine, || {
            let who = show(Some(pid));
            match (holder, other) {
                (Some(holder), _) => format!("{who} was named {name:?}, which is {holder}'s name"),
                (_, Some(other)) => format!("{who} was named {name:?} and is named {other:?}"),
                _ => format!("{who} was named {name:?} and has ended"),
            }
        });
        self.by_name.insert(name.to_string(), pid);
        self.by_pid.insert(pid, name.to_string());
    }

    pub(super) fn freed(&mut self, book: &mut Book, name: &str, pid: Pid) {
        let holder = self.by_name.remove(name);
        self.by_pid.remove(&pid);
        book.judge(Id::NameUnique, holder == Some(pid), || {
            format!("the name {name:?} was taken from {pid}, which did not have it")
        });
    }

    pub(super) fn died(&mut self, book: &mut Book, pid: Pid) {
        if self.by_pid.is_empty() {
            return;
        }
        let name = self.by_pid.get(&pid);
        book.judge(Id::NameUnique, name.is_none(), || {
            format!("{pid} has ended, and the name {name:?} still is its own")
        });
    }

    pub(super) fn looked_up(&self, book: &mut Book, name: &str, found: Option<Pid>) {
        let holder = self.by_name.get(name).copied();
        book.judge(Id::NameFound, holder == found, || {
            let (found, holder) = (nobody_or(found), nobody_or(holder));
            format!("{name:?} was looked up: {found} was found and {holder} has it")
        });
    }
}

fn nobody_or(pid: Option<Pid>) -> String {
    pid.map_or_else(|| "nobody".to_string(), |pid| pid.to_string())
}
