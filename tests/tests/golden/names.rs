//! Local names (REG-1 to REG-12).

use beamline::prelude::*;

use crate::case::cases;
use crate::steps::{Told, attempt, dead, down, drain, idle, next, pause, take, wait};
use crate::written::{Roles, list, role};

cases! { "names":
    register => register_and_find();
    register_a_taken_name => register_a_taken_name();
    register_the_same_again => register_the_same_again();
    register_a_second_name => register_a_second_name();
    register_the_dead => register_the_dead();
    unregister_a_missing_name => give_up();
    whereis_a_missing_name => find(&[]);
    another_registers_and_unregisters => another_registers_and_unregisters();
    a_second_name_after_the_first => a_second_name_after_the_first();
    registered => listed();
    register_against_register => register_against_register();
    register_against_end => register_against_end();
    register_against_whereis => register_against_whereis();
    whereis_against_end => whereis_against_end();
    send_against_end => send_against_end();
    unregister_against_unregister => unregister_against_unregister();
    unregister_against_end => unregister_against_end();
    free_at_the_down => free_at_the_down();
    free_at_the_exit => free_at_the_exit();
    free_after_a_kill => free_after_a_kill();
    send_before_the_name_moves => send_before_the_name_moves();
    pid_after_unregister => pid_after_unregister();
}

/// The name that all of this is about.
const SERVER: &str = "server";

async fn find(roles: Roles<'_>) -> String {
    let pid = whereis(SERVER).await;
    pid.map_or("nobody", |pid| role(pid, roles)).to_owned()
}

async fn give(pid: Pid) -> &'static str {
    attempt(register(SERVER, pid).await)
}

async fn give_up() -> &'static str {
    attempt(unregister(SERVER).await)
}

async fn register_and_find() -> Vec<String> {
    list![give(me()).await, find(&[(me(), "me")]).await]
}

async fn register_a_taken_name() -> Vec<String> {
    give(me()).await;
    list![give(idle()).await, find(&[(me(), "me")]).await]
}

async fn register_the_same_again() -> &'static str {
    give(me()).await;
    give(me()).await
}

async fn register_a_second_name() -> &'static str {
    give(me()).await;
    attempt(register("another", me()).await)
}

async fn register_the_dead() -> &'static str {
    give(dead().await).await
}

async fn another_registers_and_unregisters() -> String {
    let root = me();
    spawn(async move |_: Mailbox| {
        give(root).await;
        let found = find(&[(root, "root")]).await;
        give_up().await;
        send(root, Told(list![found, find(&[]).await].join(", ")));
    });
    mailbox().receive::<Told>().await.0
}

async fn a_second_name_after_the_first() -> &'static str {
    give(me()).await;
    give_up().await;
    attempt(register("another", me()).await)
}

async fn listed() -> Vec<String> {
    let server = |names: Vec<Name>| names.iter().any(|name| name.as_str() == SERVER);
    let before = server(registered().await);
    give(me()).await;
    list![before, server(registered().await)]
}

/// What a process has come to.
#[derive(Debug)]
struct Result(&'static str, &'static str);

/// What the first and the second process have come to.
async fn results(mailbox: &mut Mailbox) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["first", "second"] {
        let result = mailbox
            .receive_where(|result: &Result| result.0 == name)
            .await;
        found.push(result.1.to_owned());
    }
    found
}

async fn register_against_register() -> Vec<String> {
    let root = me();
    for name in ["first", "second"] {
        spawn(async move |mailbox: Mailbox| {
            send(root, Result(name, give(me()).await));
            wait(mailbox).await;
        });
    }
    results(&mut mailbox()).await
}

/// A process that ends when told to.
fn ending() -> (Pid, Ref) {
    spawn_monitor(async |mut mailbox: Mailbox| {
        take(&mut mailbox, "stop").await;
        pause().await;
    })
}

async fn register_against_end() -> Vec<String> {
    let (pid, watch) = ending();
    send(pid, "stop");
    let result = give(pid).await;
    down(&mut mailbox(), watch).await;
    list![result, find(&[]).await]
}

async fn register_against_whereis() -> String {
    let pid = spawn(async |mailbox: Mailbox| {
        give(me()).await;
        wait(mailbox).await;
    });
    find(&[(pid, "peer")]).await
}

/// A named process that has just been told to end.
async fn named_ending() -> (Pid, Ref) {
    let (pid, watch) = ending();
    give(pid).await;
    send(pid, "stop");
    (pid, watch)
}

async fn whereis_against_end() -> String {
    let (pid, _) = named_ending().await;
    find(&[(pid, "peer")]).await
}

async fn send_against_end() -> &'static str {
    named_ending().await;
    attempt(send(SERVER, "hello").await)
}

async fn unregister_against_unregister() -> Vec<String> {
    let root = me();
    give(root).await;
    for name in ["first", "second"] {
        spawn(async move |_: Mailbox| send(root, Result(name, give_up().await)));
    }
    results(&mut mailbox()).await
}

async fn unregister_against_end() -> Vec<String> {
    let (_, watch) = named_ending().await;
    let result = give_up().await;
    down(&mut mailbox(), watch).await;
    list![result, find(&[]).await]
}

async fn free_at_the_down() -> Vec<String> {
    let (_, watch) = named_ending().await;
    down(&mut mailbox(), watch).await;
    list![find(&[]).await, give(me()).await]
}

async fn free_at_the_exit() -> Vec<String> {
    trap_exit(true);
    let (pid, _) = ending();
    give(pid).await;
    link(pid);
    send(pid, "stop");
    mailbox().receive::<Exit>().await;
    list![find(&[]).await, give(me()).await]
}

/// What the killer itself sees next.
async fn free_after_a_kill() -> Vec<String> {
    let pid = idle();
    give(pid).await;
    exit(pid, ExitReason::Kill);
    let lives = alive(pid).await;
    list![lives, find(&[(pid, "peer")]).await]
}

async fn send_before_the_name_moves() -> String {
    let root = me();
    let named = |name: &'static str| {
        spawn(async move |mut mailbox: Mailbox| {
            take(&mut mailbox, "tick").await;
            send(root, name);
        })
    };
    let (first, second) = (named("first"), named("second"));
    give(first).await;
    send(SERVER, "tick").await.expect("it is registered");
    // It is gone with its owner, if that was quick.
    give_up().await;
    give(second).await;
    next(&mut mailbox(), &[]).await
}

async fn pid_after_unregister() -> Vec<String> {
    give(me()).await;
    let pid = whereis(SERVER).await.expect("it is registered");
    give_up().await;
    send(pid, "hello");
    drain(&mut mailbox(), &[]).await
}
