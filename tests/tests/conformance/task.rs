//! TASK-1 to TASK-74: tasks, and streams of them.

use std::time::Duration;

use beamline::prelude::*;
use beamline_tests::expect_nothing;

use crate::sig::Go;

mod failure;
mod joins;
mod races;
mod reports;
mod start;
mod stopping;
mod streams;
mod streams_end;
mod yields;

/// A task that computes 7 when it gets a [`Go`].
pub(crate) fn at_go() -> Task<u32> {
    Task::spawn(async {
        mailbox().receive::<Go>().await;
        7
    })
}

/// A task that never ends by itself and refuses to end of anything but a kill.
pub(crate) fn stubborn() -> Task<u32> {
    Task::spawn(async {
        trap_exit(true);
        std::future::pending().await
    })
}

/// The pid of a task that has one.
pub(crate) fn pid_of<T: Term>(task: &Task<T>) -> Pid {
    task.pid().expect("a task that was started has a pid")
}

/// Waits for the end of a process, whatever its reason.
pub(crate) async fn ended(mailbox: &mut Mailbox, pid: Pid) -> ExitReason {
    let watch = monitor(pid);
    beamline_tests::down(mailbox, watch).await
}

/// Fails if anything is in the mailbox, now or soon.
pub(crate) async fn nothing_comes(mailbox: &mut Mailbox) {
    sleep(Duration::from_millis(2)).await;
    expect_nothing(mailbox, "nothing of a task may be left").await;
}

/// The message of a panic.
pub(crate) fn panic_text(reason: &ExitReason) -> &str {
    match reason {
        ExitReason::Panicked(info) => &info.message,
        other => panic!("expected a panic, got {other:?}"),
    }
}
