//! Taking a snapshot.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::view::{Answer, ChildView, ProcessView, Snapshot};
use crate::kernel::info::ProcessInfo;
use crate::kernel::pid::Pid;
use crate::otp::address::Reach;
use crate::otp::call::{CALL_TIMEOUT, CallError};
use crate::otp::supervisor::{Supervision, is_supervisor, look};
use crate::otp::sys::{self, SysError};
use crate::process::{info, me, now};

/// Looks at a process and all below it: children of supervisors, and what a process has started
/// and is linked to. Each is given five seconds to answer, as by every system message.
///
/// Nothing if there is no such process. The caller itself is not asked.
pub async fn take(root: impl Reach) -> Option<Snapshot> {
    take_within(root, CALL_TIMEOUT).await
}

/// The same, with another time for each answer.
pub async fn take_within(root: impl Reach, timeout: Duration) -> Option<Snapshot> {
    let pid = root.reach().find().await?;
    let mut taking = Taking {
        timeout,
        seen: BTreeSet::new(),
    };
    let root = taking.process(pid).await?;
    let time = Duration::from_nanos(now().nanos());
    Some(Snapshot { time, root })
}

struct Taking {
    timeout: Duration,
    seen: BTreeSet<Pid>,
}

type Viewed<'a> = Pin<Box<dyn Future<Output = Option<ProcessView>> + Send + 'a>>;

impl Taking {
    /// A process and all below it, unless it has been seen or has ended.
    fn process(&mut self, pid: Pid) -> Viewed<'_> {
        Box::pin(async move {
            if !self.seen.insert(pid) {
                return None;
            }
            let info = info(pid).await?;
            let (answer, supervision) = self.ask(&info).await;
            let mut children = Vec::new();
            for spec in supervision.iter().flat_map(|found| found.children.clone()) {
                let process = match spec.child.pid() {
                    Some(pid) => self.process(pid).await,
                    None => None,
                };
                children.push(ChildView { spec, process });
            }
            let others = self.others(&info).await;
            Some(ProcessView {
                info,
                answer,
                supervision,
                children,
                others,
            })
        })
    }

    /// What a process says of itself.
    async fn ask(&self, info: &ProcessInfo) -> (Answer, Option<Supervision>) {
        if !info.takes_system_messages || info.pid == me() {
            return (Answer::NotAsked, None);
        }
        let supervision = match is_supervisor(info) {
            false => None,
            true => match look(info.pid, self.timeout).await {
                Err(SysError::Call(CallError::Timeout)) => return (Answer::Late, None),
                found => found.ok(),
            },
        };
        let answer = match sys::status_within(info.pid, self.timeout).await {
            Ok(status) => Answer::Status {
                suspended: status.suspended,
                state: status.state,
            },
            Err(CallError::Timeout) => Answer::Late,
            // It has just ended.
            Err(_) => Answer::NotAsked,
        };
        (answer, supervision)
    }

    /// The processes that this one has started and is linked to.
    async fn others(&mut self, info: &ProcessInfo) -> Vec<ProcessView> {
        let mut found = Vec::new();
        for other in &info.links {
            if self.seen.contains(other) {
                continue;
            }
            let started = match crate::process::info(*other).await {
                Some(other) => other.parent == Some(info.pid),
                None => false,
            };
            if started && let Some(view) = self.process(*other).await {
                found.push(view);
            }
        }
        found
    }
}
