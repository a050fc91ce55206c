//! Monitors and aliases: what a process has set, and what is set on it.
//!
//! # Semantics
//! MON-1 to MON-29, SIG-33 to SIG-38.
//!
//! # Invariants
//! - MONP1: a down message is made only from an entry that its owner still has, and removes it;
//!   so there is at most one, and none after `demonitor` has returned (MON-2, MON-14).
//! - MONP2: a monitor signal is answered by the target alive, dying or dead; so there is at least
//!   one (MON-26).

use super::deliver;
use super::extra::{AliasMode, Extra, Monitor, Shown};
use super::info::Monitored;
use super::name::Name;
use super::pid::{Pid, Ref};
use super::reason::ExitReason;
use super::signal::Signal;
use super::slot::Slot;
use crate::backend::context::Context;

/// The message that tells of the end of a monitored process.
#[doc(alias = "DOWN")]
#[derive(Debug, Clone, PartialEq)]
pub struct Down {
    /// What [`monitor`](crate::monitor) returned.
    pub reference: Ref,
    /// What was monitored: a pid, or a name if the monitor was set by name (MON-9).
    pub process: Monitored,
    /// Why it ended; `NoProc` if it did not exist when the monitor reached it.
    pub reason: ExitReason,
    /// The tag given to the monitor (MON-19).
    pub tag: Option<Name>,
}

/// How to monitor.
#[derive(Debug, Clone, Default)]
pub struct MonitorOptions {
    pub(crate) tag: Option<Name>,
    pub(crate) alias: Option<AliasMode>,
}

impl MonitorOptions {
    /// A plain monitor.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a tag into the down message (MON-19). Differs from OTP: the tag is a field of the
    /// message, of text, and does not replace its kind.
    pub fn tag(mut self, tag: impl Into<Name>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Makes the reference an alias of the caller as well (MON-20 to MON-22).
    pub fn alias(mut self, mode: AliasMode) -> Self {
        self.alias = Some(mode);
        self
    }
}

/// `monitor` by the process of `slot`; `target` is nobody for a name without an owner.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn monitor(
    cx: &Context,
    slot: &Slot,
    me: Pid,
    target: Option<Pid>,
    name: Option<Name>,
    options: MonitorOptions,
) -> Ref {
    let reference = Ref::from_parts(me, cx.fresh_ref());
    // SAFETY: the caller runs the process.
    unsafe { enter(slot, reference, target, name, options) };
    match target {
        // Nothing ever comes of a monitor on oneself (MON-7).
        Some(target) if target == me => {}
        Some(target) => deliver::signal(cx, target, Signal::Monitor { reference }),
        None => {
            let reason = ExitReason::NoProc;
            deliver::signal(
                cx,
                me,
                Signal::Down {
                    number: reference.number(),
                    reason,
                },
            );
        }
    }
    reference
}

/// Notes a monitor and its alias in the books of the watcher.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn enter(
    slot: &Slot,
    reference: Ref,
    target: Option<Pid>,
    name: Option<Name>,
    options: MonitorOptions,
) {
    // SAFETY: the caller runs the process.
    let extra = unsafe { slot.extra() };
    if target != Some(reference.owner()) {
        let tag = options.tag;
        let shown = (name.is_some() || tag.is_some()).then(|| Box::new(Shown { name, tag }));
        extra
            .bonds()
            .monitors
            .insert(reference.number(), Monitor { target, shown });
    }
    if let Some(mode) = options.alias {
        extra.rare().aliases.insert(reference.number(), mode);
    }
}

/// `demonitor` by the process of `slot`; whether the monitor was found (MON-16).
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn demonitor(cx: &Context, slot: &Slot, reference: Ref) -> bool {
    // SAFETY: the caller runs the process.
    let Some(extra) = (unsafe { slot.some_extra() }) else {
        return false;
    };
    if mutant!(KeepMonitors) {
        return true;
    }
    end_alias(extra, reference.number());
    let monitors = extra.some_bonds().map(|bonds| &mut bonds.monitors);
    let Some(monitor) = monitors.and_then(|all| all.remove(reference.number())) else {
        return false;
    };
    if let Some(target) = monitor.target {
        deliver::signal(cx, target, Signal::Demonitor { reference });
    }
    true
}

/// A monitor goes, and with it its alias, unless that was to last (MON-20 to MON-22).
fn end_alias(extra: &mut Extra, number: u64) {
    if let Some(rare) = &mut extra.rare
        && let Some(mode) = rare.aliases.get_mut(number)
        && *mode != AliasMode::ExplicitUnalias
    {
        rare.aliases.remove(number);
    }
}

/// The monitored process has ended: the message for the watcher, if it still wants one (MONP1).
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn on_down(
    slot: &Slot,
    me: Pid,
    number: u64,
    reason: ExitReason,
) -> Option<Down> {
    // SAFETY: the caller runs the process.
    let extra = unsafe { slot.some_extra() }?;
    let monitor = extra.some_bonds()?.monitors.remove(number)?;
    end_alias(extra, number);
    let process = monitor.monitored().unwrap_or(Monitored::Pid(me));
    let tag = monitor.shown.and_then(|shown| shown.tag);
    Some(Down {
        reference: Ref::from_parts(me, number),
        process,
        reason,
        tag,
    })
}

/// A message came through an alias: whether it is taken (SIG-35), and what that ends.
///
/// # Safety
/// The caller runs the process.
pub(crate) unsafe fn on_aliased(cx: &Context, slot: &Slot, me: Pid, number: u64) -> bool {
    // SAFETY: the caller runs the process.
    let Some(extra) = (unsafe { slot.some_extra() }) else {
        return false;
    };
    let Some(rare) = &mut extra.rare else {
        return false;
    };
    match rare.aliases.get_mut(number) {
        None => false,
        Some(AliasMode::ReplyDemonitor) => {
            rare.aliases.remove(number);
            // SAFETY: as above; the references made here are no longer used.
            unsafe { demonitor(cx, slot, Ref::from_parts(me, number)) };
            true
        }
        Some(AliasMode::ExplicitUnalias | AliasMode::Demonitor) => true,
    }
}
