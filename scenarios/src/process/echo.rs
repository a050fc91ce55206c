//! Loops: one that echoes until it is told to stop, and a server that echoes to the sender.

use beamline::prelude::*;
use beamline_sim::{Scenario, always};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::echo", echo)
            .about("receive in a loop until told to stop")
            .no_leaks(),
        Scenario::new("process::echo_server", echo_server)
            .about("two clients, each gets its own words back"),
    ]
}

#[derive(Debug)]
enum Request {
    Echo(&'static str),
    Stop,
}

#[derive(Debug, PartialEq)]
struct Line(String);

async fn echo_loop(mut mailbox: Mailbox, screen: Pid) {
    while let Request::Echo(text) = mailbox.receive().await {
        send(screen, Line(format!("Echo: {text}")));
    }
    send(screen, Line("Stopping".into()));
}

async fn echo() {
    let mut mailbox = mailbox();
    let screen = me();
    let echo = spawn(move |mailbox| echo_loop(mailbox, screen));
    send(echo, Request::Echo("hello"));
    send(echo, Request::Echo("world"));
    send(echo, Request::Stop);
    for expected in ["Echo: hello", "Echo: world", "Stopping"] {
        let Line(line) = mailbox.receive().await;
        always!(
            "echo.in_order",
            line == expected,
            "{line} instead of {expected}"
        );
    }
}

#[derive(Debug)]
struct Say {
    from: Pid,
    text: &'static str,
}

#[derive(Debug)]
struct Echo(&'static str);

async fn echo_back(mut mailbox: Mailbox) {
    loop {
        let Say { from, text } = mailbox.receive().await;
        send(from, Echo(text));
    }
}

#[derive(Debug)]
struct Heard {
    said: &'static str,
    heard: &'static str,
}

async fn shout(mut mailbox: Mailbox, server: Pid, said: &'static str, parent: Pid) {
    send(
        server,
        Say {
            from: me(),
            text: said,
        },
    );
    let Echo(heard) = mailbox.receive().await;
    send(parent, Heard { said, heard });
}

async fn echo_server() {
    let mut mailbox = mailbox();
    let parent = me();
    let server = spawn(echo_back);
    for said in ["Hello", "Halo"] {
        spawn(move |mailbox| shout(mailbox, server, said, parent));
    }
    for _ in 0..2 {
        let Heard { said, heard } = mailbox.receive().await;
        always!(
            "echo_server.own_words",
            said == heard,
            "said {said}, heard {heard}"
        );
    }
}
