//! Who asks a node for its status after it stopped waits for ever.
//!
//! Known from etcd#6857 (in the GoKer collection): the loop of a node serves requests until it is
//! told to stop, and a request that comes later is nobody's.
//!
//! Failing order: the stop reaches the node, then the question does.
//!
//! Mend: the caller monitors the node, and takes its end for an answer.

use beamline::prelude::*;
use beamline_sim::{Scenario, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::status_after_stop", broken)
            .about("a question to a node that stopped waits for ever")
            .broken("deadlock", 4)
            .mended("mended::status_after_stop"),
        Scenario::new("mended::status_after_stop", mended)
            .about("the caller takes the node's end for an answer")
            .expects(["status.answered", "status.stopped"])
            .no_leaks(),
    ]
}

#[derive(Debug)]
enum Request {
    Status(Pid),
    Stop,
}

#[derive(Debug)]
struct Running;

async fn node(mut mailbox: Mailbox) {
    loop {
        match mailbox.receive().await {
            Request::Status(caller) => send(caller, Running),
            Request::Stop => return,
        }
    }
}

fn start_node() -> Pid {
    let node = spawn(node);
    spawn(async move |_: Mailbox| send(node, Request::Stop));
    node
}

async fn broken() {
    let mut mailbox = mailbox();
    let node = start_node();
    send(node, Request::Status(me()));
    mailbox.receive::<Running>().await;
}

async fn mended() {
    let mut mailbox = mailbox();
    let node = start_node();
    let reference = monitor(node);
    send(node, Request::Status(me()));
    receive! { mailbox;
        Running in Running => sometimes!("status.answered", true),
        Down { reference: down, .. } in Down where down == reference => {
            sometimes!("status.stopped", true);
        },
    }
}
