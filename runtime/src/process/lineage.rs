//! Who started a process.
//!
//! # Semantics
//! PL-1. Values of a process that the start protocol sets and that live as long as it does.

use std::sync::Arc;

use super::wait::running;
use crate::backend::context;
use crate::backend::record::Record;
use crate::kernel::extra;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::report::Ancestor;

/// What is handed to a process that is to be started, by its parent.
pub(crate) struct Lineage(Arc<extra::Lineage>);

impl Lineage {
    /// That of a child of the caller's.
    #[track_caller]
    pub(crate) fn of_child(initial_call: &'static str) -> Self {
        let slot = running(context::current());
        // SAFETY: the process is being run.
        let up = unsafe { slot.some_extra() }.and_then(|extra| extra.lineage.clone());
        Lineage(Arc::new(extra::Lineage {
            initial_call,
            parent: super::me(),
            parent_name: own_name(),
            up,
        }))
    }

    /// Makes it the caller's.
    pub(crate) fn adopt(self) {
        let cx = context::current();
        if let (true, Some(pid)) = (cx.observes.get(), cx.running()) {
            let label = short(self.0.initial_call);
            cx.backend().observe(&Record::Labelled { pid, label });
        }
        // SAFETY: the process is being run.
        unsafe { running(cx).extra() }.lineage = Some(self.0);
    }
}

/// The name of a type without the modules that lead to it.
fn short(type_name: &str) -> &str {
    let head = type_name.split('<').next().unwrap_or(type_name);
    let start = head.rfind("::").map_or(0, |at| at + 2);
    &type_name[start..]
}

/// Who started the caller, who started that one, and so on; empty for a process that was spawned
/// plainly (PL-1).
#[doc(alias = "$ancestors")]
#[track_caller]
pub fn ancestors() -> Vec<Ancestor> {
    let slot = running(context::current());
    // SAFETY: the process is being run.
    let mut next = unsafe { slot.some_extra() }.and_then(|extra| extra.lineage.as_ref());
    let mut found = Vec::new();
    while let Some(lineage) = next {
        found.push(Ancestor {
            pid: lineage.parent,
            name: lineage.parent_name.clone(),
        });
        next = lineage.up.as_ref();
    }
    found
}

/// What the caller was started to run: the type of its behaviour; `None` if it was spawned
/// plainly (PL-1).
#[doc(alias = "$initial_call")]
#[track_caller]
pub fn initial_call() -> Option<&'static str> {
    let slot = running(context::current());
    // SAFETY: the process is being run.
    let lineage = unsafe { slot.some_extra() }?.lineage.as_ref()?;
    Some(lineage.initial_call)
}

/// Who started the caller.
pub(crate) fn parent() -> Option<Pid> {
    // SAFETY: the process is being run.
    let extra = unsafe { running(context::current()).some_extra() }?;
    extra.lineage.as_ref().map(|lineage| lineage.parent)
}

/// The caller's own name. It is no secret to it, so this is no choice point.
pub(crate) fn own_name() -> Option<Name> {
    let cx = context::current();
    let named = running(cx).is_named();
    cx.running()
        .filter(|_| named)
        .and_then(|me| cx.system.names.name_of(me))
}

/// The caller's own label.
pub(crate) fn own_label() -> Option<String> {
    // SAFETY: the process is being run.
    let extra = unsafe { running(context::current()).some_extra() }?;
    extra.rare.as_ref()?.label.clone()
}
