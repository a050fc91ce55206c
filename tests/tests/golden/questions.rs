//! What can be asked of a process and done to it: aliveness, info, suspension, hibernation, the
//! dictionary, priorities (P-19 to P-24, P-39 to P-79).

use beamline::prelude::*;

use crate::case::cases;
use crate::steps::{attempt, dead, down, drain, fate_after, idle, next, pause, take, these};
use crate::written::{because, before, list, role};

cases! { "questions":
    alive_self => alive(me());
    alive_dead => alive_dead();
    alive_against_end => alive_against_end();
    alive_after_messages => alive_after_messages();
    info_of_the_dead => info_of_the_dead();
    info_against_end => info_against_end();
    info_name => info_name();
    info_queue_length => info_queue_length();
    info_messages => info_messages();
    info_status_of_oneself => status(me());
    info_status_of_a_waiting_one => info_status_of_a_waiting_one();
    info_parent => info_parent();
    info_dictionary => info_dictionary();
    processes_lists_the_living => processes_lists_the_living();
    flag_returns_the_previous => flag_returns_the_previous();
    priority_returns_the_previous => priority_returns_the_previous();
    priorities_and_order => priorities_and_order();
    dictionary_put_get_erase => dictionary_put_get_erase();
    suspend => suspended();
    suspend_twice => suspended_twice();
    suspend_and_resume => suspend_and_resume();
    suspend_oneself => suspend_oneself();
    suspend_the_dead => suspend_the_dead();
    suspend_against_end => suspend_against_end();
    resume_unsuspended => resume_unsuspended();
    suspender_ends => suspender_ends();
    suspended_and_exit => suspended_and_exit();
    hibernate_and_wake => hibernate_and_wake();
    hibernate_with_a_message => hibernate_with_a_message();
    hibernate_and_die => hibernate_and_die();
    hibernate_trapping => hibernate_trapping();
    hibernate_keeps_the_dictionary => hibernate_keeps_the_dictionary();
    hibernate_is_waiting => hibernate_is_waiting();
}

/// What is to be known of a living process.
async fn known(pid: Pid) -> ProcessInfo {
    info(pid).await.expect("it is alive")
}

async fn status(pid: Pid) -> String {
    format!("{:?}", known(pid).await.status).to_lowercase()
}

async fn alive_dead() -> bool {
    alive(dead().await).await
}

async fn alive_against_end() -> bool {
    alive(spawn(async |_: Mailbox| {})).await
}

async fn alive_after_messages() -> bool {
    let pid = idle();
    send(pid, "other");
    exit(pid, ExitReason::Normal);
    alive(pid).await
}

async fn info_of_the_dead() -> &'static str {
    let known = info(dead().await).await;
    known.map_or("undefined", |_| "known")
}

async fn info_against_end() -> &'static str {
    let known = info(spawn(async |_: Mailbox| {})).await;
    known.map_or("undefined", |_| "known")
}

async fn info_name() -> Vec<String> {
    let unnamed = known(me()).await.name.is_none();
    register("server", me()).await.expect("the name is free");
    let name = known(me()).await.name.expect("it has one");
    list![unnamed, name.as_str()]
}

/// A process that has got some messages it does not take.
fn with_messages() -> Pid {
    let pid = idle();
    for text in ["one", "two", "three"] {
        send(pid, text);
    }
    pid
}

async fn info_queue_length() -> usize {
    known(with_messages()).await.message_queue_len
}

async fn info_messages() -> Vec<String> {
    let messages = known(with_messages()).await.messages;
    messages
        .iter()
        .map(|text| text.trim_matches('"').to_owned())
        .collect()
}

async fn info_status_of_a_waiting_one() -> String {
    let root = me();
    let pid = spawn(async move |mut mailbox: Mailbox| {
        send(root, "ready");
        take(&mut mailbox, "stop").await;
    });
    take(&mut mailbox(), "ready").await;
    pause().await;
    status(pid).await
}

async fn info_parent() -> String {
    let root = me();
    spawn(async move |_: Mailbox| send(root, known(me()).await.parent));
    let parent: Option<Pid> = mailbox().receive().await;
    let roles = [(root, "root")];
    parent
        .map_or("nobody", |parent| role(parent, &roles))
        .to_owned()
}

async fn info_dictionary() -> String {
    let root = me();
    let pid = spawn(async move |mut mailbox: Mailbox| {
        local::put("key", "value");
        send(root, "ready");
        take(&mut mailbox, "stop").await;
    });
    take(&mut mailbox(), "ready").await;
    let locals = known(pid).await.locals;
    let found = locals.iter().find(|(key, _)| key == "key");
    found
        .map_or("undefined", |(_, value)| value.trim_matches('"'))
        .to_owned()
}

async fn processes_lists_the_living() -> Vec<String> {
    let pid = idle();
    let before = processes().await.contains(&pid);
    let dead = dead().await;
    list![before, processes().await.contains(&dead)]
}

async fn flag_returns_the_previous() -> Vec<String> {
    list![trap_exit(true), trap_exit(false)]
}

async fn priority_returns_the_previous() -> Vec<String> {
    let levels = [Priority::High, Priority::Low, Priority::Normal];
    let previous = levels.map(set_priority);
    previous
        .map(|priority| format!("{priority:?}").to_lowercase())
        .into()
}

async fn priorities_and_order() -> Vec<String> {
    let root = me();
    for (priority, name) in [(Priority::Low, "low"), (Priority::High, "high")] {
        let options = SpawnOptions::new().priority(priority);
        spawn_with(options, async move |_: Mailbox| send(root, name)).expect("there is room");
    }
    these(&mut mailbox(), 2, &[]).await
}

async fn dictionary_put_get_erase() -> Vec<String> {
    let text = |message: Option<Message>| {
        let text = message.and_then(|message| message.downcast::<&'static str>().ok());
        text.unwrap_or("undefined")
    };
    list![
        text(local::put("key", "one")),
        text(local::put("key", "two")),
        local::get::<&'static str>("key").unwrap_or("undefined"),
        text(local::erase("key")),
        local::get::<&'static str>("key").unwrap_or("undefined"),
    ]
}

/// A process that sends back what it gets.
fn echo() -> Pid {
    let root = me();
    spawn(async move |mut mailbox: Mailbox| -> ExitReason {
        loop {
            let text: &'static str = mailbox.receive().await;
            send(root, text);
        }
    })
}

/// What is to be seen of a suspended process that got a message.
async fn seen(pid: Pid) -> Vec<String> {
    send(pid, "hello");
    let own = list![status(pid).await, known(pid).await.message_queue_len];
    [own, drain(&mut mailbox(), &[]).await].concat()
}

async fn suspended() -> Vec<String> {
    let pid = echo();
    suspend(pid).await.expect("it is alive");
    seen(pid).await
}

async fn suspended_twice() -> Vec<String> {
    let pid = echo();
    suspend(pid).await.expect("it is alive");
    suspend(pid).await.expect("it is alive");
    resume(pid).await.expect("this process suspended it");
    seen(pid).await
}

async fn suspend_and_resume() -> String {
    let pid = echo();
    suspend(pid).await.expect("it is alive");
    send(pid, "hello");
    resume(pid).await.expect("this process suspended it");
    next(&mut mailbox(), &[]).await
}

async fn suspend_oneself() -> &'static str {
    attempt(suspend(me()).await)
}

async fn suspend_the_dead() -> &'static str {
    attempt(suspend(dead().await).await)
}

async fn suspend_against_end() -> &'static str {
    attempt(suspend(spawn(async |_: Mailbox| {})).await)
}

async fn resume_unsuspended() -> &'static str {
    attempt(resume(idle()).await)
}

async fn suspender_ends() -> Vec<String> {
    let mut mailbox = mailbox();
    let pid = echo();
    send(pid, "hello");
    let (_, watch) = spawn_monitor(async move |_: Mailbox| {
        suspend(pid).await.expect("it is alive");
        pause().await;
    });
    list![
        down(&mut mailbox, watch).await,
        next(&mut mailbox, &[]).await
    ]
}

async fn suspended_and_exit() -> ExitReason {
    let (pid, watch) = spawn_monitor(crate::steps::wait);
    suspend(pid).await.expect("it is alive");
    exit(pid, because("boom"));
    down(&mut mailbox(), watch).await
}

/// Hibernates, and passes on what it then finds.
async fn hibernating(mut mailbox: Mailbox, root: Pid) {
    hibernate().await;
    send(root, next(&mut mailbox, &[(root, "root")]).await);
}

async fn hibernate_and_wake() -> String {
    let root = me();
    let pid = spawn(move |mailbox| hibernating(mailbox, root));
    pause().await;
    send(pid, "hello");
    next(&mut mailbox(), &[]).await
}

async fn hibernate_with_a_message() -> String {
    let root = me();
    let pid = spawn(async move |mut mailbox: Mailbox| {
        take(&mut mailbox, "go").await;
        hibernating(mailbox, root).await;
    });
    send(pid, "hello");
    send(pid, "go");
    next(&mut mailbox(), &[]).await
}

async fn hibernate_and_die() -> Vec<String> {
    let root = me();
    let body = move |mailbox| hibernating(mailbox, root);
    let reason = fate_after(body, &[because("boom")]).await;
    before(reason, drain(&mut mailbox(), &[]).await)
}

async fn hibernate_trapping() -> String {
    let (mut mailbox, root) = (mailbox(), me());
    let pid = spawn(async move |mailbox: Mailbox| {
        trap_exit(true);
        send(root, "ready");
        hibernating(mailbox, root).await;
    });
    take(&mut mailbox, "ready").await;
    pause().await;
    exit(pid, because("boom"));
    next(&mut mailbox, &[]).await
}

async fn hibernate_keeps_the_dictionary() -> String {
    let root = me();
    let pid = spawn(async move |mut mailbox: Mailbox| {
        local::put("key", "kept");
        hibernate().await;
        take(&mut mailbox, "hello").await;
        send(
            root,
            local::get::<&'static str>("key").unwrap_or("undefined"),
        );
    });
    send(pid, "hello");
    next(&mut mailbox(), &[]).await
}

async fn hibernate_is_waiting() -> String {
    let (mut mailbox, root) = (mailbox(), me());
    let pid = spawn(async move |mailbox: Mailbox| {
        send(root, "ready");
        hibernating(mailbox, root).await;
    });
    take(&mut mailbox, "ready").await;
    pause().await;
    status(pid).await
}
