//! Spawning.

use std::future::Future;

use super::mailbox::Mailbox;
use super::options::SpawnOptions;
use super::relations::make_ref;
use crate::backend::context;
use crate::kernel::birth::{self, Birth, SpawnError, Spawned};
use crate::kernel::body::Body;
use crate::kernel::extra::AliasMode;
use crate::kernel::monitors::MonitorOptions;
use crate::kernel::pid::{Pid, Ref};
use crate::kernel::reason::Outcome;

/// Starts a process.
///
/// The body is any async closure that takes the [`Mailbox`]. What it returns becomes the exit
/// reason: `()` and `Ok(())` are `Normal`, an `Err` is converted (P-5, P-26); a panic is
/// `Panicked`. The caller does not wait for the child to run anything (P-1).
///
/// ```
/// # use beamline::prelude::*;
/// # beamline::Runtime::new().workers(1).run_with(async |mut mailbox: Mailbox| {
/// let parent = me();
/// spawn(async move |_| send(parent, "hello"));
/// assert_eq!(mailbox.receive::<&str>().await, "hello");
/// # });
/// ```
///
/// # Panics
/// Outside a process and a system, and when the system's limit of processes is reached; use
/// [`spawn_with`] where that can happen.
#[track_caller]
pub fn spawn<F, Fut, R>(body: F) -> Pid
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    expect(start(Birth::default(), body)).pid
}

/// Starts a process that is linked to the caller from its first moment (P-6).
///
/// # Panics
/// As [`spawn`].
#[track_caller]
pub fn spawn_link<F, Fut, R>(body: F) -> Pid
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    expect(start(
        Birth {
            link: true,
            ..Birth::default()
        },
        body,
    ))
    .pid
}

/// Starts a process that the caller monitors from its first moment (P-7).
///
/// # Panics
/// As [`spawn`].
#[track_caller]
pub fn spawn_monitor<F, Fut, R>(body: F) -> (Pid, Ref)
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    let birth = Birth {
        monitor: Some(MonitorOptions::new()),
        ..Birth::default()
    };
    let spawned = expect(start(birth, body));
    match spawned.monitor {
        Some(reference) => (spawned.pid, reference),
        None => panic!("called outside a process: only a process can monitor another"),
    }
}

/// Starts a process with options.
///
/// # Errors
/// When the system's limit of processes is reached.
#[doc(alias = "spawn_opt")]
pub fn spawn_with<F, Fut, R>(options: SpawnOptions, body: F) -> Result<Spawned, SpawnError>
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    start(
        Birth {
            fallible: true,
            ..options.0
        },
        body,
    )
}

/// Starts a process that the caller monitors and that is told the monitor's reference, which is
/// also an alias of the caller. What comes through it can be waited for however
/// full the mailbox is.
///
/// # Panics
/// As [`spawn`].
#[track_caller]
pub(crate) fn spawn_replying<F, Fut, R>(link: bool, mode: AliasMode, body: F) -> (Pid, Ref)
where
    F: FnOnce(Mailbox, Ref) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    let reference = make_ref();
    let birth = Birth {
        link,
        monitor: Some(MonitorOptions::new().alias(mode)),
        reference: Some(reference),
        ..Birth::default()
    };
    let spawned = expect(start(birth, move |mailbox| body(mailbox, reference)));
    (spawned.pid, reference)
}

#[inline]
#[track_caller]
fn start<F, Fut, R>(mut birth: Birth, body: F) -> Result<Spawned, SpawnError>
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    birth.mailbox_out = true;
    // SAFETY: the future is `Send`.
    birth::spawn(context::current(), birth, || unsafe {
        Body::new(|| body(Mailbox::new()))
    })
}

#[inline]
#[track_caller]
fn expect(result: Result<Spawned, SpawnError>) -> Spawned {
    match result {
        Ok(spawned) => spawned,
        Err(error) => panic!("cannot spawn: {error}"),
    }
}
