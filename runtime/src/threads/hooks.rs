//! Whom a runtime tells of reports.

use std::any::Any;
use std::sync::Arc;

use crate::kernel::report::{CrashReport, Hook};
use crate::otp::report::Report;

type OnCrash = Arc<dyn Fn(&CrashReport) + Send + Sync>;
type OnReport = Arc<dyn Fn(&Report<'_>) + Send + Sync>;

/// The hooks of a runtime that is not started.
#[derive(Default, Clone)]
pub(super) struct Hooks {
    pub(super) on_crash: Option<OnCrash>,
    pub(super) on_report: Option<OnReport>,
}

impl Hooks {
    /// All of them as the one that the kernel calls; nothing if there are none.
    pub(super) fn joined(self) -> Option<Hook> {
        let Hooks {
            on_crash,
            on_report,
        } = self;
        if on_crash.is_none() && on_report.is_none() && !cfg!(feature = "tracing") {
            return None;
        }
        Some(Box::new(move |report: &dyn Any| {
            let Some(report) = Report::of(report) else {
                return;
            };
            #[cfg(feature = "tracing")]
            super::events::emit(&report);
            if let (Some(hook), Report::Crash(crash)) = (&on_crash, report) {
                hook(crash);
            }
            if let Some(hook) = &on_report {
                hook(&report);
            }
        }))
    }
}
