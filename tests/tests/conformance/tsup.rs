//! TSUP-1 to TSUP-23: task supervisors.

use std::time::Duration;

use beamline::prelude::*;

mod children;
mod ends;
mod tasks;

/// A supervisor without a bound.
pub(crate) async fn supervisor() -> TaskSupervisor {
    TaskSupervisor::start_link()
        .await
        .expect("it has no name that could be taken")
}

/// What is asked of a supervisor that lives and has room.
pub(crate) fn granted<T, E: std::error::Error>(answer: Result<T, E>) -> T {
    match answer {
        Ok(value) => value,
        Err(error) => panic!("the supervisor refused: {error}"),
    }
}

/// Stops a supervisor, after which nothing of it may be left.
pub(crate) async fn stop(mailbox: &mut Mailbox, tasks: TaskSupervisor) {
    assert_eq!(tasks.stop().await, Ok(()));
    while mailbox
        .receive_timeout::<Exit>(Duration::ZERO)
        .await
        .is_some()
    {}
    crate::task::nothing_comes(mailbox).await;
}

/// A monitor that has reached the process.
pub(crate) async fn watch(pid: Pid) -> Ref {
    let watch = monitor(pid);
    info(pid).await;
    watch
}
