//! Crash reports of behaviours, and reading them.
//!
//! # Semantics
//! PL-2 to PL-9, GS-89 to GS-92, LOG-1 to LOG-5, LOG-9. A behaviour reports after `terminate` and
//! before anybody learns of its end (GS-90).
//!
//! # Differences from OTP
//! - One report for each crash, where OTP has one of the behaviour and one of the process.
//! - The last message is shown by its type and, for calls, its caller. A message is moved into the
//!   callback and not kept, so its text is there only while somebody watches the process through
//!   [`sys`](crate::sys).
//! - Neighbours are not listed (PL-8): asking them takes turns of theirs.

use crate::kernel::reason::ExitReason;
use crate::kernel::report::{CrashPhase, CrashReport, LastMessage};
pub use crate::process::subscribe;
use crate::process::{ancestors, callers, me, own_label, own_name, tell_crash};

/// What is known of a crash by whoever runs the process.
pub(crate) struct Crash<'a> {
    pub(crate) behaviour: &'static str,
    pub(crate) phase: CrashPhase,
    pub(crate) reason: &'a ExitReason,
    pub(crate) last_message: Option<LastMessage>,
    pub(crate) state: Option<String>,
}

/// Reports the caller's end, unless it is normal or a shutdown (PL-3, LOG-4).
pub(crate) fn crashed(crash: Crash<'_>) {
    if !crash.reason.is_abnormal() {
        return;
    }
    tell_crash(|| CrashReport {
        pid: me(),
        name: own_name(),
        label: own_label(),
        behaviour: Some(crash.behaviour),
        phase: crash.phase,
        ancestors: ancestors(),
        callers: callers(),
        reason: crash.reason.clone(),
        last_message: crash.last_message,
        state: crash.state,
    });
}

/// Reports a start that failed by a crash (GS-91).
pub(crate) fn unready(behaviour: &'static str, reason: &ExitReason) {
    crashed(Crash {
        behaviour,
        phase: CrashPhase::Starting,
        reason,
        last_message: None,
        state: None,
    });
}
