//! Who started a process.
//!
//! # Semantics
//! PL-1, TASK-6. Values of a process that whoever starts it sets and that live as long as it does.

use std::sync::Arc;

use super::wait::running;
use crate::backend::context;
use crate::backend::record::Record;
use crate::kernel::extra;
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::report::Ancestor;

/// What is handed to a process that is to be started, by its parent. Children that are alike share
/// it.
pub(crate) struct Lineage(Arc<extra::Lineage>);

impl Lineage {
    /// That of a child of the caller's.
    #[track_caller]
    pub(crate) fn of_child(initial_call: &'static str) -> Self {
        Lineage::new(initial_call, None)
    }

    /// That of a child which works on somebody's behalf (TASK-6, TSUP-6).
    #[track_caller]
    pub(crate) fn of_child_for(initial_call: &'static str, caller: Behalf) -> Self {
        Lineage::new(initial_call, Some(caller.0))
    }

    #[track_caller]
    fn new(initial_call: &'static str, caller: Option<extra::Behalf>) -> Self {
        let new = extra::Lineage {
            initial_call,
            parent: super::me(),
            parent_name: own_name(),
            up: own(),
            caller,
        };
        // SAFETY: the process is being run.
        let last = unsafe { &mut running(context::current()).extra().rare().of_children };
        match last {
            Some(last) if last.is_same(&new) => Lineage(Arc::clone(last)),
            _ => Lineage(Arc::clone(last.insert(Arc::new(new)))),
        }
    }

    /// Makes it the caller's.
    pub(crate) fn adopt(self) {
        let cx = context::current();
        // A label of its own says more than what it runs.
        if let (Some(pid), None) = (cx.running(), own_label()) {
            announce(pid, self.0.initial_call);
        }
        self.take_on();
    }

    /// The same, where whoever spawned the caller has told observers what it runs.
    pub(crate) fn take_on(self) {
        let cx = context::current();
        // SAFETY: the process is being run.
        unsafe { running(cx).extra() }.lineage = Some(self.0);
    }
}

/// Tells observers what a process is to run.
pub(crate) fn announce(pid: Pid, initial_call: &str) {
    let cx = context::current();
    if cx.observes.get()
        && let Some(label) = short(initial_call)
    {
        cx.backend().observe(&Record::Labelled { pid, label });
    }
}

/// A process that has others work for it.
#[derive(Clone)]
pub(crate) struct Behalf(extra::Behalf);

impl Behalf {
    /// The caller.
    #[track_caller]
    pub(crate) fn mine() -> Self {
        let (pid, lineage) = (super::me(), own());
        Behalf(extra::Behalf { pid, lineage })
    }
}

/// The caller's own.
#[track_caller]
fn own() -> Option<Arc<extra::Lineage>> {
    let slot = running(context::current());
    // SAFETY: the process is being run.
    unsafe { slot.some_extra() }.and_then(|extra| extra.lineage.clone())
}

/// The name of a type, or of the function that a future is of, without the modules that lead to
/// it; nothing for a future in the middle of a function, whose name would mislead.
pub(crate) fn short(type_name: &str) -> Option<&str> {
    let named = type_name.strip_suffix("::{{closure}}").unwrap_or(type_name);
    if named.ends_with("}}") {
        return None;
    }
    let head = named.split('<').next().unwrap_or(named);
    let start = head.rfind("::").map_or(0, |at| at + 2);
    Some(&head[start..])
}

/// Who started the caller, who started that one, and so on; empty for a process that was spawned
/// plainly (PL-1).
#[doc(alias = "$ancestors")]
#[track_caller]
pub fn ancestors() -> Vec<Ancestor> {
    own().map_or_else(Vec::new, |lineage| lineage.ancestors())
}

/// On whose behalf the caller works, on whose behalf that one does, and so on: for a task, the
/// process that awaits it; empty for any other process (TASK-6).
#[doc(alias = "$callers")]
#[track_caller]
pub fn callers() -> Vec<Pid> {
    own().map_or_else(Vec::new, |lineage| lineage.callers())
}

/// What the caller was started to run: the type of its behaviour, or of a task's future; `None`
/// if it was spawned plainly (PL-1).
#[doc(alias = "$initial_call")]
#[track_caller]
pub fn initial_call() -> Option<&'static str> {
    Some(own()?.initial_call)
}

/// Who started the caller.
pub(crate) fn parent() -> Option<Pid> {
    Some(own()?.parent)
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

/// Says that the caller takes system messages.
pub(crate) fn serve() {
    running(context::current()).serve();
}
