//! Stopping applications: one on request, or all.
//!
//! # Semantics
//! APP-29 to APP-39.

use super::{Answer, Controller, end_of_all, tell_ended};
use crate::kernel::name::Name;
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::otp::application::error::{ApplicationError, ApplicationFailure};
use crate::otp::application::life::Stop;
use crate::otp::application::start_type::report;
use crate::otp::caller::Caller;
use crate::otp::control::{Control, SystemEvent};
use crate::process::observe::{Applying, tell_applying};
use crate::process::{Instant, Mailbox, caught, exit, now, send};

impl Controller {
    pub(super) fn stop(&mut self, name: &Name, caller: Caller<Answer>) {
        if self.closing {
            return caller.reply(Err(ApplicationError::ShuttingDown));
        }
        let Some(at) = self.running.iter().position(|app| app.name == *name) else {
            return caller.reply(Err(ApplicationError::NotStarted(name.clone())));
        };
        let app = &mut self.running[at];
        match app.pid {
            Some(pid) => {
                app.stopping.push(caller);
                if app.stopping.len() == 1 {
                    send(pid, Stop);
                }
            }
            None => {
                let app = self.running.remove(at);
                tell_ended(&app, true, true);
                caller.reply(Ok(()));
            }
        }
    }

    /// The process of an application has ended; the reason to end all, if it is that.
    pub(super) fn ended(&mut self, pid: Pid, reason: ExitReason) -> Option<ExitReason> {
        let Some(at) = self.running.iter().position(|app| app.pid == Some(pid)) else {
            // It was killed before it said how its start went.
            return self.refused(pid, reason);
        };
        let app = self.running.remove(at);
        tell_ended(&app, reason.is_normal(), !app.stopping.is_empty());
        let (application, start_type) = (app.name, app.start_type);
        if !app.stopping.is_empty() || self.closing {
            report(&application, start_type, None);
            for caller in app.stopping {
                caller.reply(Ok(()));
            }
            self.release_held();
            return None;
        }
        self.has_ended = true;
        report(&application, start_type, Some(reason.clone()));
        end_of_all(start_type, reason, |reason| ApplicationFailure::Ended {
            application,
            start_type,
            reason,
        })
    }

    /// Stops all that runs, the latest first, and goes on answering meanwhile: what is being
    /// stopped may ask (APP-36, APP-39).
    pub(super) async fn close(
        &mut self,
        mailbox: &mut Mailbox,
        control: &mut Control,
        reason: &ExitReason,
    ) {
        self.closing = true;
        tell_applying(|| Applying::Closes);
        for hook in std::mem::take(&mut self.on_shutdown) {
            let _ = caught(|| hook(reason));
        }
        for app in self.starting.drain(..) {
            // Its callbacks would not hear of anything milder before the start is over.
            exit(app.pid, ExitReason::Kill);
            for caller in app.callers {
                caller.reply(Err(ApplicationError::ShuttingDown));
            }
        }
        self.release_held();
        while let Some(last) = self.running.len().checked_sub(1) {
            let at = if mutant!(StopEldest) { 0 } else { last };
            let app = &self.running[at];
            tell_applying(|| Applying::Stops { name: &app.name });
            match app.pid {
                None => {
                    let app = self.running.remove(at);
                    tell_ended(&app, true, true);
                }
                Some(pid) => {
                    if app.stopping.is_empty() {
                        send(pid, Stop);
                    }
                    self.wait_for(pid, mailbox, control).await;
                }
            }
        }
    }

    /// Waits until an application has ended, and kills it when it has taken too long.
    async fn wait_for(&mut self, pid: Pid, mailbox: &mut Mailbox, control: &mut Control) {
        let mut until: Option<Instant> = self.shutdown_timeout.map(|timeout| now() + timeout);
        while self.running.iter().any(|app| app.pid == Some(pid)) {
            let left = until.map(|until| until - now());
            match control.next(mailbox, left, self).await {
                SystemEvent::Message(message) => drop(self.handle(message)),
                SystemEvent::Timeout => {
                    exit(pid, ExitReason::Kill);
                    until = None;
                }
                // Whoever had it started has ended as well.
                SystemEvent::Stop(_) => {}
            }
        }
    }
}
