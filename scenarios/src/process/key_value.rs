//! A key-value store: a receive loop over a map, with client functions that time out.
//!
//! The reply goes to an alias that lives for one reply. A client that gives up takes the alias
//! back, and what was sent to it is dropped wherever it is: no late reply can be mistaken.

use std::collections::BTreeMap;
use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::key_value", key_value)
            .about("a key-value loop whose clients time out, with replies to an alias")
            .expects(["key_value.all_answered", "key_value.some_timed_out"])
            .no_leaks(),
    ]
}

type Key = &'static str;

#[derive(Debug)]
enum Request {
    Put(Key, &'static str, Ref),
    Get(Key, Ref),
    Delete(Key, Ref),
    Keys(Ref),
    Stop,
}

#[derive(Debug, PartialEq)]
enum Reply {
    Done,
    Value(Option<&'static str>),
    Keys(Vec<Key>),
}

async fn store(mut mailbox: Mailbox) {
    let mut entries = BTreeMap::new();
    loop {
        match mailbox.receive().await {
            Request::Put(key, value, from) => {
                entries.insert(key, value);
                send(from, Reply::Done);
            }
            Request::Get(key, from) => send(from, Reply::Value(entries.get(key).copied())),
            Request::Delete(key, from) => {
                entries.remove(key);
                send(from, Reply::Done);
            }
            Request::Keys(from) => send(from, Reply::Keys(entries.keys().copied().collect())),
            Request::Stop => return,
        }
    }
}

/// The reply to a request, or nothing after a second.
async fn call(
    mailbox: &mut Mailbox,
    store: Pid,
    request: impl FnOnce(Ref) -> Request,
) -> Option<Reply> {
    let from = alias_once();
    send(store, request(from));
    let reply = mailbox.receive_timeout(Duration::from_secs(1)).await;
    if reply.is_none() {
        unalias(from);
    }
    reply
}

async fn key_value() {
    let mut mailbox = mailbox();
    let mailbox = &mut mailbox;
    let store = spawn(store);
    let answers = [
        call(mailbox, store, |from| Request::Put("name", "Alice", from)).await,
        call(mailbox, store, |from| Request::Put("age", "30", from)).await,
        call(mailbox, store, |from| Request::Get("name", from)).await,
        call(mailbox, store, Request::Keys).await,
        call(mailbox, store, |from| Request::Delete("age", from)).await,
        call(mailbox, store, Request::Keys).await,
    ];
    send(store, Request::Stop);

    let expected = [
        Reply::Done,
        Reply::Done,
        Reply::Value(Some("Alice")),
        Reply::Keys(vec!["age", "name"]),
        Reply::Done,
        Reply::Keys(vec!["name"]),
    ];
    for (answer, expected) in answers.iter().zip(&expected) {
        if let Some(reply) = answer {
            always!(
                "key_value.reply",
                reply == expected,
                "{reply:?} instead of {expected:?}"
            );
        }
    }
    let all_answered = answers.iter().all(Option::is_some);
    sometimes!("key_value.all_answered", all_answered);
    sometimes!("key_value.some_timed_out", !all_answered);
}
