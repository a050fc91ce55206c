//! Reports as events of `tracing` (feature `tracing`).
//!
//! # Semantics
//! LOG-3, LOG-5, LOG-10, LOG-12. Crashes, failures of children and messages that nobody handles
//! are errors; that a child was started is information (OTP's progress report). What is not
//! reported is no event either: normal ends, shutdowns, ends by exit signals (LOG-2, LOG-4).
//!
//! # Differences from OTP
//! A report is one event with fields. Its text, which is the message, says the same in words.

use std::fmt;

use crate::kernel::report::{CrashReport, LastMessage};
use crate::otp::application::ApplicationReport;
use crate::otp::report::{Report, UnhandledMessage};
use crate::otp::{SupervisorEvent, SupervisorReport};

/// The target of events of crashes.
const CRASH: &str = "beamline::crash";
/// The target of events of supervisors.
const SUPERVISOR: &str = "beamline::supervisor";
/// The target of events of applications.
const APPLICATION: &str = "beamline::application";
/// The target of events of messages that nobody handles.
const UNHANDLED: &str = "beamline::unhandled";

/// Makes an event of a report, in the current span of the thread that reports.
pub(super) fn emit(report: &Report<'_>) {
    match report {
        Report::Crash(report) => crash(report),
        Report::Supervisor(report) => supervisor(report),
        Report::Application(report) => application(report),
        Report::Unhandled(report) => unhandled(report),
    }
}

fn crash(report: &CrashReport) {
    let last = report.last_message.as_ref();
    let text = |last: &LastMessage| {
        let text = last.text.as_deref();
        text.unwrap_or(last.type_name).to_owned()
    };
    tracing::error!(
        target: CRASH,
        pid = %report.pid,
        name = report.name.as_ref().map(display),
        label = report.label.as_deref(),
        behaviour = report.behaviour,
        phase = ?report.phase,
        ancestors = %List(&report.ancestors),
        callers = %List(&report.callers),
        reason = %report.reason,
        last_message = last.map(text),
        last_caller = last.and_then(|last| last.caller).map(display),
        state = report.state.as_deref(),
        "{report}"
    );
}

fn supervisor(report: &SupervisorReport) {
    let offender = &report.offender;
    // The level of an event is fixed where it stands.
    macro_rules! event {
        ($level:ident, $what:literal, $reason:expr) => {
            tracing::$level!(
                target: SUPERVISOR,
                pid = %report.supervisor,
                name = report.name.as_ref().map(display),
                event = $what,
                child = offender.id.as_ref().map(display),
                child_pid = offender.child.pid().map(display),
                restart = ?offender.restart,
                shutdown = ?offender.shutdown,
                kind = ?offender.kind,
                significant = offender.significant,
                reason = $reason,
                "{report}"
            )
        };
    }
    match &report.event {
        SupervisorEvent::Started => event!(info, "started", tracing::field::Empty),
        SupervisorEvent::StartError(error) => event!(error, "start_error", display(error)),
        SupervisorEvent::ChildTerminated(reason) => {
            event!(error, "child_terminated", display(reason));
        }
        SupervisorEvent::ShutdownError(reason) => {
            event!(error, "shutdown_error", display(reason));
        }
        SupervisorEvent::Shutdown => event!(error, "shutdown", tracing::field::Empty),
    }
}

fn application(report: &ApplicationReport) {
    tracing::info!(
        target: APPLICATION,
        application = %report.application,
        start_type = %report.start_type,
        reason = report.reason.as_ref().map(display),
        "{report}"
    );
}

fn unhandled(report: &UnhandledMessage) {
    tracing::error!(
        target: UNHANDLED,
        pid = %report.pid,
        name = report.name.as_ref().map(display),
        behaviour = report.behaviour,
        unhandled = report.message,
        "{report}"
    );
}

/// Items with commas between them.
struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, item) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{item}")?;
        }
        Ok(())
    }
}
