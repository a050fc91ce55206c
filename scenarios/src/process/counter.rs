//! A counter: state kept by a receive loop, with client functions that time out.
//!
//! The usual textbook version takes any value for the answer to its request, so that the answer
//! that comes after its timeout is taken for the next one. Here a request carries a reference,
//! the reply quotes it, and a client receives that reply only.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, note, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::counter", counter)
            .about("a counter loop whose clients time out, with references on the replies")
            .expects(["counter.all_answered", "counter.some_timed_out"])
            .no_leaks(),
    ]
}

/// Who asks, and the reference that the reply must quote.
type From = (Pid, Ref);

#[derive(Debug)]
enum Request {
    Increment(From),
    Get(From),
    Stop,
}

#[derive(Debug)]
struct Value {
    reference: Ref,
    value: i64,
}

async fn count(mut mailbox: Mailbox, mut value: i64) {
    loop {
        match mailbox.receive().await {
            Request::Increment((from, reference)) => {
                value += 1;
                send(from, Value { reference, value });
            }
            Request::Get((from, reference)) => send(from, Value { reference, value }),
            Request::Stop => break,
        }
    }
    note(format!("counter stopping with value {value}"));
}

async fn call(
    mailbox: &mut Mailbox,
    counter: Pid,
    request: fn(From) -> Request,
) -> Result<i64, ExitReason> {
    let reference = make_ref();
    send(counter, request((me(), reference)));
    receive! { mailbox;
        Value { reference: quoted, value } in Value where quoted == reference => Ok(value),
        after Duration::from_secs(1) => Err(ExitReason::Timeout),
    }
}

async fn increment(mailbox: &mut Mailbox, counter: Pid) -> Result<i64, ExitReason> {
    call(mailbox, counter, Request::Increment).await
}

async fn get(mailbox: &mut Mailbox, counter: Pid) -> Result<i64, ExitReason> {
    call(mailbox, counter, Request::Get).await
}

async fn counter() {
    let mut mailbox = mailbox();
    let counter = spawn(|mailbox| count(mailbox, 0));
    let answers = [
        increment(&mut mailbox, counter).await,
        increment(&mut mailbox, counter).await,
        get(&mut mailbox, counter).await,
        increment(&mut mailbox, counter).await,
    ];
    send(counter, Request::Stop);

    // A client that timed out does not know whether its request was served, but signals of a
    // pair keep their order: each request was served before the ones that follow it.
    for (answer, expected) in answers.iter().zip([1, 2, 2, 3]) {
        if let Ok(value) = answer {
            always!(
                "counter.value",
                *value == expected,
                "{value} instead of {expected}"
            );
        }
    }
    let all_answered = answers.iter().all(Result::is_ok);
    sometimes!("counter.all_answered", all_answered);
    sometimes!("counter.some_timed_out", !all_answered);
}
