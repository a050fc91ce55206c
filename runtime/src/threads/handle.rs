//! Calling in from threads that are no process.

use std::future::Future;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};

use super::outside;
use super::shared::Shared;
use crate::kernel::birth;
use crate::kernel::birth::Birth;
use crate::kernel::body::Body;
use crate::kernel::pid::Pid;
use crate::kernel::reason::{ExitReason, Outcome};
use crate::kernel::seam;
use crate::kernel::term::Term;
use crate::process::{self, Mailbox};

/// A way into a running system for threads that are no process; cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Handle { shared }
    }

    /// Starts a process that has no parent. If the system has been shut down, the body is dropped
    /// and the pid is that of a process that has ended.
    ///
    /// # Panics
    /// When the system's limit of processes is reached.
    pub fn spawn<F, Fut, R>(&self, body: F) -> Pid
    where
        F: FnOnce(Mailbox) -> Fut + Send + 'static,
        Fut: Future<Output = R> + Send + 'static,
        R: Outcome + 'static,
    {
        let birth = Birth {
            mailbox_out: true,
            ..Birth::default()
        };
        let spawned = outside::visit(&self.shared, |cx| {
            // SAFETY: the future is `Send`.
            birth::spawn(cx, birth, || unsafe { Body::new(|| body(Mailbox::new())) })
        });
        match spawned {
            Some(Ok(spawned)) => spawned.pid,
            Some(Err(error)) => panic!("cannot spawn: {error}"),
            None => match outside::clear_up(&self.shared, birth::stillborn) {
                Some(pid) => pid,
                None => panic!("cannot spawn: all pids are used up"),
            },
        }
    }

    /// Sends a message. No order is promised between this and what processes send. If the system
    /// has been shut down, the message is dropped, as by every process that has ended.
    pub fn send<T: Term>(&self, pid: Pid, message: T) {
        outside::visit(&self.shared, |_| process::send(pid, message));
    }

    /// Runs a future as a process of its own and waits for its value, holding up the calling
    /// thread.
    ///
    /// # Errors
    /// The exit reason of that process if it ended before the future did; `Killed` if the system
    /// has been shut down.
    ///
    /// # Panics
    /// Inside a process, which must not hold up its worker.
    pub fn block_on<F>(&self, future: F) -> Result<F::Output, ExitReason>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        assert!(
            crate::backend::context::try_current().is_none(),
            "block_on inside a process would hold up its worker: await the future instead"
        );
        let (value, result) = (Arc::new(Mutex::new(None)), mpsc::channel());
        let theirs = Arc::clone(&value);
        let body = async move {
            let output = future.await;
            *theirs.lock().unwrap_or_else(PoisonError::into_inner) = Some(output);
        };
        let spawned = outside::visit(&self.shared, |cx| {
            // SAFETY: the future is `Send`.
            unsafe { seam::spawn_watched(cx, || body, false) }
        });
        let pid = spawned.ok_or(ExitReason::Killed)??;
        let sender = result.0;
        self.shared.wait_for(
            pid,
            Box::new(move |reason| {
                // Nobody waits any more if the thread has gone.
                let _ = sender.send(reason);
            }),
        );
        let reason = result.1.recv().unwrap_or(ExitReason::Killed);
        value
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .ok_or(reason)
    }
}
