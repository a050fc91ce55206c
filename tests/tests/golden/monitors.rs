//! Monitors (MON).

use beamline::prelude::*;

use crate::case::Note::{Fine, Ours};
use crate::case::cases;
use crate::steps::{dead, down, drain, idle, next, pause, take, these, wait};
use crate::written::{because, before, list};

cases! { "monitors":
    of_the_dead => of_the_dead();
    normal_end => told_of_the_end(ExitReason::Normal);
    crash => told_of_the_end(because("boom"));
    killed => killed();
    against_end [
        Fine("a fresh process runs up to its first await together with the step that made it"),
    ] => against_end();
    two_of_one_process => two_of_one_process();
    of_oneself => of_oneself();
    demonitor_in_time => demonitor_in_time();
    demonitor_late => late(demonitor);
    demonitor_flush_late => late(demonitor_flush);
    demonitor_against_end => race(demonitor);
    demonitor_flush_against_end => race(demonitor_flush);
    demonitor_twice => demonitor_twice();
    demonitor_of_another => demonitor_of_another();
    by_name => by_name();
    by_missing_name => by_missing_name();
    by_name_that_moves => by_name_that_moves();
    down_against_exit [
        Ours("down peer boom, exit peer boom", "SIG-9: the order is open"),
    ] => down_against_exit();
    messages_before_the_down => messages_before_the_down();
    tag => tagged();
    watcher_ends [
        Ours("true, 1", "SIG-2: two senders: the end of the monitor may still be under way"),
    ] => watcher_ends();
    monitor_then_exit => monitor_then_exit();
    exit_then_monitor => exit_then_monitor();
    two_processes_end => two_processes_end();
    two_watchers [
        Ours("second, first", "SIG-10: the order is open"),
    ] => two_watchers();
    alive_at_the_down => alive_at_the_down();
    listed_on_both_sides => listed_on_both_sides();
}

/// How a monitor is ended.
type Demonitor = fn(Ref) -> bool;

async fn of_the_dead() -> String {
    let dead = dead().await;
    monitor(dead);
    next(&mut mailbox(), &[(dead, "dead")]).await
}

async fn told_of_the_end(reason: ExitReason) -> String {
    let (pid, _) = spawn_monitor(async move |_: Mailbox| reason);
    next(&mut mailbox(), &[(pid, "peer")]).await
}

async fn killed() -> String {
    let (pid, _) = spawn_monitor(async |mailbox: Mailbox| {
        exit(me(), ExitReason::Kill);
        wait(mailbox).await;
    });
    next(&mut mailbox(), &[(pid, "peer")]).await
}

async fn against_end() -> ExitReason {
    let pid = spawn(async |_: Mailbox| because("boom"));
    pause().await;
    let watch = monitor(pid);
    down(&mut mailbox(), watch).await
}

async fn two_of_one_process() -> Vec<String> {
    let pid = idle();
    monitor(pid);
    monitor(pid);
    exit(pid, because("boom"));
    these(&mut mailbox(), 2, &[(pid, "peer")]).await
}

async fn of_oneself() -> Vec<String> {
    let watch = monitor(me());
    let monitors = info(me()).await.expect("it runs").monitors.len();
    let own = list![monitors, demonitor(watch)];
    [own, drain(&mut mailbox(), &[]).await].concat()
}

/// The end of a second monitor tells when a first one would have fired.
async fn demonitor_in_time() -> Vec<String> {
    let mut mailbox = mailbox();
    let pid = idle();
    let (watch, second) = (monitor(pid), monitor(pid));
    let found = demonitor(watch);
    exit(pid, because("boom"));
    let own = list![found, down(&mut mailbox, second).await];
    [own, drain(&mut mailbox, &[]).await].concat()
}

async fn late(demonitor: Demonitor) -> Vec<String> {
    let (pid, watch) = spawn_monitor(async |_: Mailbox| because("boom"));
    hibernate().await;
    let found = demonitor(watch);
    before(found, drain(&mut mailbox(), &[(pid, "peer")]).await)
}

async fn race(demonitor: Demonitor) -> Vec<String> {
    let mut mailbox = mailbox();
    let (pid, watch) = spawn_monitor(async |_: Mailbox| {
        pause().await;
        because("boom")
    });
    let second = monitor(pid);
    pause().await;
    let found = demonitor(watch);
    down(&mut mailbox, second).await;
    before(found, drain(&mut mailbox, &[(pid, "peer")]).await)
}

async fn demonitor_twice() -> Vec<String> {
    let watch = monitor(idle());
    list![demonitor(watch), demonitor(watch)]
}

async fn demonitor_of_another() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let pid = idle();
    let watch = monitor(pid);
    spawn(async move |_: Mailbox| send(root, demonitor(watch)));
    let found: bool = mailbox.receive().await;
    exit(pid, because("boom"));
    list![found, down(&mut mailbox, watch).await]
}

async fn by_name() -> String {
    let pid = idle();
    register("server", pid).await.expect("the name is free");
    monitor("server").await;
    exit(pid, because("boom"));
    next(&mut mailbox(), &[(pid, "pid")]).await
}

async fn by_missing_name() -> String {
    monitor("server").await;
    next(&mut mailbox(), &[]).await
}

async fn by_name_that_moves() -> ExitReason {
    let (first, second) = (idle(), idle());
    register("server", first).await.expect("the name is free");
    let watch = monitor("server").await;
    unregister("server").await.expect("it is registered");
    register("server", second).await.expect("the name is free");
    exit(first, because("boom"));
    down(&mut mailbox(), watch).await
}

async fn down_against_exit() -> Vec<String> {
    trap_exit(true);
    let pid = spawn_link(async |mut mailbox: Mailbox| {
        take(&mut mailbox, "go").await;
        because("boom")
    });
    monitor(pid);
    send(pid, "go");
    these(&mut mailbox(), 2, &[(pid, "peer")]).await
}

async fn messages_before_the_down() -> Vec<String> {
    let root = me();
    let (pid, _) = spawn_monitor(async move |_: Mailbox| {
        send(root, "one");
        pause().await;
        send(root, "two");
    });
    these(&mut mailbox(), 3, &[(pid, "peer")]).await
}

async fn tagged() -> String {
    let pid = idle();
    monitor_with(pid, MonitorOptions::new().tag("gone"));
    exit(pid, because("boom"));
    next(&mut mailbox(), &[(pid, "peer")]).await
}

/// How many watchers are left at the watched, as seen by one who knows that the only one is gone.
async fn watcher_ends() -> Vec<String> {
    let pid = idle();
    let (_, watch) = spawn_monitor(async move |_: Mailbox| {
        monitor(pid);
    });
    down(&mut mailbox(), watch).await;
    let watched = info(pid).await;
    let watchers = watched.as_ref().map_or(0, |info| info.monitored_by.len());
    list![watched.is_some(), watchers]
}

async fn monitor_then_exit() -> ExitReason {
    let pid = idle();
    let watch = monitor(pid);
    exit(pid, because("boom"));
    down(&mut mailbox(), watch).await
}

async fn exit_then_monitor() -> ExitReason {
    let pid = idle();
    exit(pid, because("boom"));
    let watch = monitor(pid);
    down(&mut mailbox(), watch).await
}

async fn two_processes_end() -> Vec<String> {
    let told = || spawn_monitor(async |mut mailbox: Mailbox| take(&mut mailbox, "go").await);
    let ((one, _), (two, _)) = (told(), told());
    send(one, "go");
    send(two, "go");
    these(&mut mailbox(), 2, &[(one, "one"), (two, "two")]).await
}

/// Who hears first of a death, told by messages.
async fn two_watchers() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    let pid = idle();
    for name in ["first", "second"] {
        spawn(async move |mut mailbox: Mailbox| {
            let watch = monitor(pid);
            // Answered only after the monitor has been received.
            alive(pid).await;
            send(root, "ready");
            down(&mut mailbox, watch).await;
            send(root, name);
        });
        take(&mut mailbox, "ready").await;
    }
    exit(pid, because("boom"));
    these(&mut mailbox, 2, &[]).await
}

async fn alive_at_the_down() -> Vec<String> {
    let (pid, watch) = spawn_monitor(async |_: Mailbox| {});
    down(&mut mailbox(), watch).await;
    list![alive(pid).await, info(pid).await.is_none()]
}

async fn listed_on_both_sides() -> Vec<String> {
    let pid = idle();
    monitor(pid);
    monitor(pid);
    let own = info(me()).await.expect("it runs").monitors.len();
    let its = info(pid).await.expect("it is alive").monitored_by.len();
    list![own, its]
}
