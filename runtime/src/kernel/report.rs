//! Crash reports: what is told of a process that ended by a fault of its own.
//!
//! # Semantics
//! PL-2 to PL-9, GS-89 to GS-91, LOG-1 to LOG-4. Reports go to a hook of the runtime's, which runs
//! inside the dying process's last step, and as messages to processes that asked for them. Ends by
//! exit signals, normal ends and shutdowns are not reported. What behaviours report besides, of
//! types of their own, goes the same way.

use std::any::Any;
use std::fmt;
use std::sync::{OnceLock, PoisonError, RwLock};

use super::deliver;
use super::name::Name;
use super::node::Node;
use super::panics;
use super::pid::Pid;
use super::reason::ExitReason;
use super::slot::Slot;
use super::term::Term;
use crate::backend::context::Context;

/// A process that started others: by name if it had one at that time, as OTP shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// The process.
    pub pid: Pid,
    /// The name that it had when it started the next one.
    pub name: Option<Name>,
}

impl fmt::Display for Ancestor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => name.fmt(f),
            None => self.pid.fmt(f),
        }
    }
}

/// What a process did when it crashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashPhase {
    /// It ran a body of its own, without a behaviour.
    Running,
    /// It was being started.
    Starting,
    /// It ran a behaviour.
    Serving,
}

/// What a behaviour was handling when it crashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// The caller, if it was a call.
    pub caller: Option<Pid>,
    /// The type of the message.
    pub type_name: &'static str,
    /// The message in words, where the behaviour keeps it.
    pub text: Option<String>,
}

/// The end of a process by a fault of its own.
#[doc(alias = "crash_report")]
#[derive(Debug, Clone, PartialEq)]
pub struct CrashReport {
    /// The process.
    pub pid: Pid,
    /// Its name, if it had one.
    pub name: Option<Name>,
    /// Its label, if it had one (PL-7).
    pub label: Option<String>,
    /// The type of the behaviour that it ran.
    pub behaviour: Option<&'static str>,
    /// What it was doing.
    pub phase: CrashPhase,
    /// Who started it, and who started that one.
    pub ancestors: Vec<Ancestor>,
    /// On whose behalf it worked, if that is known (LOG-9).
    pub callers: Vec<Pid>,
    /// Why it ended.
    pub reason: ExitReason,
    /// What it was handling.
    pub last_message: Option<LastMessage>,
    /// Its state in words, if that may be shown (GS-92).
    pub state: Option<String>,
}

impl fmt::Display for CrashReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.behaviour.unwrap_or("process");
        write!(f, "{kind} ")?;
        match &self.name {
            Some(name) => write!(f, "{name}")?,
            None => write!(f, "{}", self.pid)?,
        }
        write!(f, " crashed: {}", self.reason)?;
        if let Some(LastMessage {
            text: Some(text), ..
        }) = &self.last_message
        {
            write!(f, "; last message: {text}")?;
        }
        if let Some(state) = &self.state {
            write!(f, "; state: {state}")?;
        }
        Ok(())
    }
}

/// Is told of every report, whatever its type: those of behaviours are none of the kernel's.
pub(crate) type Hook = Box<dyn Fn(&dyn Any) + Send + Sync>;

/// Who is told of crashes, and of all else that is reported, in a system.
#[derive(Default)]
pub(crate) struct Reporting {
    hook: OnceLock<Hook>,
    readers: RwLock<Vec<Pid>>,
}

impl Reporting {
    /// Sets the hook; the first call counts.
    #[cfg(feature = "threads")]
    pub(crate) fn set_hook(&self, hook: Hook) {
        let _ = self.hook.set(hook);
    }

    /// Reports are sent to a process from now on.
    pub(crate) fn add_reader(&self, reader: Pid) {
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        if !readers.contains(&reader) {
            readers.push(reader);
        }
    }

    /// For the next run.
    pub(crate) fn forget_readers(&self) {
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        readers.clear();
    }

    /// Whether anybody wants reports.
    pub(crate) fn is_wanted(&self) -> bool {
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        self.hook.get().is_some() || !readers.is_empty()
    }

    /// Tells the hook, and sends the report to the processes that want reports.
    pub(crate) fn tell<T: Term + Clone>(&self, cx: &Context, report: &T) {
        if let Some(hook) = self.hook.get() {
            panics::contain(|| hook(report));
        }
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        let readers = readers.clone();
        for reader in readers {
            deliver::send(cx, reader, Node::message(report.clone()));
        }
    }
}

/// Tells of a panic that no behaviour has caught (LOG-1). An exit of the body's own is none
/// (LOG-2).
pub(crate) fn panicked(cx: &Context, slot: &Slot, me: Pid, reason: &ExitReason) {
    if !matches!(reason, ExitReason::Panicked(_)) || !cx.system.reporting.is_wanted() {
        return;
    }
    let named = slot.is_named();
    // SAFETY: the process is being run.
    let extra = unsafe { slot.some_extra() };
    let lineage = extra.as_ref().and_then(|extra| extra.lineage.clone());
    let rare = extra.and_then(|extra| extra.rare.as_ref());
    let report = CrashReport {
        pid: me,
        name: named.then(|| cx.system.names.name_of(me)).flatten(),
        label: rare.and_then(|rare| rare.label.clone()),
        behaviour: None,
        phase: CrashPhase::Running,
        ancestors: lineage.as_ref().map_or_else(Vec::new, |it| it.ancestors()),
        callers: lineage.map_or_else(Vec::new, |it| it.callers()),
        reason: reason.clone(),
        last_message: None,
        state: None,
    };
    cx.system.reporting.tell(cx, &report);
}
