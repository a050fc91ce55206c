//! Messages, their order, and receiving them (SIG-1 to SIG-18, MBX).

use std::panic::catch_unwind;
use std::time::Duration;

use beamline::prelude::*;

use crate::case::Note::{Otp, Ours};
use crate::case::cases;
use crate::steps::{SOON, Told, attempt, dead, drain, fate, next, pause, take, take_within, these};
use crate::written::{because, before, list};

cases! { "messages":
    of_one_sender => of_one_sender();
    of_two_senders => of_senders(&["one", "two"]);
    of_three_senders => of_senders(&["one", "two", "three"]);
    by_a_third_party [
        Ours("effect, cause", "SIG-3: causality is not promised"),
    ] => by_a_third_party();
    sent_before_the_spawn [
        Ours("later, before", "SIG-2: two senders, and a spawn orders nothing"),
    ] => sent_before_the_spawn();
    by_pid_name_and_alias => by_pid_name_and_alias();
    to_oneself => to_oneself();
    to_the_dead => to_the_dead();
    to_a_missing_name => to_a_missing_name();
    selective => selective();
    oldest_before_first_clause => oldest_before_first_clause();
    nested => nested();
    zero_and_nothing => zero_and_nothing();
    zero_and_others => zero_and("two", &["one"]);
    zero_and_the_last => zero_and("three", &["one", "two", "three"]);
    zero_against_a_message => against_a_message(Duration::ZERO);
    timeout_against_a_message => against_a_message(SOON);
    timeout_against_two_messages => timeout_against_two_messages();
    guard_that_fails [
        Ours("crash a guard", "MBX-5: a guard is ordinary code"),
        Otp("passed_over", "MBX-5: an exception in a guard is no match"),
    ] => guard_that_fails();
    body_that_fails => body_that_fails();
    sleep_takes_nothing => sleep_takes_nothing();
    request_and_reply => request_and_reply();
    late_reply => late_reply();
}

/// Sends texts to the caller itself.
fn to_me(texts: &[&'static str]) {
    for &text in texts {
        send(me(), text);
    }
}

async fn of_one_sender() -> Vec<String> {
    let root = me();
    spawn(async move |_: Mailbox| {
        for text in ["one", "two", "three"] {
            send(root, text);
            pause().await;
        }
    });
    these(&mut mailbox(), 3, &[]).await
}

async fn of_senders(texts: &[&'static str]) -> Vec<String> {
    let root = me();
    for &text in texts {
        spawn(async move |_: Mailbox| send(root, text));
    }
    these(&mut mailbox(), texts.len(), &[]).await
}

/// The relay speaks because of what was sent after the cause.
async fn by_a_third_party() -> Vec<String> {
    let root = me();
    let relay = spawn(async move |mut mailbox: Mailbox| {
        take(&mut mailbox, "go").await;
        send(root, "effect");
    });
    spawn(async move |_: Mailbox| {
        send(root, "cause");
        send(relay, "go");
    });
    these(&mut mailbox(), 2, &[]).await
}

async fn sent_before_the_spawn() -> String {
    let root = me();
    let pid = spawn(async move |mut mailbox: Mailbox| {
        send(root, Told(these(&mut mailbox, 2, &[]).await.join(", ")));
    });
    send(pid, "before");
    spawn(async move |_: Mailbox| send(pid, "later"));
    mailbox().receive::<Told>().await.0
}

async fn by_pid_name_and_alias() -> Vec<String> {
    let (root, alias) = (me(), alias());
    register("server", root).await.expect("the name is free");
    spawn(async move |_: Mailbox| {
        send(root, "pid");
        send("server", "name").await.expect("it is registered");
        send(alias, "alias");
        send(root, "pid");
    });
    these(&mut mailbox(), 4, &[]).await
}

async fn to_oneself() -> Vec<String> {
    to_me(&["one", "two"]);
    drain(&mut mailbox(), &[]).await
}

async fn to_the_dead() -> &'static str {
    // There is nothing to return; that it returns is all.
    send(dead().await, "hello");
    "hello"
}

async fn to_a_missing_name() -> &'static str {
    attempt(send("nobody", "hello").await)
}

async fn selective() -> Vec<String> {
    let mut mailbox = mailbox();
    to_me(&["one", "two", "three"]);
    take(&mut mailbox, "two").await;
    drain(&mut mailbox, &[]).await
}

async fn oldest_before_first_clause() -> &'static str {
    let mut mailbox = mailbox();
    to_me(&["two", "one"]);
    receive! { mailbox;
        _text in &'static str where *_text == "one" => "first_clause",
        _text in &'static str where *_text == "two" => "second_clause",
    }
}

async fn nested() -> Vec<String> {
    let mut mailbox = mailbox();
    to_me(&["one", "two", "three"]);
    take(&mut mailbox, "three").await;
    let inner = next(&mut mailbox, &[]).await;
    before(inner, drain(&mut mailbox, &[]).await)
}

async fn zero_and_nothing() -> String {
    let first = mailbox().receive_any_timeout(Duration::ZERO).await;
    first.map_or("timeout".to_owned(), |message| format!("{message:?}"))
}

async fn zero_and(wanted: &'static str, texts: &[&'static str]) -> Vec<String> {
    let mut mailbox = mailbox();
    to_me(texts);
    let came = take_within(&mut mailbox, wanted, Duration::ZERO).await;
    before(
        if came { wanted } else { "timeout" },
        drain(&mut mailbox, &[]).await,
    )
}

/// Either wins, and the message is not lost.
async fn against_a_message(timeout: Duration) -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    spawn(async move |_: Mailbox| send(root, "hello"));
    pause().await;
    if take_within(&mut mailbox, "hello", timeout).await {
        list!["hello"]
    } else {
        list!["timeout", next(&mut mailbox, &[]).await]
    }
}

async fn timeout_against_two_messages() -> Vec<String> {
    let (mut mailbox, root) = (mailbox(), me());
    spawn(async move |_: Mailbox| {
        send(root, "other");
        pause().await;
        send(root, "hello");
    });
    let came = take_within(&mut mailbox, "hello", SOON).await;
    take(&mut mailbox, "other").await;
    if came {
        before("hello", drain(&mut mailbox, &[]).await)
    } else {
        take(&mut mailbox, "hello").await;
        before("timeout", before("hello", drain(&mut mailbox, &[]).await))
    }
}

async fn guard_that_fails() -> ExitReason {
    fate(async |mut mailbox: Mailbox| {
        to_me(&["hello"]);
        let guard = |_: &&'static str| -> bool { panic!("a guard") };
        match mailbox.receive_where_timeout(Duration::ZERO, guard).await {
            Some(_) => because("taken"),
            None => because("passed_over"),
        }
    })
    .await
}

async fn body_that_fails() -> Vec<String> {
    let mut mailbox = mailbox();
    to_me(&["one", "two"]);
    take(&mut mailbox, "one").await;
    let caught = catch_unwind(|| -> () { exit_now(because("boom")) });
    assert!(caught.is_err());
    drain(&mut mailbox, &[]).await
}

async fn sleep_takes_nothing() -> Vec<String> {
    to_me(&["one"]);
    sleep(SOON).await;
    drain(&mut mailbox(), &[]).await
}

/// A question: who asks, and what to answer with.
#[derive(Debug)]
struct Ask(Pid, Option<Ref>);

/// An answer.
#[derive(Debug)]
struct Pong(Ref);

async fn request_and_reply() -> &'static str {
    let server = spawn(async |mut mailbox: Mailbox| {
        let Ask(from, reference) = mailbox.receive().await;
        send(from, Pong(reference.expect("it was sent")));
    });
    let reference = make_ref();
    send(server, Ask(me(), Some(reference)));
    mailbox()
        .receive_where(|pong: &Pong| pong.0 == reference)
        .await;
    "pong"
}

/// The reply that its caller no longer waits for is there afterwards.
async fn late_reply() -> Vec<String> {
    let mut mailbox = mailbox();
    let server = spawn(async |mut mailbox: Mailbox| {
        let Ask(from, _) = mailbox.receive().await;
        send(from, "pong");
    });
    send(server, Ask(me(), None));
    let came = take_within(&mut mailbox, "pong", SOON).await;
    if !came {
        hibernate().await;
    }
    before(
        if came { "pong" } else { "timeout" },
        drain(&mut mailbox, &[]).await,
    )
}
