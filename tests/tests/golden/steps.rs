//! What the counterparts share, named as in `golden.erl`: steps and stock processes.

use std::future::Future;
use std::time::Duration;

use beamline::prelude::*;

use crate::written::{Roles, show};

/// The timeouts of the cases that are about timeouts.
pub(crate) const SOON: Duration = Duration::from_millis(1);

/// What a helper process has found out.
#[derive(Debug)]
pub(crate) struct Told(pub(crate) String);

/// A point at which others may come first, where the recorded program may be preempted.
pub(crate) async fn pause() {
    yield_now().await;
}

/// A body that never ends of itself.
pub(crate) async fn wait(mut mailbox: Mailbox) {
    take(&mut mailbox, "never").await;
}

/// Takes this text out of the mailbox.
pub(crate) async fn take(mailbox: &mut Mailbox, text: &'static str) {
    mailbox
        .receive_where(|message: &&'static str| *message == text)
        .await;
}

/// Takes this text if it comes in time.
pub(crate) async fn take_within(mailbox: &mut Mailbox, text: &'static str, time: Duration) -> bool {
    let wanted = |message: &&'static str| *message == text;
    mailbox.receive_where_timeout(time, wanted).await.is_some()
}

/// The next message.
pub(crate) async fn next(mailbox: &mut Mailbox, roles: Roles<'_>) -> String {
    show(&mailbox.receive_any().await, roles)
}

/// The next so many messages.
pub(crate) async fn these(mailbox: &mut Mailbox, number: usize, roles: Roles<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..number {
        found.push(next(mailbox, roles).await);
    }
    found
}

/// What is in the mailbox.
pub(crate) async fn drain(mailbox: &mut Mailbox, roles: Roles<'_>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(message) = mailbox.receive_any_timeout(Duration::ZERO).await {
        found.push(show(&message, roles));
    }
    found
}

/// The reason that the down of this monitor carries.
pub(crate) async fn down(mailbox: &mut Mailbox, reference: Ref) -> ExitReason {
    beamline_tests::down(mailbox, reference).await
}

/// The reason for which a process that runs this ends.
pub(crate) async fn fate<F, Fut, R>(body: F) -> ExitReason
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    let (_, watch) = spawn_monitor(body);
    down(&mut mailbox(), watch).await
}

/// The same for a process that gets exit signals with these reasons.
pub(crate) async fn fate_after<F, Fut, R>(body: F, reasons: &[ExitReason]) -> ExitReason
where
    F: FnOnce(Mailbox) -> Fut + Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: Outcome + 'static,
{
    let (pid, watch) = spawn_monitor(body);
    for reason in reasons {
        pause().await;
        exit(pid, reason.clone());
    }
    down(&mut mailbox(), watch).await
}

/// A process that is dead for certain.
pub(crate) async fn dead() -> Pid {
    let (pid, watch) = spawn_monitor(async |_: Mailbox| {});
    down(&mut mailbox(), watch).await;
    pid
}

/// A process that ends when it is told to stop.
pub(crate) fn idle() -> Pid {
    spawn(async |mut mailbox: Mailbox| take(&mut mailbox, "stop").await)
}

/// Whether something was refused.
pub(crate) fn attempt<T, E>(result: Result<T, E>) -> &'static str {
    if result.is_ok() { "ok" } else { "refused" }
}
