//! The checklist for programs in production, as far as a running tree shows it.

use std::fmt;
use std::time::Duration;

use super::view::{Answer, ChildView, ProcessView, Snapshot};
use crate::kernel::pid::Pid;
use crate::otp::supervisor::{ChildType, Restart, Shutdown, Strategy, Supervision, is_supervisor};
use crate::otp::task::is_task_supervisor;

/// Messages in a mailbox from which on its process is a bottleneck: what a busy server handles in
/// about a tenth of a second.
const BACKLOG: usize = 1_000;
/// Children from which on three restarts within five seconds are a budget that nobody has thought
/// about: one crash each in a bad second ends them all.
const CROWD: usize = 10;
/// Restarts a second that no crash loop should be allowed.
const LOOPS: u32 = 10;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Check {
    /// A supervisor below another one is given all the time it needs to stop: its children have
    /// times of their own.
    NestedShutdown,
    /// A worker is asked to stop, and is given a time for it.
    WorkerShutdown,
    /// A supervisor of many children has a budget of its own instead of the default.
    Budget,
    /// The budget ends a crash loop.
    CrashLoop,
    /// The budget is not spent: one more crash, and the supervisor gives up.
    BudgetSpent,
    /// All children are restarted only where few depend on each other.
    OneForAll,
    /// A child of a supervisor is linked to it, so that its end is noticed.
    Unlinked,
    /// A child that has to end, such as a task, is not restarted for ever.
    PermanentTask,
    /// Tasks are supervised.
    UnsupervisedTask,
    /// A server waits for no task and no call inside a callback: it does not answer meanwhile.
    BlockedCallback,
    /// Every call has a timeout.
    CallWithoutTimeout,
    /// No mailbox grows; where that of a dynamic supervisor does, several could share its work.
    Backlog,
}

/// Something that the checklist says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// Which process.
    pub process: Pid,
    /// What was found, and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Goes through the checklist. What is found is in the order of the tree.
///
/// Of the checklist, these points cannot be seen in a running tree: that `handle_continue` does
/// what takes long after the start, that replies are delayed where they take long, that
/// subscriptions use duplicate keys, that registries have as many partitions as there are workers,
/// and that neither servers nor agents do what functions could.
pub fn audit(snapshot: &Snapshot) -> Vec<Finding> {
    let mut findings = Vec::new();
    for process in snapshot.processes() {
        let mut found = |check, message| {
            findings.push(Finding {
                check,
                process: process.info.pid,
                message: format!("{}: {message}", process.called()),
            });
        };
        supervision(process, &mut found);
        waiting(process, &mut found);
        mailbox(process, &mut found);
        others(process, &mut found);
    }
    findings
}

type Found<'a> = dyn FnMut(Check, String) + 'a;

fn supervision(process: &ProcessView, found: &mut Found<'_>) {
    let Some(supervision) = &process.supervision else {
        return;
    };
    for child in &process.children {
        shutdown(child, found);
        child_process(process, child, found);
    }
    budget(supervision, found);
    let count = supervision.children.len();
    if supervision.strategy == Strategy::OneForAll && count > CROWD {
        let message = format!(
            "any crash restarts all {count} children; use RestForOne if they depend on those \
             before them, OneForOne if they do not"
        );
        found(Check::OneForAll, message);
    }
}

fn shutdown(child: &ChildView, found: &mut Found<'_>) {
    let id = id_of(child);
    match (child.spec.kind, child.spec.shutdown) {
        (ChildType::Supervisor, Shutdown::Infinity) | (ChildType::Worker, Shutdown::Timeout(_)) => {
        }
        (ChildType::Supervisor, _) => found(
            Check::NestedShutdown,
            format!(
                "the supervisor {id} is killed before its children have stopped; give it \
                 Shutdown::Infinity"
            ),
        ),
        (ChildType::Worker, Shutdown::Infinity) => found(
            Check::WorkerShutdown,
            format!("the worker {id} can hold up the shutdown for ever; give it a timeout"),
        ),
        (ChildType::Worker, Shutdown::Brutal) => found(
            Check::WorkerShutdown,
            format!("the worker {id} is killed without being asked to stop; give it a timeout"),
        ),
    }
}

fn id_of(child: &ChildView) -> String {
    match (&child.spec.id, &child.process) {
        (Some(id), _) => id.to_string(),
        (None, Some(process)) => process.called(),
        (None, None) => "of a dynamic supervisor".to_string(),
    }
}

fn child_process(supervisor: &ProcessView, child: &ChildView, found: &mut Found<'_>) {
    let Some(process) = &child.process else {
        return;
    };
    let id = id_of(child);
    if !process.info.links.contains(&supervisor.info.pid) {
        let message = format!("the child {id} is not linked, so that its end is never noticed");
        found(Check::Unlinked, message);
    }
    if is_task(process) && child.spec.restart == Restart::Permanent {
        let message = format!(
            "the task {id} is started again each time it is done; make it transient, or temporary"
        );
        found(Check::PermanentTask, message);
    }
}

fn budget(supervision: &Supervision, found: &mut Found<'_>) {
    let (restarts, within) = (supervision.max_restarts, supervision.within);
    let count = supervision.children.len();
    if count > CROWD && (restarts, within) == (3, Duration::from_secs(5)) {
        let message = format!("{count} children share the default budget of 3 restarts within 5s");
        found(Check::Budget, message);
    }
    let seconds = within.as_secs_f64().max(1.0);
    if restarts as f64 / seconds > f64::from(LOOPS) {
        let message = format!("{restarts} restarts within {within:?} let a crash loop go on");
        found(Check::CrashLoop, message);
    }
    if restarts > 0 && supervision.restarts_left == 0 {
        let message = "has no restarts left: the next crash ends it".to_string();
        found(Check::BudgetSpent, message);
    }
}

fn waiting(process: &ProcessView, found: &mut Found<'_>) {
    let calls = &process.info.calls;
    if process.answer == Answer::Late {
        let what = match (
            (process.others.iter()).find(|other| is_task(other) && !is_supervisor(&process.info)),
            calls.first(),
        ) {
            (Some(task), _) => format!(
                "waits for the task {} inside a callback; start it by async_nolink and take its \
                 result as a message",
                task.called()
            ),
            (None, Some(call)) => format!(
                "waits for {} inside a callback; answer later, or send a request",
                call.to
            ),
            (None, None) if is_supervisor(&process.info) => {
                "does not answer: a child takes long to start or to stop".to_string()
            }
            (None, None) => "does not answer: a callback takes too long".to_string(),
        };
        found(Check::BlockedCallback, what);
    }
    for call in calls.iter().filter(|call| call.without_limit) {
        let message = format!("calls {} without a timeout", call.to);
        found(Check::CallWithoutTimeout, message);
    }
}

fn mailbox(process: &ProcessView, found: &mut Found<'_>) {
    let count = process.info.message_queue_len;
    if count < BACKLOG {
        return;
    }
    let dynamic = process
        .supervision
        .as_ref()
        .is_some_and(|found| found.dynamic);
    let cure = match dynamic {
        true => "share its work by a PartitionSupervisor",
        false => "it is slower than whoever sends to it",
    };
    found(
        Check::Backlog,
        format!("has {count} messages waiting; {cure}"),
    );
}

fn others(process: &ProcessView, found: &mut Found<'_>) {
    // Of a supervisor that did not answer these are the children.
    if is_task_supervisor(&process.info) || is_supervisor(&process.info) {
        return;
    }
    for task in process.others.iter().filter(|other| is_task(other)) {
        let message = format!(
            "the task {} is not supervised; start it under a TaskSupervisor",
            task.called()
        );
        found(Check::UnsupervisedTask, message);
    }
}

/// A task works on somebody's behalf and serves nobody.
fn is_task(process: &ProcessView) -> bool {
    process.info.is_task
}
