//! What Elixir's functions do, as far as they do something of their own.

use std::time::Duration;

use beamline::prelude::*;

use crate::case::Note::OnTime;
use crate::case::cases;
use crate::steps::{SOON, attempt, dead, down, drain, fate, idle, wait};
use crate::written::{because, before, list};

cases! { "elixir":
    sleep_takes_nothing => sleep_takes_nothing();
    info_of_the_dead => info_of_the_dead();
    info_name => info_name();
    register_a_taken_name => register_a_taken_name();
    whereis => whereis_a_missing_name();
    send_to_a_missing_name => send_to_a_missing_name();
    exit_of_another => exit_of_another();
    cancel_and_read [
        OnTime,
    ] => cancel_and_read();
    demonitor_flush => flush_late();
    raise_uncaught => fate(async |_: Mailbox| -> () { panic!("boom") });
}

async fn sleep_takes_nothing() -> Vec<String> {
    send(me(), "one");
    sleep(SOON).await;
    drain(&mut mailbox(), &[]).await
}

async fn info_of_the_dead() -> bool {
    info(dead().await).await.is_none()
}

async fn info_name() -> bool {
    info(me()).await.is_some_and(|own| own.name.is_none())
}

async fn register_a_taken_name() -> &'static str {
    register("server", me()).await.expect("the name is free");
    attempt(register("server", idle()).await)
}

async fn whereis_a_missing_name() -> bool {
    whereis("server").await.is_none()
}

async fn send_to_a_missing_name() -> &'static str {
    attempt(send("server", "hello").await)
}

async fn exit_of_another() -> ExitReason {
    let (pid, watch) = spawn_monitor(wait);
    exit(pid, ExitReason::Normal);
    exit(pid, because("boom"));
    down(&mut mailbox(), watch).await
}

async fn cancel_and_read() -> Vec<String> {
    let timer = send_after(me(), "tick", Duration::from_secs(100));
    let read = read_timer(timer).await.is_some();
    list![
        read,
        cancel(timer).await.is_some(),
        cancel(timer).await.is_some()
    ]
}

/// `Process.demonitor` answers `true` in any case.
async fn flush_late() -> Vec<String> {
    let (_, watch) = spawn_monitor(async |_: Mailbox| because("boom"));
    hibernate().await;
    demonitor_flush(watch);
    before(true, drain(&mut mailbox(), &[]).await)
}
