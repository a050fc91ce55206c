//! Two servers call each other when a third process tells them to: 1 of 3 classes is a deadlock.
//!
//! At each server the start and the other's call race. When both starts come first, each waits for
//! the other's answer; it is impossible that both calls do.

use beamline::prelude::*;
use beamline_sim::Scenario;

/// `kernel::c_deadlock`.
pub fn scenario() -> Scenario {
    Scenario::new("kernel::c_deadlock", body)
        .about("two servers call each other: 1 of 3 classes fails")
        .classes(1, 3)
        .broken("deadlock", 5)
}

#[derive(Debug)]
struct Start;

#[derive(Debug)]
struct Call(Pid);

#[derive(Debug)]
struct Answer;

/// Serves one start, upon which it calls its peer, and one call.
async fn serve(mailbox: &mut Mailbox, peer: Pid) {
    for _ in 0..2 {
        receive! { mailbox;
            Start in Start => {
                send(peer, Call(me()));
                mailbox.receive::<Answer>().await;
            },
            Call(from) in Call => send(from, Answer),
        }
    }
}

async fn body() {
    let first = me();
    let second = spawn(async move |mut mailbox: Mailbox| serve(&mut mailbox, first).await);
    spawn(async move |_: Mailbox| {
        send(first, Start);
        send(second, Start);
    });
    serve(&mut mailbox(), second).await;
}
