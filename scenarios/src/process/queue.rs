//! The mailbox is a queue: messages wait in it, in order, and a receive may take a later one.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::queued_messages", queued_messages)
            .about("messages wait for a process that sleeps, in the order of their sending")
            .no_leaks(),
        Scenario::new("process::selective_receive", selective_receive)
            .about("what is urgent is received before what came earlier")
            .no_leaks(),
    ]
}

#[derive(Debug)]
struct Text(&'static str);

#[derive(Debug)]
struct Received(Vec<&'static str>);

async fn queued_messages() {
    let mut mailbox = mailbox();
    let parent = me();
    let child = spawn(async move |mut mailbox: Mailbox| {
        sleep(Duration::from_millis(20)).await;
        let mut received = Vec::new();
        for _ in 0..3 {
            let Text(text) = mailbox.receive().await;
            received.push(text);
        }
        send(parent, Received(received));
    });
    for text in ["First", "Second", "Third"] {
        send(child, Text(text));
    }
    let Received(received) = mailbox.receive().await;
    always!(
        "queued_messages.order",
        received == ["First", "Second", "Third"],
        "{received:?}"
    );
}

#[derive(Debug)]
enum Task {
    Low(&'static str),
    High(&'static str),
}

async fn selective_receive() {
    let mut mailbox = mailbox();
    send(me(), Task::Low("unimportant"));
    send(me(), Task::High("urgent"));
    send(me(), Task::Low("also unimportant"));
    always!("selective_receive.queued", mailbox.len() == 3);

    let first = receive! { mailbox; Task::High(text) in Task => text };
    let mut rest = Vec::new();
    while rest.len() < 2 {
        rest.push(receive! { mailbox; Task::Low(text) in Task => text });
    }
    always!("selective_receive.urgent_first", first == "urgent");
    always!(
        "selective_receive.rest_in_order",
        rest == ["unimportant", "also unimportant"]
    );
}
