//! Births and exit reasons (P-1 to P-38).

use std::panic::catch_unwind;

use beamline::prelude::*;

use crate::case::Note::{Otp, Ours};
use crate::case::cases;
use crate::steps::{SOON, Told, down, drain, fate, fate_after, next, pause, take, these, wait};
use crate::written::{because, before, list};

cases! { "exits":
    returns_a_value => fate(async |_: Mailbox| {});
    exit_normal => fate(async |_: Mailbox| -> () { exit_now(ExitReason::Normal) });
    exit_shutdown => fate(async |_: Mailbox| -> () { exit_now(ExitReason::Shutdown) });
    exit_shutdown_with => fate(async |_: Mailbox| ExitReason::shutdown_with("late"));
    exit_any => fate(async |_: Mailbox| -> () { exit_now(because("boom")) });
    exit_kill => fate(async |_: Mailbox| -> () { exit_now(ExitReason::Kill) });
    exit_killed => fate(async |_: Mailbox| -> () { exit_now(ExitReason::Killed) });
    error_uncaught => fate(async |_: Mailbox| -> () { panic!("boom") });
    throw_uncaught [
        Ours("error: ball", "P-5: what OTP throws, Rust returns as an error"),
        Otp("nocatch ball", "P-27: Rust has no throw"),
    ] => fate(async |_: Mailbox| Err::<(), _>(std::io::Error::other("ball")));
    exit_caught => exit_caught();
    exit_large => exit_large();
    kill_oneself => signal_oneself(ExitReason::Kill);
    kill_oneself_trapping => kill_oneself_trapping();
    signal_oneself_normal => signal_oneself(ExitReason::Normal);
    signal_oneself_uncatchable => signal_oneself_uncatchable();
    signal_oneself_trapping => signal_oneself_trapping();
    signal_oneself_and_go_on [
        Ours("boom, went_on", "P-30: code up to the next await still runs"),
        Otp("boom", "P-30: the caller ends within the call"),
    ] => signal_oneself_and_go_on();
    signal_oneself_and_cease_to_trap [
        Ours("normal, exit me boom", "P-42: a signal to oneself is received at once"),
        Otp("boom", "P-42: a signal to oneself is received at once"),
    ] => signal_oneself_and_cease_to_trap();
    killed_while_waiting => killed_while_waiting();
    killed_while_sleeping => killed_while_sleeping();
    child_first_or_parent => child_first_or_parent();
    spawn_link_of_the_dying => spawn_link_of_the_dying();
    spawn_monitor_of_the_dying => spawn_monitor_of_the_dying();
    spawn_untrapped_link => spawn_untrapped_link();
    spawn_inherits_nothing => spawn_inherits_nothing();
    spawn_priority => spawn_priority();
    crash_of_a_child_against_a_timeout => crash_of_a_child_against_a_timeout();
    end_against_the_messages_before_it => end_against_the_messages_before_it();
    ceasing_to_trap_keeps_messages => ceasing_to_trap_keeps_messages();
}

async fn exit_caught() -> ExitReason {
    fate(async |_: Mailbox| -> () {
        let caught = catch_unwind(|| -> () { exit_now(because("boom")) });
        assert!(caught.is_err());
        exit_now(because("after_all"))
    })
    .await
}

async fn exit_large() -> bool {
    let large: Vec<u32> = (1..=1000).collect();
    let reason = ExitReason::other(large.clone());
    fate(async move |_: Mailbox| reason).await == ExitReason::other(large)
}

async fn signal_oneself(reason: ExitReason) -> ExitReason {
    fate(async move |mailbox: Mailbox| {
        exit(me(), reason);
        wait(mailbox).await;
    })
    .await
}

async fn kill_oneself_trapping() -> ExitReason {
    fate(async |mailbox: Mailbox| {
        trap_exit(true);
        exit(me(), ExitReason::Kill);
        wait(mailbox).await;
    })
    .await
}

async fn signal_oneself_uncatchable() -> ExitReason {
    fate(async |mailbox: Mailbox| {
        if catch_unwind(|| exit(me(), because("boom"))).is_err() {
            exit_now(because("caught"));
        }
        wait(mailbox).await;
    })
    .await
}

async fn signal_oneself_trapping() -> Vec<String> {
    let mut mailbox = mailbox();
    trap_exit(true);
    exit(me(), ExitReason::Normal);
    exit(me(), because("boom"));
    these(&mut mailbox, 2, &[(me(), "me")]).await
}

async fn signal_oneself_and_go_on() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (_, watch) = spawn_monitor(async move |mailbox: Mailbox| {
        exit(me(), because("boom"));
        send(root, "went_on");
        wait(mailbox).await;
    });
    let reason = down(&mut mailbox, watch).await;
    before(reason, drain(&mut mailbox, &[]).await)
}

async fn signal_oneself_and_cease_to_trap() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (_, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
        trap_exit(true);
        exit(me(), because("boom"));
        trap_exit(false);
        send(root, next(&mut mailbox, &[(me(), "me")]).await);
    });
    let reason = down(&mut mailbox, watch).await;
    before(reason, drain(&mut mailbox, &[]).await)
}

async fn killed_while_waiting() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (pid, watch) = spawn_monitor(async move |mut mailbox: Mailbox| {
        take(&mut mailbox, "go").await;
        send(root, "received");
    });
    pause().await;
    exit(pid, because("boom"));
    send(pid, "go");
    let reason = down(&mut mailbox, watch).await;
    before(reason, drain(&mut mailbox, &[]).await)
}

async fn killed_while_sleeping() -> ExitReason {
    let sleeper = async |_: Mailbox| {
        sleep(SOON).await;
        because("slept")
    };
    fate_after(sleeper, &[because("boom")]).await
}

async fn child_first_or_parent() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    spawn(async move |_: Mailbox| send(root, "child"));
    pause().await;
    send(root, "parent");
    these(&mut mailbox, 2, &[]).await
}

async fn spawn_link_of_the_dying() -> String {
    let mut mailbox = mailbox();
    trap_exit(true);
    let child = spawn_link(async |_: Mailbox| because("boom"));
    pause().await;
    next(&mut mailbox, &[(child, "child")]).await
}

async fn spawn_monitor_of_the_dying() -> String {
    let mut mailbox = mailbox();
    let (child, _) = spawn_monitor(async |_: Mailbox| because("boom"));
    pause().await;
    next(&mut mailbox, &[(child, "child")]).await
}

async fn spawn_untrapped_link() -> ExitReason {
    fate(async |mailbox: Mailbox| {
        spawn_link(async |_: Mailbox| -> () { panic!("boom") });
        wait(mailbox).await;
    })
    .await
}

async fn spawn_inherits_nothing() -> String {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    set_priority(Priority::High);
    local::put("key", "value");
    send(root, "own");
    spawn(async move |mailbox: Mailbox| {
        let own = info(me()).await.expect("it runs");
        let key = local::get::<&'static str>("key").unwrap_or("undefined");
        let priority = format!("{:?}", own.priority).to_lowercase();
        let told = list![own.trap_exit, priority, key, own.links.len(), mailbox.len()];
        send(root, Told(told.join(", ")));
    });
    mailbox.receive::<Told>().await.0
}

async fn spawn_priority() -> String {
    let (mut mailbox, root) = (mailbox(), me());
    let options = SpawnOptions::new().priority(Priority::High);
    let child = async move |_: Mailbox| {
        let own = info(me()).await.expect("it runs");
        send(root, Told(format!("{:?}", own.priority).to_lowercase()));
    };
    spawn_with(options, child).expect("there is room for a process");
    mailbox.receive::<Told>().await.0
}

async fn crash_of_a_child_against_a_timeout() -> ExitReason {
    fate(async |_: Mailbox| {
        spawn_link(async |_: Mailbox| -> () {
            pause().await;
            panic!("boom")
        });
        sleep(SOON).await;
        because("timed_out")
    })
    .await
}

async fn end_against_the_messages_before_it() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let (child, _) = spawn_monitor(async move |_: Mailbox| {
        send(root, "one");
        pause().await;
        send(root, "two");
        because("boom")
    });
    these(&mut mailbox, 3, &[(child, "child")]).await
}

async fn ceasing_to_trap_keeps_messages() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    trap_exit(true);
    let child = spawn(async move |_: Mailbox| exit(root, because("boom")));
    hibernate().await;
    trap_exit(false);
    drain(&mut mailbox, &[(child, "child")]).await
}
