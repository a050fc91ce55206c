//! Stock processes and steps of the conformance tests.

use std::time::Duration;

use beamline::prelude::*;

/// Ends an [`idle`] process normally.
#[derive(Debug)]
pub struct Stop;

/// A question to an [`echo`] process.
#[derive(Debug)]
pub struct Ask {
    /// Who gets the [`Reply`].
    pub from: Pid,
    /// What comes back.
    pub number: u64,
}

/// An [`echo`] process's answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply(pub u64);

/// A process that waits until it is told to [`Stop`].
pub fn idle() -> Pid {
    spawn(async |mut mailbox: Mailbox| {
        mailbox.receive::<Stop>().await;
    })
}

/// A process that answers every [`Ask`] and does nothing else.
pub fn echo() -> Pid {
    spawn(async |mut mailbox: Mailbox| -> ExitReason {
        loop {
            let Ask { from, number } = mailbox.receive::<Ask>().await;
            send(from, Reply(number));
        }
    })
}

/// Waits for the `Down` of this monitor and returns the reason it carries.
pub async fn down(mailbox: &mut Mailbox, reference: Ref) -> ExitReason {
    mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await
        .reason
}

/// Looks once for any message.
///
/// # Panics
/// When there is one; `why` says what it means.
pub async fn expect_nothing(mailbox: &mut Mailbox, why: &str) {
    if let Some(message) = mailbox.receive_any_timeout(Duration::ZERO).await {
        panic!("{why}, but here is {message:?}");
    }
}

/// Gives whatever must not happen a little time to happen.
///
/// Nothing is promised to have happened afterwards: tests call it before asserting an absence.
pub async fn settle() {
    sleep(Duration::from_millis(3)).await;
}
