//! `spawn` of a closure, of a function with arguments, of several at once, and waiting for one.
//!
//! A spawned process runs on its own, and what it returns reaches nobody: whoever wants a result
//! has it sent.

use std::time::Duration;

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("process::hello", hello)
            .about("spawn of a closure that says hello to its parent")
            .no_leaks(),
        Scenario::new("process::spawn_function", spawn_function)
            .about("spawn of a function with arguments")
            .no_leaks(),
        Scenario::new("process::concurrent", concurrent)
            .about("three operations at once, their results in any order")
            .expects(["concurrent.in_order", "concurrent.reordered"])
            .no_leaks(),
        Scenario::new("process::spawn_and_wait", spawn_and_wait)
            .about("a parent waits for its child's result, but not forever")
            .expects(["spawn_and_wait.done", "spawn_and_wait.timeout"]),
    ]
}

#[derive(Debug)]
struct Hello {
    from: Pid,
}

async fn hello() {
    let mut mailbox = mailbox();
    let parent = me();
    let child = spawn(async move |_: Mailbox| send(parent, Hello { from: me() }));
    let Hello { from } = mailbox.receive().await;
    always!("hello.from_child", from == child && from != parent);
}

#[derive(Debug)]
struct Sum(i64);

async fn add(a: i64, b: i64, caller: Pid) {
    send(caller, Sum(a + b));
}

async fn spawn_function() {
    let mut mailbox = mailbox();
    let parent = me();
    spawn(move |_: Mailbox| add(2, 3, parent));
    let Sum(sum) = mailbox.receive().await;
    always!("spawn_function.sum", sum == 5, "2 + 3 = {sum}");
}

#[derive(Debug)]
struct Finished(Pid, u64);

async fn expensive_operation(n: u64, caller: Pid) {
    send(caller, Finished(me(), n * n));
}

async fn concurrent() {
    let mut mailbox = mailbox();
    let parent = me();
    let operations = [1, 2, 3].map(|n| spawn(move |_: Mailbox| expensive_operation(n, parent)));
    let mut order = Vec::new();
    let mut squares = Vec::new();
    for _ in operations {
        let Finished(pid, square) = mailbox.receive().await;
        order.push(pid);
        squares.push(square);
    }
    let in_order = order == operations;
    sometimes!("concurrent.in_order", in_order);
    sometimes!("concurrent.reordered", !in_order);
    squares.sort_unstable();
    always!("concurrent.each_once", squares == [1, 4, 9], "{squares:?}");
}

#[derive(Debug)]
struct Done(&'static str);

async fn spawn_and_wait() {
    let mut mailbox = mailbox();
    let parent = me();
    spawn(async move |_: Mailbox| {
        sleep(Duration::from_millis(10)).await;
        send(parent, Done("result"));
    });
    let result = mailbox
        .receive_timeout::<Done>(Duration::from_millis(2000))
        .await;
    sometimes!("spawn_and_wait.done", result.is_some());
    sometimes!("spawn_and_wait.timeout", result.is_none());
    if let Some(Done(result)) = result {
        always!("spawn_and_wait.result", result == "result");
    }
}
