//! `receive` with several patterns, a catch-all and a timeout.
//!
//! A process that has ended does not read its mail: what is sent to it later is lost without
//! notice.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::greeting", greeting)
            .about("receive with several patterns and a timeout")
            .expects(["greeting.greeted", "greeting.gave_up"])
            .no_leaks(),
        Scenario::new("process::clauses", clauses)
            .about("messages of several types, a catch-all, and a message lost to the dead")
            .no_leaks(),
        Scenario::new("process::receive_timeout", receive_timeout)
            .about("receive of what nobody sends returns after its timeout"),
    ]
}

#[derive(Debug)]
enum Greet {
    Hello(&'static str),
    Goodbye(&'static str),
    Shutdown,
}

#[derive(Debug)]
struct Said(String);

async fn listen(mut mailbox: Mailbox, parent: Pid) {
    let said = receive! { mailbox;
        Greet::Hello(name) in Greet => format!("Hello, {name}!"),
        Greet::Goodbye(name) in Greet => format!("Goodbye, {name}!"),
        Greet::Shutdown in Greet => "Shutting down".to_owned(),
        after Duration::from_secs(5) => "No message received in 5 seconds".to_owned(),
    };
    send(parent, Said(said));
}

async fn greeting() {
    let mut mailbox = mailbox();
    let parent = me();
    let greetings = [
        (Greet::Hello("Alice"), "Hello, Alice!"),
        (Greet::Goodbye("Bob"), "Goodbye, Bob!"),
        (Greet::Shutdown, "Shutting down"),
    ];
    for (greet, expected) in greetings {
        let listener = spawn(move |mailbox| listen(mailbox, parent));
        send(listener, greet);
        let Said(said) = mailbox.receive().await;
        let gave_up = said.starts_with("No message");
        sometimes!("greeting.greeted", !gave_up);
        sometimes!("greeting.gave_up", gave_up);
        always!(
            "greeting.right_clause",
            gave_up || said == expected,
            "{said}"
        );
    }
}

#[derive(Debug)]
struct Add(i64, i64);

#[derive(Debug)]
struct Multiply(i64, i64);

#[derive(Debug)]
struct Squeeze;

#[derive(Debug, PartialEq)]
enum Answer {
    Number(i64),
    Unknown,
}

/// Answers one message and ends.
async fn calculate_once(mut mailbox: Mailbox, caller: Pid) {
    let answer = match mailbox.receive_any().await.downcast::<Add>() {
        Ok(Add(a, b)) => Answer::Number(a + b),
        Err(other) => match other.downcast::<Multiply>() {
            Ok(Multiply(a, b)) => Answer::Number(a * b),
            Err(_) => Answer::Unknown,
        },
    };
    send(caller, answer);
}

async fn clauses() {
    let mut mailbox = mailbox();
    let parent = me();

    let (calculator, reference) = spawn_monitor(move |mailbox| calculate_once(mailbox, parent));
    send(calculator, Add(5, 3));
    send(calculator, Multiply(4, 7));
    mailbox
        .receive_where(|down: &Down| down.reference == reference)
        .await;
    let answer = mailbox.receive::<Answer>().await;
    always!(
        "clauses.first_message",
        answer == Answer::Number(8),
        "{answer:?}"
    );
    always!("clauses.second_is_lost", mailbox.is_empty());

    let calculator = spawn(move |mailbox| calculate_once(mailbox, parent));
    send(calculator, Multiply(4, 7));
    let answer = mailbox.receive::<Answer>().await;
    always!(
        "clauses.second_clause",
        answer == Answer::Number(28),
        "{answer:?}"
    );

    let calculator = spawn(move |mailbox| calculate_once(mailbox, parent));
    send(calculator, Squeeze);
    let answer = mailbox.receive::<Answer>().await;
    always!("clauses.catch_all", answer == Answer::Unknown, "{answer:?}");
}

async fn receive_timeout() {
    let mut mailbox = mailbox();
    let started = now();
    let message = mailbox
        .receive_timeout::<Said>(Duration::from_millis(20))
        .await;
    always!("receive_timeout.none", message.is_none());
    let waited = now() - started;
    always!(
        "receive_timeout.not_early",
        waited >= Duration::from_millis(20),
        "{waited:?}"
    );
}
