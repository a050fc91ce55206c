//! A timer that is cancelled or read while it fires, is cancelled, or its receiver ends.

use std::time::Duration;

use beamline::prelude::*;

use crate::program::{Go, LATE, SOON, programs};

programs! {
    cancel_cancel => ["armed", "gone"];
    cancel_read => ["armed", "gone"];
    exit_cancel => ["armed", "gone"];
    exit_read => ["armed", "gone"];
    fire_cancel => ["arrived", "nothing"];
    fire_read => ["armed", "gone"];
}

/// Whether a timer still had time to go.
fn state(remaining: Option<Duration>) -> &'static str {
    if remaining.is_some() { "armed" } else { "gone" }
}

async fn cancel_cancel() -> &'static str {
    let timer = send_after(me(), Go, LATE);
    spawn(async move |_: Mailbox| {
        cancel(timer).await;
    });
    state(cancel(timer).await)
}

async fn cancel_read() -> &'static str {
    let timer = send_after(me(), Go, LATE);
    spawn(async move |_: Mailbox| {
        cancel(timer).await;
    });
    state(read_timer(timer).await)
}

async fn exit_cancel() -> &'static str {
    let receiver = spawn(async |_: Mailbox| {});
    let timer = send_after(receiver, Go, LATE);
    state(cancel(timer).await)
}

async fn exit_read() -> &'static str {
    let receiver = spawn(async |_: Mailbox| {});
    let timer = send_after(receiver, Go, LATE);
    state(read_timer(timer).await)
}

/// What has fired may still be under way, and is then not seen by a receive that does not wait.
async fn fire_cancel() -> &'static str {
    let mut mailbox = mailbox();
    let timer = send_after(me(), Go, SOON);
    let remaining = cancel(timer).await;
    let came = mailbox
        .receive_timeout::<Go>(Duration::ZERO)
        .await
        .is_some();
    assert!(!(came && remaining.is_some()), "a cancelled timer fired");
    if came { "arrived" } else { "nothing" }
}

async fn fire_read() -> &'static str {
    let timer = send_after(me(), Go, SOON);
    state(read_timer(timer).await)
}
