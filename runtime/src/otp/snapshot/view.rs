//! What a snapshot consists of.

use std::time::Duration;

use crate::kernel::info::ProcessInfo;
use crate::otp::supervisor::{SupervisedChild, Supervision};

/// A tree of processes as it was found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken, counted from the system's start.
    pub time: Duration,
    /// The process at the top.
    pub root: ProcessView,
}

/// A process of a tree.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProcessView {
    /// What the runtime knows of it.
    pub info: ProcessInfo,
    /// What it says of itself.
    pub answer: Answer,
    /// What it supervises, if it is a supervisor.
    pub supervision: Option<Supervision>,
    /// Its children, in the order of their start.
    pub children: Vec<ChildView>,
    /// The processes that it has started and is linked to, and that nobody supervises. A supervisor
    /// that did not answer in time has its children here, since nobody else knows of them.
    pub others: Vec<ProcessView>,
}

/// What a process says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// It takes no system messages: it is no behaviour, or a task.
    NotAsked,
    /// It did not answer in time: it is in the middle of a callback.
    Late,
    /// It answered.
    Status {
        /// Whether it is suspended.
        suspended: bool,
        /// Its state in words, if it shows it.
        state: Option<String>,
    },
}

/// A child of a supervisor.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChildView {
    /// What the supervisor knows of it.
    pub spec: SupervisedChild,
    /// Its process, if it runs.
    pub process: Option<ProcessView>,
}

impl Snapshot {
    /// All processes, each before those below it.
    pub fn processes(&self) -> Vec<&ProcessView> {
        let mut found = Vec::new();
        self.root.collect(&mut found);
        found
    }
}

impl ProcessView {
    fn collect<'a>(&'a self, found: &mut Vec<&'a ProcessView>) {
        found.push(self);
        for below in self.below() {
            below.collect(found);
        }
    }

    /// The processes right below it.
    pub fn below(&self) -> impl Iterator<Item = &ProcessView> {
        let children = self
            .children
            .iter()
            .filter_map(|child| child.process.as_ref());
        children.chain(&self.others)
    }

    /// What it is called: its name, its label, or what it runs, and its pid if it has neither of
    /// the first two.
    pub fn called(&self) -> String {
        let info = &self.info;
        if let Some(name) = &info.name {
            return name.to_string();
        }
        match (&info.label, self.runs()) {
            (Some(label), _) => label.clone(),
            (None, Some(runs)) => format!("{runs} {}", info.pid),
            (None, None) => info.pid.to_string(),
        }
    }

    /// The type of its behaviour or task, without the modules that lead to it.
    pub fn runs(&self) -> Option<&'static str> {
        crate::process::short(self.info.initial_call?)
    }
}
