//! Suspending other processes (P-65 to P-67).

use super::ask::ask;
use super::self_control::me;
use super::wait::running;
use crate::backend::context;
use crate::kernel::pid::Pid;
use crate::kernel::signal::{Answer, Question};

/// Why a process could not be suspended or resumed (P-66).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SuspendError {
    /// A process cannot suspend itself.
    #[error("a process cannot suspend itself")]
    Myself,
    /// The process does not exist.
    #[error("cannot suspend {pid}: there is no such process")]
    NoProc {
        /// The process.
        pid: Pid,
    },
    /// The caller does not suspend the process.
    #[error("cannot resume {pid}: the caller has not suspended it")]
    NotSuspended {
        /// The process.
        pid: Pid,
    },
}

/// Stops a process from running until [`resume`] has been called as often. It still receives
/// signals, and a fatal exit signal still ends it. If the caller dies, its suspensions end.
///
/// # Errors
/// For the caller itself and for a process that does not exist.
#[doc(alias = "suspend_process")]
pub async fn suspend(pid: Pid) -> Result<(), SuspendError> {
    if pid == me() {
        return Err(SuspendError::Myself);
    }
    match ask(pid, Question::Suspend).await {
        Answer::Suspended(_) => {
            let slot = running(context::current());
            // SAFETY: the process is being run.
            let suspending = unsafe { &mut slot.extra().rare().suspending };
            match suspending.get_mut(pid) {
                Some(times) => *times += 1,
                None => {
                    suspending.insert(pid, 1);
                }
            }
            Ok(())
        }
        _ => Err(SuspendError::NoProc { pid }),
    }
}

/// Takes back one suspension of the caller's.
///
/// # Errors
/// If the caller does not suspend the process, or it has ended.
#[doc(alias = "resume_process")]
pub async fn resume(pid: Pid) -> Result<(), SuspendError> {
    let slot = running(context::current());
    // SAFETY: the process is being run.
    let suspending = unsafe { &mut slot.extra().rare().suspending };
    match suspending.get_mut(pid) {
        None => return Err(SuspendError::NotSuspended { pid }),
        Some(1) => {
            suspending.remove(pid);
        }
        Some(times) => *times -= 1,
    }
    match ask(pid, Question::Resume).await {
        Answer::Resumed => Ok(()),
        // It has ended meanwhile, and the suspensions with it.
        _ => Err(SuspendError::NoProc { pid }),
    }
}
