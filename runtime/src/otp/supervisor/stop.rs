//! Stopping children.
//!
//! # Semantics
//! SUP-801 to SUP-816, DSUP-24 to DSUP-29. The link stays until the child is dead: a supervisor
//! that dies in the middle takes the child along (SUP-809), in a dynamic one too (DSUP-30, where
//! Elixir has a gap).

use std::collections::BTreeMap;
use std::time::Duration;

use super::observe::{self, tell};
use super::spec::{ChildSpec, Restart, Shutdown};
use crate::kernel::pid::Pid;
use crate::kernel::reason::ExitReason;
use crate::process::observe::supervisor::Supervision;
use crate::process::request::{End, Open};
use crate::process::{exit, now, unlink_flush};

/// A child that is being stopped.
struct Stopping {
    pid: Pid,
    open: Open<()>,
}

/// How a child ended.
pub(crate) struct Stopped {
    reason: ExitReason,
    /// It was dead before it was asked to stop.
    before: bool,
}

impl Stopping {
    fn begin(pid: Pid, shutdown: Shutdown) -> Stopping {
        let how = observe::stop(shutdown);
        tell(|| Supervision::Stopping { pid, how });
        let open = Open::watch(pid);
        if mutant!(UnlinkFirst) {
            crate::process::unlink(pid);
        }
        if mutant!(AskFirst) {
            exit(pid, ExitReason::Shutdown);
        }
        exit(pid, shutdown.request().0);
        Stopping { pid, open }
    }

    /// Waits until it has ended, but no longer than so long.
    async fn wait(&mut self, timeout: Option<Duration>) -> Option<ExitReason> {
        match self.open.wait(timeout).await? {
            End::Down(reason) => Some(reason),
            End::Answer(()) | End::NoReply => None,
        }
    }

    /// The time that it has to stop is up.
    fn kill(&self) {
        let pid = self.pid;
        tell(|| Supervision::Killing { pid });
        exit(pid, ExitReason::Kill);
    }

    async fn killed(mut self) -> Stopped {
        self.kill();
        self.over().await
    }

    /// Waits for the end without limit.
    async fn over(&mut self) -> Stopped {
        loop {
            if let Some(reason) = self.wait(None).await {
                return self.end(reason);
            }
        }
    }

    fn end(&self, reason: ExitReason) -> Stopped {
        // If it was dead already, its link has told why: that came before the answer that there is
        // no such process, so it is in the mailbox (SUP-810).
        let told = match mutant!(LeaveExits) {
            true => None,
            false => unlink_flush(self.pid),
        };
        let before = reason == ExitReason::NoProc;
        let reason = told.filter(|_| before).unwrap_or(reason);
        tell(|| Supervision::Dead {
            pid: self.pid,
            reason: &reason,
            before,
        });
        Stopped { reason, before }
    }
}

/// Stops one child and waits until it is dead (SUP-802 to SUP-805).
pub(crate) async fn one(pid: Pid, shutdown: Shutdown) -> Stopped {
    let mut stopping = Stopping::begin(pid, shutdown);
    let shutdown = match shutdown {
        Shutdown::Timeout(timeout) if mutant!(HastyKills) => Shutdown::Timeout(timeout / 2),
        Shutdown::Timeout(_) if mutant!(WaitForEver) => Shutdown::Infinity,
        Shutdown::Infinity if mutant!(ImpatientStops) => Shutdown::Timeout(Duration::from_secs(1)),
        shutdown => shutdown,
    };
    if let Shutdown::Timeout(timeout) = shutdown {
        return match stopping.wait(Some(timeout)).await {
            Some(reason) => stopping.end(reason),
            None => stopping.killed().await,
        };
    }
    stopping.over().await
}

/// Stops all these at once: as long as the most patient takes (DSUP-24, DSUP-25). How they ended is
/// told in their order.
pub(super) async fn all(children: &[(Pid, Shutdown)]) -> Vec<Stopped> {
    let begun = now();
    let mut ends: Vec<Option<Stopped>> = children.iter().map(|_| None).collect();
    let mut running: Vec<Option<Stopping>> = children
        .iter()
        .map(|(pid, shutdown)| Some(Stopping::begin(*pid, *shutdown)))
        .collect();
    let mut groups: BTreeMap<Duration, Vec<usize>> = BTreeMap::new();
    for (at, (_, shutdown)) in children.iter().enumerate() {
        if let Shutdown::Timeout(timeout) = shutdown {
            groups.entry(*timeout).or_default().push(at);
        }
    }
    for (timeout, group) in groups {
        for at in group {
            let Some(child) = &mut running[at] else {
                continue;
            };
            let left = timeout.saturating_sub(begun.elapsed());
            match child.wait(Some(left)).await {
                Some(reason) => {
                    ends[at] = Some(child.end(reason));
                    running[at] = None;
                }
                // Its death is waited for when all have been asked.
                None => child.kill(),
            }
        }
    }
    for (at, child) in running.iter_mut().enumerate() {
        if let Some(child) = child {
            ends[at] = Some(child.over().await);
        }
    }
    ends.into_iter().flatten().collect()
}

/// Which ends of a child that is asked to stop are as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    /// A supervisor's (SUP-806).
    Static,
    /// A dynamic supervisor's (DSUP-26, DSUP-27).
    Dynamic,
}

impl Stopped {
    /// The reason to report, unless the child ended as it should.
    pub(super) fn complaint(self, spec: &ChildSpec, manners: Manners) -> Option<ExitReason> {
        if mutant!(SilentStops) {
            return None;
        }
        let Stopped { reason, before } = self;
        let permanent = spec.restart == Restart::Permanent;
        let brutal = spec.get_shutdown() == Shutdown::Brutal;
        let fine = match (manners, brutal) {
            (Manners::Static, false) => {
                reason == ExitReason::Shutdown || !permanent && !reason.is_abnormal()
            }
            (Manners::Static, true) => {
                reason == ExitReason::Killed || !permanent && !reason.is_abnormal()
            }
            (Manners::Dynamic, _) if before => reason.is_normal() && !permanent,
            (Manners::Dynamic, true) => reason == ExitReason::Killed,
            (Manners::Dynamic, false) => reason.is_shutdown() || !permanent && reason.is_normal(),
        };
        (!fine).then_some(reason)
    }
}
